"""One account at one GitHub: its doors, and what all answers have in common."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from okrsync.contracts import Elapsed, RowAnswer, Toolbox, measurement
from okrsync.model import Measurement, Question
from okrsync_github.addresses import graphql_of, web_of
from okrsync_github.client import AppSignIn
from okrsync_github.counting import ByGraph, ByRest, Counting
from okrsync_github.graph import Graph
from okrsync_github.limits import UNSAID_WAIT
from okrsync_github.pages import GraphPages, Pages, RestPages
from okrsync_github.rest import Rest
from okrsync_github.search import Search, read, scoped
from okrsync_github.settings import GithubQuery, GithubSettings

if TYPE_CHECKING:
    from okrsync.http import Door, SignIn

GithubQuestion = Question[GithubQuery]

_HEADERS = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}


class Account:
    def __init__(self, settings: GithubSettings, toolbox: Toolbox) -> None:
        self.settings = settings
        self.toolbox = toolbox
        self.zone = toolbox.zone
        self.now = toolbox.clock()
        self.web = web_of(settings.api)
        sign_in = self._sign_in()
        self._doors: list[Door] = []
        self.door = self._opened(sign_in, in_flight=settings.at_once)
        self.graph = Graph(self.door, graphql_of(settings.api))
        self.rest = Rest(self.door, self._searching(sign_in), toolbox)

    @property
    def elapsed(self) -> Elapsed:
        """Durations as the settings want them."""
        working = self.settings.durations == "working"
        return self.toolbox.elapsed(self.settings.working_days if working else None)

    @property
    def counting(self) -> Counting:
        settings = self.settings
        if settings.graphql:
            return ByGraph(
                self.graph, self.toolbox, aliases=settings.aliases, at_once=settings.at_once
            )
        return ByRest(self.rest, self.toolbox, at_once=settings.at_once)

    @property
    def pages(self) -> Pages:
        return GraphPages(self.graph) if self.settings.graphql else RestPages(self.rest)

    def past(self, question: GithubQuestion) -> datetime | None:
        """The instant that a question looks back to; None where it asks about now."""
        return question.as_of if question.is_past(self.now) else None

    def search(self, query: GithubQuery) -> Search:
        return scoped(read(query.search or ""), self.settings.scope)

    def repo(self, query: GithubQuery) -> str:
        return query.repo or self.settings.repo

    def place(self, query: GithubQuery) -> str:
        """A repository, or the owner whose alerts are asked for."""
        return query.repo or self.settings.scope

    def measurement(
        self,
        question: GithubQuestion,
        value: Decimal,
        *,
        rows: int,
        query: str,
        link: str,
        unit: str = "",
        notes: tuple[str, ...] = (),
        approximate: bool = False,
    ) -> Measurement:
        return measurement(
            question,
            RowAnswer(value, unit, rows, notes=notes),
            self.toolbox,
            query=query,
            read_at=self.toolbox.clock(),
            link=link,
            approximate=approximate,
        )

    def tell_costs(self) -> None:
        """For the plan: what the run took of what the account may take."""
        spent = self.graph.spent
        asked = sum(door.requests for door in self._doors)
        if not asked:
            return
        said = f"{asked} request{'' if asked == 1 else 's'}"
        if spent.limit:
            said += f", {spent.points} of {spent.limit:,} points an hour ({spent.left:,} left)"
        self.toolbox.tell(said)

    def _sign_in(self) -> SignIn:
        from okrsync.http import Bearer

        settings = self.settings
        if settings.token is not None:
            return Bearer(self.toolbox.secret(settings.token))
        if not (settings.app_id and settings.installation_id and settings.private_key):
            raise LookupError("settings without a sign-in")
        key = self.toolbox.secret(settings.private_key)
        app = AppSignIn(
            settings.app_id, settings.installation_id, key, settings.api, self.toolbox.clock
        )
        app.through(lambda: self._opened(None))
        return app

    def _opened(self, sign_in: SignIn | None, **limits: Any) -> Door:
        settings = self.settings
        door = self.toolbox.http(
            base_url=settings.api,
            headers=_HEADERS,
            auth=sign_in,
            ca_file=settings.ca_file,
            proxy=settings.proxy,
            unsaid_wait=UNSAID_WAIT,
            **limits,
        )
        self._doors.append(door)
        return door

    def _searching(self, sign_in: SignIn) -> Door:
        """Within a minute a burst and what follows it: together what the server allows."""
        allowed = self.settings.searches_a_minute
        burst = max(1, allowed // 3)
        return self._opened(
            sign_in,
            in_flight=self.settings.at_once,
            per_second=max(1, allowed - burst) / 60,
            burst=burst,
        )
