"""What people wrote in the stores, as okrsync saw it: kept although the store may forget it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, select

from okrsync.model import PersonsWord
from okrsync.state.codec import instant, json_text, legible, moment, read_json
from okrsync.state.database import Database, insert, insert_many
from okrsync.state.schema import persons_word as table


@dataclass(frozen=True, slots=True)
class HeardWord:
    """``seen`` is when the run ``run`` first met it in the store."""

    word: PersonsWord
    run: str
    seen: datetime


class Heard:
    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, run: str, at: datetime, words: Mapping[str, PersonsWord]) -> None:
        """Write down those not known yet, by key result."""
        if not words:
            return
        rows = [
            {
                "tenant": self._database.tenant,
                "key_result": key_result,
                "store": word.store,
                "revision": word.revision,
                "run": run,
                "seen": instant(at),
                "word": encode_word(word),
            }
            for key_result, word in words.items()
        ]
        with self._database.write() as connection:
            known = ["tenant", "key_result", "store", "revision"]
            statement = insert(connection, table).on_conflict_do_nothing(index_elements=known)
            insert_many(connection, statement, rows)

    def of(self, key_result: str) -> Sequence[HeardWord]:
        """Oldest first."""
        query = (
            select(table)
            .where(table.c.tenant == self._database.tenant, table.c.key_result == key_result)
            .order_by(table.c.seen)
        )
        with self._database.read() as connection:
            return [
                HeardWord(decode_word(row.word), row.run, moment(row.seen))
                for row in connection.execute(query)
            ]

    def prune(self, before: datetime) -> int:
        """Forget those first seen before."""
        old = (table.c.tenant == self._database.tenant, table.c.seen < instant(before))
        with self._database.write() as connection:
            return connection.execute(delete(table).where(*old)).rowcount


def encode_word(word: PersonsWord) -> str:
    return json_text(
        {
            "store": word.store,
            "revision": word.revision,
            "author": word.author,
            "at": None if word.at is None else instant(word.at),
            "value": None if word.value is None else str(word.value),
            "unit": word.unit,
            "confidence": word.confidence,
            "status": word.status,
            "note": word.note,
        }
    )


@legible
def decode_word(text: str) -> PersonsWord:
    """a person's check-in"""
    data = read_json(text)
    return PersonsWord(
        store=data["store"],
        revision=data["revision"],
        author=data["author"],
        at=None if data["at"] is None else moment(data["at"]),
        value=None if data["value"] is None else Decimal(data["value"]),
        unit=data["unit"],
        confidence=data["confidence"],
        status=data["status"],
        note=data["note"],
    )
