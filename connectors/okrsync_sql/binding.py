"""The values behind ``:start``, ``:end``, ``:as_of`` and [vars], as each database takes them.

Values travel beside the statement and are never written into it. An instant goes to PostgreSQL as
it is. MySQL and SQLite know no zones: they get it as the time that it is in the settings' timezone,
SQLite as text in the form that its ``datetime()`` answers with. A ``..._date`` is the day in the
config's zone that the instant lies in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from okrsync.conditions import Constant
from okrsync.errors import SourceError
from okrsync.model import Question
from okrsync_sql.settings import SqlQuery
from okrsync_sql.statement import names_in

Bound = Mapping[str, Constant]
_LARGEST = 2**63


def values_of(question: Question[SqlQuery], zone: tzinfo) -> dict[str, Constant]:
    """What the statement's names stand for; raises ``SourceError`` for one without a value."""
    names = names_in(question.query.sql)
    return {name: _value(name, question, zone) for name in sorted(names)}


def bound(values: Bound, backend: str, keeps: tzinfo) -> dict[str, Any]:
    """The same values as the driver of ``backend`` takes them; ``keeps`` is the settings' zone."""
    return {name: _for_driver(name, value, backend, keeps) for name, value in values.items()}


def shown(values: Bound) -> tuple[str, ...]:
    """The values as notes to the evidence."""
    return tuple(f":{name} = {_text(value)}" for name, value in values.items())


def _value(name: str, question: Question[SqlQuery], zone: tzinfo) -> Constant:
    if name in question.query.vars:
        return _aware(question.query.vars[name], zone)
    instant = _instant(name.removesuffix("_date"), question)
    if instant is None:
        raise SourceError(
            f"the statement reads :{name}, and the window {question.window.label!r} has no bounds",
            next_step='say window = "period" or another one with dates',
        )
    instant = instant.astimezone(zone)
    return instant.date() if name.endswith("_date") else instant


def _instant(name: str, question: Question[SqlQuery]) -> datetime | None:
    match name:
        case "start":
            return question.window.start
        case "end":
            return question.window.end
        case "as_of":
            return question.as_of
    raise SourceError(f"`:{name}` has no value", next_step="add it to [vars], or take it out")


def _aware(value: Constant, zone: tzinfo) -> Constant:
    """A time in [vars] without an offset is the config's."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=zone)
    return value


def _for_driver(name: str, value: Constant | int, backend: str, keeps: tzinfo) -> Any:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        raise SourceError(
            f"`:{name}` is a number that no database column holds",
            next_step="look at its value in [vars]",
        )
    match backend, value:
        case "sqlite", datetime():
            return value.astimezone(keeps).replace(tzinfo=None).isoformat(" ")
        case "sqlite", date():
            return value.isoformat()
        case "sqlite", Decimal():
            return float(value)  # SQLite itself has no other numbers with decimals
        case "mysql", datetime():
            return value.astimezone(keeps).replace(tzinfo=None)
    return value


def _text(value: Constant) -> str:
    if isinstance(value, datetime):
        return f"{value.isoformat()} ({value.astimezone(UTC):%Y-%m-%d %H:%M:%SZ})"
    return value.isoformat() if isinstance(value, date) else _plain(value)


def _plain(value: Constant) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)
