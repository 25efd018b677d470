"""A program for the tests: hold the lease, say so, and write when told to.

    holder.py ADDRESS

Answers each line on stdin with "written" or the code of the error.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from okrsync.errors import OkrsyncError
from okrsync.state.process import this_process
from okrsync.state.state import open_state


def main(url: str) -> None:
    with (
        open_state(url, tenant="acme") as state,
        state.leases.hold(holder=this_process("sync"), ttl=timedelta(hours=1)) as lease,
    ):
        print(lease.id, flush=True)
        for _ in sys.stdin:
            try:
                state.runs.start("late", datetime.now(UTC))
                print("written", flush=True)
            except OkrsyncError as error:
                print(error.code, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
