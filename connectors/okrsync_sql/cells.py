"""What a database answers with, as a number or as the text of a cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from math import isfinite
from types import NoneType
from typing import Any

from okrsync.errors import BadAnswer, NoValue

_NAIVE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_CAST = "let the statement answer with a number: CAST(... AS numeric), COUNT(*), SUM(...)"

Cell = Callable[[Any], str]


def number(value: Any) -> tuple[Decimal, str]:
    """The one number of an answer and its unit; raises ``NoValue`` for NULL."""
    match value:
        case None:
            raise NoValue(
                "the statement answered NULL, which is no number",
                next_step="look whether its rows are there yet; COALESCE only where 0 is true",
            )
        case bool():
            raise BadAnswer("the answer is true or false, and no number", next_step=_CAST)
        case int():
            return Decimal(value), ""
        case Decimal() if value.is_finite():
            return value, ""
        case float() if isfinite(value):
            return Decimal(repr(value)), ""
        case timedelta():
            return Decimal(value // timedelta(microseconds=1)).scaleb(-6), "s"
        case Decimal() | float():
            raise BadAnswer("the answer is infinite or not a number", next_step=_CAST)
    raise BadAnswer(f"the answer is {_kind(value)}, and no number", next_step=_CAST)


def cells_for(names: Sequence[str], dated: frozenset[str], keeps: tzinfo) -> list[Cell]:
    """For each column how its values become text; ``dated`` are those read as dates."""
    text, date_text = partial(_cell, keeps), partial(_dated_cell, keeps)
    return [date_text if name in dated else text for name in names]


def _cell(keeps: tzinfo, value: Any) -> str:
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=keeps)
        return aware.astimezone(UTC).isoformat()
    return str(value)


def _dated_cell(keeps: tzinfo, value: Any) -> str:
    """A time written as text without an offset is the database's own, not the config's."""
    if isinstance(value, str) and _NAIVE.fullmatch(value):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return str(value)
    return _cell(keeps, value)


_WRITERS: Mapping[type, Cell] = {
    str: str,
    int: str,
    NoneType: lambda _: "",
    bool: lambda value: "true" if value else "false",
    float: repr,
    Decimal: "{:f}".format,
    date: date.isoformat,
    timedelta: lambda value: f"{number(value)[0]} s",
    bytes: lambda _: "(bytes)",
}


def _kind(value: Any) -> str:
    match value:
        case str():
            return "text"
        case datetime() | date():
            return "a date"
        case bytes():
            return "bytes"
    return "something else"
