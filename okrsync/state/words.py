"""What people say to okrsync: approvals of held values, and values typed by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, select, update

from okrsync.state.codec import decimal, instant, moment
from okrsync.state.database import Database, insert
from okrsync.state.records import Approval, ManualValue
from okrsync.state.schema import approval, manual_value


class Words:
    def __init__(self, database: Database) -> None:
        self._database = database

    def approve(self, word: Approval) -> None:
        """Let one held value through; it stays open until ``use``."""
        said = {
            "number": str(word.number),
            "unit": word.unit,
            "reason": word.reason,
            "said_by": word.by,
            "used_run": None,
            "used_at": None,
        }
        with self._database.write() as connection:
            statement = insert(connection, approval).values(
                tenant=self._database.tenant,
                key_result=word.key_result,
                at=instant(word.at),
                **said,
            )
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["tenant", "key_result", "at"], set_=said
                )
            )

    def approvals(self) -> Sequence[Approval]:
        """Those not used yet, oldest first."""
        return self._approvals(approval.c.used_run.is_(None))

    def approvals_of(self, key_result: str) -> Sequence[Approval]:
        """All that a key result ever had, oldest first."""
        return self._approvals(approval.c.key_result == key_result)

    def _approvals(self, which: ColumnElement[bool]) -> Sequence[Approval]:
        query = (
            select(approval)
            .where(approval.c.tenant == self._database.tenant, which)
            .order_by(approval.c.at, approval.c.key_result)
        )
        with self._database.read() as connection:
            return [
                Approval(
                    key_result=row.key_result,
                    number=decimal(row.number),
                    unit=row.unit,
                    reason=row.reason,
                    by=row.said_by,
                    at=moment(row.at),
                    used_run=row.used_run,
                )
                for row in connection.execute(query)
            ]

    def use(self, key_result: str, run: str, at: datetime) -> None:
        """Close the key result's open approvals: the value went through."""
        opened = (
            approval.c.tenant == self._database.tenant,
            approval.c.key_result == key_result,
            approval.c.used_run.is_(None),
        )
        with self._database.write() as connection:
            connection.execute(
                update(approval).where(*opened).values(used_run=run, used_at=instant(at))
            )

    def say(self, word: ManualValue) -> None:
        """The newest word counts; earlier ones are kept as history."""
        said = {
            "number": str(word.number),
            "until": word.until and word.until.isoformat(),
            "reason": word.reason,
            "said_by": word.by,
        }
        with self._database.write() as connection:
            statement = insert(connection, manual_value).values(
                tenant=self._database.tenant,
                key_result=word.key_result,
                at=instant(word.at),
                **said,
            )
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["tenant", "key_result", "at"], set_=said
                )
            )

    def manual_values(self) -> Mapping[str, ManualValue]:
        """By key result: the newest word, whether or not it still counts today."""
        query = (
            select(manual_value)
            .where(manual_value.c.tenant == self._database.tenant)
            .order_by(manual_value.c.at)
        )
        with self._database.read() as connection:
            return {
                row.key_result: ManualValue(
                    key_result=row.key_result,
                    number=decimal(row.number),
                    until=row.until and date.fromisoformat(row.until),
                    reason=row.reason,
                    by=row.said_by,
                    at=moment(row.at),
                )
                for row in connection.execute(query)
            }
