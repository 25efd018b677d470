"""What a database answers, on SQLite; what differs by database is in test_sql_on_servers.py."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import NullPool, create_engine, text

from okrsync.contracts import FromEnvironment
from okrsync.errors import BadAnswer, NoValue, OutsideError, Refused, SignInRefused, SourceError
from okrsync.model import Measurement, Question, Window
from okrsync.testing import FakeToolbox, a_question, frozen_clock
from okrsync.testing.samples import NOON
from okrsync_sql import SOURCE
from okrsync_sql.reading import reading
from okrsync_sql.settings import SqlQuery, SqlSettings, check
from okrsync_sql.statement import names_in, problem_with

STOCKHOLM = ZoneInfo("Europe/Stockholm")
QUARTER = Window(
    "period",
    datetime(2026, 10, 1, tzinfo=STOCKHOLM),
    datetime(2027, 1, 1, tzinfo=STOCKHOLM),
)
DEALS = """
CREATE TABLE deals (id INTEGER, amount TEXT, price REAL, closed TEXT, note TEXT);
INSERT INTO deals VALUES
  (1, '100.10', 0.1, '2026-09-30T21:59:59Z', 'a second before the quarter in Stockholm'),
  (2, '200.20', 0.2, '2026-09-30T22:00:00Z', 'its first second'),
  (3, '300.30', 0.3, '2026-10-15 12:00:00', 'without a zone'),
  (4, NULL, NULL, NULL, 'open'),
  (5, '400.40', 0.4, '2026-10-31T23:59:59+02:00', 'with an offset');
"""

Ask = Callable[..., Measurement | OutsideError]


def database(folder: Path, script: str = DEALS, name: str = "crm.db") -> Path:
    path = folder / name
    with sqlite3.connect(path) as connection:
        connection.executescript(script)
    connection.close()
    return path


@contextmanager
def opened(folder: Path, **settings: Any) -> Iterator[Any]:
    given = {"url": "sqlite:///crm.db"} | settings
    toolbox = FakeToolbox(folder, name="crm", zone=STOCKHOLM, clock=frozen_clock(NOON))
    with SOURCE.open(SqlSettings.model_validate(given), toolbox) as source:
        yield source


def question(sql: str, *, window: Window | None = None, **parts: Any) -> Question[SqlQuery]:
    own = {key: parts.pop(key) for key in ("vars",) if key in parts}
    asked = a_question(SqlQuery.model_validate({"sql": sql} | own), **({"agg": None} | parts))
    return replace(asked, window=window) if window else asked


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    database(tmp_path)

    def asked(sql: str, **parts: Any) -> Measurement | OutsideError:
        with opened(tmp_path) as source:
            [answer] = source.measure([question(sql, **parts)])
        assert isinstance(answer, Measurement | OutsideError)
        return answer

    return asked


def value(answer: Measurement | OutsideError) -> Decimal:
    assert isinstance(answer, Measurement), answer
    return answer.value


# One number


@pytest.mark.parametrize(
    ("sql", "number"),
    [
        ("SELECT COUNT(*) FROM deals", "5"),
        ("SELECT 0", "0"),
        ("SELECT 0.1 + 0.2", "0.30000000000000004"),
        ("SELECT 12345678901234", "12345678901234"),
        ("SELECT -1.5;", "-1.5"),
        ("-- the open ones\nSELECT COUNT(*) FROM deals WHERE closed IS NULL", "1"),
        ("WITH won AS (SELECT * FROM deals) SELECT COUNT(*) FROM won", "5"),
        ("VALUES (7)", "7"),
        ("SELECT COUNT(*) FROM deals WHERE note LIKE '%second%'", "2"),
        ("SELECT COUNT(*) FROM deals WHERE note = 'a;b' OR note = '--' OR 1 -- ; end", "5"),
    ],
)
def test_one_row_with_one_number_is_the_value(ask: Ask, sql: str, number: str) -> None:
    assert value(ask(sql)) == Decimal(number)


@pytest.mark.parametrize(
    ("sql", "kind", "words"),
    [
        ("SELECT SUM(amount) FROM deals WHERE 0", NoValue, "NULL"),
        ("SELECT id FROM deals WHERE 0", NoValue, "no row"),
        ("SELECT id FROM deals", BadAnswer, "more than one row"),
        ("SELECT 1 UNION ALL SELECT 2", BadAnswer, "more than one row"),
        ("SELECT 1, 2", BadAnswer, "2 columns"),
        ("SELECT '12'", BadAnswer, "text"),
        ("SELECT x'00'", BadAnswer, "bytes"),
        ("SELECT 9e999", BadAnswer, "infinite"),
        ("SELECT amout FROM deals", SourceError, "no such column: amout"),
        ("SELECT 1 FROM del", SourceError, "no such table: del"),
        ("SELECT FROM", SourceError, "syntax error"),
        ("SELECT abs(-9223372036854775808)", SourceError, "overflow"),
    ],
)
def test_anything_else_is_an_error_and_never_a_number(
    ask: Ask, sql: str, kind: type[OutsideError], words: str
) -> None:
    answer = ask(sql)
    assert isinstance(answer, kind)
    assert words in answer.message
    assert answer.next_step


# A table


def test_a_table_is_aggregated_by_okrsync_and_exactly(ask: Ask) -> None:
    answer = ask("SELECT * FROM deals", measure="amount", agg="sum")
    assert value(answer) == Decimal("1001.00")
    assert isinstance(answer, Measurement)
    assert answer.rows == 4
    assert any("left out 1 row" in note for note in answer.evidence.notes)


def test_numbers_with_decimals_are_read_as_they_are_written(ask: Ask) -> None:
    assert value(ask("SELECT price FROM deals", measure="price", agg="sum")) == Decimal("1.0")


def test_two_rows_without_an_aggregation_are_an_error(ask: Ask) -> None:
    answer = ask("SELECT amount FROM deals WHERE id < 3", measure="amount")
    assert isinstance(answer, BadAnswer)
    assert "exactly one" in answer.message


def test_one_row_of_a_wide_table_needs_no_aggregation(ask: Ask) -> None:
    assert value(ask("SELECT * FROM deals WHERE id = 2", measure="amount")) == Decimal("200.20")


def test_a_window_reads_times_with_and_without_a_zone(ask: Ask) -> None:
    """The first deal is a second too early; the third is 12:00 UTC, the database's zone."""
    answer = ask("SELECT * FROM deals", agg="count", on="closed", window=QUARTER)
    assert value(answer) == 3


def test_no_rows_are_counted_as_zero_and_have_no_sum(ask: Ask) -> None:
    none = "SELECT * FROM deals WHERE 0"
    assert value(ask(none, agg="count")) == 0
    assert isinstance(ask(none, measure="amount", agg="sum"), NoValue)


def test_a_column_that_is_not_there_is_an_error(ask: Ask) -> None:
    answer = ask("SELECT * FROM deals", measure="amout", agg="sum")
    assert isinstance(answer, SourceError)
    assert "amount" in answer.next_step


def test_rows_do_not_stay_in_memory(tmp_path: Path) -> None:
    """Ten times the rows take no more memory."""
    database(tmp_path, "CREATE TABLE deals (id INTEGER)")
    rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT i"
    peaks = []
    with opened(tmp_path, timeout=600) as source:
        for most in (20_000, 200_000):
            asked = question(f"{rows.format(most)} FROM n", measure="i", agg="sum")
            tracemalloc.start()
            [answer] = source.measure([asked])
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            assert value(answer) == most * (most + 1) // 2
    assert peaks[1] < peaks[0] * 1.5


def test_too_many_rows_are_an_error(tmp_path: Path) -> None:
    database(tmp_path)
    with opened(tmp_path, max_rows=4) as source:
        [answer] = source.measure([question("SELECT * FROM deals", agg="count")])
    assert isinstance(answer, BadAnswer)
    assert "max_rows" in answer.next_step


def test_an_equal_statement_is_sent_once(tmp_path: Path) -> None:
    """The database gives another random number each time it is asked."""
    database(tmp_path)
    once = "SELECT abs(random()) AS r"
    with opened(tmp_path) as source:
        least, most = source.measure(
            [question(once, measure="r", agg="min"), question(once, measure="r", agg="max")]
        )
    assert value(least) == value(most)


# Values


def test_the_windows_bounds_are_bound(ask: Ask) -> None:
    answer = ask(
        "SELECT COUNT(*) FROM deals WHERE datetime(closed) >= :start AND datetime(closed) < :end",
        window=QUARTER,
    )
    assert value(answer) == 3
    assert isinstance(answer, Measurement)
    assert ":start = 2026-10-01T00:00:00+02:00 (2026-09-30 22:00:00Z)" in answer.evidence.notes
    assert answer.evidence.window == "period: its dates from 2026-10-01 and before 2027-01-01"


def test_days_are_the_configs(ask: Ask) -> None:
    answer = ask("SELECT :start_date = '2026-10-01' AND :end_date = '2027-01-01'", window=QUARTER)
    assert value(answer) == 1


def test_a_statement_that_reads_bounds_needs_a_window(ask: Ask) -> None:
    answer = ask("SELECT COUNT(*) FROM deals WHERE closed >= :start")
    assert isinstance(answer, SourceError)
    assert 'window = "period"' in answer.next_step


def test_a_window_that_nobody_reads_is_an_error(ask: Ask) -> None:
    answer = ask("SELECT COUNT(*) FROM deals", window=QUARTER)
    assert isinstance(answer, SourceError)
    assert ":start" in answer.next_step


def test_the_past_is_answered_where_the_statement_looks_at_it(ask: Ask) -> None:
    past = NOON - timedelta(days=10)
    as_of = "SELECT COUNT(*) FROM deals WHERE datetime(closed) <= :as_of"
    assert value(ask(as_of, as_of=past)) == 3
    assert isinstance(ask("SELECT COUNT(*) FROM deals", as_of=past), SourceError)


def test_a_window_that_is_over_is_a_past_that_the_statement_looks_at(ask: Ask) -> None:
    september = Window("last_month", datetime(2026, 9, 1, tzinfo=UTC), QUARTER.start)
    sql = "SELECT COUNT(*) FROM deals WHERE datetime(closed) >= :start AND datetime(closed) < :end"
    past = NOON - timedelta(days=10)
    assert value(ask(sql, window=september, as_of=past)) == 1


@pytest.mark.parametrize(
    ("given", "back"),
    [("SE", "SE"), (7, 7), (Decimal("0.5"), 0.5), (True, 1), ("'; DROP TABLE deals; --", None)],
)
def test_vars_are_bound(ask: Ask, given: Any, back: Any) -> None:
    answer = ask("SELECT :v IS :w", vars={"v": given, "w": given if back is None else back})
    assert value(answer) == 1


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_arrives_whole_and_as_a_value(text_: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        database(Path(folder), "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('kept')")
        with opened(Path(folder)) as source:
            [length, rows] = source.measure(
                [
                    question("SELECT length(:v)", vars={"v": text_}),
                    question("SELECT COUNT(*) FROM t WHERE a = :v", vars={"v": text_}),
                ]
            )
    assert value(length) == len(text_)
    assert value(rows) == (text_ == "kept")


@given(st.text(st.sampled_from(":\\abz_09'\"; \n-/*é:")))
def test_names_are_those_that_are_bound(sql: str) -> None:
    assert names_in(sql) == set(text(sql)._bindparams)


# What is refused before anything is sent


@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM deals", "SELECT 1; SELECT 2", "PRAGMA x", "", "()", "-- SELECT", "SELECT '\0'"],
)
def test_a_statement_that_does_not_read_is_refused_offline(sql: str) -> None:
    assert problem_with(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT ';' FROM t WHERE a = 'it''s; fine' -- ; not here",
        "(SELECT 1) UNION (SELECT 2);  ",
        "/* what: ever; */ select $$;$$",
        'SELECT ";" FROM `a;b`',
    ],
)
def test_a_semicolon_inside_a_text_is_no_second_statement(sql: str) -> None:
    assert problem_with(sql) == ""


def test_check_names_what_has_no_value() -> None:
    settings = SqlSettings(url="sqlite:///crm.db")
    query = SqlQuery.model_validate({"sql": "SELECT :who", "vars": {"end": 1}})
    assert {key for key, _ in check(settings, query)} == {"sql", "vars"}
    fine = SqlQuery.model_validate({"sql": "SELECT :who", "vars": {"who": "x"}})
    assert list(check(settings, fine)) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://okr:secret@db.example/crm",
        "postgresql://db.example/crm?password=secret",
        "crm.db",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file:crm.db?mode=rw&uri=true",
        "sqlite:///../other/crm.db",
        "sqlite:///data/../../crm.db",
    ],
)
def test_an_address_with_a_password_or_out_of_its_folder_is_refused(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SqlSettings(url=url)
    assert "secret" not in str(refused.value)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    root.mkdir()
    path = database(outside)
    (root / "crm.db").symlink_to(path)
    with pytest.raises(SourceError, match="outside"), opened(root):
        pass
    with opened(root, url=f"sqlite:///{path}") as source:
        [answer] = source.measure([question("SELECT COUNT(*) FROM deals")])
    assert value(answer) == 5


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not there"), opened(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "crm.db").write_text("id;amount\n" * 100, "utf-8")
    with opened(tmp_path) as source:
        [answer] = source.measure([question("SELECT 1 FROM deals")])
    assert isinstance(answer, BadAnswer)
    assert "not a SQLite database" in answer.message


@pytest.mark.parametrize("host", ["169.254.169.254", "fe80::1", "100.100.100.200"])
def test_a_metadata_address_is_not_connected_to(tmp_path: Path, host: str) -> None:
    written = f"[{host}]" if ":" in host else host
    with (
        pytest.raises(Refused, match="does not connect"),
        opened(tmp_path, url=f"postgresql://okr@{written}/crm"),
    ):
        pass
    with (
        pytest.raises(Refused, match="does not connect"),
        opened(tmp_path, url=f"postgresql:///crm?host={host}"),
    ):
        pass


def test_another_database_needs_the_operators_word(tmp_path: Path) -> None:
    engine = create_engine("sqlite://", poolclass=NullPool)
    engine.url = engine.url.set(drivername="oracle")
    settings = SqlSettings(url="oracle://okr@db.example/crm")
    with (
        pytest.raises(SourceError, match="cannot keep oracle from writing"),
        reading(engine, settings),
    ):
        pass
    vouched = settings.model_copy(update={"read_only_account": True})
    with reading(engine, vouched) as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_a_missing_dialect_says_what_to_install(tmp_path: Path) -> None:
    with (
        pytest.raises(SourceError, match="not installed"),
        opened(tmp_path, url="duckbill://okr@localhost/crm"),
    ):
        pass


def test_a_password_that_is_not_there_is_named_by_its_place(tmp_path: Path) -> None:
    with (
        pytest.raises(SignInRefused, match="CRM_PASSWORD"),
        opened(
            tmp_path,
            url="postgresql://okr@localhost/crm",
            password=FromEnvironment(env="CRM_PASSWORD"),
        ),
    ):
        pass
