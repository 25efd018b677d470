"""From a question to the number that answers it, with all that it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Generic, TypeVar

QueryT_co = TypeVar("QueryT_co", covariant=True)

_A_RUN: Final = timedelta(hours=1)
"""Longer than any run goes on asking."""


@dataclass(frozen=True, slots=True)
class Window:
    """The span of records that count: ``start`` inclusive, ``end`` exclusive, None for no bound."""

    label: str
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question(Generic[QueryT_co]):
    """One number asked of one source; hashable, so that equal questions are asked once.

    ``measure`` is a field or a duration of the source, None when records are only counted.
    ``agg`` is count, distinct, sum, avg, median, min, max, last, first or p1-p99; None means that
    exactly one record is expected. ``on`` names the date field that ``window`` and ``as_of`` read.
    """

    source: str
    query: QueryT_co
    measure: str | None
    agg: str | None
    on: str | None
    window: Window
    as_of: datetime

    def is_past(self, now: datetime) -> bool:
        """Whether this asks about an earlier time. A run takes a while and asks as of its
        beginning, so less than an hour ago is still now."""
        return self.as_of < now - _A_RUN

    def asked_in_words(self, measure: str | None = None) -> str:
        """``sum of Amount``; ``measure`` is what to call it where its own name does not do."""
        called = measure or self.measure
        return f"{self.agg or 'the only value'}{f' of {called}' if called else ''}"

    def window_in_words(self) -> str:
        """``last 28d: resolved from 2026-10-05 and before 2026-11-02``."""
        window = self.window
        if window.start is None and window.end is None:
            return window.label
        start = f"{window.start:%Y-%m-%d}" if window.start else "the beginning"
        end = f"{window.end:%Y-%m-%d}" if window.end else "now"
        return f"{window.label}: {self.on or 'its dates'} from {start} and before {end}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a number came to be: enough to ask the same question again by hand."""

    source: str
    query: str
    window: str
    zone: str
    read_at: datetime
    link: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurement:
    """One answer. ``as_of`` is the instant that the data describes, ``rows`` what is behind it.

    ``due`` and ``done_on`` are the days of a milestone that the source itself keeps, where the
    question was for one: its value is then the share done in "%".
    """

    value: Decimal
    unit: str
    as_of: datetime
    rows: int
    evidence: Evidence
    approximate: bool = False
    due: date | None = None
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class Operand:
    """A named number inside a key result's value."""

    name: str
    measurement: Measurement


@dataclass(frozen=True, slots=True)
class Value:
    """A key result's number in the key result's unit, with all that it was made of.

    ``origin`` is "measured", "manual", "override" or "milestones".
    """

    number: Decimal
    unit: str
    as_of: datetime
    origin: str
    operands: tuple[Operand, ...] = ()
    approximate: bool = False
    remark: str = ""
