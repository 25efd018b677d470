"""Questions that are one count of one search: all of them together, in few requests."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from okrsync.errors import OutsideError
from okrsync.model import Measurement
from okrsync_github.account import Account, GithubQuestion
from okrsync_github.addresses import search_link
from okrsync_github.counting import Wanted
from okrsync_github.dating import Dated, dated

Answer = Measurement | OutsideError


def counted(account: Account, questions: Sequence[GithubQuestion]) -> Sequence[Answer]:
    searches = [_dated(account, question) for question in questions]
    wanted = [
        Wanted(search.search, question.query.search_in)
        for question, search in zip(questions, searches, strict=True)
        if isinstance(search, Dated) and not search.span.empty
    ]
    counts = dict(zip(wanted, account.counting.counts(wanted), strict=True))
    return [
        _answer(account, question, search, counts)
        for question, search in zip(questions, searches, strict=True)
    ]


def _dated(account: Account, question: GithubQuestion) -> Dated | OutsideError:
    try:
        return dated(
            account.search(question.query),
            question.on,
            question.window,
            past=account.past(question),
            zone=account.zone,
        )
    except OutsideError as error:
        return error


def _answer(
    account: Account,
    question: GithubQuestion,
    search: Dated | OutsideError,
    counts: dict[Wanted, int | OutsideError],
) -> Answer:
    if isinstance(search, OutsideError):
        return search
    # A window that has not begun by the instant that is asked about: nothing can lie in it.
    key = Wanted(search.search, question.query.search_in)
    count = 0 if search.span.empty else counts[key]
    if isinstance(count, OutsideError):
        return count
    return account.measurement(
        question,
        Decimal(count),
        rows=count,
        query=search.search.text,
        link=search_link(account.web, search.search, question.query.search_in),
        notes=search.notes,
        approximate=bool(search.notes),
    )
