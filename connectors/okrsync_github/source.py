"""All questions of a run: counts bundled, records listed once, single numbers side by side."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property

from okrsync.contracts import Remark, Toolbox, together
from okrsync.errors import OutsideError
from okrsync.model import Measurement
from okrsync_github.account import Account, GithubQuestion
from okrsync_github.counted import counted
from okrsync_github.examining import remarks
from okrsync_github.listed import Listing, aggregated
from okrsync_github.objects import alerted, deployed, milestone, released, starred
from okrsync_github.runs import ran
from okrsync_github.searched import searched
from okrsync_github.settings import GithubSettings

Answer = Measurement | OutsideError
Answering = Callable[[Account, Sequence[GithubQuestion]], Sequence[Answer]]


class GithubSource:
    def __init__(self, settings: GithubSettings, toolbox: Toolbox) -> None:
        self._settings = settings
        self._toolbox = toolbox

    @cached_property
    def _account(self) -> Account:
        """Made when it is first needed: that is when the secrets are read."""
        return Account(self._settings, self._toolbox)

    def measure(self, questions: Sequence[GithubQuestion], /) -> Sequence[Answer]:
        if not questions:
            return []
        account = self._account
        answers = together(
            self._toolbox,
            questions,
            _shared,
            lambda _, asked: _answering(asked[0])(account, asked),
            at_once=self._settings.at_once,
        )
        account.tell_costs()
        return answers

    def examine(self) -> Iterator[Remark]:
        return remarks(self._account)


def _shared(question: GithubQuestion) -> Hashable:
    """What is equal for questions that are answered in one go: all counts, or one listing."""
    if _is_count(question):
        return "counts"
    listing = question.query, question.on, question.window, question.as_of
    return listing if question.query.subject in _LISTINGS else question


def _is_count(question: GithubQuestion) -> bool:
    counts = question.measure is None and question.agg == "count"
    return question.query.subject == "search" and counts


def _answering(question: GithubQuestion) -> Answering:
    if _is_count(question):
        return counted
    subject = question.query.subject
    if subject in _LISTINGS:
        return lambda account, asked: aggregated(account, asked, _LISTINGS[subject](account, asked))
    return lambda account, asked: [_SINGLES[subject](account, one) for one in asked]


_LISTINGS: dict[str, Callable[[Account, Sequence[GithubQuestion]], Listing]] = {
    "search": searched,
    "releases": lambda account, asked: released(account, asked[0]),
    "deployments": lambda account, asked: deployed(account, asked[0]),
    "dependabot": lambda account, asked: alerted(account, asked[0]),
    "code_scanning": lambda account, asked: alerted(account, asked[0]),
}
_SINGLES: dict[str, Callable[[Account, GithubQuestion], Measurement]] = {
    "milestone": milestone,
    "stars": starred,
    "workflow": ran,
}
