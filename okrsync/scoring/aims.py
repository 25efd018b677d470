"""What a key result aims at, as the forecast counts it: one way, and the chance that it is met.

- From a baseline to a target: the way itself. A target or baseline that was changed inside the
  period moves only what is asked for, in the first way's units.
- A running count with a floor starts at 0: its way leads from there to the floor. One with a
  ceiling (at most, or a target below the baseline) does the same, and is met while it has not got
  beyond: 1 - p.
- A bound of anything else has no way, so it gets one: as long as 1 / 2.6 of what the number moves
  by in a period, that is of the root of the mean of d^2 / g over ten steps or more; with fewer
  0.2 of the bound, or of shares 0.2 on the log odds (benchmarks/confidence: levels end a period
  10 % from where they began, shares 0.11, in the median). The prior drift is 0: bounds are kept.
- A range is the chance to be at or above its low end, less that to be above its high end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from decimal import Decimal
from functools import partial
from typing import Final

from okrsync.model import KeyResult, Kind, MetricSort, Prior
from okrsync.scoring.forecast import HABITS, Aim, Forecast, forecast
from okrsync.scoring.history import History, Series, midnight
from okrsync.scoring.pace import expected_after
from okrsync.scoring.prior import prior_drift, seen_at_start
from okrsync.scoring.progress import COUNTED
from okrsync.scoring.steps import steps_of

USUAL_MOVE: Final = 0.2
MOVES_FROM: Final = 10
STEADY: Final = 0.0  # the prior drift of a bound
SMALLEST: Final = 1e-9


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Outcome:
    """A forecast and the probability (0-1) that the key result is met at the deadline."""

    forecast: Forecast
    probability: float


def foresee(
    key_result: KeyResult,
    series: Series,
    history: History,
    zone: tzinfo,
    prior: Prior,
) -> Outcome | None:
    """What the values lead to; None for kinds that no number's way decides, or without a bound.

    ``series`` ends with the newest value."""
    made = _Making(key_result, *series, zone, prior)
    if key_result.kind is Kind.RANGE:
        return _foresee_range(made, key_result)
    target = key_result.target
    if target is None or key_result.kind in COUNTED:
        return None
    upward = key_result.kind in (Kind.INCREASE, Kind.AT_LEAST)
    if key_result.cumulative:
        return made.counted(float(target), history, upward=upward)
    first = _first_way(key_result, history, upward=upward)
    if first is not None:
        return made.way(*first, float(target))
    return made.bound(float(target), upward=upward)


def _foresee_range(made: _Making, key_result: KeyResult) -> Outcome | None:
    low, high = key_result.low, key_result.high
    if low is None or high is None:
        return None
    if key_result.cumulative and high > 0:
        return made.counted_range(float(low), float(high))
    return made.range(float(low), float(high))


def _first_way(
    key_result: KeyResult, history: History, *, upward: bool
) -> tuple[float, float] | None:
    """Baseline and target of the period's first way, where they lead in the right direction."""
    if key_result.kind not in (Kind.INCREASE, Kind.DECREASE):
        return None
    now = (key_result.baseline, key_result.target)
    for baseline, target in ((history.baseline, history.target), now):
        if baseline is None or target is None or baseline == target:
            continue
        if (target > baseline) == upward:
            return float(baseline), float(target)
    return None


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class _Making:
    key_result: KeyResult
    days: Sequence[float]
    values: Sequence[float]
    zone: tzinfo
    prior: Prior

    def way(self, baseline: float, first_target: float, target: float) -> Outcome:
        made = self._along(self._aim(baseline, first_target))
        return Outcome(made, made.reaches(target, strict=self.key_result.strict))

    def counted(self, target: float, history: History, *, upward: bool) -> Outcome:
        """A running count, from 0, or from its baseline where it rises from there."""
        first = _first_way(self.key_result, history, upward=True) if upward else None
        baseline, first_target = first or (0.0, target)
        if first_target <= baseline:
            first_target = baseline + 1.0
        if upward:
            return self.way(baseline, first_target, target)
        made = self._along(self._aim(baseline, first_target))
        return Outcome(made, 1 - made.reaches(target, strict=not self.key_result.strict))

    def bound(self, bound: float, *, upward: bool) -> Outcome:
        made = self._held(bound, upward=upward)
        return Outcome(made, made.reaches(bound, strict=self.key_result.strict))

    def range(self, low: float, high: float) -> Outcome:
        made = self._held(low, upward=True)
        inside = made.reaches(low) - made.reaches(high, strict=True)
        return Outcome(made, max(inside, 0.0))

    def counted_range(self, low: float, high: float) -> Outcome:
        made = self._along(self._aim(0.0, low if low > 0 else high))
        return Outcome(made, max(made.reaches(low) - made.reaches(high, strict=True), 0.0))

    def _along(self, aim: Aim) -> Forecast:
        """A baseline is a value too: that of the period's start, where nothing was seen before."""
        days, values = self.days, self.values
        drift = prior_drift(aim, self.prior, days)
        if not seen_at_start(aim, days):
            days, values = [aim.start, *days], [aim.baseline, *values]
        return forecast(days, values, aim, drift)

    def _held(self, bound: float, *, upward: bool) -> Forecast:
        plain = self._aim(bound - 1, bound)
        ruler, length = plain.ruler, self._length(bound, plain)
        back = -length if upward else length
        near = ruler.from_log_odds(ruler.log_odds(bound) + back) if ruler.odds else bound + back
        if near == bound:  # too small a difference for a float
            near = bound + math.copysign(max(abs(bound), 1.0) * SMALLEST, back)
        return forecast(self.days, self.values, replace(plain, baseline=near, begun=False), STEADY)

    def _length(self, bound: float, plain: Aim) -> float:
        """Of the way that a bound gets: in the metric's unit, or in log odds."""
        ruler = plain.ruler
        period = plain.deadline - plain.start
        marks = [ruler.log_odds(one) for one in self.values] if ruler.odds else self.values
        steps = steps_of([day / period for day in self.days], marks, falls=True)
        usual = USUAL_MOVE if ruler.odds else USUAL_MOVE * abs(bound)
        if len(steps) >= MOVES_FROM:
            moved = math.sqrt(sum(step * step / gap for _, gap, step in steps) / len(steps))
            usual = moved or usual
        return (usual or USUAL_MOVE) / HABITS[plain.sort].spread

    def _aim(self, baseline: float, target: float) -> Aim:
        key_result = self.key_result
        percent = key_result.sort is MetricSort.PERCENT
        positive = min(baseline, target, *self.values) >= 0
        return Aim(
            baseline=baseline,
            target=target,
            start=midnight(key_result.period.start, self.zone),
            deadline=midnight(key_result.period.end, self.zone),
            sort=key_result.sort,
            whole=key_result.whole_numbers,
            lower=0.0 if percent or positive else None,  # what never was negative stays so
            upper=100.0 if percent else None,
            planned=partial(_planned, key_result) if key_result.pace else None,
        )


def _planned(key_result: KeyResult, share: float) -> float:
    return float(expected_after(key_result, Decimal(share)))
