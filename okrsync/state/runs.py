"""The runs: when each began, and how it ended."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, select, update

from okrsync.state.codec import instant, moment
from okrsync.state.database import Database
from okrsync.state.records import Run
from okrsync.state.schema import run as table

# Crockford's: no letter can be mistaken for a digit, and sorting the text sorts the number
_BASE32: Final = "0123456789abcdefghjkmnpqrstvwxyz"


class Runs:
    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, command: str, at: datetime) -> str:
        """The new run's id: 13 letters and digits that sort by the time of the start."""
        run = new_id(at)
        with self._database.write() as connection:
            connection.execute(
                table.insert().values(
                    tenant=self._database.tenant, id=run, command=command, started=instant(at)
                )
            )
        return run

    def finish(self, run: str, at: datetime, exit_code: int, summary: Mapping[str, int]) -> None:
        """``summary`` counts the key results of each verdict."""
        with self._database.write() as connection:
            connection.execute(
                update(table)
                .where(table.c.tenant == self._database.tenant, table.c.id == run)
                .values(
                    finished=instant(at), exit_code=exit_code, summary=json.dumps(dict(summary))
                )
            )

    def latest(self, count: int = 1) -> Sequence[Run]:
        """The newest runs, newest first."""
        query = select(table).where(table.c.tenant == self._database.tenant)
        newest = query.order_by(table.c.started.desc(), table.c.id.desc()).limit(count)
        with self._database.read() as connection:
            return [_run(row) for row in connection.execute(newest)]

    def prune(self, before: datetime) -> int:
        """Forget the runs that began before; returns how many."""
        old = (table.c.tenant == self._database.tenant, table.c.started < instant(before))
        with self._database.write() as connection:
            return connection.execute(delete(table).where(*old)).rowcount


def new_id(at: datetime) -> str:
    """Milliseconds since 1970 and 20 random bits, in base 32."""
    number = int(at.timestamp() * 1000) << 20 | secrets.randbits(20)
    return "".join(_BASE32[number >> shift & 31] for shift in range(60, -1, -5))


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        command=row.command,
        started=moment(row.started),
        finished=row.finished and moment(row.finished),
        exit_code=row.exit_code,
        summary=row.summary and json.loads(row.summary),
    )
