"""A store in memory that misbehaves on request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, Self

from okrsync.contracts import Capabilities, Clock, Settings, StoreSpec, Toolbox
from okrsync.errors import MovedOn, OutcomeUnknown, OutsideError, Refused
from okrsync.model import CheckIn, KeyResult, Objective, Receipt, StoredKeyResult, StoreRef
from okrsync.testing.clock import frozen_clock

Loss = Literal["request", "answer"]


class _NoSettings(Settings):
    pass


@dataclass(frozen=True, slots=True)
class Entry:
    """A check-in as the store holds it; ``key`` is None when a person wrote it."""

    ref: StoreRef
    key: str | None
    value: Decimal
    unit: str
    at: datetime
    author: str = "okrsync"
    confidence: float | None = None
    note: str = ""


@dataclass
class MemoryStore:
    """``entries`` are all check-ins in their order; an entry's revision is its place, from 1.

    With ``honours_keys`` false the same key is written twice, as stores without idempotency keys
    do. Each item of ``losses`` costs one post its request (nothing arrived) or its answer (it
    arrived, nobody was told). ``broken`` is raised by every call; what is in ``unread`` stands in
    its key result's place when that is read.
    """

    titles: dict[StoreRef, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=frozen_clock)
    honours_keys: bool = True
    losses: list[Loss] = field(default_factory=list)
    broken: OutsideError | None = None
    unread: dict[StoreRef, OutsideError] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    posts: int = 0

    @classmethod
    def of(cls, *refs: StoreRef) -> Self:
        return cls(titles={ref: f"Title of {ref.id}" for ref in refs})

    def declare(self, _objectives: Sequence[Objective], key_results: Sequence[KeyResult], /) -> int:
        self._fail_if_broken()
        wanted = {entry.store_ref: entry.title for entry in key_results}
        changed = {ref: title for ref, title in wanted.items() if self.titles.get(ref) != title}
        self.titles.update(changed)
        return len(changed)

    def read(
        self, refs: Sequence[StoreRef], /
    ) -> Mapping[StoreRef, StoredKeyResult | OutsideError]:
        self._fail_if_broken()
        there = [ref for ref in refs if ref in self.titles]
        return {ref: self.unread.get(ref) or self._stored(ref) for ref in there}

    def browse(self) -> Iterable[StoredKeyResult]:
        self._fail_if_broken()
        return [self._stored(ref) for ref in self.titles]

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        self._fail_if_broken()
        for place, entry in enumerate(self.entries, start=1):
            if entry.key == check_in.key:
                return Receipt(check_in.key, str(place), already_there=True)
        return None

    def post(self, check_in: CheckIn, /) -> Receipt:
        self._fail_if_broken()
        self.posts += 1
        loss = self.losses.pop(0) if self.losses else None
        if loss == "request":
            raise OutcomeUnknown("the request was lost on its way")
        receipt = self._put(check_in)
        if loss == "answer":
            raise OutcomeUnknown("the answer was lost on its way")
        return receipt

    def edit(self, ref: StoreRef, value: Decimal | int, *, by: str = "team lead") -> None:
        """A person writes a check-in of their own."""
        self.entries.append(Entry(ref, None, Decimal(value), "", self.clock(), author=by))

    def keys(self) -> list[str]:
        """The keys of okrsync's check-ins, in order; a duplicate would show up twice."""
        return [entry.key for entry in self.entries if entry.key is not None]

    def spec(
        self, name: str = "memory", capabilities: Capabilities | None = None
    ) -> StoreSpec[_NoSettings]:
        """A manifest that opens this very store."""

        @contextmanager
        def opened(_settings: _NoSettings, _toolbox: Toolbox) -> Iterator[MemoryStore]:
            yield self

        return StoreSpec(
            name=name,
            settings=_NoSettings,
            open=opened,
            capabilities=capabilities or Capabilities(keeps_definitions=True),
        )

    def _put(self, check_in: CheckIn) -> Receipt:
        if check_in.ref not in self.titles:
            raise Refused(f"there is no key result {check_in.ref.id}")
        there = self.find(check_in) if self.honours_keys else None
        if there is not None:
            return there
        if check_in.base != self._stored(check_in.ref).revision:
            raise MovedOn(f"{check_in.ref.id} has a newer check-in")
        self.entries.append(
            Entry(
                ref=check_in.ref,
                key=check_in.key,
                value=check_in.value,
                unit=check_in.unit,
                at=self.clock(),
                confidence=check_in.confidence,
                note=check_in.note,
            )
        )
        return Receipt(check_in.key, str(len(self.entries)))

    def _stored(self, ref: StoreRef) -> StoredKeyResult:
        for place in range(len(self.entries), 0, -1):
            entry = self.entries[place - 1]
            if entry.ref == ref:
                return StoredKeyResult(
                    ref=ref,
                    title=self.titles[ref],
                    value=entry.value,
                    revision=str(place),
                    key=entry.key,
                    unit=entry.unit,
                    author=entry.author,
                    at=entry.at,
                    confidence=entry.confidence,
                    note=entry.note,
                )
        return StoredKeyResult(ref=ref, title=self.titles[ref], value=None, revision="")

    def _fail_if_broken(self) -> None:
        if self.broken is not None:
            raise self.broken
