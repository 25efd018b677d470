"""How often an account may be asked, shared by all threads that ask it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf

from okrsync.errors import RateLimited
from okrsync.http.deadline import Deadline, Monotonic


class Budget:
    """At most ``per_second`` requests a second (``burst`` of them at once) and ``in_flight`` open.

    None means no limit. ``hold`` makes everybody wait who shares the budget: one account that was
    told to slow down is told so for all its threads.
    """

    def __init__(
        self,
        *,
        per_second: float | None = None,
        burst: int = 1,
        in_flight: int | None = None,
        monotonic: Monotonic = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._ahead = self._interval * (burst - 1)
        self._open = threading.BoundedSemaphore(in_flight) if in_flight else None
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = -inf
        self._held_until = -inf

    @contextmanager
    def slot(self, deadline: Deadline) -> Iterator[None]:
        """Wait for a turn and keep it for the block.

        Raises ``RateLimited`` at once when the turn would come after ``deadline``.
        """
        deadline.check()
        self._enter(deadline)
        try:
            self._wait_for_turn(deadline)
            yield
        finally:
            if self._open is not None:
                self._open.release()

    def hold(self, seconds: float) -> None:
        """Let nobody start a request for the next ``seconds``."""
        with self._lock:
            self._held_until = max(self._held_until, self._monotonic() + seconds)

    def _enter(self, deadline: Deadline) -> None:
        if self._open is not None and not self._open.acquire(timeout=deadline.remaining()):
            raise RateLimited(
                "too many requests of this account were open until the run's time was over",
                next_step="raise the deadline in [limits], or ask for less in one run",
            )

    def _wait_for_turn(self, deadline: Deadline) -> None:
        wait = self._reserve(deadline)
        while wait > 0:
            self._sleep(wait)
            # Another thread may have been told to slow down while this one slept.
            wait = self._still_held(deadline)

    def _reserve(self, deadline: Deadline) -> float:
        """Take the next turn: the generic cell rate algorithm (ITU-T I.371, virtual scheduling)."""
        with self._lock:
            now = self._monotonic()
            start = max(now, self._held_until, self._next - self._ahead)
            _refuse_if_longer(start - now, deadline)
            self._next = max(self._next, start) + self._interval
            return start - now

    def _still_held(self, deadline: Deadline) -> float:
        with self._lock:
            wait = self._held_until - self._monotonic()
        _refuse_if_longer(wait, deadline)
        return wait


def _refuse_if_longer(wait: float, deadline: Deadline) -> None:
    if wait > deadline.remaining():
        raise RateLimited(
            f"told to wait {wait:.0f} s, which is longer than this run may still last",
            next_step="run again later: okrsync sync",
            wait=wait,
        )
