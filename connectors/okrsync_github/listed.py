"""Questions over records: what is listed once goes to okrsync's own aggregation as a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from okrsync.contracts import RowAnswer, RowBatch, RowQuestion
from okrsync.errors import NoValue, OutsideError
from okrsync.model import Measurement
from okrsync_github.account import Account, GithubQuestion
from okrsync_github.checking import RATES

Answer = Measurement | OutsideError
_HOUR = Decimal(3600)
_BATCH = 500
_COUNTING = frozenset({"count", "distinct"})


@dataclass(frozen=True, slots=True)
class Listing:
    """Records of one kind and how to name them; ``durations`` are the columns in seconds."""

    header: Sequence[str]
    rows: Iterable[Sequence[str]]
    query: str
    link: str
    durations: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def aggregated(
    account: Account, questions: Sequence[GithubQuestion], listing: Listing
) -> Sequence[Answer]:
    """One pass over the records for all questions that are asked of them."""
    asked = [_row_questions(question) for question in questions]
    flat = [one for several in asked for one in several]
    answers = iter(account.toolbox.aggregate(flat, listing.header, _batches(listing.rows)))
    return [
        _answer(account, question, [next(answers) for _ in several], listing)
        for question, several in zip(questions, asked, strict=True)
    ]


def _batches(rows: Iterable[Sequence[str]]) -> Iterator[RowBatch]:
    batch: list[Sequence[str]] = []
    seen = 0
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield RowBatch(batch, range(seen + 1, seen + _BATCH + 1))
            seen += _BATCH
            batch = []
    if batch:
        yield RowBatch(batch, range(seen + 1, seen + len(batch) + 1))


def _row_questions(question: GithubQuestion) -> Sequence[RowQuestion]:
    if question.measure in RATES:
        counts = ("outcome == 'success'", "outcome == 'failure'")
        return [_row_question(question, where, None, "count") for where in counts]
    return [_row_question(question, _where(question), question.measure, question.agg)]


def _where(question: GithubQuestion) -> str | None:
    query = question.query
    if query.subject == "deployments" and query.outcome != "any":
        return f"outcome == '{query.outcome}'"
    return None


def _row_question(
    question: GithubQuestion, where: str | None, measure: str | None, agg: str | None
) -> RowQuestion:
    return RowQuestion(where, measure, agg, question.on, question.window, question.as_of)


def _answer(
    account: Account,
    question: GithubQuestion,
    answers: Sequence[RowAnswer | OutsideError],
    listing: Listing,
) -> Answer:
    found = [answer for answer in answers if not isinstance(answer, OutsideError)]
    failed = [answer for answer in answers if isinstance(answer, OutsideError)]
    if failed:
        return _said(failed[0], question, listing)
    try:
        value, unit, rows = _number(question, found)
    except OutsideError as error:
        return error
    if question.measure in listing.durations and question.agg not in _COUNTING:
        value, unit = value / _HOUR, "h"
    return account.measurement(
        question,
        value,
        unit=unit,
        rows=rows,
        query=f"{_words(question)} {listing.query}",
        link=listing.link,
        notes=(*listing.notes, *found[0].notes),
        approximate=bool(listing.notes),
    )


def _said(error: OutsideError, question: GithubQuestion, listing: Listing) -> OutsideError:
    """okrsync's words on rows, in GitHub's terms where nothing was found."""
    if not isinstance(error, NoValue):
        return error
    what = f" has a {question.measure}" if question.measure in listing.durations else " is there"
    return NoValue(
        f"nothing that matches{what}: {listing.query}",
        next_step="look at the same search on GitHub, or widen the window",
    )


def _number(question: GithubQuestion, found: Sequence[RowAnswer]) -> tuple[Decimal, str, int]:
    if question.measure in RATES:
        good, bad = (int(answer.value) for answer in found)
        return rate_of(str(question.measure), good, bad)
    return found[0].value, found[0].unit, found[0].rows


def rate_of(rate: str, good: int, bad: int) -> tuple[Decimal, str, int]:
    """The share in "%" of those that came to an end; raises ``NoValue`` where none did."""
    ended = good + bad
    if not ended:
        raise NoValue(
            "nothing succeeded and nothing failed in this window, so there is no rate",
            next_step="widen the window",
        )
    part = good if rate == "success_rate" else bad
    return Decimal(100 * part) / ended, "%", ended


def _words(question: GithubQuestion) -> str:
    if question.measure in RATES:
        return f"{question.measure} of"
    return f"{question.asked_in_words()} over"
