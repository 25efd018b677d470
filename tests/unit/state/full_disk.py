"""A program for the tests: a disk that lets no file grow beyond a limit, a page more each time.

    full_disk.py FOLDER

Prints what each attempt came to; after each one the same work is done again without a limit.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

from okrsync.errors import OkrsyncError
from okrsync.state.state import open_state

AT = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
PAGE = 4096


def work(path: Path) -> str:
    try:
        with open_state(f"sqlite:///{path}", tenant="acme") as state:
            run = state.runs.start("sync", AT)
            state.runs.finish(run, AT, 0, {"post": 1})
    except OkrsyncError as error:
        return f"{error.code}: {error.next_step}"
    return "done"


def limited(path: Path, limit: int) -> str:
    read, write = os.pipe()
    if os.fork() == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        os.write(write, work(path).encode())
        os._exit(0)
    os.close(write)
    os.wait()
    return os.read(read, 1000).decode() or "a traceback"


def attempt(folder: Path, limit: int) -> dict[str, str]:
    path = folder / f"state-{limit}.db"
    first = limited(path, limit)
    again = work(path)
    connection = sqlite3.connect(path)
    whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    return {"first": first, "again": again, "whole": whole}


def main(folder: Path) -> None:
    attempts: list[dict[str, str]] = []
    while not attempts or attempts[-1]["first"] != "done":
        attempts.append(attempt(folder, PAGE * len(attempts) + 100))
    print(json.dumps(attempts))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
