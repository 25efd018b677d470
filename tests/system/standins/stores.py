"""What the stand-ins of OKR stores share: their history, lost requests and answers, limits."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from tests.system.standins.serving import CUT, Asked, Reply, StandIn, serving

Lost = Literal["request", "answer"]


@dataclass(frozen=True)
class Written:
    """One write: whose ("okrsync" is the token's user), on what, and what it was."""

    by: str
    ref: str
    what: str
    value: Any


class Limit:
    """At most ``most`` in any ``seconds``; those that are refused count, too."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float]) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._times: deque[float] = deque()

    def wait(self) -> int:
        """0 for a request that may pass, else the seconds that it is told to wait."""
        now = self._clock()
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        self._times.append(now)
        if len(self._times) <= self._most:
            return 0
        return math.ceil(self._times[-self._most] + self._seconds - now)


class StoreStandIn:
    """Base of the stand-ins: ``_respond`` answers a request, ``writes`` says which ones write."""

    def __init__(self) -> None:
        self._history: list[Written] = []
        self._lost: list[tuple[int, Lost, bool]] = []
        self._limit: Limit | None = None
        self.server = StandIn(self._answered)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def asked(self) -> list[Asked]:
        return self.server.asked

    @property
    def statuses(self) -> list[int]:
        return self.server.statuses

    def history(self) -> list[Written]:
        """All writes in order, also those of persons."""
        return list(self._history)

    def lose(self, nth: int, what: Lost = "answer", *, writes: bool = True) -> None:
        """Lose the answer to (or the request of) the ``nth`` write from now on, or of the ``nth``
        request where not only ``writes`` count. A read that is asked again is answered."""
        self._lost.append((nth, what, writes))

    def limit(self, most: int, seconds: float, clock: Callable[[], float]) -> None:
        """From now on, more than ``most`` requests in ``seconds`` are refused with 429."""
        self._limit = Limit(most, seconds, clock)

    @contextmanager
    def start(self) -> Iterator[str]:
        """Serve on loopback; gives the base URL."""
        with serving(self.server) as server:
            yield server.url

    def writes(self, asked: Asked) -> bool:
        return asked.method != "GET"

    def _respond(self, asked: Asked) -> Reply:
        raise NotImplementedError

    def _note(self, by: str, ref: str, what: str, value: Any) -> None:
        self._history.append(Written(by, ref, what, value))

    def _answered(self, asked: Asked) -> Reply:
        wait = 0 if self._limit is None else self._limit.wait()
        if wait:
            return self._too_often(wait)
        lost = self._fate(asked)
        if lost == "request":
            return Reply("", CUT)
        reply = self._respond(asked)
        return Reply("", CUT) if lost == "answer" else reply

    def _too_often(self, wait: int) -> Reply:
        return Reply({"errors": [{"message": "too often"}]}, 429, {"Retry-After": str(wait)})

    def _fate(self, asked: Asked) -> Lost | None:
        found: Lost | None = None
        left: list[tuple[int, Lost, bool]] = []
        for nth, what, writes in self._lost:
            counts = self.writes(asked) or not writes
            if counts and nth == 1:
                found = what
            else:
                left.append((nth - counts, what, writes))
        self._lost = left
        return found
