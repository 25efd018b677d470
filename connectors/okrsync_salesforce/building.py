"""From an object, a condition, a measure and an aggregation to SOQL.

Salesforce counts and adds where its answer is the same as okrsync's own. Where it is not (medians
and percentiles, which SOQL does not have; free text, which it compares without regard to
capitals), the records are read and okrsync computes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from okrsync.conditions import Condition
from okrsync.contracts import RowQuestion, Toolbox
from okrsync.errors import OutsideError, SourceError
from okrsync_salesforce import literals
from okrsync_salesforce.asked import (
    FILLED,
    ROWS_BEHIND,
    VALUE,
    Aggregated,
    Asked,
    Column,
    One,
    Records,
    SalesforceQuestion,
    Size,
)
from okrsync_salesforce.conditions import Writer
from okrsync_salesforce.currencies import Currencies, pinned
from okrsync_salesforce.durations import span_of
from okrsync_salesforce.fields import FREE_TEXT, Field
from okrsync_salesforce.schema import Schema
from okrsync_salesforce.suitability import check_date, check_measure, needs_number

_FUNCTIONS: Final = {"sum": "SUM", "avg": "SUM", "min": "MIN", "max": "MAX"}
_NAMES: Final = re.compile(r"[A-Za-z][\w.]*", re.ASCII)
_TODAYS_RECORDS = "records as they are now: what was changed in them later is in it"


@dataclass(frozen=True, slots=True)
class Builder:
    schema: Schema
    currencies: Currencies
    toolbox: Toolbox

    def asked(self, question: SalesforceQuestion) -> Asked:
        """Raises ``SourceError`` for what cannot be asked."""
        return _Building(self, question, self.toolbox.zone).asked()


class _Building:
    """One question on its way."""

    def __init__(self, builder: Builder, question: SalesforceQuestion, zone: tzinfo) -> None:
        self._builder = builder
        self._question = question
        self._zone = zone
        self._object = builder.schema.described(str(question.query.object))
        self._span = span_of(question.measure, self._field) if question.measure else None
        self._measure = self._measured_field()
        self._on = self._field(question.on) if question.on else None
        self._notes: list[str] = []
        self._condition = self._tree()
        self._pinned = pinned(self._condition) if self._object.many_currencies else ""
        self._writer = Writer(self._field, zone, self._compared_currency)

    def _tree(self) -> Condition | SourceError | None:
        """The condition; None where there is none, the error where a tree cannot say it."""
        query = self._question.query
        if query.where is None:
            return None
        try:
            return self._builder.toolbox.condition(query.where, query.vars)
        except SourceError as error:
            return error

    def asked(self) -> Asked:
        self._check()
        where = self._where()
        if where is None or self._needs_records():
            return self._records(exact=where)
        parts = [*where, *self._dated()]
        match self._question.agg:
            case "count":
                return self._size(parts)
            case "sum" | "avg" | "min" | "max" | "distinct":
                return self._aggregated(parts)
            case _:
                return self._one(parts)

    def _check(self) -> None:
        past = self._question.is_past(self._builder.toolbox.clock())
        check_date(self._question, self._on, past=past)
        check_measure(self._question.agg, self._measure)
        if past:
            self._notes.append(_TODAYS_RECORDS)

    def _where(self) -> list[str] | None:
        """The condition in SOQL; None where okrsync has to decide it in the records."""
        query = self._question.query
        if query.rows:
            return None
        if self._condition is None:
            return []
        if isinstance(self._condition, SourceError):
            raise self._condition
        written = self._writer.exactly(self._condition)
        if not self._writer.blind:
            return [written]
        if query.any_case:
            names = ", ".join(sorted(self._writer.blind))
            self._notes.append(f"Salesforce compares without regard to capitals: {names}")
            return [written]
        return None

    def _needs_records(self) -> bool:
        agg, measure = self._question.agg, self._measure
        if self._span is not None:
            return True
        if agg in {"count", "first", "last", None}:
            return False
        if measure is None or agg not in {*_FUNCTIONS, "distinct"} or not measure.aggregatable:
            return True
        if agg != "distinct":  # what Salesforce adds up, it converts to the org's own currency
            return bool(self._pinned) and measure.kind == "currency"
        free = measure.kind in FREE_TEXT and not self._question.query.any_case
        return free or not measure.groupable

    def _dated(self) -> list[str]:
        """The window and the instant that is looked from; a record without a date is in none."""
        on, question = self._on, self._question
        if on is None:
            return []
        start, end = question.window.start, question.window.end
        bounds = [f"{on.path} != null"]
        if start is not None:
            bounds.append(literals.compared(on.path, on.kind, ">=", start, self._zone))
        if end is not None and end <= question.as_of:
            bounds.append(literals.compared(on.path, on.kind, "<", end, self._zone))
        else:
            bounds.append(literals.compared(on.path, on.kind, "<=", question.as_of, self._zone))
        return bounds

    def _size(self, parts: list[str]) -> Size:
        if self._measure is not None:
            parts = [*parts, _filled(self._measure)]
        return Size(self._select("COUNT()", parts), tuple(self._notes))

    def _aggregated(self, parts: list[str]) -> Aggregated:
        agg, field = str(self._question.agg), self._measured()
        function = "COUNT_DISTINCT" if agg == "distinct" else _FUNCTIONS[agg]
        columns = (
            f"COUNT(Id) {ROWS_BEHIND}, COUNT({field.path}) {FILLED}, "
            f"{function}({field.path}) {VALUE}"
        )
        distinct = agg == "distinct"
        return Aggregated(
            self._select(columns, parts),
            field.path,
            "" if distinct else self._unit(field, added=True),
            average=agg == "avg",
            zero_is_true=distinct,
            notes=tuple(self._notes),
        )

    def _one(self, parts: list[str]) -> One:
        agg, field = self._question.agg, self._measured()
        unit = self._unit(field, added=False)
        if agg is None:
            soql = self._select(self._selected(field), parts) + " LIMIT 2"
            return One(soql, field.path, unit, tuple(self._notes))
        on = self._on.path if self._on is not None else "Id"
        order = "DESC" if agg == "last" else "ASC"
        soql = self._select(f"{self._selected(field)}, {on}", [*parts, _filled(field)])
        soql += f" ORDER BY {on} {order}, Id {order} LIMIT 1"
        return One(soql, field.path, unit, tuple(self._notes))

    def _records(self, *, exact: list[str] | None) -> Records:
        """``exact`` is the whole condition in SOQL; without it okrsync decides it again."""
        question = self._question
        loose = self._loosely() if exact is None else exact
        columns = tuple(self._columns(with_where=exact is None))
        unit = self._unit(self._measure, added=False) if needs_number(question.agg) else ""
        fields = dict.fromkeys(["Id", *map(self._selected, _fields(columns))])
        decided = exact is None and question.query.where is not None
        row = RowQuestion.of(
            question, question.query.where if decided else None, question.query.vars
        )
        return Records(
            soql=self._select(", ".join(fields), [*loose, *self._dated()]),
            row=row,
            columns=columns,
            unit=unit,
            words=_words(question, decided=decided),
            in_seconds=self._span is not None and needs_number(question.agg),
            notes=tuple(self._notes),
        )

    def _loosely(self) -> list[str]:
        if self._condition is None or isinstance(self._condition, SourceError):
            return []
        return self._writer.loosely(self._condition)

    def _columns(self, *, with_where: bool) -> Iterator[Column]:
        """Every name in ``where`` that is a field: one too many does no harm."""
        question = self._question
        if self._span is not None:
            yield Column(str(question.measure), self._span.field, self._span)
        measured = None if self._span else question.measure
        named = [name for name in (measured, question.on) if name]
        where = question.query.where if with_where else None
        named += _NAMES.findall(where or "")
        for name in dict.fromkeys(named):
            try:
                field = self._field(name)
            except OutsideError:
                continue
            yield Column(name, field)

    def _measured_field(self) -> Field | None:
        if self._span is not None:
            return self._span.field
        return self._field(self._question.measure) if self._question.measure else None

    def _measured(self) -> Field:
        if self._measure is None:
            raise SourceError("a field is needed to compute with", next_step='say measure = "..."')
        return self._measure

    def _selected(self, field: Field) -> str:
        """Amounts of several currencies are converted, which SOQL does for single records too."""
        converted = field.kind == "currency" and self._object.many_currencies and not self._pinned
        return f"convertCurrency({field.path})" if converted else field.path

    def _unit(self, field: Field | None, *, added: bool) -> str:
        if field is None or field.kind not in {"currency", "percent"}:
            return ""
        if field.kind == "percent":
            return "%"
        if not self._object.many_currencies:
            return self._builder.currencies.single
        if self._pinned:
            self._notes.append(f"{field.path}, all of it in {self._pinned}")
            return self._pinned
        unit = self._builder.currencies.corporate() if added else self._builder.currencies.users()
        self._notes.append(f"amounts in other currencies: converted to {unit} by Salesforce")
        return unit

    def _compared_currency(self) -> str:
        if not self._object.many_currencies:
            return ""
        return self._pinned or self._builder.currencies.corporate()

    def _field(self, name: str) -> Field:
        return self._builder.schema.field(self._object.name, name)

    def _select(self, columns: str, parts: list[str]) -> str:
        where = f" WHERE {' AND '.join(parts)}" if parts else ""
        # Names come from Salesforce's own description, values from ``literals``: nothing else.
        return f"SELECT {columns} FROM {self._object.name}{where}"  # noqa: S608


def _fields(columns: Iterable[Column]) -> Iterator[Field]:
    for column in columns:
        if column.span is None:
            yield column.field
        else:
            yield from (column.span.start, column.span.end)


def _filled(field: Field) -> str:
    if not field.filterable:
        raise SourceError(
            f"Salesforce cannot search in {field.path}",
            next_step="say rows = true, or measure another",
        )
    return f"{field.path} != null"


def _words(question: SalesforceQuestion, *, decided: bool) -> str:
    """What okrsync did with the records."""
    where = f" where {question.query.where}" if decided else ""
    return f"{question.asked_in_words()}{where}, by okrsync"
