"""Intent before the post, receipt after it: what makes a killed run neither lose nor double.

An intent is pending, then sent or given up. Its payload never changes while it is pending or sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, or_, select, update

from okrsync.model import CheckIn, Receipt
from okrsync.state.codec import encode_check_in, instant, moment
from okrsync.state.database import Database, insert
from okrsync.state.records import Intent, Remembered, Sent
from okrsync.state.schema import intent, last_sent

_PENDING: Final = "pending"
_SENT: Final = "sent"
_GIVEN_UP: Final = "given up"

_AT_ONCE: Final = 500  # keys in one query; SQLite allows 32,766 parameters

_A_TICK: Final = timedelta(microseconds=1)  # what ``instant`` can still tell apart

_FROZEN: Final = ("key_result", "run", "at", "check_in", "state", "settled", "reason")
_INTENT: Final = [intent.c.key, intent.c.run, intent.c.at, intent.c.check_in]
_RECEIPT: Final = [intent.c.settled, intent.c.remote_id, intent.c.already_there]


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    def pending(self) -> Sequence[Intent]:
        """Check-ins whose outcome is unknown, oldest first."""
        query = (
            select(*_INTENT)
            .where(intent.c.tenant == self._database.tenant, intent.c.state == _PENDING)
            .order_by(intent.c.at, intent.c.key)
        )
        with self._database.read() as connection:
            return [_intent(row) for row in connection.execute(query)]

    def intend(self, run: str, at: datetime, check_in: CheckIn) -> Intent:
        """Freeze what will be sent. Returns the intent that stands for the key: this one, or the
        earlier one that is pending or sent.

        It is later than what was last sent for its key result, even where the clock was put back:
        else its receipt would be taken for an old one's."""
        return self.intend_all(run, at, [check_in])[0]

    def intend_all(self, run: str, at: datetime, check_ins: Sequence[CheckIn]) -> Sequence[Intent]:
        """The same for many in one transaction, in order."""
        if not check_ins:
            return []
        with self._database.write() as connection:
            statement = insert(connection, intent)
            frozen = {name: statement.excluded[name] for name in _FROZEN}
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["tenant", "key"],
                    set_=frozen,
                    where=intent.c.state == _GIVEN_UP,
                ),
                self._pending(connection, run, at, check_ins),
            )
            keys = [check_in.key for check_in in check_ins]
            found = {row.key: row for row in self._named_all(connection, keys)}
        return [_intent(found[key]) for key in keys]

    def _pending(
        self, connection: Connection, run: str, at: datetime, check_ins: Sequence[CheckIn]
    ) -> list[dict[str, Any]]:
        last = self._last_times(connection, [check_in.key_result for check_in in check_ins])
        return [
            {
                "tenant": self._database.tenant,
                "key": check_in.key,
                "key_result": check_in.key_result,
                "run": run,
                "at": _later(at, last.get(check_in.key_result)),
                "check_in": encode_check_in(check_in),
                "state": _PENDING,
                "settled": None,
                "reason": None,
            }
            for check_in in check_ins
        ]

    def _last_times(self, connection: Connection, key_results: Sequence[str]) -> dict[str, str]:
        query = select(last_sent.c.key_result, last_sent.c.at).where(
            last_sent.c.tenant == self._database.tenant
        )
        return {
            row.key_result: row.at
            for some in _portions(key_results)
            for row in connection.execute(query.where(last_sent.c.key_result.in_(some)))
        }

    def _named_all(self, connection: Connection, keys: Sequence[str]) -> Iterator[Row[Any]]:
        query = select(*_INTENT).where(intent.c.tenant == self._database.tenant)
        for some in _portions(keys):
            yield from connection.execute(query.where(intent.c.key.in_(some)))

    def receive(self, receipt: Receipt, at: datetime) -> None:
        """The check-in is in the store: its intent is settled, in one step with what was last
        sent. A receipt for an older intent never takes the place of a newer one."""
        settled = {
            "state": _SENT,
            "settled": instant(at),
            "remote_id": receipt.remote_id,
            "already_there": int(receipt.already_there),
        }
        with self._database.write() as connection:
            connection.execute(update(intent).where(*self._named(receipt.key)).values(**settled))
            self._remember(connection, receipt.key)

    def _remember(self, connection: Connection, key: str) -> None:
        sent = connection.execute(
            select(intent.c.key_result, intent.c.key, intent.c.at).where(*self._named(key))
        ).first()
        if sent is None:
            return
        statement = insert(connection, last_sent).values(
            tenant=self._database.tenant, **sent._asdict()
        )
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["tenant", "key_result"],
                set_={"key": sent.key, "at": sent.at},
                where=last_sent.c.at <= sent.at,
            )
        )

    def give_up(self, key: str, reason: str, at: datetime) -> None:
        """The check-in is certainly not in the store and will not be sent, for example because a
        newer one takes its place."""
        gone = {"state": _GIVEN_UP, "reason": reason, "settled": instant(at)}
        pending = (*self._named(key), intent.c.state == _PENDING)
        with self._database.write() as connection:
            connection.execute(update(intent).where(*pending).values(**gone))

    def last_sent(self) -> Mapping[str, Sent]:
        """By key result: the newest check-in that is known to be in the store."""
        query = (
            select(last_sent.c.key_result, *_INTENT, *_RECEIPT)
            .join(
                intent,
                (intent.c.tenant == last_sent.c.tenant) & (intent.c.key == last_sent.c.key),
            )
            .where(last_sent.c.tenant == self._database.tenant)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return Remembered({row[0]: row for row in rows}, _sent)

    def sent(self, key_result: str | None = None) -> Sequence[Sent]:
        """All check-ins, or those of one key result, that are known to be in a store, oldest
        first."""
        known = [intent.c.tenant == self._database.tenant, intent.c.state == _SENT]
        if key_result is not None:
            known.append(intent.c.key_result == key_result)
        query = (
            select(intent.c.key_result, *_INTENT, *_RECEIPT)
            .where(*known)
            .order_by(intent.c.settled, intent.c.at, intent.c.key)
        )
        with self._database.read() as connection:
            return [_sent(row) for row in connection.execute(query)]

    def prune(self, before: datetime) -> int:
        """Forget intents settled before, except the last one sent of each key result."""
        newest = select(last_sent.c.key).where(last_sent.c.tenant == self._database.tenant)
        old = (
            intent.c.tenant == self._database.tenant,
            or_(intent.c.state == _SENT, intent.c.state == _GIVEN_UP),
            intent.c.settled < instant(before),
            intent.c.key.not_in(newest),
        )
        with self._database.write() as connection:
            return connection.execute(delete(intent).where(*old)).rowcount

    def _named(self, key: str) -> tuple[Any, Any]:
        return intent.c.tenant == self._database.tenant, intent.c.key == key


def _portions(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))


def _later(at: datetime, last: str | None) -> str:
    now = instant(at)
    return now if last is None or now > last else instant(moment(last) + _A_TICK)


def _intent(row: Row[Any]) -> Intent:
    return Intent(run=row.run, at=moment(row.at), payload=row.check_in)


def _sent(row: Sequence[Any]) -> Sent:
    # in one go and in the order of ``last_sent``: look-ups by name take three times as long
    _, key, run, at, payload, settled, remote_id, already_there = row
    receipt = Receipt(key, remote_id, already_there=bool(already_there))
    return Sent(run, moment(settled), receipt, payload, intended=moment(at))
