"""The nouns of okrsync, frozen. This module imports nothing of ours.

Numbers are ``Decimal``, instants are aware ``datetime``, days are ``date``. A unit is a short
canonical word: "" (a plain number), "%" (on the scale 0-100), a duration ("s", "min", "h", "d",
"w"), an ISO 4217 currency code, or any word the mapping chose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Generic, TypeVar

QueryT_co = TypeVar("QueryT_co", covariant=True)

_A_RUN: Final = timedelta(hours=1)
"""Longer than any run goes on asking."""


class Kind(StrEnum):
    INCREASE = "increase"
    DECREASE = "decrease"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    RANGE = "range"
    MILESTONES = "milestones"
    DONE = "done"


class MetricSort(StrEnum):
    """How a number moves: it only grows within the period, moves both ways, or is a share between
    two bounds."""

    CUMULATIVE = "cumulative"
    LEVEL = "level"
    PERCENT = "percent"


class Prior(StrEnum):
    """What is believed before there is a history: half of all targets are reached (even), or as
    many as in real series (fitted)."""

    FITTED = "fitted"
    EVEN = "even"


class Ambition(StrEnum):
    ASPIRATIONAL = "aspirational"
    COMMITTED = "committed"


class Status(StrEnum):
    ACHIEVED = "achieved"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    MISSED = "missed"
    STALE = "stale"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    POST = "post"
    UNCHANGED = "unchanged"
    HELD = "held"
    FAILED = "failed"


class OnConflict(StrEnum):
    HOLD = "hold"
    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the mapping something was written; ``file`` relative to config.toml's folder."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Quantity:
    value: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in the config's time zone; ``end`` is the day after the last one."""

    label: str
    start: date
    end: date


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


@dataclass(frozen=True, slots=True)
class Milestone:
    """A dated step. ``done_on`` is known when somebody wrote the day down."""

    title: str
    weight: Decimal = Decimal(1)
    due: date | None = None
    done: bool = False
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class PacePoint:
    """At the end of ``day``, ``progress`` (0-1) is expected."""

    day: date
    progress: Decimal


@dataclass(frozen=True, slots=True)
class StoreRef:
    """A key result as the store knows it; ``store`` is the name of the store's table."""

    store: str
    id: str


@dataclass(frozen=True, slots=True)
class KeyResult:
    """The measurable proof of an objective.

    Which bounds are set follows from ``kind``: increase / decrease have ``baseline`` (None until
    the first measurement froze it, when ``baseline_first``) and ``target``; at_least / at_most
    have ``target``; range has ``low`` and ``high``; milestones and done count from 0 to ``target``.
    """

    id: str
    objective: str
    title: str
    kind: Kind
    period: Period
    store_ref: StoreRef
    place: Place
    owner: str = ""
    unit: str = ""
    baseline: Decimal | None = None
    baseline_first: bool = False
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    strict: bool = False
    ambition: Ambition = Ambition.ASPIRATIONAL
    weight: Decimal = Decimal(1)
    pair: str | None = None
    milestones: tuple[Milestone, ...] = ()
    pace: tuple[PacePoint, ...] = ()
    sort: MetricSort = MetricSort.LEVEL
    whole_numbers: bool = False

    @property
    def cumulative(self) -> bool:
        return self.sort is MetricSort.CUMULATIVE


@dataclass(frozen=True, slots=True)
class Objective:
    id: str
    title: str
    period: Period
    place: Place
    team: str = ""
    owner: str = ""
    level: str = ""
    perspective: str = ""
    parent: str | None = None
    weight: Decimal = Decimal(1)
    key_results: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confidence:
    """The probability (0-1) that the target is met; ``origin`` is "computed" or "human"."""

    probability: float
    origin: str = "computed"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """What deserves a look although no number is wrong; ``kind`` is "too low", "too high" or
    "not moving"."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Score:
    """``progress`` unclamped, ``score`` 0-1, ``expected`` the progress due by now, ``pace`` the
    distance from it (progress - expected); ``forecast`` holds (quantile, value) pairs. ``recent``
    and ``needed`` are how far the value moves in a week: lately, and to get to the target."""

    progress: Decimal | None
    score: Decimal | None
    expected: Decimal | None
    pace: Decimal | None
    confidence: Confidence | None
    status: Status
    reason: str = ""
    forecast: tuple[tuple[float, Decimal], ...] = ()
    recent: Decimal | None = None
    needed: Decimal | None = None
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredDefinition:
    """What a store knows of a key result besides its check-ins: for linking and importing.

    ``start`` and ``end`` are its period's first day and the day after its last; ``link`` opens it.
    """

    objective: str = ""
    team: str = ""
    owner: str = ""
    baseline: Decimal | None = None
    target: Decimal | None = None
    start: date | None = None
    end: date | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class StoredKeyResult:
    """What the store shows now.

    ``revision`` names the check-in it stands at ("" before the first); ``key`` is okrsync's key of
    that check-in, None when a person wrote it. ``value`` is None before the first check-in, and
    always in a store that keeps no numbers. ``status`` is the store's own word. ``automated`` says
    why nobody may write the value ("computed from its tasks"), "" where it may be written.
    ``decimals`` are the places that this key result keeps, where fewer than the store could.
    """

    ref: StoreRef
    title: str
    value: Decimal | None
    revision: str
    key: str | None = None
    unit: str = ""
    author: str = ""
    at: datetime | None = None
    confidence: float | None = None
    note: str = ""
    status: str = ""
    automated: str = ""
    definition: StoredDefinition = StoredDefinition()
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class PersonsWord:
    """A check-in that a person wrote in the store: shown beside what was computed, never replaced
    unless the mapping says so. ``value`` is None where it holds no number, ``confidence`` 0-1."""

    store: str
    revision: str
    author: str = ""
    at: datetime | None = None
    value: Decimal | None = None
    unit: str = ""
    confidence: float | None = None
    status: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What the store should hold. ``base`` is the revision it follows; ``key`` recognises it."""

    key: str
    key_result: str
    ref: StoreRef
    base: str
    value: Decimal
    unit: str
    as_of: datetime
    score: Decimal | None = None
    confidence: float | None = None
    status: Status = Status.UNKNOWN
    note: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a check-in is in the store; ``already_there`` when an earlier try put it in."""

    key: str
    remote_id: str
    already_there: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a plan.

    ``value`` and ``score`` are what was computed (None when there is no value), ``stored`` what
    the store shows, ``last_sent`` what okrsync last wrote there, ``check_in`` what will be sent.
    ``cure`` is the command to type next where the verdict is held or failed. ``word`` is the
    store's newest check-in where a person wrote it.
    """

    key_result: str
    title: str
    verdict: Verdict
    reason: str
    place: Place
    value: Value | None = None
    score: Score | None = None
    stored: Decimal | None = None
    stored_revision: str = ""
    last_sent: Decimal | None = None
    check_in: CheckIn | None = None
    code: str = ""
    cure: str = ""
    exit_code: int = 0
    sources: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    word: PersonsWord | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Sorted changes and the fingerprint over what was decided and from what.

    ``costs`` says of a source what asking it took, in the source's own terms: (source, words).
    """

    made_at: datetime
    changes: tuple[Change, ...]
    fingerprint: str
    costs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RunReport:
    run: str
    started: datetime
    plan: Plan
    receipts: tuple[Receipt, ...] = ()
    failures: tuple[Change, ...] = ()
    settled: tuple[Receipt, ...] = ()
    exit_code: int = 0
    warnings: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Closing:
    """How the end of a period froze the last word on a key result.

    ``author`` wrote the store's newest check-in, which stood at ``revision``. ``believed`` is the
    confidence of the last check-in, made at ``believed_at``; ``came_true`` says whether the target
    was met, None where no number says so.
    """

    at: datetime
    by: str
    author: str = ""
    revision: str = ""
    believed: Confidence | None = None
    believed_at: datetime | None = None
    came_true: bool | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last known word on a key result, or on a metric watched as a KPI.

    ``since`` is when this verdict began and ``runs`` how many runs in a row have given it, so that
    a report can say "failed since 3 days, 9 runs". ``word`` is the store's newest check-in, where a
    person wrote it. With ``closed`` it is the last word for ever.
    """

    subject: str
    run: str
    at: datetime
    verdict: Verdict
    reason: str
    since: datetime
    runs: int = 1
    code: str = ""
    cure: str = ""
    value: Value | None = None
    score: Score | None = None
    stored: Decimal | None = None
    word: PersonsWord | None = None
    closed: Closing | None = None


@dataclass(frozen=True, slots=True)
class FinalWord:
    """What a closed period leaves of a key result: as it was defined then, and how it ended."""

    key_result: KeyResult
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """A period whose numbers are frozen; ``early`` says that it was closed before its end."""

    period: Period
    at: datetime
    by: str
    early: bool = False
