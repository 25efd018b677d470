"""Jira keeps what every source promises: Cloud and Data Center, before a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from okrsync.contracts import Source
from okrsync.model import Question
from okrsync.testing import SourceContract
from okrsync_jira import SOURCE
from okrsync_jira.settings import JiraQuery
from tests.standins.jira import DOING, DONE, POINTS, Jira
from tests.unit.jira.asking import NOW, ask, source_for

DAY = timedelta(days=1)


class TestJira(SourceContract):
    @pytest.fixture(params=[True, False], ids=["cloud", "data-center"])
    def source(self, request: pytest.FixtureRequest) -> Iterator[Source[JiraQuery]]:
        jira = Jira(cloud=request.param)
        for number in range(1, 13):
            ticket = jira.add(NOW - (60 - number) * DAY, type="Bug" if number < 4 else "Story")
            ticket.extra[POINTS] = number
            if number % 2:
                ticket.move(DOING, ticket.created + DAY).move(DONE, ticket.created + number * DAY)
        with source_for(jira) as source:
            yield source

    @pytest.fixture
    def questions(self) -> list[Question[JiraQuery]]:
        return [
            ask("project = PLAT"),
            ask("type = Bug"),
            ask("project = PLAT", measure="Story Points", agg="sum"),
            ask("project = PLAT", measure="cycle_time", agg="p85"),
            ask("type = Bug", measure="share", agg=None, of="project = PLAT"),
            ask("type = Bug", exact=True, on="resolved"),
        ]

    @pytest.fixture
    def unanswerable(self) -> Question[JiraQuery]:
        return ask("project = PLAT", measure="No Such Field", agg="sum")

    @pytest.fixture
    def answers_past(self) -> bool:
        return SOURCE.answers_past
