"""The hits of a search as records: dates and durations, however many there are."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Sequence
from datetime import datetime

from okrsync.errors import OutsideError
from okrsync_github.account import Account, GithubQuestion
from okrsync_github.addresses import search_link
from okrsync_github.answers import instant_or_none
from okrsync_github.dating import GITHUBS_FIRST_DAY, Dated, dated
from okrsync_github.deployments import deployments
from okrsync_github.durations import HEADER, facts, row
from okrsync_github.listed import Listing
from okrsync_github.pages import Node, hits
from okrsync_github.slicing import Slice, slices

_DURATIONS = frozenset(HEADER[4:])


def searched(account: Account, questions: Sequence[GithubQuestion]) -> Listing:
    """The listing for questions that differ in their measure and aggregation only."""
    first = questions[0]
    search = dated(
        account.search(first.query),
        first.on,
        first.window,
        past=account.past(first),
        zone=account.zone,
    )
    measures = frozenset(one.measure for one in questions if one.measure is not None)
    return Listing(
        HEADER,
        _rows(account, first, search, measures),
        search.search.text,
        search_link(account.web, search.search, first.query.search_in),
        _DURATIONS,
        search.notes,
    )


def _rows(
    account: Account, question: GithubQuestion, search: Dated, measures: frozenset[str]
) -> Iterator[Sequence[str]]:
    if search.span.empty:
        return
    elapsed = account.elapsed
    delivered = _Delivered(account, question, search)
    # The first count names hidden repositories, so that no empty list is taken for an answer.
    parts = slices(search, account.counting, account.now, account.zone)
    for node in _nodes(account, parts, measures):
        yield row(facts(node, question.as_of), measures, elapsed, delivered.to)


def _nodes(account: Account, parts: Sequence[Slice], measures: frozenset[str]) -> Iterator[Node]:
    """Slice by slice, a few at once: what is in memory does not grow with the number of hits."""
    at_once = account.settings.at_once
    pages = account.pages

    def read(part: Slice) -> list[Node]:
        return hits(pages, part, measures)

    for start in range(0, len(parts), at_once):
        for nodes in account.toolbox.each(read, parts[start : start + at_once], at_once=at_once):
            if isinstance(nodes, OutsideError):
                raise nodes
            yield from nodes


class _Delivered:
    """When each repository delivered to users: deployments or releases, read when first needed."""

    def __init__(self, account: Account, question: GithubQuestion, search: Dated) -> None:
        self._account = account
        self._query = question.query
        self._until = question.as_of
        first = search.span.first if search.axis in {"created", "closed", "merged"} else None
        self._since = first or GITHUBS_FIRST_DAY
        self._known: dict[str, list[datetime]] = {}

    def to(self, repo: str) -> Sequence[datetime]:
        if repo not in self._known:
            self._known[repo] = list(self._read(repo))
        return self._known[repo]

    def _read(self, repo: str) -> Iterator[datetime]:
        times: list[datetime] = []
        for when in self._live(repo):
            insort(times, when)
        return iter(times)

    def _live(self, repo: str) -> Iterator[datetime]:
        environment = self._query.deployments
        if environment is None:
            yield from releases(self._account, repo, self._query.releases, self._until)
            return
        found = deployments(
            self._account.graph, repo, environment, since=self._since, until=self._until
        )
        yield from (one.live for one in found if one.live is not None)


def releases(account: Account, repo: str, which: str | None, until: datetime) -> Iterator[datetime]:
    """When releases were published by ``until``; a draft is none yet."""
    for release in account.rest.releases(repo):
        published = instant_or_none(release.get("published_at"), "published_at")
        if published is None or release.get("draft") is True or published > until:
            continue
        if which == "all" or release.get("prerelease") is False:
            yield published
