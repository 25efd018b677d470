"""Which slot of each schedule was done last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from okrsync.state.codec import instant, moment
from okrsync.state.database import Database, insert
from okrsync.state.schema import slot as table


class Slots:
    def __init__(self, database: Database) -> None:
        self._database = database

    def done(self) -> Mapping[str, datetime]:
        """By schedule key; in UTC."""
        query = select(table).where(table.c.tenant == self._database.tenant)
        with self._database.read() as connection:
            return {row.schedule: moment(row.slot) for row in connection.execute(query)}

    def mark(self, key: str, slot: datetime) -> None:
        """The slot is done; an earlier slot than the one marked changes nothing."""
        self.mark_all({key: slot})

    def mark_all(self, slots: Mapping[str, datetime]) -> None:
        if not slots:
            return
        with self._database.write() as connection:
            statement = insert(connection, table)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["tenant", "schedule"],
                    set_={"slot": statement.excluded.slot},
                    where=table.c.slot < statement.excluded.slot,
                ),
                [
                    {"tenant": self._database.tenant, "schedule": key, "slot": instant(slot)}
                    for key, slot in slots.items()
                ],
            )
