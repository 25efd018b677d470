"""Answers questions about HubSpot's records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from okrsync.contracts import (
    CellStyle,
    Remark,
    RowAnswer,
    RowBatch,
    Toolbox,
    measurement,
    together,
)
from okrsync.errors import OutsideError, Refused
from okrsync.model import Measurement
from okrsync_hubspot import words
from okrsync_hubspot.client import HubSpot, Record
from okrsync_hubspot.groups import EVERYTHING
from okrsync_hubspot.knowledge import Knowledge
from okrsync_hubspot.labels import Labels
from okrsync_hubspot.planning import HubSpotQuestion, Planned, Planner, Search
from okrsync_hubspot.properties import Property
from okrsync_hubspot.settings import HubSpotSettings

_AT_ONCE: Final = 4  # three requests a second keep no more threads than this busy
_STYLE: Final = CellStyle(decimal=".")
_PAGES: Final[Mapping[str, str]] = {
    "contacts": "0-1",
    "companies": "0-2",
    "deals": "0-3",
    "tickets": "0-5",
}
Answered = Measurement | OutsideError


@contextmanager
def opened(settings: HubSpotSettings, toolbox: Toolbox) -> Iterator[HubSpotSource]:
    from okrsync.http import Bearer

    door = toolbox.http(
        base_url=settings.address,
        auth=Bearer(toolbox.secret(settings.token)),
        per_second=settings.per_second,
        ca_file=settings.ca_file,
        proxy=settings.proxy,
    )
    yield HubSpotSource(settings, toolbox, HubSpot(door))


class HubSpotSource:
    def __init__(self, settings: HubSpotSettings, toolbox: Toolbox, hubspot: HubSpot) -> None:
        self._settings = settings
        self._toolbox = toolbox
        self._hubspot = hubspot
        self._knowledge = Knowledge(hubspot, settings.currency)

    def measure(self, questions: Sequence[HubSpotQuestion], /) -> Sequence[Answered]:
        now = self._toolbox.clock()
        planner = Planner(self._knowledge, self._toolbox, now)
        plans = [_outcome(planner, question) for question in questions]
        planned = [plan for plan in plans if isinstance(plan, Planned)]
        answers = {
            **self._counted([plan for plan in planned if plan.rows is None], now),
            **self._computed([plan for plan in planned if plan.rows is not None], now),
        }
        if questions:
            self._toolbox.tell(
                f"{self._hubspot.requests} requests, {self._settings.per_second:g} a second"
            )
        return [plan if isinstance(plan, OutsideError) else answers[id(plan)] for plan in plans]

    def examine(self) -> Iterable[Remark]:
        """Who is signed in, in which currency and zone amounts and days are, what can be read."""
        account = self._knowledge.account()
        currency = self._settings.currency or account.currency
        yield Remark(f"account {account.id}, amounts in {currency}, days there in {account.zone}")
        for object_ in ("deals", "contacts", "companies", "tickets"):
            try:
                yield Remark(f"{object_}: {self._hubspot.count(object_, EVERYTHING):,} records")
            except Refused:  # a token need not be allowed everything
                yield Remark(f"{object_}: not for this token")
            except OutsideError as error:
                yield Remark(f"{object_}: {error.message}", well=False, cure=error.next_step)

    def _counted(self, planned: Sequence[Planned], now: datetime) -> dict[int, Answered]:
        """By HubSpot's own count: one request for each different search."""
        searches = list(dict.fromkeys(plan.search for plan in planned))
        counts = self._toolbox.each(
            lambda search: self._hubspot.count(search.object, search.groups),
            searches,
            at_once=_AT_ONCE,
        )
        found = dict(zip(searches, counts, strict=True))
        return {id(plan): self._from_count(plan, found[plan.search], now) for plan in planned}

    def _from_count(self, plan: Planned, count: int | OutsideError, now: datetime) -> Answered:
        if isinstance(count, OutsideError):
            return count
        return self._measurement(plan, RowAnswer(Decimal(count), "", count), now)

    def _computed(self, planned: Sequence[Planned], now: datetime) -> dict[int, Answered]:
        """From the records: one pass over them for all questions with the same search."""
        answers = together(
            self._toolbox, planned, lambda plan: plan.search, self._passed, at_once=_AT_ONCE
        )
        return {
            id(plan): one if isinstance(one, OutsideError) else self._measurement(plan, one, now)
            for plan, one in zip(planned, answers, strict=True)
        }

    def _passed(
        self, search: Search, plans: Sequence[Planned]
    ) -> Sequence[RowAnswer | OutsideError]:
        table = _Table.of(plans)
        pages = self._pages(search, table.properties)
        questions = [plan.rows for plan in plans if plan.rows is not None]
        return self._toolbox.aggregate(questions, table.header, table.batches(pages), _STYLE)

    def _pages(self, search: Search, properties: Sequence[str]) -> Iterator[Sequence[Record]]:
        yield from self._hubspot.pages(search.object, search.groups, properties)
        if search.archived:
            yield from self._hubspot.archived(search.object, properties)

    def _measurement(self, plan: Planned, answer: RowAnswer, now: datetime) -> Measurement:
        return measurement(
            plan.question,
            replace(answer, unit=plan.unit or answer.unit),
            self._toolbox,
            query=words.query(plan),
            read_at=now,
            link=self._link(plan.search.object),
            notes=(*plan.notes, *words.past(plan.question, now)),
        )

    def _link(self, object_: str) -> str | None:
        """The object's list in HubSpot, where it is known which account this is."""
        try:
            account = self._knowledge.account()
        except OutsideError:  # a link is not worth an answer
            return None
        page = _PAGES.get(object_, object_)
        return f"https://{account.site}/contacts/{account.id}/objects/{page}/views/all/list"


@dataclass(frozen=True, slots=True)
class _Table:
    """The records of one search as rows: a column's name, its property, its labels."""

    columns: tuple[tuple[str, Property, Labels], ...]

    @classmethod
    def of(cls, plans: Sequence[Planned]) -> _Table:
        columns = {
            name: (name, found, plan.labels)
            for plan in plans
            for name, found in plan.columns.items()
        }
        return cls(tuple(columns.values()))

    @property
    def header(self) -> list[str]:
        return [name for name, _, _ in self.columns] or ["record"]

    @property
    def properties(self) -> list[str]:
        return [found.name for _, found, _ in self.columns]

    def batches(self, pages: Iterable[Sequence[Record]]) -> Iterator[RowBatch]:
        before = 0
        for page in pages:
            rows = [
                [
                    labels.shown(name, _cell(found, record.get(found.name, "")))
                    for name, found, labels in self.columns
                ]
                or [""]
                for record in page
            ]
            yield RowBatch(rows, range(before + 1, before + len(rows) + 1))
            before += len(rows)


def _cell(found: Property, text: str) -> str:
    """A property's text as okrsync reads cells; what is no number or date stays as it is, so that
    it spoils the answers that need it."""
    if found.type == "number" and text:
        try:
            return format(Decimal(text), "f")  # HubSpot writes large ones as 1.2E7
        except InvalidOperation:
            return text
    if found.type in {"date", "datetime"} and text.lstrip("-").isdecimal():
        return datetime.fromtimestamp(int(text) / 1000, UTC).isoformat()
    return text


def _outcome(planner: Planner, question: HubSpotQuestion) -> Planned | OutsideError:
    try:
        return planner.plan(question)
    except OutsideError as error:
        return error
