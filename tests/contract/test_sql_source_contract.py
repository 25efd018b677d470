"""Databases keep the contract of a source, also for the past: on three real ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine

from okrsync.contracts import Source
from okrsync.model import Question
from okrsync.testing import FakeToolbox, SourceContract, a_question, frozen_clock
from okrsync.testing.samples import NOON
from okrsync_sql import SOURCE
from okrsync_sql.settings import SqlQuery, SqlSettings

BUGS = "INSERT INTO bugs VALUES (1, '2026-09-20', 3), (2, '2026-10-05', 4.5), (3, '2026-10-25', 6)"


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def bugs(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with a table of bugs."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'bugs.db'}"
    else:
        url = request.getfixturevalue(request.param)
        url = url.replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS bugs")
        connection.exec_driver_sql("CREATE TABLE bugs (id INT, closed DATE, days NUMERIC(9,2))")
        connection.exec_driver_sql(BUGS)
    return url


class TestSql(SourceContract):
    @pytest.fixture
    def source(self, bugs: str, tmp_path: Path) -> Iterator[Source[SqlQuery]]:
        toolbox = FakeToolbox(tmp_path, name="source", clock=frozen_clock(NOON))
        with SOURCE.open(SqlSettings(url=bugs), toolbox) as source:
            yield source

    @pytest.fixture
    def questions(self) -> Sequence[Question[Any]]:
        return [
            a_question(SqlQuery(sql="SELECT * FROM bugs"), on="closed"),
            a_question(SqlQuery(sql="SELECT * FROM bugs"), measure="days", agg="sum", on="closed"),
            a_question(SqlQuery(sql="SELECT MAX(id) + 10 FROM bugs"), agg=None),
        ]

    @pytest.fixture
    def unanswerable(self) -> Question[Any]:
        return a_question(SqlQuery(sql="SELECT no_such_column FROM bugs"), agg=None)

    @pytest.fixture
    def answers_past(self) -> bool:
        return SOURCE.answers_past
