"""The door to the database: engines, transactions, and what went wrong in words.

SQLite and PostgreSQL run the same statements. What differs is here: how a transaction begins, how
the database tells the time, and what its errors mean.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    literal_column,
    make_url,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from okrsync.errors import StateError, UsageError
from okrsync.state.troubles import in_words

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

LOCK_WAIT: Final = 2.0
MIGRATION_WAIT: Final = 5.0

_SECONDS_SINCE_1970: Final = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    # not now(): that is when the transaction began, perhaps before it had to wait
    "postgresql": "extract(epoch from clock_timestamp())::double precision",
}


class Database:
    """One tenant's door. Every read and write of the state goes through ``read`` and ``write``.

    While ``fence`` is set, each write first asks it, in the same transaction, whether this run
    still holds the lease; so a holder that was stopped for too long cannot write.
    """

    def __init__(self, engine: Engine, *, tenant: str) -> None:
        self.tenant = tenant
        self.fence: Callable[[Connection], None] | None = None
        self.engine = engine.execution_options(okrsync_database=self)
        self._one_at_a_time = Lock()
        self._writer = engine.execution_options(okrsync_wait=LOCK_WAIT)

    @classmethod
    def behind(cls, engine: Engine) -> Database:
        """The database whose ``engine`` this is: how a store that lives in it finds its tenant."""
        database = engine.get_execution_options().get("okrsync_database")
        if not isinstance(database, cls):
            raise StateError("this engine was not opened by okrsync.state.open_state")
        return database

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with spoken(self.engine), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self, *, fenced: bool = True) -> Iterator[Connection]:
        """A transaction that has the right to write from its first moment.

        This process's threads take turns here: SQLite lets only one write, and does not queue.
        """
        with self._one_at_a_time, spoken(self._writer), self._writer.begin() as connection:
            if fenced and self.fence is not None:
                self.fence(connection)
            yield connection


@contextmanager
def spoken(engine: Engine) -> Iterator[None]:
    """Turn the database's errors into ``StateError``: what happened, where, what to do."""
    with spoken_of(engine.url):
        yield


@contextmanager
def spoken_of(url: URL) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise in_words(error, shown(url)) from error


def shown(url: URL) -> str:
    """The database's name in messages: never with its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    return f"{url.database or ''} on {url.host or url.query.get('host') or 'this machine'}"


def now(connection: Connection) -> ColumnElement[float]:
    """The database's own clock, in seconds since 1970: the same for every machine that asks."""
    return literal_column(_SECONDS_SINCE_1970[connection.dialect.name])


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """INSERT with ON CONFLICT, which both databases spell alike but SQLAlchemy keeps apart."""
    if connection.dialect.name == "postgresql":
        # here and not at the top: it loads asyncio, which SQLite does not need
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_many(
    connection: Connection,
    statement: sqlite.Insert | postgresql.Insert,
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Run an INSERT for each row; every row has the same columns.

    The rows go to the driver as they are, because all of our columns are plain texts and numbers:
    SQLAlchemy's own preparation of each row takes longer than the database does.
    """
    compiled = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
    constants = compiled.params
    filled = [{**constants, **row} for row in rows]
    if compiled.positiontup is None:
        connection.exec_driver_sql(compiled.string, filled)
        return
    in_order = itemgetter(*compiled.positiontup)
    connection.exec_driver_sql(compiled.string, [in_order(row) for row in filled])


def parse(url: str) -> URL:
    """Raises ``UsageError`` unless the address is one of SQLite or PostgreSQL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        parsed = None
    backend = parsed.get_backend_name() if parsed is not None else ""
    if parsed is not None and backend == "sqlite":
        return parsed.set(drivername="sqlite+pysqlite")
    if parsed is not None and backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise UsageError(
        "the address of the state database is neither SQLite's nor PostgreSQL's",
        next_step='write [state] url = "sqlite:///okrsync.db" or "postgresql://..."',
    )


def in_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def connect(url: URL, *, writable: bool = True) -> Engine:
    """An engine for ``url``; a missing SQLite file is created for its owner's eyes only."""
    if url.get_backend_name() == "postgresql":
        return _postgresql(url)
    if in_memory(url):
        # One connection, because each would have a database of its own; and one thread at a time
        # on it, because a transaction is the connection's and not the thread's.
        alone = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}
        return _sqlite(url, writable=True, connect_args={"check_same_thread": False}, **alone)
    _refuse_what_is_no_file(Path(url.database or ""))
    if writable:
        with spoken_of(url):
            _create_private(Path(url.database or ""))
    engine = _sqlite(url, writable=writable)
    if writable:
        with spoken(engine):
            _use_write_ahead_log(engine)
    return engine


def _postgresql(url: URL) -> Engine:
    try:
        engine = create_engine(
            url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 5}
        )
    except ImportError:
        raise UsageError(
            "the state is in PostgreSQL, and its driver is not installed",
            next_step="pip install 'okrsync[postgres]'",
        ) from None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        wait = connection.get_execution_options().get("okrsync_wait")
        if wait is not None:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(wait * 1000)}")

    return engine


def _sqlite(url: URL, *, writable: bool, **settings: Any) -> Engine:
    engine = create_engine(url, hide_parameters=True, **settings)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where ``begin`` below says
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA query_only = {'OFF' if writable else 'ON'}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        wait = connection.get_execution_options().get("okrsync_wait")
        milliseconds = int((LOCK_WAIT if wait is None else wait) * 1000)
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
        connection.exec_driver_sql("BEGIN" if wait is None else "BEGIN IMMEDIATE")

    return engine


def _refuse_what_is_no_file(path: Path) -> None:
    """Opening a pipe would wait for whoever is to write into it."""
    if path.exists() and not path.is_file():
        raise StateError(
            f"the state database {path} is no plain file",
            next_step="move it away, or name a file with [state] url",
        )


def _create_private(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StateError(
            f"the state database {path} cannot be created or written: {error.strerror}",
            next_step="check the folder's owner and the space left, or change [state] url",
        ) from error


def _use_write_ahead_log(engine: Engine) -> None:
    """Readers never wait for the writer. SQLite does not queue for this switch, so try again."""
    give_up = monotonic() + MIGRATION_WAIT
    raw = engine.raw_connection()
    try:
        while True:
            try:
                if _is_foreign(raw.cursor()):
                    return  # it stays as it is, and is refused before the first statement
                raw.cursor().execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > give_up:
                    raise
                sleep(0.02)
            else:
                return
    finally:
        raw.close()


def _is_foreign(cursor: DBAPICursor) -> bool:
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    names = {name for (name,) in cursor.fetchall()}
    return bool(names) and "lease" not in names
