"""Whether a question can be asked of an object at all, before any SOQL is written."""

from __future__ import annotations

from typing import Final

from okrsync.errors import SourceError
from okrsync_salesforce.asked import SalesforceQuestion
from okrsync_salesforce.durations import KIND
from okrsync_salesforce.fields import DATES, NUMBERS, Field

_NUMERIC: Final = frozenset({"sum", "avg", "median", "min", "max", "first", "last", None})
_WITHOUT_MEASURE: Final = frozenset({"count", "days_with", "days_without"})


def needs_number(agg: str | None) -> bool:
    """Whether the aggregation computes with numbers, and does not only count."""
    return agg in _NUMERIC or (agg is not None and agg[:1] == "p" and agg[1:].isdigit())


def check_date(question: SalesforceQuestion, on: Field | None, *, past: bool) -> None:
    """Raises ``SourceError`` for a window or an earlier day that no date field can place."""
    if past and on is None:
        raise SourceError(
            "Salesforce holds today's records, so it cannot say what was true on an earlier day",
            next_step='say on = "..." (a date field), so that later records are left out',
        )
    if on is None and (question.window.start or question.window.end):
        raise SourceError(
            "the window needs to know which date it reads", next_step='say on = "CloseDate"'
        )
    if on is not None and (on.kind not in DATES or not on.filterable):
        raise SourceError(
            f"{on.path} ({on.kind}) is not a date that can be searched in",
            next_step="name a field of type date or datetime",
        )
    if on is None and question.agg in {"first", "last"}:
        raise SourceError(
            f"{question.agg} of records needs a date to order them by",
            next_step='say on = "CloseDate"',
        )


def check_measure(agg: str | None, measure: Field | None) -> None:
    """Raises ``SourceError`` for numbers of a field that holds none."""
    if measure is None and agg not in _WITHOUT_MEASURE:
        raise SourceError(
            "a field is needed to compute with",
            next_step='say measure = "Amount", or agg = "count"',
        )
    if measure is not None and needs_number(agg) and measure.kind not in NUMBERS | {KIND}:
        raise SourceError(
            f"{measure.path} ({measure.kind}) is not a number",
            next_step='measure a number, or a time: measure = "CreatedDate to CloseDate"',
        )
