"""A Jira source in front of the stand-in, without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from okrsync.contracts import FromEnvironment, Source
from okrsync.errors import OutsideError
from okrsync.http import Door
from okrsync.model import Measurement, Question, Window
from okrsync.testing import FakeToolbox, frozen_clock
from okrsync_jira import SOURCE
from okrsync_jira.settings import JiraQuery, JiraSettings
from tests.standins.jira import Jira, transport

NOW = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
SITE = "https://acme.atlassian.net"
DC_SITE = "https://jira.acme.example"


@dataclass
class JiraToolbox(FakeToolbox):
    jira: Jira | None = None

    def http(self, **settings: Any) -> Door:
        assert self.jira is not None
        return super().http(transport=transport(self.jira), **settings)


def toolbox_for(jira: Jira, **more: Any) -> JiraToolbox:
    given: dict[str, Any] = {"root": Path("/nowhere"), "name": "jira", "clock": frozen_clock(NOW)}
    return JiraToolbox(jira=jira, secrets={"JIRA_TOKEN": jira.token}, **(given | more))


def settings_for(jira: Jira, **more: Any) -> JiraSettings:
    where: dict[str, Any] = {"site": DC_SITE}
    if jira.cloud:
        where = {"site": SITE, "email": "okr-bot@acme.example"}
    return JiraSettings(token=FromEnvironment(env="JIRA_TOKEN"), **(where | more))


@contextmanager
def source_for(
    jira: Jira, toolbox: JiraToolbox | None = None, **settings: Any
) -> Iterator[Source[JiraQuery]]:
    lent = toolbox or toolbox_for(jira)
    with lent, SOURCE.open(settings_for(jira, **settings), lent) as source:
        yield source


def ask(
    jql: str | None = None,
    *,
    measure: str | None = None,
    agg: str | None = "count",
    on: str | None = None,
    window: Window | None = None,
    as_of: datetime = NOW,
    **query: Any,
) -> Question[JiraQuery]:
    return Question(
        source="jira",
        query=JiraQuery(jql=jql, **query),
        measure=measure,
        agg=agg,
        on=on,
        window=window or Window("all"),
        as_of=as_of,
    )


def answers(
    jira: Jira, *questions: Question[JiraQuery], toolbox: JiraToolbox | None = None, **settings: Any
) -> list[Measurement | OutsideError]:
    with source_for(jira, toolbox, **settings) as source:
        return list(source.measure(questions))


def measured(jira: Jira, question: Question[JiraQuery], **settings: Any) -> Measurement:
    [answer] = answers(jira, question, **settings)
    assert isinstance(answer, Measurement), answer
    return answer


def refused(jira: Jira, question: Question[JiraQuery], **settings: Any) -> OutsideError:
    [answer] = answers(jira, question, **settings)
    assert isinstance(answer, OutsideError), answer
    return answer


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
