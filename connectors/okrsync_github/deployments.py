"""Deployments to an environment, newest first, each with how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from okrsync.errors import BadAnswer, NoValue, OutsideError
from okrsync_github import documents
from okrsync_github.answers import instant, rows, table, text, whole_number
from okrsync_github.graph import Graph, Reply, TooMuch
from okrsync_github.names import checked_name, named

HEADER: Final = ("created", "outcome")
_FAILED: Final = frozenset({"ERROR", "FAILURE"})
_FIRST, _SMALLEST = 50, 5


@dataclass(frozen=True, slots=True)
class Deployment:
    """``outcome`` is "success", "failure", or "open" while neither has been reported.

    What succeeded in the end is a success, also when GitHub calls it inactive by now; ``live`` is
    the instant of that.
    """

    created: datetime
    outcome: str
    live: datetime | None = None


def deployments(
    graph: Graph, repo: str, environment: str, *, since: datetime, until: datetime
) -> Iterator[Deployment]:
    """Those created from ``since`` to ``until``, as they had gone by ``until``.

    Raises ``NoValue`` where nothing was ever deployed to this environment: a misspelt name would
    look the same, and "none" would be a number.
    """
    for node in _nodes(graph, repo, environment):
        created = instant(node.get("createdAt"), "createdAt")
        if created < since:
            return
        if created <= until:
            yield _deployment(node, created, until)


def _nodes(graph: Graph, repo: str, environment: str) -> Iterator[Mapping[str, Any]]:
    owner, _, name = repo.partition("/")
    asked: dict[str, object] = {"owner": owner, "name": name, "environment": environment}
    after: str | None = None
    seen: set[str] = set()
    while True:
        found = _page(graph, repo, {**asked, "after": after})
        if not whole_number(found.get("totalCount"), "totalCount"):
            raise NoValue(
                f"{repo} has no deployment to an environment of this name",
                next_step="look at the repository's deployments on GitHub for the name",
            )
        for node in rows(found.get("nodes"), "nodes"):
            one = table(node, "deployment")
            if one.get("id") not in seen:
                seen.add(text(one.get("id"), "id"))
                yield one
        info = table(found.get("pageInfo"), "pageInfo")
        if info.get("hasNextPage") is not True:
            return
        following = text(info.get("endCursor"), "endCursor")
        if following == after:
            raise BadAnswer("GitHub's list of deployments goes round in circles")
        after = following


def _page(graph: Graph, repo: str, asked: Mapping[str, object]) -> Mapping[str, Any]:
    try:
        there = _reply(graph, asked).field("repository")
    except OutsideError as error:
        raise named(error, repo) from None
    found = checked_name(repo, there, "nameWithOwner")
    return table(found.get("deployments"), "deployments")


def _reply(graph: Graph, asked: Mapping[str, object]) -> Reply:
    """A page of deployments, smaller where GitHub finds it too large."""
    size = _FIRST
    while True:
        try:
            return graph.ask(
                documents.DEPLOYMENTS, {**asked, "first": size}, smallest=size <= _SMALLEST
            ).whole()
        except TooMuch:
            if size <= _SMALLEST:
                raise
            size = max(_SMALLEST, size // 2)


def _deployment(node: Mapping[str, Any], created: datetime, until: datetime) -> Deployment:
    statuses = table(node.get("statuses"), "statuses")
    told = [table(status, "status") for status in rows(statuses.get("nodes"), "statuses")]
    said = [
        (instant(status.get("createdAt"), "createdAt"), text(status.get("state"), "state"))
        for status in told
    ]
    said = [(when, state) for when, state in said if when <= until]
    live = min((when for when, state in said if state == "SUCCESS"), default=None)
    if live is not None:
        return Deployment(created, "success", live)
    if whole_number(statuses.get("totalCount"), "totalCount") > len(told):
        raise BadAnswer(
            f"a deployment has more than {len(told)} reports, and none of the first is a success",
            next_step="look at the environment's deployments on GitHub",
        )
    failed = any(state in _FAILED for _, state in said)
    return Deployment(created, "failure" if failed else "open")
