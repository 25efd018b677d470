"""What the state remembers, as its readers see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Generic, TypeVar

from okrsync.model import CheckIn, Measurement, Operand, Receipt, Value
from okrsync.state.codec import decode_check_in, decode_proof, encode_proof, sent_number

RowT = TypeVar("RowT")
ItemT = TypeVar("ItemT")


class Remembered(Mapping[str, ItemT], Generic[RowT, ItemT]):
    """Rows by name, each turned into its noun when somebody asks for it, and only once."""

    def __init__(self, rows: Mapping[str, RowT], turn: Callable[[RowT], ItemT]) -> None:
        self._rows = rows
        self._turn = turn
        self._turned: dict[str, ItemT] = {}

    def __getitem__(self, name: str) -> ItemT:
        if name not in self._turned:
            self._turned[name] = self._turn(self._rows[name])
        return self._turned[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class OnDemand(Mapping[str, ItemT], Generic[ItemT]):
    """A mapping that is read when somebody looks into it, as a whole and only once."""

    def __init__(self, read: Callable[[], Mapping[str, ItemT]]) -> None:
        self._read = read

    @cached_property
    def _known(self) -> Mapping[str, ItemT]:
        return self._read()

    def __getitem__(self, name: str) -> ItemT:
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


@dataclass(frozen=True, slots=True)
class Run:
    """``finished`` and ``exit_code`` are None while it runs, and for ever when it was killed."""

    id: str
    command: str
    started: datetime
    finished: datetime | None = None
    exit_code: int | None = None
    summary: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Intent:
    """A check-in that was about to be sent; ``payload`` is what was frozen then."""

    run: str
    at: datetime
    payload: str

    @cached_property
    def check_in(self) -> CheckIn:
        return decode_check_in(self.payload)


@dataclass(frozen=True)
class Sent:
    """A check-in that okrsync put into the store; ``at`` is when it was known to be there,
    ``intended`` when it was about to be sent."""

    run: str
    at: datetime
    receipt: Receipt
    payload: str
    intended: datetime

    @cached_property
    def check_in(self) -> CheckIn:
        return decode_check_in(self.payload)

    @property
    def number(self) -> Decimal:
        """Its value alone: every plan shows it, and few need the rest."""
        return sent_number(self.payload)


@dataclass(frozen=True, slots=True)
class Reading:
    """One number in the history of a key result or a metric.

    ``origin`` is "measured", "milestones", "manual", "override" or "backfill"; ``evidence`` is the
    proof as JSON text, see ``value``.
    """

    subject: str
    number: Decimal
    unit: str
    as_of: datetime
    origin: str = "measured"
    rows: int = 0
    approximate: bool = False
    evidence: str = '{"operands":[],"remark":""}'

    @classmethod
    def of(cls, subject: str, value: Value | Measurement, *, origin: str | None = None) -> Reading:
        """A value with the measurements it was made of, or one measurement by itself."""
        if isinstance(value, Measurement):
            operands: tuple[Operand, ...] = (Operand(subject, value),)
            number, remark, found = value.value, "", "measured"
        else:
            operands = value.operands
            number, remark, found = value.number, value.remark, value.origin
        return cls(
            subject=subject,
            number=number,
            unit=value.unit,
            as_of=value.as_of,
            origin=origin or found,
            rows=sum(operand.measurement.rows for operand in operands),
            approximate=value.approximate,
            evidence=encode_proof(operands, remark),
        )

    def value(self) -> Value:
        """The number with all that it was made of."""
        operands, remark = decode_proof(self.evidence)
        return Value(
            number=self.number,
            unit=self.unit,
            as_of=self.as_of,
            origin=self.origin,
            operands=operands,
            approximate=self.approximate,
            remark=remark,
        )


@dataclass(frozen=True, slots=True)
class Approval:
    """A person lets one held value through; ``used_run`` is the run that then wrote it."""

    key_result: str
    number: Decimal
    unit: str
    reason: str
    by: str
    at: datetime
    used_run: str | None = None


@dataclass(frozen=True, slots=True)
class ManualValue:
    """A person says a key result's number; ``until`` is the last day it counts, None for ever."""

    key_result: str
    number: Decimal
    until: date | None
    reason: str
    by: str
    at: datetime
