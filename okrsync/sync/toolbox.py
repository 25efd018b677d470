"""What a connector is lent for one run: the okrsync.contracts.Toolbox."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta, tzinfo
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from okrsync.conditions import NO_VALUES, Condition, Constant
from okrsync.config.config import Config
from okrsync.config.secrets import masked, remember, reveal
from okrsync.contracts import (
    CellStyle,
    Clock,
    Elapsed,
    RowAnswer,
    RowBatch,
    RowQuestion,
    SecretRef,
    WorkingDays,
)
from okrsync.errors import OutsideError
from okrsync.model import CheckIn, Receipt, StoreRef

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from okrsync.http import Door
    from okrsync.http.deadline import Deadline
    from okrsync.state.memories import MemoryBook
    from okrsync.state.records import Sent

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")
_AS_BEYOND_DOUBT = CellStyle()
_NO_TIME = timedelta(0)


class Outfit:
    """The parts that all toolboxes of one run share; closing it closes every door it opened."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock,
        time_left: Callable[[], timedelta],
        engine: Callable[[], Engine],
        fence: Callable[[], None],
        memories: MemoryBook,
        sent: Callable[[], Mapping[str, Sent]],
    ) -> None:
        self.config = config
        self.clock = clock
        self.time_left = time_left
        self.engine = engine
        self.fence = fence
        self.sent = sent
        self._memories = memories
        self._lock = threading.Lock()
        self._learnt: dict[tuple[str, str], str] = {}
        self._costs: list[tuple[str, str]] = []
        self._doors = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._doors.close()

    def toolbox(
        self, name: str, *, spare: timedelta = _NO_TIME, store: bool = False
    ) -> LentToolbox:
        """What the connector ``name`` is lent; its requests end ``spare`` before the run does.

        A source and a store may have the same name, and each has a memory of its own.
        """
        return LentToolbox(self, name, spare, store=store)

    def door(self, settings: dict[str, Any], spare: timedelta) -> Door:
        """The run's lease is looked at last before each write."""
        from okrsync.http import Door

        limits = self.config.limits
        door = Door(
            clock=self.clock,
            deadline=self.deadline(spare),
            network=limits.network,
            allow_hosts=limits.allow_hosts,
            mask=masked,
            remember=remember,
            before_write=self.fence,
            **settings,
        )
        return self._doors.enter_context(door)

    @property
    def costs(self) -> tuple[tuple[str, str], ...]:
        """What the sources told of what they cost, in an order that does not depend on threads."""
        with self._lock:
            return tuple(sorted(dict.fromkeys(self._costs)))

    def tell(self, name: str, note: str) -> None:
        with self._lock:
            self._costs.append((name, masked(note)))

    def recall(self, name: str, key: str) -> str | None:
        with self._lock:
            learnt = self._learnt.get((name, key))
        return self._memories.recall(name, key) if learnt is None else learnt

    def learn(self, name: str, key: str, text: str) -> None:
        with self._lock:
            self._learnt[name, key] = text

    def keep_memories(self) -> None:
        """Write what the connectors learnt; only a run that holds the lease does that."""
        with self._lock:
            learnt = dict(self._learnt)
        self._memories.keep(learnt, self.clock())

    def deadline(self, spare: timedelta) -> Deadline:
        from okrsync.http.deadline import Deadline

        return Deadline((self.time_left() - spare).total_seconds())


class LentToolbox:
    """Of a ``store`` or a source: they may have the same name, and each has its own memory."""

    def __init__(self, outfit: Outfit, name: str, spare: timedelta, *, store: bool) -> None:
        self._outfit = outfit
        self._spare = spare
        self.name = name
        self._memory = f"store.{name}" if store else name
        self.root: Path = outfit.config.root
        self.zone: tzinfo = outfit.config.timezone
        self.clock: Clock = outfit.clock

    def secret(self, reference: SecretRef, /) -> str:
        return reveal(reference, self.root)

    def http(self, **settings: Any) -> Door:
        from okrsync.http.way import on_the_way

        return self._outfit.door(on_the_way(settings, self.root, self.secret), self._spare)

    def admit(self, host: str, port: int, /) -> None:
        from okrsync.http.admission import admit

        limits = self._outfit.config.limits
        admit(host, port, network=limits.network, allow_hosts=limits.allow_hosts)

    def aggregate(
        self,
        questions: Sequence[RowQuestion],
        header: Sequence[str],
        batches: Iterable[RowBatch],
        style: CellStyle = _AS_BEYOND_DOUBT,
    ) -> Sequence[RowAnswer | OutsideError]:
        from okrsync.mapping.rows import aggregate

        return aggregate(questions, header, batches, style, self.zone)

    def condition(self, text: str, values: Mapping[str, Constant] = NO_VALUES, /) -> Condition:
        from okrsync.mapping.neutral import neutral

        return neutral(text, self.zone, values)

    def each(
        self, ask: Callable[[ItemT], AnswerT], items: Sequence[ItemT], *, at_once: int = 8
    ) -> Sequence[AnswerT | OutsideError]:
        from okrsync.side_by_side import each

        return each(ask, items, at_once=at_once)

    def elapsed(self, days: WorkingDays | None, /) -> Elapsed:
        from okrsync.mapping.working_time import elapsed

        return elapsed(days, self.zone)

    @property
    def memory(self) -> LentMemory:
        return LentMemory(self._outfit, self._memory)

    def tell(self, note: str, /) -> None:
        self._outfit.tell(self.name, note)

    def sent(self) -> Mapping[StoreRef, tuple[CheckIn, Receipt]]:
        # A key result that was renamed has two: the newer one, which comes last, counts.
        in_order = sorted(self._outfit.sent().values(), key=attrgetter("intended"))
        last = [(sent.check_in, sent.receipt) for sent in in_order]
        return {sent.ref: (sent, receipt) for sent, receipt in last if sent.ref.store == self.name}

    def database(self) -> Engine:
        return self._outfit.engine()

    def fence(self) -> None:
        self._outfit.fence()


class LentMemory:
    """One connector's part of the state's memory; what it learns is written when the run writes."""

    def __init__(self, outfit: Outfit, name: str) -> None:
        self._outfit = outfit
        self._name = name

    def recall(self, key: str, /) -> str | None:
        return self._outfit.recall(self._name, key)

    def remember(self, key: str, text: str, /) -> None:
        self._outfit.learn(self._name, key, text)
