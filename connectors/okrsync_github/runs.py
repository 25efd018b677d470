"""Workflow runs: how many there were, and which share of them succeeded."""

from __future__ import annotations

from datetime import UTC, timedelta
from decimal import Decimal
from typing import Final

from okrsync.errors import SourceError
from okrsync.model import Measurement
from okrsync_github.account import Account, GithubQuestion
from okrsync_github.addresses import page_link
from okrsync_github.checking import RATES
from okrsync_github.dating import GITHUBS_FIRST_DAY, Span, span_of
from okrsync_github.listed import rate_of

# Cancelled and skipped runs say nothing about the code.
_FAILED: Final = ("failure", "timed_out")
# GitHub finds at most this many runs by conditions, and a total at that wall is not one.
_WALL: Final = 1000


def ran(account: Account, question: GithubQuestion) -> Measurement:
    query, repo = question.query, account.repo(question.query)
    if question.measure in RATES:
        good, bad = _runs(account, question, "success"), _failed(account, question)
        value, unit, rows = rate_of(str(question.measure), good, bad)
    else:
        rows = _by_outcome(account, question)
        value, unit = Decimal(rows), ""
    only = "" if question.measure or query.outcome == "any" else f", {query.outcome} only"
    branch = f" on {query.branch}" if query.branch else ""
    name = "all workflows" if query.workflow == "all" else str(query.workflow)
    return account.measurement(
        question,
        value,
        unit=unit,
        rows=rows,
        query=f"{question.measure or 'count'} of runs of {name}{branch} in {repo}{only}",
        link=page_link(account.web, query, repo),
    )


def _by_outcome(account: Account, question: GithubQuestion) -> int:
    match question.query.outcome:
        case "any":
            return _runs(account, question, "")
        case "failure":
            return _failed(account, question)
        case outcome:
            return _runs(account, question, outcome)


def _failed(account: Account, question: GithubQuestion) -> int:
    return sum(_runs(account, question, status) for status in _FAILED)


def _runs(account: Account, question: GithubQuestion, status: str) -> int:
    """Runs that began in the window and ended so; sliced by date where there are too many."""
    span = span_of(question.window, account.past(question))
    asked = {"status": status} if status else {}
    if question.query.branch:
        asked["branch"] = question.query.branch
    if span.empty:
        return 0
    whole = _asked(account, question, asked, None if span.open else span)
    if whole < _WALL:
        return whole
    tomorrow = account.now.astimezone(UTC).replace(microsecond=0) + timedelta(days=1)
    return _sliced(
        account, question, asked, Span(span.first or GITHUBS_FIRST_DAY, span.last or tomorrow)
    )


def _sliced(account: Account, question: GithubQuestion, asked: dict[str, str], span: Span) -> int:
    halves = span.halves()
    if halves is None:
        raise SourceError(
            f"too many: more than {_WALL:,} runs began in the same second",
            next_step="name one workflow, or one branch",
        )
    counts = [_asked(account, question, asked, half) for half in halves]
    return sum(
        count if count < _WALL else _sliced(account, question, asked, half)
        for half, count in zip(halves, counts, strict=True)
    )


def _asked(
    account: Account, question: GithubQuestion, asked: dict[str, str], span: Span | None
) -> int:
    created = {} if span is None else {"created": span.range(account.zone)}
    query = question.query
    return account.rest.runs(account.repo(query), query.workflow or "", {**asked, **created})
