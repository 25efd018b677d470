"""A store behind a port of its own: stateful, with answers and requests that get lost, and limits.

    with keeping(OkrTracker(...)) as tracker:
        tracker.person("kr-1", 28)
        tracker.lose("answer", write=2)

A lost request never arrives; a lost answer belongs to one that was acted on. Both end the
connection without a word. ``write`` counts those that would change something, ``request`` all of
them, both from 1 and from the moment when the loss is ordered.
"""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qsl

from tests.system.standins.serving import Arrived, Limit, Wire, on_loopback

Loss = Literal["request", "answer"]


@dataclass(frozen=True)
class Sent:
    """One request; ``params`` are the query's, the last one of a name."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes = b""
    query: str = ""

    @property
    def body(self) -> Any:
        """As the other side reads it: numbers are binary floats there."""
        return json.loads(self.raw) if self.raw else None


@dataclass
class Answered:
    """``body`` is sent as it is where it is text, and as JSON otherwise."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass(frozen=True)
class Write:
    """What came to stand in the store; ``key`` is okrsync's, None of a person."""

    ref: str
    value: Decimal | None
    author: str
    key: str | None = None
    at: datetime | None = None


class StoreStandIn(ABC):
    """``respond`` answers and is never called twice at once."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._ticks = 0
        self._lock = threading.Lock()
        self._losses: list[tuple[Loss, list[int], bool]] = []
        self.limit: Limit | None = None
        self.retry_after = 1
        self.asked: list[Sent] = []
        self.statuses: list[int] = []
        self.url = ""
        self._served = {*vars(self), "_served"}  # what belongs to the server, not to its content

    @abstractmethod
    def respond(self, sent: Sent) -> Answered: ...

    @abstractmethod
    def writes(self, sent: Sent) -> bool:
        """Whether the request would change something."""

    @abstractmethod
    def person(self, ref: str, value: Decimal | int, by: str = "team lead") -> None:
        """A person writes a value past okrsync."""

    @abstractmethod
    def history(self) -> Sequence[Write]:
        """All that was ever written, in its order."""

    def keys(self) -> list[str]:
        """The keys of okrsync's check-ins in their order; a doubled one would show up twice."""
        return [write.key for write in self.history() if write.key is not None]

    def snapshot(self) -> dict[str, Any]:
        """What it keeps now, for ``restore``: as if a person had undone all that came since."""
        return deepcopy({n: part for n, part in vars(self).items() if n not in self._served})

    def restore(self, kept: dict[str, Any]) -> None:
        vars(self).update(deepcopy(kept))

    def lose(self, what: Loss, *, write: int = 0, request: int = 0) -> None:
        self._losses.append((what, [write or request], bool(write)))

    def now(self) -> datetime:
        """The server's clock: no two writes of it are at the same millisecond."""
        self._ticks += 1
        return self._clock() + timedelta(milliseconds=self._ticks)

    def answer(self, sent: Sent) -> Answered | None:
        """None where the request or its answer is lost."""
        with self._lock:
            loss = self._loss(sent)
            if loss == "request":
                return None
            self.asked.append(sent)
            answered = self._limited() or self.respond(sent)
            self.statuses.append(answered.status)
            return None if loss == "answer" else answered

    def _loss(self, sent: Sent) -> Loss | None:
        writes = self.writes(sent)
        for loss in self._losses:
            what, left, of_writes = loss
            if of_writes and not writes:
                continue
            left[0] -= 1
            if left[0] == 0:
                self._losses.remove(loss)
                return what
        return None

    def _limited(self) -> Answered | None:
        if self.limit is None or not self.limit.passed():
            return None
        return Answered("Too many requests", 429, {"Retry-After": str(self.retry_after)})


StandInT = TypeVar("StandInT", bound=StoreStandIn)


@contextmanager
def keeping(stand_in: StandInT) -> Iterator[StandInT]:
    """The stand-in, answering at ``stand_in.url`` on the loopback address."""

    def answer(came: Arrived) -> Wire | None:
        params = dict(parse_qsl(came.query, keep_blank_values=True))
        sent = Sent(came.method, came.path, params, came.headers, came.raw, came.query)
        answered = stand_in.answer(sent)
        if answered is None:
            return None
        kind = "text/html" if isinstance(answered.body, str) else "application/json"
        headers = {"Content-Type": kind, **answered.headers}
        return Wire(answered.status, headers, answered.encoded())

    with on_loopback(answer, lambda: stand_in._clock().timestamp()) as stand_in.url:
        yield stand_in
