"""GitHub by the promises that every source makes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from okrsync.contracts import FromEnvironment, Source
from okrsync.model import Question
from okrsync.testing import SourceContract, a_question
from okrsync_github import SOURCE
from okrsync_github.settings import GithubQuery, GithubSettings
from tests.standins.github import NOW, Github, Item

_TOKEN = FromEnvironment(env="GITHUB_TOKEN")
_DAY = timedelta(days=1)


class TestGithub(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Iterator[Source[GithubQuery]]:
        github = Github(
            [
                Item(NOW - 50 * _DAY),
                Item(NOW - 45 * _DAY, closed=NOW - 40 * _DAY),
                Item(NOW - 20 * _DAY, closed=NOW - 4 * _DAY, labels=("bug",)),
                Item(NOW - 90 * _DAY, kind="pr", closed=NOW - 88 * _DAY, merged=NOW - 88 * _DAY),
            ]
        )
        with (
            github.toolbox(tmp_path) as toolbox,
            SOURCE.open(GithubSettings(token=_TOKEN), toolbox) as source,
        ):
            yield source

    @pytest.fixture
    def questions(self) -> list[Question[GithubQuery]]:
        return [
            a_question(GithubQuery(search="repo:acme/shop is:issue"), source="github"),
            a_question(GithubQuery(search="repo:acme/shop is:issue is:closed"), source="github"),
            a_question(
                GithubQuery(search="repo:acme/shop is:pr is:merged"),
                source="github",
                measure="time_to_merge",
                agg="median",
            ),
        ]

    @pytest.fixture
    def unanswerable(self) -> Question[GithubQuery]:
        return a_question(GithubQuery(search="repo:acme/hidden is:issue"), source="github")

    @pytest.fixture
    def answers_past(self) -> bool:
        return SOURCE.answers_past
