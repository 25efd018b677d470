"""From a condition to HubSpot's filter groups.

A translation means exactly what the condition means or is refused: above all, an empty property is
looked for by itself, because what NEQ and NOT_IN say of one is written nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final

from okrsync.conditions import AllOf, AnyOf, Comparison, Condition, Not, Operator, span
from okrsync.errors import SourceError
from okrsync_hubspot.groups import (
    EVERYTHING,
    WITH_ROWS,
    CannotSay,
    Filter,
    Group,
    Groups,
    crossed,
    unique,
)
from okrsync_hubspot.properties import Property

_NAMES: Final[dict[Operator, str]] = {
    "==": "EQ",
    "!=": "NEQ",
    "<": "LT",
    "<=": "LTE",
    ">": "GT",
    ">=": "GTE",
    "in": "IN",
    "not in": "NOT_IN",
}
_NEGATIVE: Final = frozenset({"!=", "not in"})
_DATES: Final = frozenset({"date", "datetime"})


class Translator:
    """``property_of`` knows every column's property; it raises SourceError for one there is not.

    ``capitals`` False lets a comparison of texts through that HubSpot makes without regard to
    capitals: then more may be found than was asked for, and never less.
    """

    def __init__(
        self, property_of: Callable[[str], Property], zone: tzinfo, *, capitals: bool = True
    ) -> None:
        self._property = property_of
        self._zone = zone
        self._capitals = capitals

    def groups(self, condition: Condition) -> Groups:
        """One group for each alternative. ``condition`` is without inner negations.

        Raises SourceError, with the cure, for what HubSpot's search cannot say.
        """
        return unique(self._alternatives(condition))

    def _alternatives(self, condition: Condition) -> Groups:
        match condition:
            case AllOf(parts):
                joined = EVERYTHING
                for part in parts:
                    joined = crossed(joined, self._alternatives(part))
                return joined
            case AnyOf(parts):
                return tuple(group for part in _merged(parts) for group in self._alternatives(part))
            case Not(Comparison(column, "empty")):
                return ((Filter(self._property(column).name, "HAS_PROPERTY"),),)
            case Comparison(column, "empty"):
                return ((Filter(self._property(column).name, "NOT_HAS_PROPERTY"),),)
            case Comparison():
                return self._compared(condition)
            case _:
                raise _parts_of_texts()

    def _compared(self, comparison: Comparison) -> Groups:
        if comparison.operator not in _NAMES:
            raise _parts_of_texts()
        found = self._property(comparison.column)
        kinds = {_kind(value) for value in comparison.values}
        if len(kinds) > 1:
            raise CannotSay("where: a list holds values of one kind only", next_step=WITH_ROWS)
        match kinds.pop():
            case "truth":
                return _truth(found, comparison)
            case "number":
                return _number(found, comparison)
            case "date":
                return self._dated(found, comparison)
            case _:
                return self._text(found, comparison)

    def _dated(self, found: Property, comparison: Comparison) -> Groups:
        if comparison.operator in {"in", "not in"}:
            raise CannotSay("where: a day in a list", next_step="join == by `or`")
        _demand(found, _DATES, "no date")
        start, end = span(comparison, self._zone)
        if comparison.operator != "!=":
            return (self.between(found, start, end),)
        return (self.between(found, None, start), self.between(found, end, None))

    def between(self, found: Property, start: datetime | None, end: datetime | None) -> Group:
        """From ``start`` on and before ``end``, in milliseconds since 1970."""
        edges = (("GTE", start), ("LT", end))
        return tuple(
            Filter(found.name, operator, (str(self._edge(found, edge)),), _when(edge, self._zone))
            for operator, edge in edges
            if edge is not None
        )

    def _edge(self, found: Property, edge: datetime) -> int:
        """The first millisecond at or after ``edge``; of a day, which HubSpot keeps as midnight in
        UTC, the first day that begins in the config's zone at or after ``edge``."""
        if found.type == "date":
            local = edge.astimezone(self._zone)
            day = local.date() + timedelta(days=local.time() != time())
            edge = datetime.combine(day, time(), UTC)
        return -(-(edge - _EPOCH) // timedelta(milliseconds=1))

    def _text(self, found: Property, comparison: Comparison) -> Groups:
        values = tuple(str(value) for value in comparison.values)
        if found.type == "string" and self._capitals:
            raise CannotSay(
                f"where: HubSpot compares the text {found.name} without regard to capitals",
                next_step=f"any_case = true if that is meant, or {WITH_ROWS}",
            )
        if found.type in _DATES:
            raise SourceError(
                f"where: {found.name} is a date", next_step="write date('2026-10-01')"
            )
        if found.many:
            raise CannotSay(
                f"where: {found.name} may hold several values, which == does not look into",
                next_step=WITH_ROWS,
            )
        _demand(found, {"enumeration", "string"}, "no text")
        for value in values:
            _demand_option(found, value)
        return _or_empty(found, comparison.operator, values)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _truth(found: Property, comparison: Comparison) -> Groups:
    if comparison.operator not in {"==", "!="}:
        raise CannotSay("where: true and false in a list", next_step=WITH_ROWS)
    _demand(found, {"bool", "enumeration"}, "neither true nor false")
    said = comparison.value == (comparison.operator == "==")
    return ((Filter(found.name, "EQ", (str(said).lower(),)),),)


def _number(found: Property, comparison: Comparison) -> Groups:
    _demand(found, {"number"}, "no number")
    values = tuple(format(value, "f") for value in comparison.values if isinstance(value, Decimal))
    if comparison.operator == "not in":
        return _or_empty(found, comparison.operator, values)
    one = Filter(found.name, _NAMES[comparison.operator], values)
    if comparison.operator == "!=":
        return ((one, Filter(found.name, "HAS_PROPERTY")),)
    return ((one,),)


def _or_empty(found: Property, operator: Operator, values: tuple[str, ...]) -> Groups:
    one = Filter(found.name, _NAMES[operator], values)
    if operator not in _NEGATIVE or found.always_set:
        return ((one,),)
    return (
        (one, Filter(found.name, "HAS_PROPERTY")),
        (Filter(found.name, "NOT_HAS_PROPERTY"),),
    )


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, Decimal):
        return "number"
    return "date" if isinstance(value, date) else "text"


def _demand(found: Property, types: Iterable[str], what: str) -> None:
    if found.type and found.type not in types:
        raise SourceError(
            f"where: {found.name} is {what} in HubSpot, its type is {found.type}",
            next_step="compare it with a value of its own kind",
        )


def _demand_option(found: Property, value: str) -> None:
    """A value that the property cannot have would be found in no record: a silent 0."""
    if not found.options or value in found.options:
        return
    labelled = [known for known, label in found.options.items() if label == value]
    meant = next(iter(labelled or get_close_matches(value, found.options, n=1)), "")
    raise SourceError(
        f"where: {found.name} has no value {value!r}",
        next_step=f"write {meant!r}" if meant else f"it has {_listed(found.options)}",
    )


def _listed(values: Iterable[str]) -> str:
    shown = sorted(values)
    more = f" and {len(shown) - 12} more" if len(shown) > 12 else ""  # noqa: PLR2004
    return ", ".join(repr(value) for value in shown[:12]) + more


def _parts_of_texts() -> CannotSay:
    return CannotSay(
        "where: HubSpot's search cannot look for a part of a text exactly", next_step=WITH_ROWS
    )


def _merged(parts: Sequence[Condition]) -> list[Condition]:
    """``a == 'x' or a == 'y'`` as one ``in``, which takes one group instead of two."""
    lists: dict[str, list[Any]] = {}
    others: list[Condition] = []
    for part in parts:
        if isinstance(part, Comparison) and part.operator in {"==", "in"} and _mergeable(part):
            lists.setdefault(part.column, []).extend(part.values)
        else:
            others.append(part)
    merged = [
        Comparison(column, "in", tuple(values))
        if len(values) > 1
        else Comparison(column, "==", tuple(values))
        for column, values in lists.items()
    ]
    return [*merged, *others]


def _mergeable(comparison: Comparison) -> bool:
    return all(isinstance(value, str) for value in comparison.values)


def _when(edge: datetime, zone: tzinfo) -> str:
    return f"{edge.astimezone(zone):%Y-%m-%d %H:%M}"
