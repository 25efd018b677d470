"""What okrsync lends a connector, in a test's hands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from okrsync.conditions import NO_VALUES, Condition, Constant
from okrsync.contracts import (
    CellStyle,
    Clock,
    Elapsed,
    FromEnvironment,
    FromFile,
    RowAnswer,
    RowBatch,
    RowQuestion,
    SecretRef,
    WorkingDays,
)
from okrsync.errors import LeaseLost, OutsideError, SignInRefused, UsageError
from okrsync.model import CheckIn, Receipt, StoreRef
from okrsync.testing.clock import frozen_clock

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from okrsync.http import Door

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")

_AS_BEYOND_DOUBT: Final = CellStyle()
_SECONDS: Final = 600.0
"""How long a run may last, as it is by default; on a clock that goes on where it would wait."""


@dataclass
class FakeToolbox:
    """A ``Toolbox``. ``secrets`` are by variable, path or "service/user"; set ``lease_lost`` to
    make the next write fail; ``waited`` are the seconds that its doors would have waited for;
    ``told`` and ``remembered`` are what the connector said and keeps, ``receipts`` what was last
    written. As a context manager it closes the doors it opened."""

    root: Path
    name: str = "test"
    zone: tzinfo = UTC
    clock: Clock = field(default_factory=frozen_clock)
    secrets: Mapping[str, str] = field(default_factory=dict)
    engine: Engine | None = None
    lease_lost: bool = False
    fences: int = 0
    waited: float = 0.0
    told: list[str] = field(default_factory=list)
    remembered: dict[str, str] = field(default_factory=dict)
    receipts: dict[StoreRef, tuple[CheckIn, Receipt]] = field(default_factory=dict)
    _doors: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._doors.close()

    def secret(self, reference: SecretRef, /) -> str:
        where = _where(reference)
        if where not in self.secrets:
            raise SignInRefused(f"there is no secret at {where}", next_step=f"set {where}")
        return self.secrets[where]

    def http(self, **settings: Any) -> Door:
        """The real door; where it would wait, its time goes on at once."""
        from okrsync.http import Deadline, Door
        from okrsync.http.way import on_the_way

        way = on_the_way(settings, self.root, self.secret)
        given = {"sleep": self._wait, "mask": self._masked, "before_write": self.fence, **way}
        deadline = Deadline(_SECONDS, lambda: monotonic() + self.waited)
        door = Door(clock=self.clock, deadline=deadline, **given)
        return self._doors.enter_context(door)

    def _wait(self, seconds: float) -> None:
        self.waited += seconds

    def admit(self, host: str, port: int, /) -> None:
        from okrsync.http.admission import admit

        admit(host, port)

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
    def memory(self) -> Self:
        return self

    def recall(self, key: str, /) -> str | None:
        return self.remembered.get(key)

    def remember(self, key: str, text: str, /) -> None:
        self.remembered[key] = text

    def tell(self, note: str, /) -> None:
        self.told.append(note)

    def sent(self) -> Mapping[StoreRef, tuple[CheckIn, Receipt]]:
        return self.receipts

    def database(self) -> Engine:
        if self.engine is None:
            raise UsageError("give the toolbox the engine of an open state")
        return self.engine

    def fence(self) -> None:
        self.fences += 1
        if self.lease_lost:
            raise LeaseLost("the lease has ended")

    def _masked(self, text: str) -> str:
        for secret in self.secrets.values():
            text = text.replace(secret, "***")
        return text


def _where(reference: SecretRef) -> str:
    if isinstance(reference, FromEnvironment):
        return reference.env
    return reference.file if isinstance(reference, FromFile) else reference.keyring
