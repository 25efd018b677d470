"""Fields, durations and days: issues are read once for all questions over the same JQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from okrsync.contracts import CellStyle, Elapsed, RowAnswer, RowBatch, RowQuestion
from okrsync.errors import BadAnswer, NoValue, OutsideError, SourceError
from okrsync.model import Measurement, Window
from okrsync_jira.asked import REOPENED, Asker, JiraQuestion
from okrsync_jira.dates import DateField
from okrsync_jira.issues import Issue, read_issues
from okrsync_jira.measures import DURATIONS, Column, column
from okrsync_jira.settings import Durations

_STYLE = CellStyle(decimal=".")
_IN_ORDER = frozenset({"first", "last"})
_HISTORY_OF = {"status": "status"}


@dataclass(frozen=True, slots=True)
class Reading:
    """``jql`` with its order; what is read of each issue for one question."""

    question: JiraQuestion
    jql: str
    condition: str
    measured: Column | None
    on: DateField | None


@dataclass(slots=True)
class Pass:
    """Readings over one JQL as of one instant: their columns are read together.

    ``rows`` and ``pages`` are what it took.
    """

    jql: str
    readings: list[Reading] = field(default_factory=list)
    rows: int = 0
    pages: int = 0

    @property
    def columns(self) -> dict[tuple[object, ...], Column]:
        """The different columns, by what makes them different."""
        found: dict[tuple[object, ...], Column] = {}
        for reading in self.readings:
            for made in filter(None, (reading.measured, _dates(reading.on))):
                found.setdefault(made.key, made)
        return found


def prepared(asker: Asker, question: JiraQuestion, elapsed: Elapsed) -> Reading:
    """Raises ``OutsideError`` where the question cannot be put to Jira."""
    condition, order = asker.condition(question, question.query.jql or "")
    measured = None
    if question.measure is not None:
        _refuse_past_fields(asker, question)
        measured = column(asker.site, question.query, question.measure, elapsed, question.as_of)
    elif question.agg is None:
        raise SourceError(
            "a search gives issues, and not one number",
            next_step='say agg = "count", or measure = "..." and agg',
        )
    keep = order if question.agg in _IN_ORDER and question.on is None else _steady(asker)
    jql = f"{condition} {keep}".strip()
    return Reading(question, jql, condition, measured, asker.date_field(question))


def passes(readings: Sequence[Reading]) -> list[Pass]:
    found: dict[tuple[str, object], Pass] = {}
    for reading in readings:
        key = reading.jql, reading.question.as_of
        found.setdefault(key, Pass(reading.jql)).readings.append(reading)
    return list(found.values())


def read(asker: Asker, one: Pass) -> list[Measurement | OutsideError]:
    """The answers to all readings of a pass; one that spoils it is left to itself."""
    try:
        return _together(asker, one)
    except (BadAnswer, NoValue, SourceError) as error:
        if len(one.readings) == 1:
            return [error]
    apart = [Pass(one.jql, [reading]) for reading in one.readings]
    found = [answer for each in apart for answer in read(asker, each)]
    one.rows, one.pages = sum(each.rows for each in apart), sum(each.pages for each in apart)
    return found


def _together(asker: Asker, one: Pass) -> list[Measurement | OutsideError]:
    columns = one.columns
    names = _names(columns.values())
    places = dict(zip(columns, names, strict=True))
    rows = [_row_question(reading, places) for reading in one.readings]
    batches = _batches(asker, one, list(columns.values()))
    answers = asker.toolbox.aggregate(rows, names, batches, _STYLE)
    return [
        reply if isinstance(reply, OutsideError) else _measurement(asker, reading, reply)
        for reading, reply in zip(one.readings, answers, strict=True)
    ]


def cost(read: Sequence[Pass]) -> str:
    """What reading took, for the plan."""
    rows, pages = sum(one.rows for one in read), sum(one.pages for one in read)
    return f"reads {rows:,} issues in {pages:,} page{'' if pages == 1 else 's'}"


def _batches(asker: Asker, one: Pass, columns: Sequence[Column]) -> Iterator[RowBatch]:
    """Pages of issues as rows of cells, made while they are consumed."""
    fields = list(dict.fromkeys(name for each in columns for name in each.fields))
    histories = _HISTORY_OF if any(each.histories for each in columns) else {}
    for issues in read_issues(asker.site, one.jql, fields, histories):
        numbers = range(one.rows + 1, one.rows + len(issues) + 1)
        one.rows += len(issues)
        one.pages += 1
        yield RowBatch([[each.cell(issue) for each in columns] for issue in issues], numbers)
    if not one.rows:
        # Nothing is what the public sees: none counts only when Jira knows who asks.
        _ = asker.site.account


def days_of(asker: Asker, question: JiraQuestion, durations: Durations) -> Elapsed:
    """How durations of this question are measured."""
    way = question.query.durations or durations
    return asker.toolbox.elapsed(asker.site.settings.working_days if way == "working" else None)


def _refuse_past_fields(asker: Asker, question: JiraQuestion) -> None:
    if question.is_past(asker.now) and question.measure not in DURATIONS:
        raise SourceError(
            f"Jira's search does not say what {question.measure!r} was on an earlier day",
            next_step="leave out backfill for it; counts and durations have a past",
        )


def _steady(asker: Asker) -> str:
    """Pages by place need an order that stays the same while they are read."""
    return "" if asker.site.cloud else "ORDER BY key ASC"


def _dates(on: DateField | None) -> Column | None:
    if on is None:
        return None

    def cell(issue: Issue) -> str:
        value = issue.fields.get(on.id)
        if on.days and isinstance(value, str):
            return value
        moment = issue.moment(on.id)
        return "" if moment is None else moment.isoformat()

    return Column(on.clause, (on.id,), cell, key=("on", on.id))


def _names(columns: Iterable[Column]) -> list[str]:
    """Headings for messages, made different where two columns would have the same."""
    names: list[str] = []
    for each in columns:
        name, number = each.name, 2
        while name in names:
            name, number = f"{each.name} ({number})", number + 1
        names.append(name)
    return names


def _row_question(reading: Reading, places: dict[tuple[object, ...], str]) -> RowQuestion:
    question, dates = reading.question, _dates(reading.on)
    return RowQuestion(
        where=None,
        measure=places[reading.measured.key] if reading.measured else None,
        agg=question.agg,
        on=places[dates.key] if dates else None,
        window=question.window if dates else Window(question.window.label),
        as_of=question.as_of,
    )


def _measurement(asker: Asker, reading: Reading, reply: RowAnswer) -> Measurement:
    return Measurement(
        value=reply.value,
        unit=reply.unit,
        as_of=reading.question.as_of,
        rows=reply.rows,
        evidence=asker.evidence(
            reading.question,
            _words(reading),
            reading.condition,
            tuple(_notes(asker, reading, reply)),
        ),
    )


def _words(reading: Reading) -> str:
    question = reading.question
    said = reading.measured.said or reading.measured.name if reading.measured else None
    return f"{question.asked_in_words(said)} in {reading.condition}"


def _notes(asker: Asker, reading: Reading, reply: RowAnswer) -> Iterator[str]:
    yield from reply.notes
    if reading.question.on == "resolved" and reading.question.is_past(asker.now):
        yield REOPENED
    way = reading.question.query.durations or asker.site.settings.durations
    if reading.question.measure in DURATIONS and way == "working":
        yield "working time: a working day counts as 24 h"
