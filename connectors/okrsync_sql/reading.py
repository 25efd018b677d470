"""The second lock: a transaction that cannot write, with a limit on time.

PostgreSQL   SET TRANSACTION READ ONLY, which later statements and functions cannot undo because a
             query has run before them; the statement as a cursor, which takes nothing but a query;
             statement_timeout
MySQL and    START TRANSACTION READ ONLY in a session whose transactions all are: a DROP TABLE ends
MariaDB      the first and would find the second one open; max_statement_time, or
             max_execution_time
SQLite       the file opened with mode=ro, PRAGMA query_only, an authorizer that lets through
             nothing but reading; interrupted when the time is over

Whatever happens, the transaction ends with a rollback.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from sqlalchemy import Connection, Engine

from okrsync.errors import SourceError
from okrsync_sql.connecting import backend_of
from okrsync_sql.settings import SqlSettings

_STEPS = 10_000  # of SQLite's machine between two looks at the clock: about a millisecond
_SQLITE_READS = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)


@contextmanager
def reading(engine: Engine, settings: SqlSettings) -> Iterator[Connection]:
    """A connection in a transaction that can only read and does not outlast the timeout."""
    backend = backend_of(engine.url)
    if backend not in _BEGIN and not settings.read_only_account:
        raise SourceError(
            f"okrsync cannot keep {backend} from writing by itself",
            next_step="sign in with an account that may only read, and say "
            "read_only_account = true in its [source] table",
        )
    with engine.connect() as connection:
        try:
            _BEGIN.get(backend, _nothing)(connection, settings)
            yield connection
        finally:
            connection.rollback()


def _postgresql(connection: Connection, settings: SqlSettings) -> None:
    run = connection.exec_driver_sql
    run("SET TRANSACTION READ ONLY")
    run(f"SET LOCAL statement_timeout = {int(settings.timeout * 1000)}")
    run("SELECT set_config('TimeZone', %s, true)", (settings.timezone,))
    if run("SELECT current_setting('transaction_read_only')").scalar() != "on":
        raise SourceError(
            "the database did not begin a read-only transaction",
            next_step="look whether something stands between, such as a pooler",
        )


def _mysql(connection: Connection, settings: SqlSettings) -> None:
    run = connection.exec_driver_sql
    zone = "+00:00" if settings.timezone == "UTC" else settings.timezone
    run("SET SESSION time_zone = %s", (zone,))
    if getattr(connection.dialect, "is_mariadb", False):
        run(f"SET SESSION max_statement_time = {settings.timeout:.3f}")
    else:
        run(f"SET SESSION max_execution_time = {int(settings.timeout * 1000)}")
    run("SET SESSION TRANSACTION READ ONLY")
    run("START TRANSACTION READ ONLY")


def _sqlite(connection: Connection, settings: SqlSettings) -> None:
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError("SQLite is opened by the driver of the standard library")
    driver.execute("PRAGMA query_only = ON")
    driver.execute("BEGIN")
    end = monotonic() + settings.timeout
    driver.set_progress_handler(lambda: monotonic() > end, _STEPS)
    driver.set_authorizer(_only_reads)


def _only_reads(action: int, *_: str | None) -> int:
    allowed = action in _SQLITE_READS or action == sqlite3.SQLITE_TRANSACTION
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _nothing(connection: Connection, settings: SqlSettings) -> None:
    """Another dialect: the operator has said that its account may only read."""


_BEGIN = {"postgresql": _postgresql, "mysql": _mysql, "sqlite": _sqlite}
