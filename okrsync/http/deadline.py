"""The time that is left: for a run, and inside it for one request."""

from __future__ import annotations

import time
from collections.abc import Callable

from okrsync.errors import Unreachable

Monotonic = Callable[[], float]


class Deadline:
    """A moment on a monotonic clock; seconds everywhere.

    A deadline made by ``within`` never outlives the one it was made from, also when that one is
    shortened later. Safe to share by threads.
    """

    def __init__(
        self,
        seconds: float,
        monotonic: Monotonic = time.monotonic,
        *,
        parent: Deadline | None = None,
    ) -> None:
        self.monotonic = monotonic
        self._parent = parent
        self._end = monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, never below 0."""
        own = max(0.0, self._end - self.monotonic())
        return own if self._parent is None else min(own, self._parent.remaining())

    def check(self) -> None:
        """Raise ``Unreachable`` when no time is left."""
        if self.remaining() <= 0:
            raise Unreachable(
                "the time for this run is over",
                next_step="raise the deadline in [limits], or ask for less in one run",
            )

    def within(self, seconds: float) -> Deadline:
        """A deadline ``seconds`` from now, or this one if that is earlier."""
        return Deadline(seconds, self.monotonic, parent=self)

    def shorten(self, seconds: float) -> None:
        """Leave at most ``seconds`` from now, as on SIGTERM."""
        self._end = min(self._end, self.monotonic() + seconds)
