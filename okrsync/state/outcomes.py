"""The last known word on each key result and watched metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, select

from okrsync.model import Outcome, Status, Verdict
from okrsync.state.codec import (
    decode_score,
    decode_value,
    encode_score,
    encode_value,
    instant,
    legible,
    moment,
    score_status,
)
from okrsync.state.database import Database, insert, insert_many
from okrsync.state.heard import decode_word, encode_word
from okrsync.state.records import Remembered
from okrsync.state.schema import outcome as table


class Outcomes:
    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, outcomes: Sequence[Outcome]) -> None:
        """Write the outcomes of one run over earlier ones of the same subjects.

        While verdict and code stay the same, ``since`` is kept and ``runs`` counts on, once for
        each run.
        """
        if not outcomes:
            return
        with self._database.write() as connection:
            statement = insert(connection, table)
            new = statement.excluded
            same = and_(table.c.verdict == new.verdict, table.c.code == new.code)
            again = case((table.c.run == new.run, table.c.runs), else_=table.c.runs + 1)
            updated: dict[str, ColumnElement[Any]] = {
                column.name: new[column.name] for column in table.c if not column.primary_key
            }
            updated["since"] = case((same, table.c.since), else_=new.since)
            updated["runs"] = case((same, again), else_=new.runs)
            insert_many(
                connection,
                statement.on_conflict_do_update(index_elements=["tenant", "subject"], set_=updated),
                [self._columns(outcome) for outcome in outcomes],
            )

    def all(self) -> Mapping[str, Outcome]:
        """By subject."""
        query = select(table).where(table.c.tenant == self._database.tenant)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return Remembered({row.subject: row for row in rows}, _outcome)

    def statuses(self) -> Mapping[str, tuple[str, Status]]:
        """By subject: when it was last judged, as ISO 8601 in UTC, and how."""
        query = select(table.c.subject, table.c.at, table.c.score).where(
            table.c.tenant == self._database.tenant, table.c.score.is_not(None)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {subject: (at, score_status(score)) for subject, at, score in rows}

    def _columns(self, outcome: Outcome) -> dict[str, Any]:
        return {
            "tenant": self._database.tenant,
            "subject": outcome.subject,
            "run": outcome.run,
            "at": instant(outcome.at),
            "verdict": outcome.verdict.value,
            "reason": outcome.reason,
            "since": instant(outcome.since),
            "runs": outcome.runs,
            "code": outcome.code,
            "cure": outcome.cure,
            "value": None if outcome.value is None else encode_value(outcome.value),
            "score": None if outcome.score is None else encode_score(outcome.score),
            "stored": None if outcome.stored is None else str(outcome.stored),
            "word": None if outcome.word is None else encode_word(outcome.word),
        }


@legible
def _outcome(row: Row[Any]) -> Outcome:
    """an outcome"""
    word = None if row.word is None else decode_word(row.word)
    return outcome_of(row, row.subject, cure=row.cure, word=word)


def outcome_of(row: Row[Any], subject: str, **more: Any) -> Outcome:
    """What two tables hold of an outcome alike; ``more`` is what only one of them does."""
    return Outcome(
        subject=subject,
        run=row.run,
        at=moment(row.at),
        verdict=Verdict(row.verdict),
        reason=row.reason,
        since=moment(row.since),
        runs=row.runs,
        code=row.code,
        value=None if row.value is None else decode_value(row.value),
        score=None if row.score is None else decode_score(row.score),
        stored=None if row.stored is None else Decimal(row.stored),
        **more,
    )
