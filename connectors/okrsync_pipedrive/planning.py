"""From a question to the requests that answer it, with what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from okrsync.conditions import comparisons
from okrsync.contracts import RowQuestion, Toolbox
from okrsync.errors import SourceError
from okrsync.model import Question
from okrsync_pipedrive.client import Request, Scalar
from okrsync_pipedrive.names import Names
from okrsync_pipedrive.settings import PipedriveQuery
from okrsync_pipedrive.spans import Spans, check_zone, spans_of
from okrsync_pipedrive.totals import Measure

PipedriveQuestion = Question[PipedriveQuery]

# Nothing of these lies in the future, so a window that is still open holds what is there by now.
_NEVER_AHEAD: Final = frozenset({"add_time", "won_time", "update_time", "stage_change_time"})
_NAMED: Final = frozenset({"pipeline", "stage", "owner"})
_ROWS: Final = "add rows = true to look at each deal"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which deals, by number; what the query says by name is looked up already."""

    status: str | None
    pipeline: int | None
    stage: int | None
    user: int | None
    filter_id: int | None
    currency: str | None

    def params(self, user: str) -> tuple[tuple[str, Scalar], ...]:
        """As parameters, of which one API calls the user another name than the other."""
        said: Mapping[str, Scalar | None] = {
            "status": self.status,
            "pipeline_id": self.pipeline,
            "stage_id": self.stage,
            user: self.user,
            "filter_id": self.filter_id,
        }
        return tuple((key, value) for key, value in said.items() if value is not None)


@dataclass(frozen=True, slots=True)
class Planned:
    """``way`` is how it is answered: Pipedrive's summary, its timeline, or its deals one by one.

    ``requests`` are known beforehand but for ``rows``, where ``lists`` are read page by page.
    """

    question: PipedriveQuestion
    way: Literal["summary", "timeline", "rows"]
    chosen: Chosen
    measure: Measure
    requests: tuple[Request, ...] = ()
    spans: Spans | None = None
    lists: tuple[str, ...] = ()
    rows: RowQuestion | None = None
    unit: str = ""


class Planner:
    def __init__(self, names: Names, toolbox: Toolbox, now: datetime) -> None:
        self._names = names
        self._toolbox = toolbox
        self._zone = toolbox.zone
        self._now = now

    def plan(self, question: PipedriveQuestion) -> Planned:
        """Raises ``OutsideError`` for what cannot be asked."""
        query = question.query
        chosen = self._chosen(query)
        if query.rows:
            return self._by_rows(question, chosen)
        measure = _measure(question)
        if question.on is None:
            return self._summary(question, chosen, measure)
        return self._timeline(question, question.on, chosen, measure)

    def _chosen(self, query: PipedriveQuery) -> Chosen:
        pipeline = self._names.pipeline(query.pipeline)
        return Chosen(
            status=query.status,
            pipeline=pipeline,
            stage=self._names.stage(query.stage, pipeline),
            user=self._names.user(query.user),
            filter_id=query.filter_id,
            currency=query.currency,
        )

    def _by_rows(self, question: PipedriveQuestion, chosen: Chosen) -> Planned:
        if question.on is None and question.is_past(self._now):
            raise _no_past()
        self._check_names(question.query)
        archived = ("/api/v2/deals/archived",) if question.query.archived else ()
        # Looked for in the rows, so that questions about several currencies read the deals once.
        rows = RowQuestion.of(question, _with_currency(question.query), question.query.vars)
        chosen = replace(chosen, currency=None)
        lists = (f"/api/v2/{question.query.object}", *archived)
        return Planned(question, "rows", chosen, "value", lists=lists, rows=rows)

    def _check_names(self, query: PipedriveQuery) -> None:
        if query.where is None:
            return
        try:
            condition = self._toolbox.condition(query.where, query.vars)
        except SourceError:
            return  # more than a tree can say; the rows are looked at anyway
        named = _NAMED if query.object == "deals" else {"owner"}
        for part in comparisons(condition):
            if part.column in named and part.operator in {"==", "!=", "in", "not in"}:
                for value in part.values:
                    self._names.check(part.column, str(value))

    def _summary(self, question: PipedriveQuestion, chosen: Chosen, measure: Measure) -> Planned:
        if question.is_past(self._now):
            raise _no_past()
        params = chosen.params("user_id")
        requests = [Request("/v1/deals/summary", params, 40)]
        if question.query.archived:
            requests.append(Request("/v1/deals/summary/archived", params, 80))
        return Planned(
            question, "summary", chosen, measure, tuple(requests), unit=self._unit(question)
        )

    def _timeline(
        self, question: PipedriveQuestion, on: str, chosen: Chosen, measure: Measure
    ) -> Planned:
        self._check_timeline(question, on, chosen)
        unit = self._unit(question)
        spans = spans_of(question.window, self._zone)
        check_zone(str(self._names.me().get("timezone_name")), self._zone, question.window)
        narrowed = [pair for pair in chosen.params("user_id") if pair[0] != "status"]
        params: tuple[tuple[str, Scalar], ...] = (
            ("start_date", spans.start.isoformat()),
            ("interval", spans.interval),
            ("amount", spans.amount),
            ("field_key", on),
            ("exclude_deals", 1),
            *narrowed,
            *([("totals_convert_currency", unit)] if unit else []),
        )
        requests = [Request("/v1/deals/timeline", params, 20)]
        if question.query.archived:
            requests.append(Request("/v1/deals/timeline/archived", params, 40))
        return Planned(question, "timeline", chosen, measure, tuple(requests), spans, unit=unit)

    def _check_timeline(self, question: PipedriveQuestion, on: str, chosen: Chosen) -> None:
        for wrong, what in (
            (chosen.status not in {"open", "won"}, "holds open and won deals: say which status"),
            (chosen.stage is not None, "cannot be narrowed to a stage"),
        ):
            if wrong:
                raise SourceError(f"Pipedrive's timeline {what}", next_step=_ROWS)
        end = question.window.end
        open_ended = end is None or end > question.as_of
        if open_ended and question.is_past(self._now):
            raise _no_past()
        if open_ended and on not in _NEVER_AHEAD:
            raise SourceError(
                f"{on} may lie ahead, and Pipedrive's timeline counts whole windows",
                next_step=_ROWS,
            )

    def _unit(self, question: PipedriveQuestion) -> str:
        """The currency that sums are converted to."""
        if not question.query.convert or question.measure is None:
            return ""
        code = str(self._names.me().get("default_currency") or "")
        if not (code.isalpha() and code.isupper()):
            raise SourceError("Pipedrive does not say what the user's default currency is")
        return code


def _with_currency(query: PipedriveQuery) -> str | None:
    if query.currency is None:
        return query.where
    only = f"currency == '{query.currency}'"
    return only if query.where is None else f"({query.where}) and {only}"


def _measure(question: PipedriveQuestion) -> Measure:
    """What Pipedrive itself can count or add up."""
    if question.agg == "count" and question.measure is None:
        return "value"
    if question.agg == "sum" and question.measure in {"value", "weighted_value"}:
        return "weighted_value" if question.measure == "weighted_value" else "value"
    raise SourceError(
        "Pipedrive counts deals and adds up value and weighted_value, and nothing else",
        next_step=_ROWS,
    )


def _no_past() -> SourceError:
    return SourceError(
        "Pipedrive holds today's deals, so it cannot say what was true on an earlier day",
        next_step='say on = "won_time" or another date, and rows = true',
    )
