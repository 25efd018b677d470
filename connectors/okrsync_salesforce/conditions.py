"""From okrsync's neutral conditions to SOQL with the same meaning.

SOQL compares texts without regard to capitals, and okrsync does not: where that could make a
difference the field is named in ``Written.blind``. What an empty field meets is always written
out, so that no rule of SOQL about null is relied on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal

from okrsync.conditions import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Constant,
    Not,
    comparisons,
    span,
    without_not,
)
from okrsync.errors import SourceError
from okrsync_salesforce import literals
from okrsync_salesforce.fields import CHOICES, DATES, FREE_TEXT, NUMBERS, Field

NEVER, ALWAYS = "Id = null", "Id != null"
_ROWS = "say rows = true, so that okrsync decides it in the records"
_AROUND = {"contains": ("%", "%"), "starts_with": ("", "%"), "ends_with": ("%", "")}


@dataclass(slots=True)
class Writer:
    """``find`` gives the field of a column; ``currency`` the code that a currency field is compared
    in where the org has several, "" where it has one."""

    find: Callable[[str], Field]
    zone: tzinfo
    currency: Callable[[], str]
    blind: set[str] = field(default_factory=set)

    def exactly(self, condition: Condition) -> str:
        """All of it. Raises ``SourceError`` for what SOQL cannot say."""
        return self._written(without_not(condition))

    def loosely(self, condition: Condition) -> list[str]:
        """Conditions that every matching record meets, and some others may: to read fewer."""
        parts = without_not(condition)
        found = []
        for part in parts.parts if isinstance(parts, AllOf) else (parts,):
            if not self._may_miss(part):
                try:
                    found.append(self._written(part))
                except SourceError:
                    continue
        return found

    def _may_miss(self, part: Condition) -> bool:
        """Whether SOQL's comparison leaves out records that okrsync's does not."""
        return any(self._is_blind(comparison) for comparison in _turned(part))

    def _is_blind(self, comparison: Comparison) -> bool:
        try:
            free = self.find(comparison.column).kind in FREE_TEXT
        except SourceError:
            return True
        return free or comparison.operator in _AROUND

    def _written(self, condition: Condition) -> str:
        match condition:
            case Comparison(operator="empty"):
                return self._empty(self._found(condition), "=")
            case Comparison():
                return self._compared(self._found(condition), condition)
            case Not(Comparison(operator="empty") as part):
                return self._empty(self._found(part), "!=")
            case Not(Comparison() as part):
                found = self._found(part)
                return f"((NOT {self._compared(found, part)}) OR {found.path} = null)"
            case AllOf(parts):
                return f"({' AND '.join(map(self._written, parts))})" if parts else ALWAYS
            case AnyOf(parts):
                return f"({' OR '.join(map(self._written, parts))})" if parts else NEVER
            case _:
                raise TypeError(condition)

    def _found(self, comparison: Comparison) -> Field:
        found = self.find(comparison.column)
        if not found.filterable:
            raise SourceError(f"Salesforce cannot search in {found.path}", next_step=_ROWS)
        return found

    def _empty(self, found: Field, sign: str) -> str:
        if found.kind == "boolean":  # a checkbox is never empty
            return NEVER if sign == "=" else ALWAYS
        return f"{found.path} {sign} null"

    def _compared(self, found: Field, comparison: Comparison) -> str:
        if found.kind == "boolean":
            return _with_signs(found, comparison, [_truth(found, v) for v in comparison.values])
        if found.kind in NUMBERS:
            numbers = [self._number(found, value) for value in comparison.values]
            return _numbers(found, comparison, numbers)
        if found.kind in DATES:
            return self._dates(found, comparison)
        if found.kind in FREE_TEXT | CHOICES:
            return self._texts(found, comparison)
        raise SourceError(f"{found.path} is of a kind ({found.kind}) that where cannot compare")

    def _number(self, found: Field, value: Constant) -> str:
        if not isinstance(value, Decimal):
            raise _not_a(found, "number")
        code = self.currency() if found.kind == "currency" else ""
        if code and value < 0:
            raise SourceError(
                f"{found.path}: an amount below zero cannot be asked of an org with several "
                "currencies",
                next_step=_ROWS,
            )
        return code + literals.number(value)

    def _dates(self, found: Field, comparison: Comparison) -> str:
        if comparison.operator in {"in", "not in"}:
            days = [_day(found, value) for value in comparison.values]
            return _with_signs(found, comparison, [literals.day(value) for value in days])
        value = comparison.value
        if not isinstance(value, date):
            value = _day(found, value)
        start, end = span(Comparison(comparison.column, comparison.operator, (value,)), self.zone)
        return self._spanned(found, start, end, outside=comparison.operator == "!=")

    def _spanned(
        self, found: Field, start: datetime | None, end: datetime | None, *, outside: bool
    ) -> str:
        signs = ("<", ">=") if outside else (">=", "<")
        bounds = [
            literals.compared(found.path, found.kind, sign, bound, self.zone)
            for sign, bound in zip(signs, (start, end), strict=True)
            if bound is not None
        ]
        inside = f"({' OR '.join(bounds)})" if outside else " AND ".join(bounds)
        return f"({inside} AND {found.path} != null)"

    def _texts(self, found: Field, comparison: Comparison) -> str:
        values = comparison.values
        if not all(isinstance(value, str) for value in values):
            raise _not_a(found, "text in quotes")
        around = _AROUND.get(comparison.operator)
        if around is None:
            if found.kind in FREE_TEXT:
                self.blind.add(found.path)
            return _with_signs(found, comparison, [literals.text(str(value)) for value in values])
        if found.kind in {"id", "reference"}:
            raise SourceError(f"{found.path} is an id: compare the whole of it", next_step=_ROWS)
        self.blind.add(found.path)
        before, after = around
        return f"{found.path} LIKE {literals.pattern(str(values[0]), before=before, after=after)}"


def _with_signs(found: Field, comparison: Comparison, written: list[str]) -> str:
    """``==``, ``in`` and their opposites, which an empty field meets."""
    name = found.path
    match comparison.operator:
        case "==":
            return f"{name} = {written[0]}"
        case "in":
            return f"{name} IN {literals.several(written)}"
        case "!=" if found.kind == "boolean":
            return f"{name} != {written[0]}"
        case "!=":
            return f"({name} != {written[0]} OR {name} = null)"
        case "not in":
            return f"({name} NOT IN {literals.several(written)} OR {name} = null)"
        case _:
            raise _not_a(found, "number or a date")


def _numbers(found: Field, comparison: Comparison, written: list[str]) -> str:
    """Numbers: an empty field meets none of the signs, but ``not in``."""
    name = found.path
    match comparison.operator:
        case "==" | "in" | "not in":
            return _with_signs(found, comparison, written)
        case "!=" | "<" | "<=" | ">" | ">=" as sign:
            return f"({name} {sign} {written[0]} AND {name} != null)"
        case _:
            raise _not_a(found, "text")


def _turned(condition: Condition) -> Iterator[Comparison]:
    """Comparisons that are met where something is not so."""
    match condition:
        case Comparison(operator="!=" | "not in"):
            yield condition
        case Not(part):
            yield from comparisons(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _turned(part)


def _truth(found: Field, value: Constant) -> str:
    if not isinstance(value, bool):
        raise SourceError(
            f"{found.path} is a checkbox, compared with something else",
            next_step=f"write {found.path} or not {found.path}",
        )
    return literals.truth(value)


def _day(found: Field, value: Constant) -> date:
    """A day written as a text after ``==`` or ``in``, where a date field holds nothing else."""
    if found.kind == "date" and isinstance(value, str):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day is not None and day.isoformat() == value:
            return day
    raise SourceError(
        f"{found.path} is compared with something that is not a date",
        next_step=f"write date({found.path}) == '2026-12-31'",
    )


def _not_a(found: Field, what: str) -> SourceError:
    return SourceError(
        f"{found.path} ({found.kind}) is not compared with a {what} here",
        next_step="compare it with a constant of its own kind, or " + _ROWS,
    )
