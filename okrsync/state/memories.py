"""What connectors keep from run to run: small texts by key, which may be lost without harm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select

from okrsync.state.codec import instant
from okrsync.state.database import Database, insert, insert_many
from okrsync.state.schema import memory as table

Memories = Mapping[tuple[str, str], str]
"""Texts by connector and key."""


class MemoryBook:
    def __init__(self, database: Database) -> None:
        self._database = database

    def recall(self, connector: str, key: str) -> str | None:
        query = select(table.c.content).where(
            table.c.tenant == self._database.tenant,
            table.c.connector == connector,
            table.c.key == key,
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def keep(self, memories: Memories, at: datetime) -> None:
        if not memories:
            return
        rows = [
            {
                "tenant": self._database.tenant,
                "connector": connector,
                "key": key,
                "content": content,
                "at": instant(at),
            }
            for (connector, key), content in memories.items()
        ]
        with self._database.write() as connection:
            statement = insert(connection, table)
            statement = statement.on_conflict_do_update(
                index_elements=["tenant", "connector", "key"],
                set_={"content": statement.excluded.content, "at": statement.excluded.at},
            )
            insert_many(connection, statement, rows)

    def prune(self, before: datetime) -> None:
        """Forget what nobody has written again since."""
        with self._database.write() as connection:
            connection.execute(
                delete(table).where(
                    table.c.tenant == self._database.tenant, table.c.at < instant(before)
                )
            )
