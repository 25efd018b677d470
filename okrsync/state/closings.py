"""Periods that were closed, and what each key result of theirs came to. Nothing here changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from okrsync.model import (
    ClosedPeriod,
    Closing,
    Confidence,
    FinalWord,
    Period,
    Place,
    StoreRef,
)
from okrsync.state.codec import (
    encode_score,
    encode_value,
    instant,
    json_text,
    legible,
    moment,
    read_json,
)
from okrsync.state.database import Database
from okrsync.state.definitions import key_result_of, key_result_text
from okrsync.state.outcomes import outcome_of
from okrsync.state.schema import closed_period, final

Finals = Mapping[tuple[str, str], FinalWord]
"""By key result and label of the period."""


class Closings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def labels(self) -> frozenset[str]:
        """Which periods are closed: nothing of theirs is written any more."""
        query = select(closed_period.c.period).where(
            closed_period.c.tenant == self._database.tenant
        )
        with self._database.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def all(self) -> Sequence[ClosedPeriod]:
        """Oldest period first."""
        query = select(closed_period).where(closed_period.c.tenant == self._database.tenant)
        ordered = query.order_by(closed_period.c.ends, closed_period.c.period)
        with self._database.read() as connection:
            return [_closed(row) for row in connection.execute(ordered)]

    def finals(self) -> Finals:
        query = (
            select(final, closed_period.c.at.label("closed_at"), closed_period.c.said_by)
            .join(
                closed_period,
                (final.c.tenant == closed_period.c.tenant)
                & (final.c.period == closed_period.c.period),
            )
            .where(final.c.tenant == self._database.tenant)
            .order_by(final.c.period, final.c.key_result)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {(row.key_result, row.period): _final(row) for row in rows}

    def close(self, closed: ClosedPeriod, finals: Sequence[FinalWord]) -> None:
        """All of it or nothing; the database refuses a period that was closed already."""
        tenant, period = self._database.tenant, closed.period
        head = {
            "tenant": tenant,
            "period": period.label,
            "starts": period.start.isoformat(),
            "ends": period.end.isoformat(),
            "at": instant(closed.at),
            "said_by": closed.by,
            "early": int(closed.early),
        }
        rows = [{"tenant": tenant, "period": period.label, **_columns(one)} for one in finals]
        with self._database.write() as connection:
            connection.execute(closed_period.insert().values(**head))
            if rows:
                connection.execute(final.insert(), rows)


def _columns(one: FinalWord) -> dict[str, Any]:
    key_result, outcome = one.key_result, one.outcome
    closing = outcome.closed
    place = key_result.place
    return {
        "key_result": key_result.id,
        "place": json_text({"file": place.file, "line": place.line}),
        "store": key_result.store_ref.store,
        "store_id": key_result.store_ref.id,
        "definition": key_result_text(key_result),
        "run": outcome.run,
        "at": instant(outcome.at),
        "verdict": outcome.verdict.value,
        "reason": outcome.reason,
        "since": instant(outcome.since),
        "runs": outcome.runs,
        "code": outcome.code,
        "value": None if outcome.value is None else encode_value(outcome.value),
        "score": None if outcome.score is None else encode_score(outcome.score),
        "stored": None if outcome.stored is None else str(outcome.stored),
        "author": "" if closing is None else closing.author,
        "revision": "" if closing is None else closing.revision,
        "believed": None if closing is None else _belief_text(closing),
        "came_true": None
        if closing is None or closing.came_true is None
        else int(closing.came_true),
    }


def _belief_text(closing: Closing) -> str | None:
    believed = closing.believed
    if believed is None:
        return None
    return json_text(
        {
            "probability": believed.probability,
            "origin": believed.origin,
            "reason": believed.reason,
            "at": closing.believed_at and instant(closing.believed_at),
        }
    )


@legible
def _closed(row: Row[Any]) -> ClosedPeriod:
    """a closed period"""
    period = Period(row.period, date.fromisoformat(row.starts), date.fromisoformat(row.ends))
    return ClosedPeriod(period, moment(row.at), row.said_by, bool(row.early))


@legible
def _final(row: Row[Any]) -> FinalWord:
    """a final score"""
    where = read_json(row.place)
    ref, place = StoreRef(row.store, row.store_id), Place(where["file"], where["line"])
    outcome = outcome_of(row, row.key_result, closed=_closing(row))
    return FinalWord(key_result_of((row.definition, ref, place)), outcome)


def _closing(row: Row[Any]) -> Closing:
    said = read_json(row.believed) if row.believed else None
    return Closing(
        at=moment(row.closed_at),
        by=row.said_by,
        author=row.author,
        revision=row.revision,
        believed=said and Confidence(said["probability"], said["origin"], said["reason"]),
        believed_at=moment(said["at"]) if said and said["at"] else None,
        came_true=None if row.came_true is None else bool(row.came_true),
    )
