"""Killed, out of space, locked, damaged: the state stays whole and says what to do."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text

from okrsync.errors import StateDamaged, StateError, UsageError
from okrsync.model import Outcome, Verdict
from okrsync.state import database
from okrsync.state.migrations import MIGRATIONS
from okrsync.state.state import State, open_state

HERE = Path(__file__).parent
AT = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)


def outcomes(count: int) -> list[Outcome]:
    return [Outcome(f"kr-{n}", "run", AT, Verdict.HELD, "a jump " * 50, AT) for n in range(count)]


def run_program(name: str, *arguments: str) -> str:
    program = [sys.executable, str(HERE / name), *arguments]
    return subprocess.run(program, check=True, capture_output=True, text=True).stdout


@pytest.fixture(params=["sqlite", "postgresql"])
def numbered_urls(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An address with {n} in it: as many new databases, or schemas in one, as are needed."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state-{{n}}.db"
    server: str = request.getfixturevalue("postgresql")
    prefix = f"killed_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        for number in range(100):
            connection.execute(f"CREATE SCHEMA {prefix}_{number}".encode())
    return f"{server}&options=-csearch_path%3D{prefix}_{{n}}"


def test_guarantee_8_a_migration_is_there_as_a_whole_or_not_at_all(numbered_urls: str) -> None:
    report = json.loads(run_program("killed_migrations.py", numbered_urls))
    expected = [sorted(tables) for tables in report["expected"]]
    assert len(report["deaths"]) > 20
    assert {death["version"] for death in report["deaths"]} == set(range(len(MIGRATIONS) + 1))
    for death in report["deaths"]:
        assert death["whole"]
        assert sorted(death["tables"]) == expected[death["version"]]
        assert death["then"] == len(MIGRATIONS)


def test_guarantee_7_a_full_disk_leaves_a_whole_state_and_the_next_run_finishes(
    tmp_path: Path,
) -> None:
    attempts = json.loads(run_program("full_disk.py", str(tmp_path)))
    assert len(attempts) > 10
    assert attempts[-1]["first"] == "done"
    for attempt in attempts[:-1]:
        assert attempt["first"] == "state: free some space, then run again"
    for attempt in attempts:
        assert attempt["again"] == "done"
        assert attempt["whole"] == "ok"


def test_guarantee_7_a_write_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    with open_state(f"sqlite:///{tmp_path / 'state.db'}", tenant="acme") as state:
        with state.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")
        with pytest.raises(StateError, match="the disk is full"):
            state.outcomes.replace(outcomes(1000))
        assert len(state.outcomes.all()) == 0
        state.outcomes.replace(outcomes(10))
        assert len(state.outcomes.all()) == 10


@contextmanager
def sqlite_lock(url: str) -> Iterator[None]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def postgresql_lock(url: str) -> Iterator[None]:
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE run IN ACCESS EXCLUSIVE MODE")
        yield


def test_guarantee_9_a_locked_database_is_an_error_with_a_cure_and_not_a_wait(
    state_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_WAIT", 0.05)
    lock = sqlite_lock if state_url.startswith("sqlite") else postgresql_lock
    with open_state(state_url, tenant="acme") as state:
        with lock(state_url), pytest.raises(StateError, match="locked") as error:
            state.runs.start("sync", AT)
        assert error.value.next_step
        state.runs.start("sync", AT)
        assert len(state.runs.latest(10)) == 1


def test_guarantee_9_a_lost_connection_fails_the_write_and_the_next_one_succeeds(
    fresh_postgresql: str,
) -> None:
    def lose_the_connection(state: State) -> None:
        with state.database.write() as connection:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with open_state(fresh_postgresql, tenant="acme") as state:
        with pytest.raises(StateError, match=r"shut down|reached"):
            lose_the_connection(state)
        state.runs.start("sync", AT)
        assert len(state.runs.latest(10)) == 1


def test_a_server_that_is_not_there_is_an_error_with_a_cure(tmp_path: Path) -> None:
    url = f"postgresql://somebody:canary-secret@/state?host={tmp_path}"
    with pytest.raises(StateError) as error, open_state(url, tenant="acme"):
        pass
    assert "reachable" in error.value.next_step
    assert "canary-secret" not in str(error.value)
    assert error.value.exit_code == 3


def not_a_database(path: Path) -> None:
    path.write_text("these are the team's notes\n" * 100)


def another_programs_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")


def another_programs_schema_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE schema_version (installed_rank INTEGER)")


def a_history_that_is_not_ours(path: Path) -> None:
    with open_state(f"sqlite:///{path}", tenant="acme") as state, state.database.write() as write:
        write.execute(text("UPDATE schema_version SET name = 'customers' WHERE version = 1"))


@pytest.mark.parametrize(
    "make",
    [
        not_a_database,
        another_programs_tables,
        another_programs_schema_version,
        a_history_that_is_not_ours,
    ],
)
@pytest.mark.parametrize("create", [True, False])
def test_what_is_not_okrsyncs_is_left_as_it_is(
    tmp_path: Path, make: Callable[[Path], None], create: bool
) -> None:
    path = tmp_path / "state.db"
    make(path)
    url = f"sqlite:///{path}"
    with pytest.raises(StateDamaged) as error, open_state(url, tenant="acme", create=create):
        pass
    assert error.value.next_step
    assert error.value.exit_code == 2


def test_guarantee_7_damage_inside_the_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with open_state(f"sqlite:///{path}", tenant="acme") as state:
        state.outcomes.replace(outcomes(500))
    raw = bytearray(path.read_bytes())
    raw[8192:] = b"\x2a" * (len(raw) - 8192)
    path.write_bytes(raw)
    with (
        pytest.raises(StateDamaged, match="damaged") as error,
        open_state(f"sqlite:///{path}", tenant="acme") as state,
    ):
        state.outcomes.all()
    assert "backup" in error.value.next_step


def test_a_missing_table_is_told(state: State) -> None:
    with state.database.write() as connection:
        connection.execute(text("DROP TABLE slot"))
    with pytest.raises(StateDamaged, match="lacks tables"):
        state.slots.done()


@pytest.mark.parametrize("url", ["mysql://db.example/x", "state.db", "", "sqlite:/x:y:z@"])
def test_an_address_that_cannot_be_one_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError) as error, open_state(url, tenant="acme"):
        pass
    assert "sqlite:///" in error.value.next_step


def test_a_folder_in_the_files_place_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(StateError, match="no plain file") as error,
        open_state(f"sqlite:///{tmp_path}", tenant="acme"),
    ):
        pass
    assert error.value.exit_code == 3
