"""Every earlier shape of the database comes forward; a newer one is refused."""

from __future__ import annotations

import stat
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, inspect, text

from okrsync.errors import StateError, StateTooNew
from okrsync.model import Closing, Confidence, Milestone, StoreRef, Verdict
from okrsync.state.database import connect, parse
from okrsync.state.local_store import LocalStore
from okrsync.state.migrations import MIGRATIONS, migrate
from okrsync.state.schema import METADATA
from okrsync.state.state import State, open_state
from okrsync.testing import FakeToolbox

GOLDEN = sorted((Path(__file__).parent / "golden").glob("schema_*.sql"))
AT = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
BUGS = "platform.reliable.fewer-bugs"


def restore(url: str, dump: Path) -> None:
    engine = connect(parse(url))
    with engine.begin() as connection:
        for statement in dump.read_text(encoding="utf-8").split(";\n"):
            if statement:
                connection.exec_driver_sql(statement)
    engine.dispose()


def test_there_is_a_golden_state_of_every_version() -> None:
    assert [path.stem for path in GOLDEN] == [
        f"schema_{number}" for number in range(1, len(MIGRATIONS) + 1)
    ]


@pytest.mark.parametrize("dump", GOLDEN, ids=lambda path: path.stem)
def test_guarantee_8_an_old_state_comes_forward_with_all_it_knows(
    state_url: str, dump: Path
) -> None:
    restore(state_url, dump)
    with open_state(state_url, tenant="acme") as state:
        check_the_spine(state)


def check_the_spine(state: State) -> None:
    [run] = state.runs.latest(10)
    assert (run.command, run.exit_code, run.summary) == ("sync", 3, {"post": 1, "held": 1})
    sent = state.outbox.last_sent()[BUGS]
    assert (sent.receipt.remote_id, str(sent.check_in.value), sent.check_in.note) == (
        "r1",
        "31",
        "31 → 30",
    )
    [intent] = state.outbox.pending()
    assert (intent.check_in.key, intent.check_in.base) == ("k2", "r1")
    value = state.measurements.newest()[BUGS].value()
    assert (str(value.number), value.approximate, value.remark) == ("31", True, "a remark")
    assert value.operands[0].measurement.evidence.notes == ("approximate",)
    assert state.measurements.baselines()[BUGS, "2026-Q4"].number == 31
    outcome = state.outcomes.all()[BUGS]
    assert (outcome.verdict, outcome.stored) == (Verdict.POST, Decimal(42))
    assert outcome.score is not None
    assert outcome.score.forecast == ((0.1, Decimal("12.5")),)
    assert state.slots.done() == {BUGS: AT}


@pytest.mark.parametrize("dump", GOLDEN[1:], ids=lambda path: path.stem)
def test_guarantee_8_peoples_words_come_forward(state_url: str, dump: Path) -> None:
    restore(state_url, dump)
    with open_state(state_url, tenant="acme") as state:
        [approval] = state.words.approvals()
        assert (str(approval.number), approval.by) == ("31", "team lead")
        assert state.words.manual_values()[BUGS].until == date(2026, 11, 9)


def test_guarantee_8_what_connectors_keep_comes_forward(state_url: str) -> None:
    restore(state_url, GOLDEN[3])
    with open_state(state_url, tenant="acme") as state:
        assert state.memories.recall("jira", "fields") == '{"Story Points":"customfield_10016"}'


@pytest.mark.parametrize("dump", GOLDEN[6:], ids=lambda path: path.stem)
def test_guarantee_8_closed_periods_come_forward(state_url: str, dump: Path) -> None:
    restore(state_url, dump)
    with open_state(state_url, tenant="acme") as state:
        [closed] = state.closings.all()
        assert (closed.period.label, closed.by, closed.early) == ("2026-Q3", "team lead", False)
        final = state.closings.finals()[BUGS, "2026-Q3"]
    assert final.key_result.milestones == (Milestone("one", Decimal(2), date(2026, 8, 1), True),)
    assert (final.key_result.place.line, final.key_result.baseline) == (21, Decimal(42))
    outcome = final.outcome
    assert outcome.value is not None
    assert outcome.value.operands[0].measurement.evidence.link == "https://acme.example/issues"
    assert outcome.closed == Closing(
        AT, "team lead", "okrsync", "r1", Confidence(0.5), AT, came_true=False
    )


def test_guarantee_8_what_people_wrote_in_the_stores_comes_forward(state_url: str) -> None:
    restore(state_url, GOLDEN[5])
    with open_state(state_url, tenant="acme") as state:
        [heard] = state.heard.of(BUGS)
        word = state.outcomes.all()[BUGS].word
    assert word == heard.word
    assert (word.author, word.value, word.confidence) == ("team lead", Decimal(28), 0.4)


@pytest.mark.parametrize("dump", GOLDEN[2:], ids=lambda path: path.stem)
def test_guarantee_8_the_local_store_comes_forward(
    state_url: str, dump: Path, tmp_path: Path
) -> None:
    restore(state_url, dump)
    ref = StoreRef("store", BUGS)
    with open_state(state_url, tenant="acme") as state:
        toolbox = FakeToolbox(tmp_path, name="store", engine=state.engine)
        stored = LocalStore(state.database, toolbox).read([ref])[ref]
    assert (stored.value, stored.key, stored.revision) == (Decimal(31), "k1", "1")


def test_the_tables_are_as_the_statements_expect_them(state: State) -> None:
    found = inspect(state.engine)
    for table in METADATA.sorted_tables:
        columns = {column["name"] for column in found.get_columns(table.name)}
        assert columns == {column.name for column in table.columns}
    assert set(found.get_table_names()) == {*METADATA.tables, "schema_version"}


def test_guarantee_33_every_row_has_a_tenant() -> None:
    for table in METADATA.sorted_tables:
        assert "tenant" in [column.name for column in table.primary_key]


def forward_to(url: str, steps: int) -> Engine:
    engine = connect(parse(url))
    migrate(engine, MIGRATIONS[:steps])
    return engine


def test_guarantee_8_an_older_program_refuses_a_newer_state(state_url: str) -> None:
    engine = forward_to(state_url, len(MIGRATIONS))
    with pytest.raises(StateTooNew) as error:
        migrate(engine, MIGRATIONS[:1])
    engine.dispose()
    assert error.value.exit_code == 2
    assert "upgrade okrsync" in error.value.next_step


@pytest.mark.parametrize("create", [True, False])
def test_guarantee_8_a_state_of_the_future_is_refused_unread(state_url: str, create: bool) -> None:
    engine = forward_to(state_url, len(MIGRATIONS))
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO schema_version VALUES (:next, 'tomorrow', 'later')"),
            {"next": len(MIGRATIONS) + 1},
        )
    engine.dispose()
    with pytest.raises(StateTooNew), open_state(state_url, tenant="acme", create=create):
        pass


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.db"
    with open_state(f"sqlite:///{path}", tenant="acme") as state:
        state.runs.start("sync", AT)
        beside = [*path.parent.iterdir()]
        assert len(beside) > 1  # the write-ahead log as well
        assert {stat.S_IMODE(file.stat().st_mode) for file in beside} == {0o600}


def test_sqlite_is_set_for_safety(tmp_path: Path) -> None:
    with (
        open_state(f"sqlite:///{tmp_path / 'state.db'}", tenant="acme") as state,
        state.database.read() as connection,
    ):
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 2000,
    }


def test_looking_at_a_state_that_is_not_there_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with open_state(f"sqlite:///{path}", tenant="acme", create=False) as state:
        assert state.runs.latest(1) == []
        assert not state.outcomes.all()
        assert state.leases.current() is None
    assert list(tmp_path.iterdir()) == []


def test_looking_at_an_empty_database_on_a_server_makes_no_tables(fresh_postgresql: str) -> None:
    with open_state(fresh_postgresql, tenant="acme", create=False) as state:
        assert state.runs.latest(1) == []
    with psycopg.connect(fresh_postgresql) as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
        assert connection.execute(tables).fetchone() == (0,)


def test_looking_cannot_write(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    with open_state(url, tenant="acme"):
        pass
    with (
        open_state(url, tenant="acme", create=False) as state,
        pytest.raises(StateError, match="read-only"),
    ):
        state.runs.start("sync", AT)


def test_looking_at_an_old_state_leaves_it_old(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    url = f"sqlite:///{path}"
    restore(url, GOLDEN[0])
    before = path.read_bytes()
    with open_state(url, tenant="acme", create=False) as state:
        check_the_spine(state)
        assert state.words.approvals() == []
    assert path.read_bytes() == before


def test_looking_at_an_old_state_on_a_server_asks_to_bring_it_forward(
    fresh_postgresql: str,
) -> None:
    forward_to(fresh_postgresql, 1).dispose()
    with (
        pytest.raises(StateError, match="older") as error,
        open_state(fresh_postgresql, tenant="acme", create=False),
    ):
        pass
    assert "okrsync sync" in error.value.next_step
