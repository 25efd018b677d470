"""The same forty questions over the same fifty thousand deals give the same forty numbers.

A system is a function from questions to answers; another one is another entry in ``SYSTEMS``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine

from okrsync.contracts import AnySourceSpec
from okrsync.errors import NoValue
from okrsync.model import Measurement, Question
from okrsync.testing import FakeToolbox, frozen_clock
from okrsync_csv import SOURCE as CSV
from okrsync_csv.settings import CsvQuery, CsvSettings
from okrsync_sql import SOURCE as SQL
from okrsync_sql.settings import SqlQuery, SqlSettings
from tests.system.standins import sql
from tests.system.standins.many_deals import NOW, STOCKHOLM, Deal, deals, write_csv
from tests.system.standins.questions import FORTY, Answer, DealQuestion

pytestmark = pytest.mark.network

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Place:
    """Where a test's files lie, and how it gets a server."""

    folder: Path
    request: pytest.FixtureRequest


System = Callable[[Place, Sequence[Deal]], list[Answer]]


@pytest.fixture(scope="module")
def fifty_thousand() -> list[Deal]:
    return list(deals())


@pytest.fixture(scope="module")
def expected(fifty_thousand: list[Deal]) -> list[Answer]:
    return [_to_the_cent(question.expected(fifty_thousand)) for question in FORTY]


def asked(spec: AnySourceSpec, settings: Any, place: Place, queries: Sequence[Any]) -> list[Answer]:
    """The answers of one source; ``queries`` are the forty questions in its own words."""
    questions = [
        Question("source", query, q.measure, q.agg, q.on, q.window, NOW)
        for q, query in zip(FORTY, queries, strict=True)
    ]
    toolbox = FakeToolbox(place.folder, "source", zone=STOCKHOLM, clock=frozen_clock(NOW))
    with toolbox, spec.open(settings, toolbox) as source:
        return [_number(answer) for answer in source.measure(questions)]


def _number(answer: object) -> Answer:
    if isinstance(answer, NoValue):
        return None
    assert isinstance(answer, Measurement), answer
    return _to_the_cent(answer.value)


def _to_the_cent(answer: Answer) -> Answer:
    return None if answer is None else answer.quantize(CENT)


# The systems


def csv_file(place: Place, rows: Sequence[Deal]) -> list[Answer]:
    write_csv(place.folder / "deals.csv", rows)
    queries = [CsvQuery(where=" and ".join(map(_in_rows, q.where)) or None) for q in FORTY]
    return asked(CSV, CsvSettings(path="deals.csv"), place, queries)


def _in_rows(pair: tuple[str, str]) -> str:
    column, text = pair
    name = column.rstrip("!")
    if not text:
        return f"empty({name})"
    return f"{name} {'!=' if column.endswith('!') else '=='} '{text}'"


def in_tables(url: str, place: Place, rows: Sequence[Deal]) -> list[Answer]:
    """The database picks the deals, okrsync counts and sums them."""
    engine = create_engine(url, poolclass=NullPool)
    sql.load(engine, rows)
    queries = [_selected(question, "*") for question in FORTY]
    return asked(SQL, SqlSettings(url=url), place, queries)


def _selected(question: DealQuestion, what: str) -> SqlQuery:
    """Texts are bound, so that no quote in them matters."""
    words: list[str] = []
    values: dict[str, str | Decimal] = {}
    for number, (column, text) in enumerate(question.where):
        word, value = _in_sql(column, text, f"v{number}")
        words.append(word)
        values |= value
    where = f" WHERE {' AND '.join(words)}" if words else ""
    statement = f"SELECT {what} FROM deals{where}"  # noqa: S608 - all words are the test's own
    return SqlQuery.model_validate({"sql": statement, "vars": values})


def _in_sql(column: str, text: str, name: str) -> tuple[str, dict[str, Any]]:
    plain = column.rstrip("!")
    if not text:
        return f"{plain} IS NULL", {}
    sign = "<>" if column.endswith("!") else "="
    return f"{plain} {sign} :{name}", {name: text == "true" if plain == "archived" else text}


def sqlite(place: Place, rows: Sequence[Deal]) -> list[Answer]:
    return in_tables(f"sqlite:///{place.folder / 'crm.db'}", place, rows)


def postgresql(place: Place, rows: Sequence[Deal]) -> list[Answer]:
    url = str(place.request.getfixturevalue("postgresql"))
    return in_tables(url.replace("postgresql:", "postgresql+psycopg:"), place, rows)


def mariadb(place: Place, rows: Sequence[Deal]) -> list[Answer]:
    return in_tables(str(place.request.getfixturevalue("mariadb")), place, rows)


SYSTEMS: dict[str, System] = {
    "csv": csv_file,
    "sqlite": sqlite,
    "postgresql": postgresql,
    "mariadb": mariadb,
}


def test_there_are_forty_questions_that_tell_the_systems_apart(expected: list[Answer]) -> None:
    assert len(FORTY) == len({question.name for question in FORTY}) == 40
    assert len(set(expected)) > 30
    assert None in expected


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_same_forty_numbers(
    system: str,
    fifty_thousand: list[Deal],
    expected: list[Answer],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    answers = SYSTEMS[system](Place(tmp_path, request), fifty_thousand)
    differing = {
        question.name: (answer, right)
        for question, answer, right in zip(FORTY, answers, expected, strict=True)
        if answer != right
    }
    assert not differing


WRITTEN_IN_SQL = {
    "count": "COUNT({})",
    "sum": "SUM({})",
    "min": "MIN({})",
    "max": "MAX({})",
    "distinct": "COUNT(DISTINCT {})",
}


@pytest.mark.parametrize("server", ["postgresql", "mariadb"])
def test_the_databases_own_sums_are_the_same(
    server: str,
    fifty_thousand: list[Deal],
    expected: list[Answer],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """One number from one statement, the window's bounds bound to it."""
    place = Place(tmp_path, request)
    url = str(request.getfixturevalue(server)).replace("postgresql:", "postgresql+psycopg:")
    sql.load(create_engine(url, poolclass=NullPool), fifty_thousand)
    chosen = [(q, e) for q, e in zip(FORTY, expected, strict=True) if q.agg in WRITTEN_IN_SQL]
    questions = [Question("source", _whole(q), None, None, None, q.window, NOW) for q, _ in chosen]
    toolbox = FakeToolbox(place.folder, "source", zone=STOCKHOLM, clock=frozen_clock(NOW))
    with SQL.open(SqlSettings(url=url), toolbox) as source:
        answers = [_number(answer) for answer in source.measure(questions)]
    assert answers == [right for _, right in chosen]


def _whole(question: DealQuestion) -> SqlQuery:
    number = WRITTEN_IN_SQL[question.agg].format(question.measure or "*")
    query = _selected(question, number)
    if question.on is None:
        return query
    bounds = f"{question.on} >= :start AND {question.on} < :end"
    joint = "AND" if " WHERE " in query.sql else "WHERE"
    return query.model_copy(update={"sql": f"{query.sql} {joint} {bounds}"})
