"""Fields of answers, each checked: a field that is missing or odd is an error, never 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from okrsync.errors import BadAnswer


def whole_number(value: Any, where: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise _odd(where, "a whole number")


def text(value: Any, where: str) -> str:
    if isinstance(value, str) and value:
        return value
    raise _odd(where, "a text")


def table(value: Any, where: str) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise _odd(where, "an object")


def rows(value: Any, where: str) -> Sequence[Any]:
    if isinstance(value, list):
        return value
    raise _odd(where, "a list")


def instant(value: Any, where: str) -> datetime:
    found = instant_or_none(value, where)
    if found is None:
        raise _odd(where, "a date")
    return found


def instant_or_none(value: Any, where: str) -> datetime | None:
    """None for null: the thing has not happened yet."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise _odd(where, "a date") from None
    if found.tzinfo is None:
        raise _odd(where, "a date with a zone")
    return found


def _odd(where: str, expected: str) -> BadAnswer:
    return BadAnswer(
        f"GitHub's answer has no {where} that is {expected}",
        next_step="run again; if it stays, look whether a proxy changes answers",
    )
