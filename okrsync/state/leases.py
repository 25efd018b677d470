"""One writer at a time: a lease with a fencing token, timed by the database's clock.

The token only grows. Whoever takes the lease over gets a higher one, so that a holder that was
stopped meanwhile and wakes up can be told apart, and can write no more.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

from sqlalchemy import Connection, Row, select, update

from okrsync.errors import Busy, LeaseLost, StateError
from okrsync.state.database import Database, insert, now
from okrsync.state.process import Holder, certainly_dead
from okrsync.state.schema import lease as table

_HOLDER = [table.c[field.name] for field in fields(Holder)]


@dataclass(frozen=True, slots=True)
class Held:
    """A lease as others see it; ``id`` is what ``okrsync unlock`` wants."""

    id: str
    holder: Holder
    since: datetime
    expires: datetime


class Lease:
    """The right to write, while it lasts."""

    def __init__(self, database: Database, lease_id: str, token: int) -> None:
        self.id = lease_id
        self.token = token
        self._database = database

    def check(self) -> None:
        """Raise ``LeaseLost`` unless this run still holds the lease."""
        with self._database.read() as connection:
            self.check_within(connection)

    def check_within(self, connection: Connection) -> None:
        """The same inside a transaction: nobody can take the lease over before its end."""
        query = select(table.c.token).where(*self._mine(connection)).with_for_update(read=True)
        if connection.execute(query).first() is None:
            raise LeaseLost(
                f"this run's lease {self.id} has ended: it was stopped for too long, or unlocked",
                next_step="run again: okrsync sync; what was sent is not sent twice",
            )

    def renew(self, ttl: timedelta) -> bool:
        """False when it is lost; an expired lease is not brought back to life."""
        with self._database.write(fenced=False) as connection:
            statement = (
                update(table)
                .where(*self._mine(connection))
                .values(expires=now(connection) + ttl.total_seconds())
            )
            return connection.execute(statement).rowcount == 1

    def release(self) -> None:
        with self._database.write(fenced=False) as connection:
            mine = (table.c.tenant == self._database.tenant, table.c.id == self.id)
            connection.execute(update(table).where(*mine).values(id="", expires=0))

    def _mine(self, connection: Connection) -> tuple[Any, ...]:
        return (
            table.c.tenant == self._database.tenant,
            table.c.id == self.id,
            table.c.token == self.token,
            table.c.expires > now(connection),
        )


class Leases:
    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def hold(self, *, holder: Holder, ttl: timedelta) -> Iterator[Lease]:
        """Take the lease or raise ``Busy`` at once, naming its holder; it never waits.

        From now on every write through the same state is made only while a lease is held.
        """
        lease = self._take(holder, ttl)
        try:
            with _renewing(lease, ttl):
                self._database.fence = lease.check_within
                yield lease
        finally:
            # the fence stays: a thread that is late finds that the lease has ended
            with suppress(StateError):  # the work is done; the lease ends by itself
                lease.release()

    def current(self) -> Held | None:
        """Who holds the lease now, if anybody does."""
        with self._database.read() as connection:
            row = connection.execute(self._row(connection)).first()
            return None if row is None or not row.alive else _held(row)

    def unlock(self, lease_id: str) -> bool:
        """End a lease by its id; False when no such lease is held."""
        with self._database.write(fenced=False) as connection:
            statement = update(table).where(
                table.c.tenant == self._database.tenant,
                table.c.id == lease_id,
                table.c.id != "",
            )
            return connection.execute(statement.values(id="", expires=0)).rowcount == 1

    def _take(self, holder: Holder, ttl: timedelta) -> Lease:
        lease_id = secrets.token_hex(4)
        with self._database.write(fenced=False) as connection:
            self._make_sure_of_the_row(connection)
            row = connection.execute(self._row(connection).with_for_update()).one()
            if row.alive and not certainly_dead(_holder(row), asked_by=holder):
                raise _busy(_held(row))
            begin = now(connection)
            connection.execute(
                update(table)
                .where(table.c.tenant == self._database.tenant)
                .values(
                    **asdict(holder),
                    id=lease_id,
                    token=row.token + 1,
                    since=begin,
                    expires=begin + ttl.total_seconds(),
                )
            )
        return Lease(self._database, lease_id, row.token + 1)

    def _make_sure_of_the_row(self, connection: Connection) -> None:
        nobody = asdict(Holder("", 0, "", "", "", ""))
        statement = insert(connection, table).values(
            tenant=self._database.tenant, token=0, id="", since=0, expires=0, **nobody
        )
        connection.execute(statement.on_conflict_do_nothing())

    def _row(self, connection: Connection) -> Any:
        alive = (table.c.expires > now(connection)).label("alive")
        query = select(table.c.id, table.c.token, table.c.since, table.c.expires, *_HOLDER, alive)
        return query.where(table.c.tenant == self._database.tenant)


@contextmanager
def _renewing(lease: Lease, ttl: timedelta) -> Iterator[None]:
    """Renew from a thread, so that a slow source does not cost the lease."""
    over = Event()

    def renew() -> None:
        while not over.wait(ttl.total_seconds() / 4):
            with suppress(StateError):  # a busy or unreachable database: three more tries fit in
                if not lease.renew(ttl):
                    return

    thread = Thread(target=renew, name="okrsync-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _holder(row: Row[Any]) -> Holder:
    return Holder(**{column.name: row._mapping[column] for column in _HOLDER})  # noqa: SLF001 - SQLAlchemy's public name


def _held(row: Row[Any]) -> Held:
    return Held(
        id=row.id,
        holder=_holder(row),
        since=datetime.fromtimestamp(row.since, UTC),
        expires=datetime.fromtimestamp(row.expires, UTC),
    )


def _busy(held: Held) -> Busy:
    holder = held.holder
    return Busy(
        f"another run holds the lease: {holder.command!r}, process {holder.pid} on {holder.host}, "
        f"since {held.since:%Y-%m-%d %H:%M:%S} UTC, lease {held.id}",
        next_step=f"wait for it; if it is certainly gone: okrsync unlock {held.id}",
    )
