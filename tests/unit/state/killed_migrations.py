"""A program for the tests: die by kill -9 after every statement of the migrations and every commit.

    killed_migrations.py ADDRESS-WITH-{n}

Prints one line for each death: which tables were left, and the version after the next start.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from sqlalchemy import event, inspect, text

from okrsync.state.database import connect, parse
from okrsync.state.migrations import MIGRATIONS, migrate, version


def die_at(url: str, statement: int) -> bool:
    """False when the migrations were through before they came to that statement."""
    child = os.fork()
    if child == 0:
        _migrate_and_die(url, statement)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _migrate_and_die(url: str, statement: int) -> None:
    engine = connect(parse(url))
    seen = 0

    @event.listens_for(engine, "after_cursor_execute")
    @event.listens_for(engine, "checkin")  # a connection handed back: after the commit
    def count(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    migrate(engine)
    engine.dispose()


def look(url: str) -> dict[str, Any]:
    engine = connect(parse(url))
    with engine.begin() as connection:
        left = {"version": version(connection), "tables": inspect(connection).get_table_names()}
        whole = _is_whole(url, connection)
    migrate(engine)
    with engine.begin() as connection:
        then = version(connection)
    engine.dispose()
    return {**left, "whole": whole, "then": then}


def _is_whole(url: str, connection: Any) -> bool:
    if not url.startswith("sqlite"):
        return True
    return bool(connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok")


def tables_of_each_version(url: str) -> list[list[str]]:
    tables = []
    for steps in range(len(MIGRATIONS) + 1):
        engine = connect(parse(url))
        migrate(engine, MIGRATIONS[:steps])
        with engine.begin() as connection:
            tables.append(inspect(connection).get_table_names())
        engine.dispose()
    return tables


def main(pattern: str) -> None:
    deaths = []
    statement = 1
    while die_at(url := pattern.replace("{n}", str(statement)), statement):
        deaths.append(look(url))
        statement += 1
    print(json.dumps({"deaths": deaths, "expected": tables_of_each_version(url_for(pattern))}))


def url_for(pattern: str) -> str:
    return pattern.replace("{n}", "0")


if __name__ == "__main__":
    main(sys.argv[1])
