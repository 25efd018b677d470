"""The database's shape, one step after the other.

Each migration runs in one transaction together with its line in ``schema_version``: it is there
as a whole or not at all. A released migration is never edited; a change is a new one at the end.
The statements keep to words that SQLite and PostgreSQL both know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

from okrsync.clock import system_clock
from okrsync.errors import StateDamaged, StateTooNew
from okrsync.state.database import MIGRATION_WAIT

Migration = Callable[[Connection], None]

# Any number will do, as long as every okrsync uses the same one.
_ADVISORY_LOCK: Final = 6_577_519_301


def _run(connection: Connection, statements: str) -> None:
    for statement in filter(str.strip, statements.split(";")):
        connection.execute(text(statement))


def spine(connection: Connection) -> None:
    _run(
        connection,
        """
        CREATE TABLE schema_version (
            version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL);
        CREATE TABLE lease (
            tenant TEXT PRIMARY KEY, token BIGINT NOT NULL, id TEXT NOT NULL,
            host TEXT NOT NULL, pid BIGINT NOT NULL, boot_id TEXT NOT NULL,
            pid_namespace TEXT NOT NULL, process_start TEXT NOT NULL, command TEXT NOT NULL,
            since DOUBLE PRECISION NOT NULL, expires DOUBLE PRECISION NOT NULL);
        CREATE TABLE run (
            tenant TEXT NOT NULL, id TEXT NOT NULL, command TEXT NOT NULL, started TEXT NOT NULL,
            finished TEXT, exit_code INTEGER, summary TEXT, PRIMARY KEY (tenant, id));
        CREATE TABLE intent (
            tenant TEXT NOT NULL, key TEXT NOT NULL, key_result TEXT NOT NULL, run TEXT NOT NULL,
            at TEXT NOT NULL, check_in TEXT NOT NULL, state TEXT NOT NULL, settled TEXT,
            remote_id TEXT, already_there INTEGER, reason TEXT, PRIMARY KEY (tenant, key));
        CREATE INDEX intent_state ON intent (tenant, state, at);
        CREATE TABLE last_sent (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (tenant, key_result),
            FOREIGN KEY (tenant, key) REFERENCES intent (tenant, key));
        CREATE TABLE measurement (
            tenant TEXT NOT NULL, subject TEXT NOT NULL, as_of TEXT NOT NULL,
            recorded TEXT NOT NULL, day TEXT NOT NULL, run TEXT NOT NULL, number TEXT NOT NULL,
            unit TEXT NOT NULL, records BIGINT NOT NULL, approximate INTEGER NOT NULL,
            origin TEXT NOT NULL, evidence TEXT NOT NULL,
            PRIMARY KEY (tenant, subject, as_of, recorded));
        CREATE TABLE newest_measurement (
            tenant TEXT NOT NULL, subject TEXT NOT NULL, as_of TEXT NOT NULL,
            recorded TEXT NOT NULL, PRIMARY KEY (tenant, subject),
            FOREIGN KEY (tenant, subject, as_of, recorded)
                REFERENCES measurement (tenant, subject, as_of, recorded));
        CREATE TABLE baseline (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, period TEXT NOT NULL,
            as_of TEXT NOT NULL, number TEXT NOT NULL, unit TEXT NOT NULL,
            records BIGINT NOT NULL, approximate INTEGER NOT NULL, origin TEXT NOT NULL,
            evidence TEXT NOT NULL, PRIMARY KEY (tenant, key_result, period));
        CREATE TABLE outcome (
            tenant TEXT NOT NULL, subject TEXT NOT NULL, run TEXT NOT NULL, at TEXT NOT NULL,
            verdict TEXT NOT NULL, reason TEXT NOT NULL, since TEXT NOT NULL,
            runs BIGINT NOT NULL, code TEXT NOT NULL, cure TEXT NOT NULL, value TEXT, score TEXT,
            stored TEXT, PRIMARY KEY (tenant, subject));
        CREATE TABLE slot (
            tenant TEXT NOT NULL, schedule TEXT NOT NULL, slot TEXT NOT NULL,
            PRIMARY KEY (tenant, schedule))
        """,
    )


def words(connection: Connection) -> None:
    _run(
        connection,
        """
        CREATE TABLE approval (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, at TEXT NOT NULL,
            number TEXT NOT NULL, unit TEXT NOT NULL, reason TEXT NOT NULL, said_by TEXT NOT NULL,
            used_run TEXT, used_at TEXT, PRIMARY KEY (tenant, key_result, at));
        CREATE TABLE manual_value (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, at TEXT NOT NULL,
            number TEXT NOT NULL, until TEXT, reason TEXT NOT NULL, said_by TEXT NOT NULL,
            PRIMARY KEY (tenant, key_result, at))
        """,
    )


def local_store(connection: Connection) -> None:
    _run(
        connection,
        """
        CREATE TABLE local_objective (
            tenant TEXT NOT NULL, id TEXT NOT NULL, definition TEXT NOT NULL,
            PRIMARY KEY (tenant, id));
        CREATE TABLE local_key_result (
            tenant TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, unit TEXT NOT NULL,
            definition TEXT NOT NULL, newest BIGINT NOT NULL, PRIMARY KEY (tenant, id));
        CREATE TABLE local_check_in (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, number BIGINT NOT NULL, key TEXT,
            value TEXT NOT NULL, unit TEXT NOT NULL, as_of TEXT NOT NULL, at TEXT NOT NULL,
            author TEXT NOT NULL, score TEXT, confidence DOUBLE PRECISION, status TEXT NOT NULL,
            note TEXT NOT NULL, PRIMARY KEY (tenant, key_result, number), UNIQUE (tenant, key),
            FOREIGN KEY (tenant, key_result) REFERENCES local_key_result (tenant, id))
        """,
    )


def memory(connection: Connection) -> None:
    _run(
        connection,
        """
        CREATE TABLE memory (
            tenant TEXT NOT NULL, connector TEXT NOT NULL, key TEXT NOT NULL,
            content TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (tenant, connector, key))
        """,
    )


def aims(connection: Connection) -> None:
    _run(
        connection,
        """
        CREATE TABLE aim (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, period TEXT NOT NULL,
            starts TEXT NOT NULL, ends TEXT NOT NULL, first TEXT NOT NULL, newest TEXT NOT NULL,
            PRIMARY KEY (tenant, key_result, period))
        """,
    )


def persons(connection: Connection) -> None:
    _run(
        connection,
        """
        ALTER TABLE outcome ADD COLUMN word TEXT;
        CREATE TABLE persons_word (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, store TEXT NOT NULL,
            revision TEXT NOT NULL, run TEXT NOT NULL, seen TEXT NOT NULL, word TEXT NOT NULL,
            PRIMARY KEY (tenant, key_result, store, revision))
        """,
    )


def closings(connection: Connection) -> None:
    _run(
        connection,
        """
        CREATE TABLE closed_period (
            tenant TEXT NOT NULL, period TEXT NOT NULL, starts TEXT NOT NULL, ends TEXT NOT NULL,
            at TEXT NOT NULL, said_by TEXT NOT NULL, early INTEGER NOT NULL,
            PRIMARY KEY (tenant, period));
        CREATE TABLE final (
            tenant TEXT NOT NULL, key_result TEXT NOT NULL, period TEXT NOT NULL,
            place TEXT NOT NULL, store TEXT NOT NULL, store_id TEXT NOT NULL,
            definition TEXT NOT NULL, run TEXT NOT NULL, at TEXT NOT NULL, verdict TEXT NOT NULL,
            reason TEXT NOT NULL, since TEXT NOT NULL, runs BIGINT NOT NULL, code TEXT NOT NULL,
            value TEXT, score TEXT, stored TEXT, author TEXT NOT NULL, revision TEXT NOT NULL,
            believed TEXT, came_true INTEGER, PRIMARY KEY (tenant, key_result, period),
            FOREIGN KEY (tenant, period) REFERENCES closed_period (tenant, period))
        """,
    )


MIGRATIONS: Final[Sequence[Migration]] = (
    spine,
    words,
    local_store,
    memory,
    aims,
    persons,
    closings,
)


def migrate(engine: Engine, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the database forward; when many processes start at once, exactly one does each step.

    Raises ``StateTooNew`` and ``StateDamaged`` before anything is changed.
    """
    with engine.begin() as connection:
        done = version(connection, migrations)
    while done < len(migrations):
        done = _take_one_step(engine, migrations)


def _take_one_step(engine: Engine, migrations: Sequence[Migration]) -> int:
    with engine.execution_options(okrsync_wait=MIGRATION_WAIT).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        done = version(connection, migrations)  # again: another process may have been faster
        if done == len(migrations):
            return done
        migrations[done](connection)
        connection.execute(
            text("INSERT INTO schema_version VALUES (:version, :name, :at)"),
            {
                "version": done + 1,
                "name": migrations[done].__name__,
                "at": system_clock().isoformat(timespec="seconds"),
            },
        )
        return done + 1


def version(connection: Connection, migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """How many migrations have been applied; 0 for an empty database.

    Raises ``StateTooNew`` when there are more than this program knows, ``StateDamaged`` when the
    tables are not okrsync's.
    """
    tables = set(inspect(connection).get_table_names())
    if "schema_version" not in tables:
        _refuse_foreign(connection, tables)
        return 0
    columns = {column["name"] for column in inspect(connection).get_columns("schema_version")}
    if not {"version", "name"} <= columns:
        raise _foreign("its table schema_version is another program's")
    query = text("SELECT version, name FROM schema_version ORDER BY version")
    return _known([(row.version, row.name) for row in connection.execute(query)], migrations)


def _known(applied: Sequence[tuple[int, str]], migrations: Sequence[Migration]) -> int:
    known = [(number, step.__name__) for number, step in enumerate(migrations, start=1)]
    if len(applied) > len(known) and [*applied[: len(known)]] == known:
        raise StateTooNew(
            f"the state database has schema {len(applied)}, this okrsync knows {len(known)}: "
            "a newer okrsync has been here",
            next_step="upgrade okrsync on this machine: pip install --upgrade okrsync",
        )
    if not applied or [*applied] != known[: len(applied)]:
        raise _foreign("its schema_version does not follow okrsync's")
    return len(applied)


def _refuse_foreign(connection: Connection, tables: set[str]) -> None:
    """A SQLite file is ours alone; a PostgreSQL database may be shared with others."""
    ours = {"lease", "run", "intent", "measurement", "outcome"}
    strangers = tables if connection.dialect.name == "sqlite" else tables & ours
    if strangers:
        raise _foreign(f"it holds other tables ({', '.join(sorted(strangers)[:3])})")


def _foreign(why: str) -> StateDamaged:
    return StateDamaged(
        f"the state database is not okrsync's: {why}",
        next_step="point [state] url at a database of okrsync's own, or restore a backup",
    )
