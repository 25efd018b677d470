"""From a question to what HubSpot is asked and what is done with its records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from okrsync.conditions import AllOf, Comparison, Condition, comparisons, without_not
from okrsync.contracts import RowQuestion, Toolbox
from okrsync.errors import SourceError
from okrsync.model import Question
from okrsync_hubspot.client import too_long
from okrsync_hubspot.filters import Translator
from okrsync_hubspot.groups import EVERYTHING, CannotSay, Filter, Groups, check_size, with_all
from okrsync_hubspot.knowledge import Knowledge, no_property
from okrsync_hubspot.labels import Labels
from okrsync_hubspot.properties import (
    AMOUNTS,
    CURRENCY,
    IN_HOME_CURRENCY,
    PIPELINE_ID,
    Property,
    canonical,
)
from okrsync_hubspot.settings import HubSpotQuery

HubSpotQuestion = Question[HubSpotQuery]

_UNITLESS: Final = frozenset({"count", "distinct", "days_with", "days_without"})
_DAYS: Final = frozenset({"days_to_close"})
_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked of HubSpot; questions with the same search share its records.

    ``currency`` is the one that all its deals are in, None where amounts must be converted.
    """

    object: str
    groups: Groups
    archived: bool = False
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """``rows`` is what to compute of the records, None where HubSpot's own count is the answer.

    ``columns`` are the properties behind the columns that ``rows`` speaks of.
    """

    question: HubSpotQuestion
    search: Search
    rows: RowQuestion | None
    columns: Mapping[str, Property]
    labels: Labels
    unit: str = ""
    notes: tuple[str, ...] = ()


class Planner:
    def __init__(self, knowledge: Knowledge, toolbox: Toolbox, now: datetime) -> None:
        self._knowledge = knowledge
        self._toolbox = toolbox
        self._now = now

    def plan(self, question: HubSpotQuestion) -> Planned:
        """Raises ``OutsideError`` for what cannot be asked."""
        if question.on is None and question.is_past(self._now):
            raise SourceError(
                "HubSpot holds today's records, so it cannot say what was true on an earlier day",
                next_step='say on = "..." (a date property), so that later records are left out',
            )
        return _Draft(question, self._knowledge, self._toolbox).planned()


class _Draft:
    """One question while it is planned."""

    def __init__(self, question: HubSpotQuestion, knowledge: Knowledge, toolbox: Toolbox) -> None:
        self._question = question
        self._query = question.query
        self._object = canonical(question.query.object)
        self._knowledge = knowledge
        self._zone = toolbox.zone
        self._by_rows = self._query.rows or self._query.archived
        self._condition = self._tree(toolbox)
        self._properties = knowledge.properties(self._object)
        self._asked = self._columns()
        self._labels = knowledge.labels(self._object, self._asked)
        self._pinned = _pinned_currency(self._condition)

    def planned(self) -> Planned:
        groups = self._groups()
        counted = self._question.agg == "count" and not self._by_rows
        if counted and self._question.measure is not None:
            groups = with_all(groups, (Filter(self._named_property().name, "HAS_PROPERTY"),))
        check_size(groups, reserved=0 if counted else 1)
        if too_long(groups):
            raise CannotSay("where: this condition is longer than HubSpot's search reads")
        unit, notes = self._unit()
        return Planned(
            question=self._question,
            search=Search(
                self._object,
                groups,
                archived=self._query.archived,
                currency=None if counted else self._pinned,
            ),
            rows=None if counted else self._row_question(),
            columns={column: self._property(column) for column in self._needed()},
            labels=self._labels,
            unit=unit,
            notes=notes,
        )

    def _tree(self, toolbox: Toolbox) -> Condition | None:
        """The condition; None where there is none, or only the rows can tell."""
        if self._query.where is None:
            return None
        try:
            return without_not(toolbox.condition(self._query.where, self._query.vars))
        except SourceError:
            if self._by_rows:
                return None
            raise

    def _needed(self) -> list[str]:
        """The columns that the records must have: those of the condition only to look at it."""
        if self._by_rows:
            return self._asked
        said = (self._question.measure, self._question.on)
        return list(dict.fromkeys(column for column in said if column is not None))

    def _columns(self) -> list[str]:
        said = (self._question.measure, self._question.on)
        named = [column for column in said if column is not None]
        if self._condition is not None:
            named += [part.column for part in comparisons(self._condition)]
        elif self._query.where is not None:
            named += self._named_in(self._query.where)
        return list(dict.fromkeys(named))

    def _named_in(self, text: str) -> Iterable[str]:
        """Everything that ``text`` may mean by a name, where it is more than a tree can say."""
        known = (*self._properties, "stage", "pipeline", "owner", PIPELINE_ID)
        return [name for name in known if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)]

    def _property(self, column: str) -> Property:
        return self._real_property(self._labels.real(column))

    def _groups(self) -> Groups:
        groups = EVERYTHING
        if self._condition is not None:
            by_id = self._labels.by_id(self._condition)
            groups = self._narrowed(by_id) if self._by_rows else self._exact(by_id)
        if self._question.on is None:
            return groups
        found = self._property(self._question.on)
        if found.type not in {"date", "datetime"}:
            raise SourceError(
                f"{self._question.on} is no date in HubSpot, its type is {found.type}",
                next_step='say on = "..." with a date property, such as closedate',
            )
        window, now = self._question.window, self._question.as_of + _INSTANT
        end = now if window.end is None else min(window.end, now)
        return with_all(groups, self._translator().between(found, window.start, end))

    def _exact(self, condition: Condition) -> Groups:
        groups = self._translator(capitals=not self._query.any_case).groups(condition)
        if not groups:
            raise SourceError("where: this condition lets no record through")
        return groups

    def _narrowed(self, condition: Condition) -> Groups:
        """As much of the condition as HubSpot can look for; the rows are looked at anyway."""
        parts = condition.parts if isinstance(condition, AllOf) else (condition,)
        translator, groups = self._translator(capitals=False), EVERYTHING
        for part in parts:
            try:
                narrower = translator.groups(AllOf((part,)))
                crossed = tuple((*group, *more) for group in groups for more in narrower)
                check_size(crossed, reserved=3)  # the window's two ends, and the page's beginning
            except CannotSay:
                continue
            groups = crossed
        return groups or EVERYTHING

    def _translator(self, *, capitals: bool = True) -> Translator:
        return Translator(self._real_property, self._zone, capitals=capitals)

    def _real_property(self, column: str) -> Property:
        real = column if self._pinned else IN_HOME_CURRENCY.get(column, column)
        if real not in self._properties:
            raise no_property(column, self._properties)
        return self._properties[real]

    def _named_property(self) -> Property:
        """What ``measure`` names, which need not be converted to be there."""
        name = self._labels.real(str(self._question.measure))
        if name not in self._properties:
            raise no_property(name, self._properties)
        return self._properties[name]

    def _row_question(self) -> RowQuestion:
        where = self._query.where if self._by_rows else None
        return RowQuestion.of(self._question, where, self._query.vars)

    def _unit(self) -> tuple[str, tuple[str, ...]]:
        measure = self._question.measure
        if measure is None or self._question.agg in _UNITLESS:
            return "", ()
        name = self._property(measure).name
        if name in _DAYS:
            return "d", ()
        if name not in AMOUNTS:
            return "", ()
        if self._pinned is not None:
            return self._pinned, (f"{name}, all of it in {self._pinned}",)
        currency = self._knowledge.currency()
        return currency, (f"{name}: converted by HubSpot to the home currency, {currency}",)


def _pinned_currency(condition: Condition | None) -> str | None:
    """The one currency that every record has which meets the condition."""
    parts = condition.parts if isinstance(condition, AllOf) else (condition,)
    for part in parts:
        if isinstance(part, Comparison) and part.column == CURRENCY and part.operator == "==":
            return str(part.value)
    return None
