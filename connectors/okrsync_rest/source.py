"""Asks an API; requests that are the same are sent once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from okrsync.contracts import (
    CellStyle,
    Remark,
    RowAnswer,
    RowQuestion,
    Toolbox,
    check_dates,
    measurement,
    together,
)
from okrsync.errors import OutsideError, SourceError
from okrsync.http import Door
from okrsync.http.paths import check_expected
from okrsync.model import Measurement, Question
from okrsync_rest.asking import Asker, Request, bound_request
from okrsync_rest.binding import names_in
from okrsync_rest.paging import Listing
from okrsync_rest.reading import number_at, number_in
from okrsync_rest.settings import Pages, RestQuery, RestSettings
from okrsync_rest.spool import Spool
from okrsync_rest.tables import EMPTY, sendable, thawed

_STYLE = CellStyle(decimal=".")

RestQuestion = Question[RestQuery]
Answer = Measurement | OutsideError


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and what is read of its answer; ``rows`` is empty for a single number."""

    request: Request
    rows: str
    pages: Pages | None
    expect: str


class RestSource:
    def __init__(
        self, door: Door, settings: RestSettings, toolbox: Toolbox, key: dict[str, str]
    ) -> None:
        self._asker = Asker(door, settings.url, key)
        self._settings = settings
        self._toolbox = toolbox

    def measure(self, questions: Sequence[RestQuestion], /) -> Sequence[Answer]:
        if questions:
            self._check_sign_in()
        return together(
            self._toolbox,
            questions,
            self._asked,
            self._of_group,
            at_once=self._settings.at_once,
        )

    def examine(self) -> Iterable[Remark]:
        """Whether the sign-in holds, as far as that was said how to find out."""
        path = self._settings.sign_in_check
        if path:
            self._check_sign_in()
            yield Remark(f"signed in: {path} answers")
        elif self._settings.auth is None:
            yield Remark("asked without a sign-in: its table says none")
        else:
            yield Remark(
                "whether the sign-in holds is not known",
                well=False,
                cure="say sign_in_check = ... in its table: a path for signed-in accounts only",
            )

    def _check_sign_in(self) -> None:
        if self._settings.sign_in_check:
            request = Request("GET", self._settings.sign_in_check, EMPTY, None)
            self._asker.ask(request, params={}, body=None)

    def _asked(self, question: RestQuestion) -> Asked:
        query = question.query
        _check_use(question)
        tables = [sendable(query.params), sendable(query.body or EMPTY), query.path.split("/")]
        check_dates(question, names_in(tables), self._toolbox.clock(), into="params")
        request = bound_request(question, self._toolbox.zone)
        expect = self._settings.expect if query.expect is None else query.expect
        pages = (query.pages or self._settings.pages) if query.rows else None
        return Asked(request, query.rows, pages, expect)

    def _of_group(self, asked: Asked, questions: Sequence[RestQuestion]) -> Sequence[Answer]:
        read_at = self._toolbox.clock()
        answers = self._rows(asked, questions) if asked.rows else self._numbers(asked, questions)
        pairs = zip(questions, answers, strict=True)
        return [self._measurement(*pair, asked, read_at) for pair in pairs]

    def _numbers(
        self, asked: Asked, questions: Sequence[RestQuestion]
    ) -> list[RowAnswer | OutsideError]:
        request = asked.request
        params = sendable(request.params)
        answer = self._asker.ask(request, params=params, body=request.sent_body())
        check_expected(answer.json(), thawed(asked.expect))
        found: list[RowAnswer | OutsideError] = []
        for question in questions:
            query = question.query
            try:
                if query.header:
                    value = number_in(answer, query.header)
                else:
                    value = number_at(answer.json(), query.number)
                found.append(RowAnswer(value, "", 1))
            except OutsideError as error:
                found.append(error)
        return found

    def _rows(
        self, asked: Asked, questions: Sequence[RestQuestion]
    ) -> Sequence[RowAnswer | OutsideError]:
        check = partial(check_expected, expect=thawed(asked.expect))
        listing = Listing(self._asker, asked.request, asked.rows, asked.pages, check)
        with Spool(self._settings.max_rows) as spool:
            for page in listing.pages():
                spool.add(page)
            wanted = [_row_question(question, empty=not spool.rows) for question in questions]
            header = spool.header or _columns(questions)
            return self._toolbox.aggregate(wanted, header, spool.batches(), _STYLE)

    def _measurement(
        self,
        question: RestQuestion,
        answer: RowAnswer | OutsideError,
        asked: Asked,
        read_at: datetime,
    ) -> Answer:
        if isinstance(answer, OutsideError):
            return answer
        return measurement(
            question,
            answer,
            self._toolbox,
            query=f"{asked.request.shown()}, {_words(question)}",
            read_at=read_at,
            link=asked.request.link(self._settings.url),
        )


def _check_use(question: RestQuestion) -> None:
    used = question.measure or question.agg or question.on
    if used and not question.query.rows:
        raise SourceError(
            "measure, agg and on are for rows, and the query names a single number",
            next_step="say rows = ... with the path to the list, or take them out",
        )


def _row_question(question: RestQuestion, *, empty: bool) -> RowQuestion:
    """Over no rows at all no column is known, and no condition makes a difference."""
    where = None if empty else question.query.where
    return RowQuestion.of(question, where, question.query.vars)


def _columns(questions: Sequence[RestQuestion]) -> list[str]:
    named = [part for question in questions for part in (question.measure, question.on) if part]
    return list(dict.fromkeys(named))


def _words(question: RestQuestion) -> str:
    query = question.query
    if query.header:
        return f"header {query.header}"
    if query.number:
        return query.number
    where = f" where {query.where}" if query.where else ""
    return f"{query.rows}{where}, {question.asked_in_words()}"
