"""What a question measures of an issue, as one cell of a table for okrsync's own aggregation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from okrsync.contracts import Elapsed
from okrsync.errors import NoValue, SourceError
from okrsync_jira.comments import first_response
from okrsync_jira.cycle import Life, Stage, StageOf, Status, cycle_time, lead_time, time_in
from okrsync_jira.fields import JiraField
from okrsync_jira.issues import Issue
from okrsync_jira.messages import unexpected
from okrsync_jira.settings import Cycle, JiraQuery
from okrsync_jira.site import Site
from okrsync_jira.statuses import BEGUN, DONE, Statuses

DURATIONS: Final = frozenset(
    {"age", "cycle_time", "lead_time", "time_to_first_response", "time_in_status"}
)
_OF_HISTORY: Final = frozenset({"cycle_time", "lead_time", "time_in_status"})
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "age": ("created",),
    "time_to_first_response": ("created", "comment", "reporter", "creator"),
}
_STATUS: Final = ("created", "status", "resolutiondate")
_MICROSECOND: Final = timedelta(microseconds=1)
_MOST_DIGITS: Final = 30


@dataclass(frozen=True, slots=True)
class Column:
    """``fields`` are what Jira is asked for; ``cell`` makes the text, empty for no number."""

    name: str
    fields: tuple[str, ...]
    cell: Callable[[Issue], str]
    histories: bool = False
    said: str = ""
    key: tuple[object, ...] = field(default=())


def column(site: Site, query: JiraQuery, measure: str, elapsed: Elapsed, as_of: datetime) -> Column:
    """How to measure ``measure`` as of an instant. Raises ``SourceError`` for what is no number."""
    if measure not in DURATIONS:
        return _of_field(site.fields.named(measure))
    key = (measure, query.durations, query.statuses)
    span = _duration(site, query, measure, elapsed, as_of)
    return Column(
        name=measure,
        fields=_NEEDED.get(measure, _STATUS),
        cell=lambda issue: _seconds(span(issue)),
        histories=measure in _OF_HISTORY,
        key=key,
    )


def stages(statuses: Statuses, cycle: Cycle) -> StageOf:
    """By category, unless the config lists names. Raises ``SourceError`` for a wrong name."""
    start, done = statuses.named(cycle.start), statuses.named(cycle.done)

    def stage_of(status: Status) -> Stage | None:
        category = statuses.category(status)
        if _is_among(status, done) if done else category == DONE:
            return "done"
        if _is_among(status, start) if start else category == BEGUN:
            return "start"
        return None if category is None else "other"

    return stage_of


def _duration(
    site: Site, query: JiraQuery, measure: str, elapsed: Elapsed, as_of: datetime
) -> Callable[[Issue], timedelta | None]:
    match measure:
        case "age":
            return lambda issue: elapsed(issue.created, max(issue.created, as_of))
        case "time_to_first_response":
            return lambda issue: first_response(site, issue, elapsed, as_of)
        case "time_in_status":
            inside = _chosen(site, query)
            return lambda issue: time_in(_life(issue, as_of), inside, as_of, elapsed)
    stage_of = stages(site.statuses, site.settings.cycle)
    time_of = cycle_time if measure == "cycle_time" else lead_time
    return lambda issue: time_of(_life(issue, as_of), stage_of, elapsed)


def _chosen(site: Site, query: JiraQuery) -> Callable[[Status], bool]:
    if not query.statuses:
        raise SourceError(
            "time_in_status needs to know which status", next_step='say status = "In Review"'
        )
    chosen = site.statuses.named(query.statuses)
    return lambda status: _is_among(status, chosen)


def _is_among(status: Status, chosen: frozenset[str]) -> bool:
    return status.id in chosen or status.name.casefold() in chosen


def _life(issue: Issue, as_of: datetime) -> Life:
    return issue.life().until(as_of)


def _of_field(chosen: JiraField) -> Column:
    """A field's number with its unit, or its text for ``distinct`` and ``count``."""
    return Column(
        name=chosen.name,
        fields=(chosen.id,),
        cell=lambda issue: _text(issue.fields.get(chosen.id), chosen),
        said=str(chosen),
        key=(chosen.id,),
    )


def _text(value: Any, chosen: JiraField) -> str:
    match value:
        case None | "" | []:
            return ""
        case bool() if chosen.kind != "number":
            return str(value).lower()
        case int() | Decimal() if not isinstance(value, bool):
            return f"{_plain(value)} {chosen.unit}".rstrip()
        case _ if chosen.kind == "number":
            raise unexpected(f"number in the field {chosen}")
        case str():
            return value
        case {"value": str(word)} | {"name": str(word)} | {"key": str(word)} | {"id": str(word)}:
            return word
    raise NoValue(
        f"the field {chosen} holds more than one thing for an issue",
        next_step="measure a field that holds one number or one text",
    )


def _plain(number: int | Decimal) -> str:
    """Without an exponent where it is short; what is too long to be meant stays short as text."""
    value = Decimal(number)
    return f"{value:f}" if abs(value.adjusted()) <= _MOST_DIGITS else str(value)


def _seconds(duration: timedelta | None) -> str:
    """Seconds, because they are exact: a third of an hour has no last digit in days."""
    if duration is None:
        return ""
    return f"{Decimal(duration // _MICROSECOND).scaleb(-6).normalize():f} s"
