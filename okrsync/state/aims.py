"""What each key result was aimed at in each period: first, and now, for targets do change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from okrsync.model import KeyResult, Kind, Period
from okrsync.state.codec import decimal, legible
from okrsync.state.database import Database, insert, insert_many
from okrsync.state.schema import aim as table

_BETWEEN: Final = "|"


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a key result is met; ``baseline`` is None where it is the period's first value."""

    kind: Kind
    baseline: Decimal | None
    target: Decimal | None
    low: Decimal | None
    high: Decimal | None
    strict: bool


@dataclass(frozen=True, slots=True)
class Aim:
    key_result: str
    period: Period
    first: Bounds
    newest: Bounds


class Aims:
    def __init__(self, database: Database) -> None:
        self._database = database

    def changed(self) -> Mapping[tuple[str, str], Bounds]:
        """The first bounds, by key result and label of the period, where they are others now."""
        query = select(table.c.key_result, table.c.period, table.c.first).where(
            table.c.tenant == self._database.tenant, table.c.first != table.c.newest
        )
        with self._database.read() as connection:
            return {(id_, label): _read(text) for id_, label, text in connection.execute(query)}

    def all(self) -> Sequence[Aim]:
        """Of all periods, oldest first."""
        query = select(table).where(table.c.tenant == self._database.tenant)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(table.c.starts, table.c.key_result)).all()
        return [
            Aim(
                row.key_result,
                Period(row.period, date.fromisoformat(row.starts), date.fromisoformat(row.ends)),
                _read(row.first),
                _read(row.newest),
            )
            for row in rows
        ]

    def note(self, key_results: Iterable[KeyResult]) -> None:
        """Write down what is new or was changed; what was first stays."""
        query = select(table.c.key_result, table.c.period, table.c.newest).where(
            table.c.tenant == self._database.tenant
        )
        with self._database.read() as connection:
            known = {(id_, label): text for id_, label, text in connection.execute(query)}
        wanted = ((one, _written(one)) for one in key_results)
        rows = [
            self._row(one, text)
            for one, text in wanted
            if known.get((one.id, one.period.label)) != text
        ]
        if not rows:
            return
        with self._database.write() as connection:
            statement = insert(connection, table)
            newest = {"newest": statement.excluded.newest}
            key = ["tenant", "key_result", "period"]
            insert_many(
                connection, statement.on_conflict_do_update(index_elements=key, set_=newest), rows
            )

    def _row(self, key_result: KeyResult, text: str) -> dict[str, Any]:
        period = key_result.period
        return {
            "tenant": self._database.tenant,
            "key_result": key_result.id,
            "period": period.label,
            "starts": period.start.isoformat(),
            "ends": period.end.isoformat(),
            "first": text,
            "newest": text,
        }


def _written(one: KeyResult) -> str:
    """Short, because ten thousand are compared in each run. A baseline that is measured is kept
    with its proof elsewhere."""
    bounds = (None if one.baseline_first else one.baseline, one.target, one.low, one.high)
    numbers = ("" if bound is None else str(bound) for bound in bounds)
    return _BETWEEN.join([one.kind.value, *numbers, "strict" if one.strict else ""])


@legible
def _read(text: str) -> Bounds:
    """a target"""
    kind, *numbers, strict = text.split(_BETWEEN)
    baseline, target, low, high = (decimal(number) if number else None for number in numbers)
    return Bounds(Kind(kind), baseline, target, low, high, strict == "strict")
