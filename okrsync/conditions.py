"""A condition over records as a small tree, for connectors that write it in a service's own words.

It is the part of okrsync's row language that every service could say: a column against constants,
joined by all, any and not. The meaning is the row language's own, and a translation that would
mean anything else must be refused:

- Texts are compared as they are written, capitals included. An empty cell is the text "": it is
  unequal to every other text, and it is what ``empty`` finds.
- An empty cell meets no comparison with a number or a date: not ``==``, not ``!=``, not ``<``.
- ``in`` is ``==`` with one of the values; ``not in`` is its opposite, so the empty cell meets it.
- A ``date`` stands for its whole day in the config's zone, a ``datetime`` for one instant.
- ``Not`` is met exactly where its part is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, PlainSerializer, WithJsonSchema

Constant = str | Decimal | bool | date | datetime
"""What a column is compared with. A ``datetime`` is aware."""

Operator = Literal[
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "not in",
    "contains",
    "starts_with",
    "ends_with",
    "empty",
]


@dataclass(frozen=True, slots=True)
class Comparison:
    """``values`` is one constant, several after ``in`` and ``not in``, none after ``empty``.

    No text in it is empty: ``== ''`` is written as ``empty``. A column that is a condition by
    itself is ``== True``.
    """

    column: str
    operator: Operator
    values: tuple[Constant, ...] = ()

    @property
    def value(self) -> Constant:
        """The one constant of a comparison that has one."""
        (value,) = self.values
        return value


@dataclass(frozen=True, slots=True)
class AllOf:
    """Met where all parts are; without parts everywhere."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Met where at least one part is; without parts nowhere."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Condition = Comparison | AllOf | AnyOf | Not

_OPPOSITE: Final[dict[Operator, Operator]] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "in": "not in",
    "not in": "in",
}


class Values(Mapping[str, Constant]):
    """The named constants of a query, a mapping's [vars]; hashable, and never changed."""

    def __init__(self, values: Mapping[str, Constant] | None = None) -> None:
        self._values = dict(values or {})

    def __getitem__(self, name: str) -> Constant:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset((name, type(value), value) for name, value in self.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Values) and self._values == other._values

    def __repr__(self) -> str:
        return f"Values({', '.join(self._values)})"


NO_VALUES: Final = Values()


def _named(values: Mapping[str, Constant]) -> Values:
    if not all(name.isidentifier() for name in values):
        raise ValueError("a value's name is letters, digits and _, as it stands behind the colon")
    return Values(values)


_CONSTANTS = ("string", "number", "boolean")
Vars = Annotated[
    Mapping[str, Constant],
    AfterValidator(_named),
    PlainSerializer(dict),
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {"anyOf": [{"type": kind} for kind in _CONSTANTS]},
        }
    ),
]
"""The type of a query's field ``vars``: the mapping's [vars] with the query's own laid over them.

A ``datetime`` in them may be without an offset: it is then in the config's zone. They stand in the
query as :name, in okrsync's row language and in the service's own alike, and are
bound, never pasted into its text.
"""


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Every comparison in it, from left to right."""
    match condition:
        case Comparison():
            yield condition
        case Not(part):
            yield from comparisons(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from comparisons(part)


def without_not(condition: Condition) -> Condition:
    """The same condition with every ``Not`` written out, the empty cells included.

    What is left of them stands directly before ``empty``, ``contains``, ``starts_with`` and
    ``ends_with``, which have no opposite of their own.
    """
    match condition:
        case Not(part):
            return _opposite(part)
        case AllOf(parts):
            return AllOf(tuple(map(without_not, parts)))
        case AnyOf(parts):
            return AnyOf(tuple(map(without_not, parts)))
        case _:
            return condition


def _opposite(condition: Condition) -> Condition:
    match condition:
        case Not(part):
            return without_not(part)
        case AllOf(parts):
            return AnyOf(tuple(map(_opposite, parts)))
        case AnyOf(parts):
            return AllOf(tuple(map(_opposite, parts)))
        case Comparison(column, operator, values) if operator in _OPPOSITE:
            turned = Comparison(column, _OPPOSITE[operator], values)
            return _or_empty(turned) if skips_empty(condition) else turned
        case _:
            return Not(condition)


def _or_empty(comparison: Comparison) -> Condition:
    return AnyOf((comparison, Comparison(comparison.column, "empty")))


def skips_empty(comparison: Comparison) -> bool:
    """Whether an empty cell meets neither this comparison nor the one with the opposite sign."""
    if comparison.operator in {"in", "not in", "empty"}:
        return False
    return not isinstance(comparison.value, str | bool)


def span(comparison: Comparison, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """The instants that ``== < <= > >=`` with a day or an instant lets through.

    From the first one on and before the second one; None is no bound. ``!=`` is all but the span
    of ``==``.
    """
    start, end = _around(comparison.value, zone)
    match comparison.operator:
        case "<":
            return None, start
        case "<=":
            return None, end
        case ">":
            return end, None
        case ">=":
            return start, None
        case _:
            return start, end


def _around(value: Constant, zone: tzinfo) -> tuple[datetime, datetime]:
    if isinstance(value, datetime):
        return value, value + timedelta(microseconds=1)
    if not isinstance(value, date):
        raise TypeError("only a day and an instant have a span")
    start, end = value, value + timedelta(days=1)
    return datetime.combine(start, time(), zone), datetime.combine(end, time(), zone)
