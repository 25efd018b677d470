"""The memory between runs, opened for one tenant."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Engine, make_url

from okrsync.errors import StateError
from okrsync.state.aims import Aims
from okrsync.state.closings import Closings
from okrsync.state.database import Database, connect, in_memory, parse, spoken
from okrsync.state.heard import Heard
from okrsync.state.leases import Leases
from okrsync.state.measurements import Measurements
from okrsync.state.memories import MemoryBook
from okrsync.state.migrations import MIGRATIONS, migrate, version
from okrsync.state.outbox import Outbox
from okrsync.state.outcomes import Outcomes
from okrsync.state.runs import Runs
from okrsync.state.slots import Slots
from okrsync.state.words import Words


@dataclass(frozen=True, slots=True)
class State:
    """Each part is a small class of its own; every method is one transaction."""

    database: Database
    leases: Leases
    runs: Runs
    outbox: Outbox
    measurements: Measurements
    outcomes: Outcomes
    words: Words
    slots: Slots
    memories: MemoryBook
    aims: Aims
    closings: Closings
    heard: Heard

    @property
    def engine(self) -> Engine:
        """For ``Toolbox.database``: it knows its tenant and the lease."""
        return self.database.engine


@contextmanager
def open_state(url: str, *, tenant: str, create: bool = True) -> Iterator[State]:
    """Open the state at an SQLAlchemy address, with an absolute path where it is a file.

    With ``create`` it is made or brought forward as needed. Without, nothing is ever written: a
    missing state is an empty one, and one of an older okrsync is brought forward in memory.

    Raises ``UsageError`` for an address that cannot be one, ``StateTooNew``, ``StateDamaged`` and
    ``StateError``; each says what to do.
    """
    engine = _open(parse(url)) if create else _open_to_read(parse(url))
    try:
        yield _state(engine, tenant)
    finally:
        engine.dispose()


def _state(engine: Engine, tenant: str) -> State:
    database = Database(engine, tenant=tenant)
    return State(
        database=database,
        leases=Leases(database),
        runs=Runs(database),
        outbox=Outbox(database),
        measurements=Measurements(database),
        outcomes=Outcomes(database),
        words=Words(database),
        slots=Slots(database),
        memories=MemoryBook(database),
        aims=Aims(database),
        closings=Closings(database),
        heard=Heard(database),
    )


def _open(url: URL) -> Engine:
    engine = connect(url)
    try:
        with spoken(engine):
            migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _open_to_read(url: URL) -> Engine:
    if in_memory(url) or (_is_file(url) and not Path(url.database or "").exists()):
        return _open(make_url("sqlite+pysqlite://"))
    engine = connect(_at_rest(url), writable=False)
    try:
        with spoken(engine), engine.begin() as connection:
            done = version(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine if done == len(MIGRATIONS) else _copy(engine, url, done)


def _at_rest(url: URL) -> URL:
    """In a folder that we may not write to, SQLite cannot make the files of its log; where nobody
    has made them, the state is at rest and is read without."""
    path = Path(url.database or "")
    if not _is_file(url) or os.access(path.parent, os.W_OK) or Path(f"{path}-wal").exists():
        return url
    return url.set(database=path.as_uri(), query={"immutable": "1", "uri": "true"})


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _copy(engine: Engine, url: URL, done: int) -> Engine:
    """The same state in memory, brought forward."""
    engine.dispose()
    if done and not _is_file(url):
        raise StateError(
            "the state database is of an older okrsync", next_step="bring it forward: okrsync sync"
        )
    copy = connect(make_url("sqlite+pysqlite://"))
    with spoken(engine):
        if done:
            _fill(copy, Path(url.database or ""))
        migrate(copy)
    return copy


def _fill(copy: Engine, path: Path) -> None:
    raw = copy.raw_connection()
    with closing(raw), closing(sqlite3.connect(path)) as original:
        target = raw.driver_connection
        if isinstance(target, sqlite3.Connection):
            original.backup(target)
