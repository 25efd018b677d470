"""Objectives and key results, and how they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from okrsync.model.kinds import Ambition, Kind, MetricSort, Status
from okrsync.model.places import Period, Place, StoreRef


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
