"""The local store's verbs over its three tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, select, update

from okrsync.contracts import Toolbox
from okrsync.errors import MovedOn, Refused
from okrsync.model import (
    CheckIn,
    KeyResult,
    Objective,
    Receipt,
    StoredKeyResult,
    StoreRef,
)
from okrsync.state.codec import decimal, instant, moment
from okrsync.state.database import Database, insert
from okrsync.state.definitions import key_result_text, objective_text
from okrsync.state.schema import local_check_in as check_ins
from okrsync.state.schema import local_key_result as key_results
from okrsync.state.schema import local_objective as objectives

_FEW: Final = 500  # above this, reading all is faster than asking for each
_AUTHOR: Final = "okrsync"

_SHOWN: Final = [key_results.c[name] for name in ("id", "title", "unit", "newest")]

_Row = dict[str, Any]


class LocalStore:
    """The revision is a check-in's number within its key result; without a key it is a person's."""

    def __init__(self, database: Database, toolbox: Toolbox) -> None:
        self._database = database
        self._toolbox = toolbox
        self._tenant = database.tenant

    def declare(
        self, wanted_objectives: Sequence[Objective], wanted_key_results: Sequence[KeyResult], /
    ) -> int:
        aims = {entry.id: {"definition": objective_text(entry)} for entry in wanted_objectives}
        proofs = {entry.store_ref.id: _definition(entry) for entry in wanted_key_results}
        with self._database.read() as connection:
            new_aims = _changed(aims, self._definitions(connection, objectives))
            new_proofs = _changed(proofs, self._definitions(connection, key_results))
        if new_aims or new_proofs:
            self._toolbox.fence()
            with self._database.write() as connection:
                self._define(connection, objectives, new_aims)
                self._define(connection, key_results, new_proofs)
        return len(new_aims) + len(new_proofs)

    def read(self, refs: Sequence[StoreRef], /) -> Mapping[StoreRef, StoredKeyResult]:
        names = {ref.id: ref for ref in refs}
        query = self._shown()
        if len(names) <= _FEW:
            query = query.where(key_results.c.id.in_(list(names)))
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        found = ((names.get(row[0]), row) for row in rows)
        return {ref: _stored(row, ref) for ref, row in found if ref is not None}

    def browse(self) -> Iterator[StoredKeyResult]:
        with self._database.read() as connection:
            rows = connection.execute(self._shown().order_by(key_results.c.id)).all()
        return (_stored(row, StoreRef(self._toolbox.name, row.id)) for row in rows)

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        with self._database.read() as connection:
            return self._receipt(connection, check_in)

    def post(self, check_in: CheckIn, /) -> Receipt:
        self._toolbox.fence()
        with self._database.write() as connection:
            there = self._receipt(connection, check_in)
            if there is not None:
                return there
            number = self._next_number(connection, check_in)
            self._add(connection, check_in, number=number, key=check_in.key, author=_AUTHOR)
        return Receipt(check_in.key, _revision(number))

    def edit(self, check_in: CheckIn, /, *, by: str) -> StoredKeyResult:
        """A person's own check-in: its key is left out, and it follows whatever is there."""
        with self._database.write() as connection:
            number = self._newest(connection, check_in.ref) + 1
            self._add(connection, check_in, number=number, key=None, author=by)
        return self.read([check_in.ref])[check_in.ref]

    def _next_number(self, connection: Connection, check_in: CheckIn) -> int:
        newest = self._newest(connection, check_in.ref)
        if check_in.base != _revision(newest):
            raise MovedOn(
                f"{check_in.ref.id} has a newer check-in in the local store than the plan saw",
                next_step="plan again: okrsync plan",
            )
        return newest + 1

    def _newest(self, connection: Connection, ref: StoreRef) -> int:
        query = select(key_results.c.newest).where(
            key_results.c.tenant == self._tenant, key_results.c.id == ref.id
        )
        newest = connection.execute(query.with_for_update()).scalar_one_or_none()
        if newest is None:
            raise Refused(
                f"the local store has no key result {ref.id}",
                next_step="run okrsync sync: it makes what the mappings define",
            )
        return int(newest)

    def _add(
        self,
        connection: Connection,
        check_in: CheckIn,
        *,
        number: int,
        key: str | None,
        author: str,
    ) -> None:
        of_key_result = {"tenant": self._tenant, "key_result": check_in.ref.id}
        connection.execute(
            check_ins.insert().values(
                **of_key_result,
                number=number,
                key=key,
                value=str(check_in.value),
                unit=check_in.unit,
                as_of=instant(check_in.as_of),
                at=instant(self._toolbox.clock()),
                author=author,
                score=None if check_in.score is None else str(check_in.score),
                confidence=check_in.confidence,
                status=check_in.status.value,
                note=check_in.note,
            )
        )
        mine = (key_results.c.tenant == self._tenant, key_results.c.id == check_in.ref.id)
        connection.execute(update(key_results).where(*mine).values(newest=number))

    def _receipt(self, connection: Connection, check_in: CheckIn) -> Receipt | None:
        query = select(check_ins.c.number).where(
            check_ins.c.tenant == self._tenant, check_ins.c.key == check_in.key
        )
        row = connection.execute(query).first()
        if row is None:
            return None
        return Receipt(check_in.key, _revision(row.number), already_there=True)

    def _definitions(self, connection: Connection, table: Table) -> dict[str, str]:
        query = select(table.c.id, table.c.definition).where(table.c.tenant == self._tenant)
        return {row.id: row.definition for row in connection.execute(query)}

    def _define(self, connection: Connection, table: Table, rows: Mapping[str, _Row]) -> None:
        if not rows:
            return
        statement = insert(connection, table)
        row = next(iter(rows.values()))
        new = {name: statement.excluded[name] for name in row if name != "newest"}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["tenant", "id"], set_=new),
            [{"tenant": self._tenant, "id": name, **row} for name, row in rows.items()],
        )

    def _shown(self) -> Select[Any]:
        newest = (
            (check_ins.c.tenant == key_results.c.tenant)
            & (check_ins.c.key_result == key_results.c.id)
            & (check_ins.c.number == key_results.c.newest)
        )
        columns = [
            check_ins.c[name] for name in ("key", "value", "author", "at", "confidence", "note")
        ]
        return (
            select(*_SHOWN, *columns)
            .join_from(key_results, check_ins, newest, isouter=True)
            .where(key_results.c.tenant == self._tenant)
        )


def _definition(entry: KeyResult) -> _Row:
    return {
        "definition": key_result_text(entry),
        "title": entry.title,
        "unit": entry.unit,
        "newest": 0,
    }


def _changed(wanted: Mapping[str, _Row], there: Mapping[str, str]) -> dict[str, _Row]:
    return {name: row for name, row in wanted.items() if there.get(name) != row["definition"]}


def _revision(number: int) -> str:
    return str(number) if number else ""


def _stored(row: Sequence[Any], ref: StoreRef) -> StoredKeyResult:
    # in one go and in the order of ``_shown``: look-ups by name take three times as long
    _, title, unit, newest, key, value, author, at, confidence, note = row
    return StoredKeyResult(
        ref=ref,
        title=title,
        value=None if value is None else decimal(value),
        revision=_revision(newest),
        key=key,
        unit=unit,
        author=author or "",
        at=None if at is None else moment(at),
        confidence=confidence,
        note=note or "",
    )
