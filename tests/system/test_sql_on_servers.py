"""What differs between databases: values, dates, sign-ins and errors, on real servers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import NullPool, create_engine

from okrsync.errors import BadAnswer, NoValue, OutsideError, SignInRefused, SourceError, Unreachable
from okrsync.model import Measurement, Question, Window
from okrsync.testing import FakeToolbox, a_question
from okrsync_sql import SOURCE
from okrsync_sql.settings import SqlQuery, SqlSettings

pytestmark = pytest.mark.network

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NEW_YORK = ZoneInfo("America/New_York")
LATER = datetime(2027, 1, 10, 12, tzinfo=STOCKHOLM)
"""After all rows: a row that is later than the question is left out."""


def quarter(zone: ZoneInfo) -> Window:
    return Window("period", datetime(2026, 10, 1, tzinfo=zone), datetime(2027, 1, 1, tzinfo=zone))


def row(id_: int, utc: str, day: str) -> str:
    return f"INSERT INTO times VALUES ({id_}, '{utc}{{z}}', '{utc}', '{day}', {id_})"  # noqa: S608


FILLING = [
    "DROP TABLE IF EXISTS times",
    "CREATE TABLE times (id INT, aware {aware}, naive {naive}, day DATE, amount NUMERIC(12,2))",
    # the last second before the quarter in Stockholm, its first one, its last one, and after it
    row(1, "2026-09-30 21:59:59", "2026-09-30"),
    row(2, "2026-09-30 22:00:00", "2026-10-01"),
    row(4, "2026-12-31 22:59:59", "2026-12-31"),
    row(8, "2026-12-31 23:00:00", "2027-01-01"),
    "INSERT INTO times VALUES (16, NULL, NULL, NULL, NULL)",
]
WORDS = {
    "postgresql": {"aware": "TIMESTAMPTZ", "naive": "TIMESTAMP", "z": "+00"},
    "mariadb": {"aware": "TIMESTAMP NULL", "naive": "DATETIME", "z": ""},
}


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The kind of the database and its address."""
    url = str(request.getfixturevalue(request.param)).replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        if request.param == "mariadb":
            connection.exec_driver_sql("SET time_zone = '+00:00'")
        for statement in FILLING:
            connection.exec_driver_sql(statement.format(**WORDS[request.param]))
    return request.param, url


class Asking:
    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder

    def __call__(
        self, *asked: Question[SqlQuery], zone: ZoneInfo = STOCKHOLM, **said: Any
    ) -> list[Measurement | OutsideError]:
        toolbox = FakeToolbox(self.folder, zone=zone)
        chosen = SqlSettings.model_validate({"url": self.url} | said)
        with SOURCE.open(chosen, toolbox) as source:
            return list(source.measure(asked))


@pytest.fixture
def ask(server: tuple[str, str], tmp_path: Path) -> Asking:
    return Asking(server[1], tmp_path)


def question(sql: str, *, window: Window | None = None, **parts: Any) -> Question[SqlQuery]:
    own = {key: parts.pop(key) for key in ("vars",) if key in parts}
    asked = a_question(
        SqlQuery.model_validate({"sql": sql} | own), **({"agg": None, "as_of": LATER} | parts)
    )
    return replace(asked, window=window) if window else asked


def values(answers: list[Measurement | OutsideError]) -> list[Decimal]:
    assert all(isinstance(answer, Measurement) for answer in answers), answers
    return [answer.value for answer in answers if isinstance(answer, Measurement)]


IN_WINDOW = "SELECT SUM(id) FROM times WHERE {0} >= :start AND {0} < :end"
DAYS = "SELECT SUM(id) FROM times WHERE day >= :start_date AND day < :end_date"


def test_the_edges_of_a_quarter_are_the_configs(ask: Asking) -> None:
    window = quarter(STOCKHOLM)
    table = "SELECT * FROM times"
    answers = ask(
        question(IN_WINDOW.format("aware"), window=window),
        question(IN_WINDOW.format("naive"), window=window),
        question(DAYS, window=window),
        question(table, measure="id", agg="sum", on="aware", window=window),
        question(table, measure="id", agg="sum", on="naive", window=window),
        question(table, measure="id", agg="sum", on="day", window=window),
    )
    assert values(answers) == [6] * 6


def test_also_west_of_greenwich(ask: Asking) -> None:
    window = quarter(NEW_YORK)
    table = "SELECT * FROM times"
    answers = ask(
        question(IN_WINDOW.format("aware"), window=window),
        question(IN_WINDOW.format("naive"), window=window),
        question(DAYS, window=window),
        question(table, measure="id", agg="sum", on="aware", window=window),
        question(table, measure="id", agg="sum", on="day", window=window),
        zone=NEW_YORK,
    )
    assert values(answers) == [12, 12, 6, 12, 6]


def test_decimals_come_as_they_are(ask: Asking, server: tuple[str, str]) -> None:
    answers = ask(
        question("SELECT SUM(amount) FROM times"),
        question("SELECT amount FROM times", measure="amount", agg="sum"),
        question("SELECT CAST(1234567890123456.78 AS DECIMAL(20,2))"),
    )
    assert values(answers) == [15, 15, Decimal("1234567890123456.78")]


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT SUM(amount) FROM times WHERE id > 99", NoValue),
        ("SELECT id FROM times", BadAnswer),
        ("SELECT 'twelve'", BadAnswer),
        ("SELECT CURRENT_TIMESTAMP", BadAnswer),
        ("SELECT amout FROM times", SourceError),
        ("SELECT 1 FROM tmes", SourceError),
        ("SELECT FROM WHERE", SourceError),
    ],
)
def test_what_is_no_number_is_an_error(ask: Asking, sql: str, kind: type[OutsideError]) -> None:
    [answer] = ask(question(sql))
    assert isinstance(answer, kind), answer
    assert answer.next_step


def test_one_failure_leaves_the_next_statement_alone(ask: Asking) -> None:
    failed, answered = ask(
        question("SELECT nothing FROM times"), question("SELECT COUNT(*) FROM times")
    )
    assert isinstance(failed, SourceError)
    assert "nothing" in failed.message
    assert values([answered]) == [5]


def test_an_error_does_not_quote_a_row(ask: Asking, server: tuple[str, str]) -> None:
    cast = {"postgresql": "SELECT CAST('hunter2' || id AS INT) FROM times"}.get(server[0])
    if cast is None:
        cast = "SELECT ST_GeomFromText('hunter2', id) + (SELECT id FROM times)"
    [answer] = ask(question(cast))
    assert isinstance(answer, OutsideError)
    assert "hunter2" not in f"{answer.message} {answer.next_step} {answer.__cause__!r}"


@settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
        | st.text(st.sampled_from("'\"\\;%:-#/*`$ \n\r\x1a$é\u02bc\uff07")),
        min_size=1,
        max_size=6,
    )
)
def test_any_text_arrives_whole_and_as_a_value(ask: Asking, texts: list[str]) -> None:
    asked = [
        question("SELECT CHAR_LENGTH(CAST(:v AS CHAR(200)))", vars={"v": text}) for text in texts
    ]
    if "postgresql" in ask.url:
        asked = [question("SELECT LENGTH(CAST(:v AS TEXT))", vars={"v": text}) for text in texts]
    assert values(ask(*asked)) == [len(text) for text in texts]


def test_any_kind_of_value_is_bound(ask: Asking) -> None:
    sql = "SELECT COUNT(*) FROM times WHERE {} = :v"
    day = datetime(2026, 10, 1, tzinfo=STOCKHOLM)
    answers = ask(
        question(sql.format("id"), vars={"v": 4}),
        question(sql.format("amount"), vars={"v": Decimal("4.00")}),
        question(sql.format("aware"), vars={"v": day}),
        question(sql.format("naive"), vars={"v": day}),
        question(sql.format("day"), vars={"v": day.date()}),
    )
    assert values(answers) == [1] * 5


def test_a_server_that_is_not_there(tmp_path: Path, server: tuple[str, str]) -> None:
    kind = {"postgresql": "postgresql", "mariadb": "mysql"}[server[0]]
    [answer] = Asking(f"{kind}://okr@127.0.0.1:1/crm", tmp_path)(question("SELECT 1"))
    assert isinstance(answer, Unreachable)
    assert "crm on 127.0.0.1" in answer.message


def test_a_refused_sign_in_is_one(mariadb: str, tmp_path: Path) -> None:
    stranger = mariadb.replace("okr@", "stranger@")
    toolbox = FakeToolbox(tmp_path, secrets={"CRM_PASSWORD": "not-the-password"})
    chosen = SqlSettings.model_validate({"url": stranger, "password": {"env": "CRM_PASSWORD"}})
    with SOURCE.open(chosen, toolbox) as source:
        [answer] = source.measure([question("SELECT 1")])
    assert isinstance(answer, SignInRefused)
    assert "not-the-password" not in answer.message


def test_a_zone_that_the_server_does_not_know_is_said(mariadb: str, tmp_path: Path) -> None:
    [answer] = Asking(mariadb, tmp_path)(question("SELECT 1"), timezone="Europe/Stockholm")
    if isinstance(answer, Measurement):
        pytest.skip("this server has its zones loaded")
    assert isinstance(answer, SourceError)
    assert "mysql_tzinfo_to_sql" in answer.next_step


@pytest.fixture
def many(server: tuple[str, str]) -> str:
    kind, _ = server
    return {
        "postgresql": "SELECT i FROM generate_series(1, {}) AS n(i)",
        "mariadb": "SELECT seq AS i FROM seq_1_to_{}",
    }[kind]


def test_rows_are_streamed(ask: Asking, many: str) -> None:
    """The process takes no more memory for a million rows than for some: the server keeps them."""
    import resource

    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    [_] = values(ask(question(many.format(20_000), measure="i", agg="sum")))
    before = peak()
    [total] = values(ask(question(many.format(1_000_000), measure="i", agg="sum")))
    assert total == 1_000_000 * 1_000_001 // 2
    assert peak() - before < 40_000  # kilobytes; all of them as Python rows would be 100,000
