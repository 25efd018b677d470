"""The time that is left: for a run, and inside it for one request."""

from __future__ import annotations

import time
from collections.abc import Callable

from okrsync.errors import Unreachable

Monotonic = Callable[[], float]


class Deadline:
    """A moment on a monotonic clock; seconds everywhere. Safe to share by threads."""

    def __init__(self, seconds: float, monotonic: Monotonic = time.monotonic) -> None:
        self.monotonic = monotonic
        self._end = monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._end - self.monotonic())

    def check(self) -> None:
        """Raise ``Unreachable`` when no time is left."""
        if self.remaining() <= 0:
            raise Unreachable(
                "the time for this run is over",
                next_step="raise the deadline in [limits], or ask for less in one run",
            )

    def within(self, seconds: float) -> Deadline:
        """A deadline ``seconds`` from now, or this one if that is earlier."""
        return Deadline(min(seconds, self.remaining()), self.monotonic)
