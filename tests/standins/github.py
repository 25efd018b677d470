"""A GitHub in this process: the vendor's own GraphQL schema, executed over a few records.

Every document that the connector builds is parsed, validated and executed by graphql-core against
the published schema, so a request that GitHub would not understand fails here, too. Searches are
answered by a small reading of GitHub's syntax: repo, org, is, label, author and dates.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import (
    ExecutionResult,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from okrsync.contracts import FromEnvironment
from okrsync.errors import OutsideError
from okrsync.http import Door
from okrsync.model import Measurement, Question, Window
from okrsync.testing import FakeToolbox
from okrsync_github import SOURCE
from okrsync_github.settings import GithubQuery, GithubSettings

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
_TERM = re.compile(r'(-)?(\w+):("[^"]*"|\S+)')


@cache
def schema() -> GraphQLSchema:
    specs = os.environ.get("OKRSYNC_SPECS", "")
    path = Path(specs) / "github.graphql"
    if not specs or not path.is_file():
        pytest.skip("GitHub's published schema is not here: set OKRSYNC_SPECS to its folder")
    return build_schema(path.read_text("utf-8"), assume_valid=True, assume_valid_sdl=True)


@dataclass
class Item:
    """An issue or pull request. ``reviews`` are (author, is a bot, when)."""

    created: datetime
    repo: str = "acme/shop"
    kind: str = "issue"
    closed: datetime | None = None
    merged: datetime | None = None
    labels: tuple[str, ...] = ()
    author: str = "developer"
    reviews: Sequence[tuple[str, bool, datetime]] = ()
    ready: datetime | None = None
    first_commit: datetime | None = None

    def node(self) -> dict[str, Any]:
        reviews = [
            {
                "submittedAt": _text(when),
                "author": {"__typename": "Bot" if bot else "User", "login": login},
            }
            for login, bot, when in self.reviews
        ]
        return {
            "__typename": "PullRequest" if self.kind == "pr" else "Issue",
            "id": f"I_{id(self)}",
            "createdAt": _text(self.created),
            "closedAt": _text(self.closed),
            "mergedAt": _text(self.merged),
            "updatedAt": _text(self.closed or self.created),
            "author": {"__typename": "User", "login": self.author},
            "reviews": {"totalCount": len(reviews), "nodes": reviews[:50]},
            "timelineItems": {
                "nodes": [{"__typename": "ReadyForReviewEvent", "createdAt": _text(self.ready)}]
                if self.ready
                else []
            },
            "repository": {"nameWithOwner": self.repo},
            "commits": {
                "nodes": [{"commit": {"authoredDate": _text(self.first_commit or self.created)}}]
            },
        }


@dataclass
class Deploy:
    """``statuses`` are (state, when), in the order in which they were reported."""

    created: datetime
    statuses: Sequence[tuple[str, datetime]]
    environment: str = "production"
    repo: str = "acme/shop"


@dataclass
class Github:
    """``trouble`` sees each GraphQL request first and may answer it; ``rest`` answers by path."""

    items: list[Item] = field(default_factory=list)
    deploys: list[Deploy] = field(default_factory=list)
    repositories: dict[str, str] = field(default_factory=lambda: {"acme/shop": "acme/shop"})
    owners: tuple[str, ...] = ("acme",)
    rest: dict[str, Callable[[httpx.Request], httpx.Response]] = field(default_factory=dict)
    trouble: Callable[[dict[str, Any]], httpx.Response | None] = lambda _: None
    wall: int = 1000
    asked: list[httpx.Request] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if not request.url.path.endswith("graphql"):
            answer = self.rest.get(request.url.path)
            return answer(request) if answer else httpx.Response(404, json={"message": "Not Found"})
        body = json.loads(request.content)
        return self.trouble(body) or httpx.Response(200, json=self._executed(body))

    def toolbox(self, root: Path, **settings: Any) -> ModelToolbox:
        given = {"secrets": {"GITHUB_TOKEN": "ghp_of-the-test"}, "name": "github", **settings}
        return ModelToolbox(root, transport=httpx.MockTransport(self), clock=lambda: NOW, **given)

    def found(self, search: str) -> list[Item]:
        self.searches.append(search)
        terms = [(bool(no), name, value.strip('"')) for no, name, value in _TERM.findall(search)]
        return sorted(
            (item for item in self.items if all(_meets(item, *term) for term in terms)),
            key=lambda item: item.created,
        )

    def _executed(self, body: dict[str, Any]) -> dict[str, Any]:
        document = parse(body["query"])
        wrong = validate(schema(), document)
        assert not wrong, wrong
        result = execute_sync(
            schema(),
            document,
            variable_values=body["variables"],
            field_resolver=self._resolved,
            type_resolver=lambda value, *_: value["__typename"],
        )
        assert isinstance(result, ExecutionResult)
        told = result.formatted
        for error in told.get("errors", ()):
            error.setdefault("type", "NOT_FOUND")  # type: ignore[typeddict-item]
        return dict(told)

    def _resolved(self, source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
        if source is None:
            return getattr(self, f"_{info.field_name}")(**given)
        if info.field_name == "deployments":
            return self._deployments(source["nameWithOwner"], **given)
        return source.get(info.field_name)

    def _rateLimit(self, **_: Any) -> dict[str, Any]:  # noqa: N802  (GitHub's name)
        return {"cost": 1, "limit": 5000, "remaining": 4999, "resetAt": "2026-11-02T13:00:00Z"}

    def _viewer(self) -> dict[str, Any]:
        return {"login": "okr-bot"}

    def _search(
        self,
        query: str,
        first: int = 0,
        after: str | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        found = self.found(query)
        start = int(after or 0)
        page = found[: self.wall][start : start + first]
        end = start + len(page)
        return {
            **dict.fromkeys(("issueCount", "discussionCount", "repositoryCount"), len(found)),
            "pageInfo": {"hasNextPage": end < min(len(found), self.wall), "endCursor": str(end)},
            "nodes": [item.node() for item in page],
        }

    def _repository(self, owner: str, name: str, **_: Any) -> dict[str, Any]:
        there = self.repositories.get(f"{owner}/{name}")
        if there is None:
            raise ValueError(f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        return {"nameWithOwner": there}

    def _repositoryOwner(self, login: str) -> dict[str, Any] | None:  # noqa: N802
        if login not in self.owners:
            return None
        return {"__typename": "Organization", "login": login}

    def _deployments(
        self, repo: str, environments: list[str], first: int, after: str | None = None, **_: Any
    ) -> dict[str, Any]:
        found = sorted(
            (one for one in self.deploys if one.repo == repo and one.environment in environments),
            key=lambda one: one.created,
            reverse=True,
        )
        start = int(after or 0)
        page = found[start : start + first]
        end = start + len(page)
        return {
            "totalCount": len(found),
            "pageInfo": {"hasNextPage": end < len(found), "endCursor": str(end)},
            "nodes": [
                {
                    "id": f"D_{id(one)}",
                    "createdAt": _text(one.created),
                    "statuses": {
                        "totalCount": len(one.statuses),
                        "nodes": [
                            {"state": state, "createdAt": _text(when)}
                            for state, when in reversed(one.statuses)
                        ],
                    },
                }
                for one in page
            ],
        }


@dataclass
class ModelToolbox(FakeToolbox):
    """Doors that lead into the model."""

    transport: httpx.BaseTransport | None = None

    def http(self, **settings: Any) -> Door:
        return super().http(transport=self.transport, **settings)


def _meets(item: Item, no: bool, name: str, value: str) -> bool:
    return _is(item, name, value) is not no


def _is(item: Item, name: str, value: str) -> bool:
    match name:
        case "repo":
            return item.repo == value
        case "org" | "user":
            return item.repo.startswith(f"{value}/")
        case "label":
            return value in item.labels
        case "author":
            return item.author == value
        case "is":
            return _has_state(item, value)
        case "created" | "closed" | "merged":
            return _within(getattr(item, name), value)
        case "sort":
            return True
    raise NotImplementedError(name)


def _has_state(item: Item, value: str) -> bool:
    states = {item.kind, "open" if item.closed is None else "closed"}
    return value in states | ({"merged"} if item.merged else set())


def _within(when: datetime | None, span: str) -> bool:
    """GitHub's ranges: both ends count, to the second."""
    if when is None:
        return False
    if span.startswith(">="):
        return when >= datetime.fromisoformat(span[2:])
    if span.startswith("<="):
        return when <= datetime.fromisoformat(span[2:])
    first, _, last = span.partition("..")
    return datetime.fromisoformat(first) <= when <= datetime.fromisoformat(last)


def _text(when: datetime | None) -> str | None:
    return None if when is None else f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def asked(
    github: Github,
    root: Path,
    *questions: Question[GithubQuery],
    toolbox: ModelToolbox | None = None,
    **settings: Any,
) -> Sequence[Measurement | OutsideError]:
    """What the connector answers, before this GitHub."""
    given = {"token": FromEnvironment(env="GITHUB_TOKEN"), **settings}
    with (
        toolbox or github.toolbox(root) as box,
        SOURCE.open(GithubSettings(**given), box) as source,
    ):
        return source.measure(questions)


def value(answer: Measurement | OutsideError) -> Any:
    assert isinstance(answer, Measurement), answer
    return answer.value


def failure(answer: Measurement | OutsideError) -> OutsideError:
    assert isinstance(answer, OutsideError), answer
    return answer


def question(
    *,
    agg: str | None = "count",
    measure: str | None = None,
    on: str | None = None,
    window: Window | None = None,
    as_of: datetime = NOW,
    **query: Any,
) -> Question[GithubQuery]:
    return Question(
        source="github",
        query=GithubQuery(**query),
        measure=measure,
        agg=agg,
        on=on,
        window=window or Window("all"),
        as_of=as_of,
    )
