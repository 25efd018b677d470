"""Time that passes as fast as it can: for limits and latencies in tests that must not wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from okrsync.contracts.toolbox import AnswerT, ItemT
from okrsync.errors import OutsideError
from okrsync.http import Deadline, Door
from okrsync.testing import FakeToolbox


class Pace:
    """A monotonic clock that jumps to the end of every sleep."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0.0

    def monotonic(self) -> float:
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._now += max(0.0, seconds)


@dataclass
class PacedToolbox(FakeToolbox):
    """A toolbox whose doors keep their pace on a ``Pace`` that a stand-in shares.

    It asks one by one: the sleeps of several threads would be added up instead of overlap.
    """

    root: Path = field(default_factory=Path)
    pace: Pace = field(default_factory=Pace)
    run_seconds: float = 3_600.0

    def each(
        self, ask: Callable[[ItemT], AnswerT], items: Sequence[ItemT], *, at_once: int = 8
    ) -> Sequence[AnswerT | OutsideError]:
        return super().each(ask, items, at_once=min(at_once, 1))

    def http(self, **settings: Any) -> Door:
        paced = {"sleep": self.pace.sleep, **settings}
        door = Door(
            clock=self.clock,
            deadline=Deadline(self.run_seconds, monotonic=self.pace.monotonic),
            mask=self._masked,
            **paced,
        )
        return self._doors.enter_context(door)
