"""The history of numbers, and the baselines that were frozen from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, delete, select

from okrsync.state.codec import decimal, instant, moment
from okrsync.state.database import Database, insert
from okrsync.state.records import Reading, Remembered
from okrsync.state.schema import baseline, measurement, newest_measurement

_BACKFILL: Final = "backfill"
_AT_ONCE: Final = 500  # subjects in one query; SQLite allows 32,766 parameters

_COLUMNS: Final = ("number", "unit", "as_of", "origin", "records", "approximate", "evidence")
_READING: Final = [measurement.c.subject, *(measurement.c[name] for name in _COLUMNS)]

_OVERRIDE: Final = "override"

_Day = tuple[str, str]


class Point(NamedTuple):
    """A number as it is kept: as text, because not all of them are read."""

    day: str
    as_of: str
    number: str
    unit: str


class Measurements:
    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, run: str, at: datetime, rows: Sequence[Reading]) -> int:
        """Add to the history; returns how many were new.

        A number equal to the newest one of the same subject and day adds nothing, and a backfilled
        one gives way to a day that has been measured. The day is that of ``as_of`` in its own zone.
        """
        with self._database.write() as connection:
            known = self._known_days(connection, rows)
            new = [row for row in rows if _is_news(row, known)]
            entries = [self._entry(row, run, at) for row in new]
            if entries:
                _add(connection, entries)
        return len(new)

    def _known_days(
        self, connection: Connection, rows: Sequence[Reading]
    ) -> dict[_Day, tuple[Decimal, bool]]:
        """For each subject and day: the newest number, and whether any of it was measured."""
        known: dict[_Day, tuple[Decimal, bool]] = {}
        if not rows:
            return known
        # a day reaches up to 14 hours beyond its UTC namesake, so look one day further each way
        first = min(row.as_of for row in rows) - timedelta(days=1)
        last = max(row.as_of for row in rows) + timedelta(days=1)
        query = select(
            measurement.c.subject, measurement.c.day, measurement.c.number, measurement.c.origin
        ).where(
            measurement.c.tenant == self._database.tenant,
            measurement.c.as_of.between(instant(first), instant(last)),
        )
        for subjects in _batches(dict.fromkeys(row.subject for row in rows)):
            found = query.where(measurement.c.subject.in_(subjects))
            in_order = found.order_by(measurement.c.as_of, measurement.c.recorded)
            for subject, day, number, origin in connection.execute(in_order):
                measured = known.get((subject, day), (None, False))[1]
                known[subject, day] = (decimal(number), measured or origin != _BACKFILL)
        return known

    def _entry(self, row: Reading, run: str, at: datetime) -> dict[str, Any]:
        return {
            "tenant": self._database.tenant,
            "subject": row.subject,
            "recorded": instant(at),
            "day": _day(row)[1],
            "run": run,
            **_columns(row),
        }

    def history(self, subject: str, since: datetime | None = None) -> Sequence[Reading]:
        """Oldest first, from ``since`` on."""
        query = select(*_READING).where(
            measurement.c.tenant == self._database.tenant, measurement.c.subject == subject
        )
        if since is not None:
            query = query.where(measurement.c.as_of >= instant(since))
        in_order = query.order_by(measurement.c.as_of, measurement.c.recorded)
        with self._database.read() as connection:
            return [_reading(row) for row in connection.execute(in_order)]

    def series(self, since: Mapping[str, datetime]) -> dict[str, list[Point]]:
        """For each subject its numbers from its own instant on, oldest first, the newest of each
        day; what a person put in a measured one's place is left out. One query."""
        found: dict[str, list[Point]] = {}
        if not since:
            return found
        query = (
            select(*(measurement.c[name] for name in ("subject", "day", "as_of", "number", "unit")))
            .where(
                measurement.c.tenant == self._database.tenant,
                measurement.c.as_of >= instant(min(since.values())),
                measurement.c.origin != _OVERRIDE,
            )
            # the order of the primary key: nothing is sorted
            .order_by(measurement.c.subject, measurement.c.as_of, measurement.c.recorded)
        )
        if len(since) <= _AT_ONCE:
            query = query.where(measurement.c.subject.in_(list(since)))
        begins = {subject: instant(first) for subject, first in since.items()}
        with self._database.read() as connection:
            for subject, day, as_of, number, unit in connection.execute(query):
                if subject in begins and as_of >= begins[subject]:
                    points = found.setdefault(subject, [])
                    if points and points[-1].day == day:
                        points.pop()
                    points.append(Point(day, as_of, number, unit))
        return found

    def newest(self) -> Mapping[str, Reading]:
        """By subject: the reading with the latest ``as_of``."""
        same = [
            measurement.c[name] == newest_measurement.c[name]
            for name in ("tenant", "subject", "as_of", "recorded")
        ]
        query = (
            select(*_READING)
            .join_from(newest_measurement, measurement, same[0] & same[1] & same[2] & same[3])
            .where(newest_measurement.c.tenant == self._database.tenant)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return Remembered({row.subject: row for row in rows}, _reading)

    def prune(self, before: datetime) -> int:
        """Forget readings from before, except the newest one of each subject."""
        newest = select(newest_measurement.c.as_of).where(
            newest_measurement.c.tenant == measurement.c.tenant,
            newest_measurement.c.subject == measurement.c.subject,
            newest_measurement.c.as_of == measurement.c.as_of,
            newest_measurement.c.recorded == measurement.c.recorded,
        )
        old = (
            measurement.c.tenant == self._database.tenant,
            measurement.c.as_of < instant(before),
            ~newest.exists(),
        )
        with self._database.write() as connection:
            return connection.execute(delete(measurement).where(*old)).rowcount

    def freeze_baseline(self, key_result: str, period: str, reading: Reading) -> Reading:
        """Keep the first value of a period, with its proof; returns the one that counts, which
        is the earlier one when there is one."""
        where = {
            "tenant": self._database.tenant,
            "key_result": key_result,
            "period": period,
        }
        with self._database.write() as connection:
            statement = insert(connection, baseline).values(**where, **_columns(reading))
            connection.execute(statement.on_conflict_do_nothing())
            query = select(baseline).filter_by(**where)
            return _frozen(connection.execute(query).one())

    def baselines(self) -> Mapping[tuple[str, str], Reading]:
        """By key result and label of the period."""
        query = select(baseline).where(baseline.c.tenant == self._database.tenant)
        with self._database.read() as connection:
            return {(row.key_result, row.period): _frozen(row) for row in connection.execute(query)}


def _day(row: Reading) -> _Day:
    return row.subject, row.as_of.date().isoformat()


def _is_news(row: Reading, known: dict[_Day, tuple[Decimal, bool]]) -> bool:
    """Also remembers it, for the rows after it in the same batch."""
    number, measured = known.get(_day(row), (None, False))
    backfill = row.origin == _BACKFILL
    if number == row.number or (backfill and measured):
        return False
    known[_day(row)] = (row.number, measured or not backfill)
    return True


def _add(connection: Connection, entries: Sequence[dict[str, Any]]) -> None:
    """The history and the pointers to its newest rows, in one step."""
    history = insert(connection, measurement)
    same = ["tenant", "subject", "as_of", "recorded"]
    replaced = {name: history.excluded[name] for name in ("number", "unit", "evidence", "origin")}
    # only a clock that stands still records the same subject twice at one instant
    connection.execute(history.on_conflict_do_update(index_elements=same, set_=replaced), entries)
    newest = insert(connection, newest_measurement)
    connection.execute(
        newest.on_conflict_do_update(
            index_elements=["tenant", "subject"],
            set_={"as_of": newest.excluded.as_of, "recorded": newest.excluded.recorded},
            where=newest_measurement.c.as_of <= newest.excluded.as_of,
        ),
        [{name: entry[name] for name in same} for entry in entries],
    )


def _columns(row: Reading) -> dict[str, Any]:
    return {
        "number": str(row.number),
        "unit": row.unit,
        "as_of": instant(row.as_of),
        "origin": row.origin,
        "records": row.rows,
        "approximate": int(row.approximate),
        "evidence": row.evidence,
    }


def _frozen(row: Row[Any]) -> Reading:
    return _reading(row, subject=row.key_result)


def _reading(row: Row[Any], subject: str | None = None) -> Reading:
    return Reading(
        subject=row.subject if subject is None else subject,
        number=decimal(row.number),
        unit=row.unit,
        as_of=moment(row.as_of),
        origin=row.origin,
        rows=row.records,
        approximate=bool(row.approximate),
        evidence=row.evidence,
    )


def _batches(subjects: Mapping[str, None]) -> Iterator[list[str]]:
    rest = iter(subjects)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch
