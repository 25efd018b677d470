"""OKR stores behind ports of their own: stateful, with requests and answers that get lost.

    with OkrTracker(["kr-1"], clock).start() as tracker:
        tracker.person("kr-1", 28)
        tracker.lose("answer", write=2)

A lost request never arrives; a lost answer belongs to one that was acted on. Both end the
connection without a word. ``write`` counts those that would change something, ``request`` all of
them, both from 1 and from the moment when the loss is ordered.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal, Self

from tests.system.standins.serving import CUT, Asked, Limit, Reply, StandIn, serving

Clock = Callable[[], datetime]
Loss = Literal["request", "answer"]
OKRSYNC: Final = "okrsync"
LEAD: Final = "Team lead"
_KEY: Final = re.compile(r"okrsync (\S+)(?: -?[0-9.]+)?$")


def monday() -> datetime:
    return datetime(2026, 11, 2, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Write:
    """What came to stand in the store: a number, or the text of a write that has none. ``by`` is
    OKRSYNC or a person's name, ``key`` that of okrsync's check-in, ``status`` the store's own word;
    a store with several kinds of writes says which."""

    ref: str
    value: Decimal | str
    by: str
    key: str | None
    at: datetime
    kind: str = "check-in"
    status: str = ""


@dataclass
class _Ordered:
    """A loss that is still to come."""

    what: Loss
    left: int
    of_writes: bool


class StoreStandIn(StandIn, ABC):
    """Attributes that a stand-in adds are its content; ``limit`` and losses are its server's."""

    def __init__(self, clock: Clock = monday) -> None:
        super().__init__(self._answered, clock=lambda: clock().timestamp())
        self._moment = clock
        self._last = 0
        self._losses: list[_Ordered] = []
        self.limit: Limit | None = None
        self._of_the_server = {*vars(self), "_of_the_server"}
        self._history: list[Write] = []

    @abstractmethod
    def respond(self, asked: Asked) -> Reply: ...

    @abstractmethod
    def person(self, ref: str, value: float, *, text: str = "") -> None:
        """A person writes a value past okrsync, and where there is a place for it a text."""

    @abstractmethod
    def shown(self, ref: str) -> Decimal | str | None:
        """What people see there now: a number, or a status where the store keeps none."""

    def writes(self, asked: Asked) -> bool:
        """Whether the request would change something."""
        return asked.method != "GET"

    def too_often(self, wait: int) -> Reply:
        """The answer to a request beyond the limit."""
        return Reply("Too many requests", 429, {"Retry-After": str(wait)})

    @contextmanager
    def start(self) -> Iterator[Self]:
        """Answers at ``url`` on the loopback address."""
        with serving(self):
            yield self

    def history(self) -> list[Write]:
        """All that was ever written, in its order."""
        return list(self._history)

    def ours(self, kind: str = "") -> list[Write]:
        """What okrsync wrote, of one kind or of all."""
        return [one for one in self._history if one.by == OKRSYNC and kind in {"", one.kind}]

    def keys(self) -> list[str]:
        """The keys of okrsync's check-ins in their order; a doubled one would show up twice."""
        return [write.key for write in self._history if write.key is not None]

    def snapshot(self) -> dict[str, Any]:
        """What it keeps now, for ``restore``: as if a person had undone all that came since."""
        with self._lock:
            kept = {n: part for n, part in vars(self).items() if n not in self._of_the_server}
            return deepcopy(kept)

    def restore(self, kept: dict[str, Any]) -> None:
        with self._lock:
            vars(self).update(deepcopy(kept))

    def lose(self, what: Loss, *, write: int = 0, request: int = 0) -> None:
        self._losses.append(_Ordered(what, write or request, bool(write)))

    def lose_nothing(self) -> None:
        """From now on everything arrives."""
        self._losses.clear()

    def number(self) -> int:
        """The next of its numbers: none comes twice, whatever is restored."""
        self._last += 1
        return self._last

    def now(self) -> datetime:
        """Its clock: no two writes are at the same millisecond."""
        return self._moment() + timedelta(milliseconds=self.number())

    def note(
        self,
        ref: str,
        value: Decimal | float | str,
        by: str,
        *,
        key: str | None = None,
        at: datetime | None = None,
        kind: str = "check-in",
        status: str = "",
    ) -> None:
        """Add to the history."""
        number = Decimal(repr(value)) if isinstance(value, float) else value
        self._history.append(Write(ref, number, by, key, at or self.now(), kind, status))

    def _answered(self, asked: Asked) -> Reply:
        loss = self._due(asked)
        if loss == "request":
            return Reply("", CUT)
        wait = 0 if self.limit is None else self.limit.wait()
        reply = self.too_often(wait) if wait else self.respond(asked)
        return Reply("", CUT) if loss == "answer" else reply

    def _due(self, asked: Asked) -> Loss | None:
        writes = self.writes(asked)
        for loss in self._losses:
            loss.left -= writes or not loss.of_writes
        due = [loss.what for loss in self._losses if loss.left == 0]
        self._losses = [loss for loss in self._losses if loss.left > 0]
        return due[0] if due else None


def key_in(text: str) -> str | None:
    """The key that okrsync leaves at the end of a text."""
    found = _KEY.search(text)
    return None if found is None else found[1]


def zulu(moment: datetime) -> str:
    """As JavaScript writes it, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
