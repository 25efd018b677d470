"""What an answer says: the number, and a row as cells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from okrsync.errors import BadAnswer
from okrsync.http import Answer
from okrsync.http.paths import MISSING, compiled, number

_WHOLE = re.compile(r"[0-9]{1,18}")


def number_at(document: Any, path: str) -> Decimal:
    """The one number; raises ``NoValue`` for null and ``BadAnswer`` for anything else."""
    found = compiled(path).find(document)
    if found is MISSING:
        raise BadAnswer(
            f"the answer has nothing at `{path}`, or null",
            next_step="look at the answer, and correct the path",
        )
    return number(found, path)


def number_in(answer: Answer, header: str) -> Decimal:
    """A count in a header; one that is missing is not 0."""
    text = answer.headers.get(header.lower(), "").strip()
    if not _WHOLE.fullmatch(text):
        state = "is no whole number" if text else "is not there"
        raise BadAnswer(
            f"the answer's header {header} {state}",
            next_step="look whether the API sends it always: some leave it out of long lists",
        )
    return Decimal(text)


def cells_of(row: Any) -> dict[str, str]:
    """A row as text cells; tables inside it are columns with dots: fields.points."""
    if isinstance(row, Mapping):
        return dict(_flat(row, ""))
    if isinstance(row, list):
        return {str(place): _cell(part) for place, part in enumerate(row)}
    return {"value": _cell(row)}


def _flat(table: Mapping[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for key, part in table.items():
        name = f"{above}{key}"
        if isinstance(part, Mapping) and part:
            yield from _flat(part, f"{name}.")
        else:
            yield name, _cell(part)


def _cell(value: Any) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return str(value)
        case int() | float():
            return repr(value)
    return json.dumps(value, ensure_ascii=False, default=str)
