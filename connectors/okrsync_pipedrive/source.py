"""Answers questions about Pipedrive's deals, activities, persons and organizations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from okrsync.contracts import CellStyle, Remark, RowAnswer, Toolbox, measurement, together
from okrsync.errors import OutsideError, SourceError
from okrsync.model import Measurement
from okrsync_pipedrive.client import Pipedrive, Request, Scalar
from okrsync_pipedrive.names import Names
from okrsync_pipedrive.planning import Chosen, PipedriveQuestion, Planned, Planner
from okrsync_pipedrive.rows import MOST_CUSTOM, Rows, custom_fields, named_columns
from okrsync_pipedrive.settings import PipedriveSettings
from okrsync_pipedrive.tokens import Tokens
from okrsync_pipedrive.totals import (
    Totals,
    converted,
    counted,
    of_summary,
    of_timeline,
    summed,
)

_AT_ONCE: Final = 8
_STYLE: Final = CellStyle(decimal=".")
_WITHOUT_ARCHIVED: Final = "archived deals are not in it; archived = true adds them"
Answered = Measurement | OutsideError


@contextmanager
def opened(settings: PipedriveSettings, toolbox: Toolbox) -> Iterator[PipedriveSource]:
    door = toolbox.http(
        base_url=settings.address,
        per_second=settings.per_second,
        **_sign_in(settings, toolbox),
        ca_file=settings.ca_file,
        proxy=settings.proxy,
    )
    tokens = Tokens(settings.daily_tokens, toolbox.memory, toolbox.clock)
    yield PipedriveSource(toolbox, Pipedrive(door, tokens))


def _sign_in(settings: PipedriveSettings, toolbox: Toolbox) -> Mapping[str, Any]:
    if settings.oauth_token is not None:
        from okrsync.http import Bearer

        return {"auth": Bearer(toolbox.secret(settings.oauth_token))}
    if settings.token is None:
        raise SourceError("no sign-in is said", next_step="say token in its [source] table")
    return {"headers": {"x-api-token": toolbox.secret(settings.token)}}


class PipedriveSource:
    def __init__(self, toolbox: Toolbox, pipedrive: Pipedrive) -> None:
        self._toolbox = toolbox
        self._pipedrive = pipedrive
        self._names = Names(pipedrive)

    def measure(self, questions: Sequence[PipedriveQuestion], /) -> Sequence[Answered]:
        now = self._toolbox.clock()
        # One after the other they would hold up the first questions; what fails fails again below.
        self._toolbox.each(self._names.of, _named_in(questions))
        planner = Planner(self._names, self._toolbox, now)
        plans = self._affordable([_outcome(planner, question) for question in questions])
        planned = [plan for plan in plans if isinstance(plan, Planned)]
        answers = {
            **self._totalled([plan for plan in planned if plan.way != "rows"], now),
            **self._computed([plan for plan in planned if plan.way == "rows"], now),
        }
        if questions:
            self._toolbox.tell(self._pipedrive.tokens.words())
        return [plan if isinstance(plan, OutsideError) else answers[id(plan)] for plan in plans]

    def examine(self) -> Iterable[Remark]:
        """Who is signed in, in which zone days begin, and how many tokens are left today."""
        me = self._names.me()
        company, zone = me.get("company_name"), me.get("timezone_name")
        yield Remark(
            f"user {me.get('id')} of {company}, amounts in {me.get('default_currency')}, "
            f"days there in {zone}"
        )
        if str(zone) != str(self._toolbox.zone):
            yield Remark(
                f"the timeline is not asked: its days begin in {zone}, and in "
                f"{self._toolbox.zone} here",
                well=False,
                cure="set the user's time zone in Pipedrive to the config's, or say rows = true",
            )
        yield Remark(self._pipedrive.tokens.words())

    def _affordable(self, plans: Sequence[Planned | OutsideError]) -> list[Planned | OutsideError]:
        """The plans in their order, as long as today's tokens last; the rest is refused."""
        left, bought = self._pipedrive.tokens.left(), set[Request]()
        checked: list[Planned | OutsideError] = []
        for plan in plans:
            new = () if isinstance(plan, OutsideError) else set(plan.requests) - bought
            cost = sum(request.cost for request in new)
            if cost > left:
                checked.append(self._pipedrive.tokens.refused(cost, left))
                continue
            left -= cost
            bought.update(new)
            checked.append(plan)
        return checked

    def _totalled(self, planned: Sequence[Planned], now: datetime) -> dict[int, Answered]:
        """By Pipedrive's own totals: each different request once."""
        requests = list(dict.fromkeys(chain.from_iterable(plan.requests for plan in planned)))
        answers = self._toolbox.each(self._pipedrive.get, requests, at_once=_AT_ONCE)
        found = dict(zip(requests, answers, strict=True))
        return {id(plan): self._from_totals(plan, found, now) for plan in planned}

    def _from_totals(self, plan: Planned, found: Mapping[Request, Any], now: datetime) -> Answered:
        try:
            totals = Totals()
            for request in plan.requests:
                data = found[request]
                if isinstance(data, OutsideError):
                    return data
                totals.add(_totals(plan, data))
            return self._measurement(plan, _answer(plan, totals), now)
        except OutsideError as error:
            return error

    def _computed(self, planned: Sequence[Planned], now: datetime) -> dict[int, Answered]:
        """From the records: one pass over a list for all questions that choose the same of it."""
        answers = together(
            self._toolbox,
            planned,
            lambda plan: (plan.lists, plan.chosen),
            self._passed,
            at_once=_AT_ONCE,
        )
        return {
            id(plan): one if isinstance(one, OutsideError) else self._measurement(plan, one, now)
            for plan, one in zip(planned, answers, strict=True)
        }

    def _passed(
        self, shared: tuple[tuple[str, ...], Chosen], plans: Sequence[Planned]
    ) -> Sequence[RowAnswer | OutsideError]:
        lists, chosen = shared
        custom = custom_fields(plans)
        if len(custom) > MOST_CUSTOM:
            raise SourceError(f"Pipedrive shows {MOST_CUSTOM} custom fields at once, not more")
        object_ = plans[0].question.query.object
        if custom and object_ == "activities":
            raise SourceError("Pipedrive shows no custom fields of activities")
        named = named_columns(object_, plans)
        rows = Rows(object_, self._names, chosen, named=named, custom=custom)
        params: tuple[tuple[str, Scalar], ...] = chosen.params("owner_id")
        if custom:
            params = (*params, ("custom_fields", ",".join(custom)))
        pages = chain.from_iterable(self._pipedrive.listed(path, params) for path in lists)
        questions = [plan.rows for plan in plans if plan.rows is not None]
        return self._toolbox.aggregate(questions, rows.header, rows.batches(pages), _STYLE)

    def _measurement(self, plan: Planned, answer: RowAnswer, now: datetime) -> Measurement:
        return measurement(
            plan.question,
            answer,
            self._toolbox,
            query=_words(plan),
            read_at=now,
            notes=_notes(plan),
        )


def _named_in(questions: Sequence[PipedriveQuestion]) -> list[str]:
    """The lists of names that the questions need."""
    queries = [question.query for question in questions]
    needed = {
        "pipeline": any(isinstance(query.pipeline, str) for query in queries),
        "stage": any(isinstance(query.stage, str) for query in queries),
        "owner": any(isinstance(query.user, str) for query in queries),
    }
    return [column for column, wanted in needed.items() if wanted]


def _totals(plan: Planned, data: Any) -> Totals:
    if plan.spans is None:
        return of_summary(data, plan.measure)
    return of_timeline(data, plan.spans.starts(), plan.chosen.status or "", plan.measure)


def _answer(plan: Planned, totals: Totals) -> RowAnswer:
    currency = plan.chosen.currency
    if plan.question.measure is None:
        count = counted(totals, currency)
        return RowAnswer(Decimal(count), "", count)
    if plan.question.query.convert:
        return RowAnswer(converted(totals), plan.unit, totals.count)
    value, unit = summed(totals, currency)
    return RowAnswer(value, unit, totals.counts.get(unit, totals.count))


def _outcome(planner: Planner, question: PipedriveQuestion) -> Planned | OutsideError:
    try:
        return planner.plan(question)
    except OutsideError as error:
        return error


def _notes(plan: Planned) -> Iterator[str]:
    query = plan.question.query
    if query.object == "deals" and not query.archived:
        yield _WITHOUT_ARCHIVED
    if plan.spans is not None and query.currency and plan.question.measure:
        yield "the number of deals is that of all currencies; by date Pipedrive tells no other"
    if plan.unit:
        yield f"converted by Pipedrive to {plan.unit}"


def _words(plan: Planned) -> str:
    """The requests as they were sent, and what was made of them."""
    question = plan.question
    agg = question.asked_in_words()
    if plan.way != "rows":
        return f"{agg}: {' + '.join(_written(request) for request in plan.requests)}"
    lists = [_written(Request(path, plan.chosen.params("owner_id"), 0)) for path in plan.lists]
    currency = f", currency {question.query.currency}" if question.query.currency else ""
    where = f", rows where {question.query.where}" if question.query.where else ""
    return f"{agg}: {' + '.join(lists)}{currency}{where}"


def _written(request: Request) -> str:
    said = "&".join(f"{key}={value}" for key, value in request.params)
    return f"GET {request.path}{'?' if said else ''}{said}"
