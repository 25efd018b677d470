"""How a number is made and what may happen to it: a mapping file's meaning, resolved and frozen."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from okrsync.model import KeyResult, MetricSort, OnConflict, Period, Place, Prior

if TYPE_CHECKING:
    from okrsync.mapping.expression import Expression


@dataclass(frozen=True, slots=True)
class Ask:
    """A question without a date yet. ``unit`` is what the mapping says the answer is counted in;
    "" leaves it to the source. ``window`` is the window as written ("period", "last 28d")."""

    source: str
    query: Hashable
    measure: str | None
    agg: str | None
    on: str | None
    window: str
    unit: str
    place: Place


@dataclass(frozen=True, slots=True)
class Formula:
    """Arithmetic over metrics; ``names`` maps each name as written to the metric's full id,
    ``scores`` each argument of score(...) to the full id of an objective or key result."""

    text: str
    expression: Expression
    names: tuple[tuple[str, str], ...]
    scores: tuple[tuple[str, str], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Manual:
    """A person says it: okrsync set."""

    place: Place


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone of the key result at the same index, decided by a formula instead of by hand.

    ``followed`` says that the formula is the metric of a milestone that a source keeps, whose
    value is the share done, and not a condition.
    """

    index: int
    when: Formula
    followed: bool = False


@dataclass(frozen=True, slots=True)
class Steps:
    """Milestones: the value is the weight of those that are done."""

    place: Place
    computed: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Fixed:
    """A done / not done key result whose answer stands in the mapping itself."""

    done: bool
    place: Place


ValueRule = Ask | Formula | Manual | Steps | Fixed


@dataclass(frozen=True, slots=True)
class Guard:
    """What holds a value. ``max_step`` is a share (0.25) of the way from baseline to target."""

    max_step: Decimal | None = None
    max_age: timedelta | None = None
    allow_zero: bool = False
    allow_fall: bool = False
    allow_jump: bool = False


@dataclass(frozen=True, slots=True)
class Judging:
    """How confidence is made and read; the bounds of the status None where the ambition's own
    count."""

    prior: Prior = Prior.FITTED
    on_track: float | None = None
    at_risk: float | None = None


BY_DEFAULT = Judging()


@dataclass(frozen=True, slots=True)
class Override:
    """A person's value in place of the measured one; ``until`` is the last day it counts."""

    key_result: str
    value: Decimal
    until: date
    reason: str
    by: str
    place: Place


@dataclass(frozen=True, slots=True)
class Rule:
    """A key result with all that okrsync must know to keep it true.

    ``grace`` is how long after the period's end late data still counts.
    """

    key_result: KeyResult
    value: ValueRule
    guard: Guard
    place: Place
    schedule: str | None = None
    note: str | None = None
    on_conflict: OnConflict = OnConflict.HOLD
    override: Override | None = None
    judging: Judging = BY_DEFAULT
    grace: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Metric:
    """A number with a name; with ``healthy_min`` / ``healthy_max`` it is watched as a KPI.

    ``period`` is its file's, for a window "period" when it is watched for itself. ``sort`` and
    ``whole`` are how it moves, None where the mapping does not say.
    """

    id: str
    rule: Ask | Formula
    place: Place
    title: str = ""
    unit: str = ""
    owner: str = ""
    perspective: str = ""
    healthy_min: Decimal | None = None
    healthy_max: Decimal | None = None
    guard: Guard = field(default_factory=Guard)
    period: Period | None = None
    sort: MetricSort | None = None
    whole: bool | None = None

    @property
    def watched(self) -> bool:
        return self.healthy_min is not None or self.healthy_max is not None
