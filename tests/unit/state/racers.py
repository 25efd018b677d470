"""A program for the tests: many processes reach for the lease of one state at the same moment.

    racers.py ADDRESS COUNT

Prints how each of them fared. Nobody lets go before everybody has tried.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta

from okrsync.errors import OkrsyncError
from okrsync.state.process import this_process
from okrsync.state.state import open_state


def race(url: str, count: int) -> list[str]:
    start, go = os.pipe()
    finish, done = os.pipe()
    lanes = [_lane(url, (start, go), (finish, done)) for _ in range(count)]
    os.close(go)  # they are off
    fared = [os.read(lane, 100).decode() for lane in lanes]
    os.close(done)
    for _ in lanes:
        os.wait()
    return fared


def _lane(url: str, start: tuple[int, int], finish: tuple[int, int]) -> int:
    read, write = os.pipe()
    if os.fork() == 0:
        os.close(start[1])
        os.close(finish[1])
        os.read(start[0], 1)
        _try(url, write, finish[0])
        os._exit(0)
    os.close(write)
    return read


def _try(url: str, tell: int, finish: int) -> None:
    try:
        with (
            open_state(url, tenant="acme") as state,
            state.leases.hold(holder=this_process("race"), ttl=timedelta(minutes=1)),
        ):
            os.write(tell, b"held")
            os.read(finish, 1)
    except OkrsyncError as error:
        os.write(tell, error.code.encode())


if __name__ == "__main__":
    print(json.dumps(race(sys.argv[1], int(sys.argv[2]))))
