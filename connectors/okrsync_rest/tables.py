"""TOML tables inside a query, as JSON text: frozen, hashable, and equal for equal tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema


def frozen(value: Any) -> str:
    """A table as JSON text; dates as ISO texts."""
    if not isinstance(value, Mapping):
        raise ValueError("this must be a table")  # noqa: TRY004 - what pydantic takes for an answer
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def thawed(table: str) -> dict[str, Any]:
    """The table again; numbers with decimals as ``Decimal``."""
    found: dict[str, Any] = json.loads(table, parse_float=Decimal)
    return found


def sendable(table: str) -> dict[str, Any]:
    """The table again, as it goes into a request."""
    found: dict[str, Any] = json.loads(table)
    return found


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return {str(key): _plain(part) for key, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal() | float():
            return _number(value)
        case str() | bool() | int():
            return value
    raise ValueError("a table holds texts, numbers, dates, true, false, lists and tables")


def _number(value: Decimal | float) -> int | float:
    if not isfinite(value):
        raise ValueError("a number is finite")
    return int(value) if value == int(value) else float(value)


Table = Annotated[str, BeforeValidator(frozen), WithJsonSchema({"type": "object"})]
EMPTY = "{}"
