"""The same forty questions over the same fifty thousand deals give the same forty numbers.

Of a file, of three databases and of three CRMs: to the cent, with values that are missing, at the
quarter's edge in another time zone, in three currencies, with archived deals and without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine

from okrsync.model import Question
from okrsync.testing import FakeToolbox, frozen_clock
from okrsync_sql import SOURCE as SQL
from okrsync_sql.settings import SqlQuery, SqlSettings
from tests.system.harness.forty import (
    answered,
    in_a_file,
    in_hubspot,
    in_pipedrive,
    in_salesforce,
    in_tables,
    selected,
    to_the_cent,
)
from tests.system.standins import sql
from tests.system.standins.many_deals import NOW, STOCKHOLM, Deal, deals
from tests.system.standins.questions import FORTY, Answer, DealQuestion

pytestmark = pytest.mark.network

NOT_IN_TABLES = {
    "csv": in_a_file,
    "hubspot": in_hubspot,
    "salesforce": in_salesforce,
    "pipedrive": in_pipedrive,
}
WRITTEN_IN_SQL = {
    "count": "COUNT({})",
    "sum": "SUM({})",
    "min": "MIN({})",
    "max": "MAX({})",
    "distinct": "COUNT(DISTINCT {})",
}


@pytest.fixture(scope="module")
def fifty_thousand() -> list[Deal]:
    return list(deals())


@pytest.fixture(scope="module")
def expected(fifty_thousand: list[Deal]) -> list[Answer]:
    return [to_the_cent(question.expected(fifty_thousand)) for question in FORTY]


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mariadb"])
def database(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    fifty_thousand: list[Deal],
) -> str:
    """The address of a database with the deals."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'crm.db'}"
    else:
        url = str(request.getfixturevalue(request.param))
    url = url.replace("postgresql:", "postgresql+psycopg:")
    sql.load(create_engine(url, poolclass=NullPool), fifty_thousand)
    return url


def test_there_are_forty_questions_that_tell_the_systems_apart(expected: list[Answer]) -> None:
    assert len(FORTY) == len({question.name for question in FORTY}) == 40
    assert len(set(expected)) > 30
    assert None in expected


@pytest.mark.parametrize("system", NOT_IN_TABLES)
def test_the_same_forty_numbers(
    system: str, fifty_thousand: list[Deal], expected: list[Answer], tmp_path: Path
) -> None:
    assert not differing(NOT_IN_TABLES[system](tmp_path, fifty_thousand), expected)


def test_the_same_forty_numbers_from_tables(
    database: str, expected: list[Answer], tmp_path: Path
) -> None:
    assert not differing(in_tables(tmp_path, database), expected)


def differing(answers: Sequence[Answer], expected: Sequence[Answer]) -> dict[str, object]:
    return {
        question.name: (answer, right)
        for question, answer, right in zip(FORTY, answers, expected, strict=True)
        if answer != right
    }


@pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True, scope="module")
def test_the_databases_own_sums_are_the_same(
    database: str, expected: list[Answer], tmp_path: Path
) -> None:
    """One number from one statement, the window's bounds bound to it.

    Not of SQLite, which has no type for amounts or instants.
    """
    chosen = [(q, e) for q, e in zip(FORTY, expected, strict=True) if q.agg in WRITTEN_IN_SQL]
    questions = [Question("source", _whole(q), None, None, None, q.window, NOW) for q, _ in chosen]
    toolbox = FakeToolbox(tmp_path, "source", zone=STOCKHOLM, clock=frozen_clock(NOW))
    answers = answered(SQL, SqlSettings(url=database), toolbox, questions)
    assert answers == [right for _, right in chosen]


def _whole(question: DealQuestion) -> SqlQuery:
    number = WRITTEN_IN_SQL[question.agg].format(question.measure or "*")
    query = selected(question, number)
    if question.on is None:
        return query
    bounds = f"{question.on} >= :start AND {question.on} < :end"
    joint = "AND" if " WHERE " in query.sql else "WHERE"
    return query.model_copy(update={"sql": f"{query.sql} {joint} {bounds}"})
