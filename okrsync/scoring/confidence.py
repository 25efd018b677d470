"""The probability that the target is met at the deadline.

This is the one place where confidence is made. Today it follows the pace rule; a forecast from
the history of measurements can take its place behind the same function.

    p = logistic(4 g / sqrt(h))

with g the distance from the pace (progress - expected, in shares of the way) and h the share of
the period that is left. logistic(4 g) is the pace rule of benchmarks/confidence ("pace:
logistic(4(progress-elapsed))"); the root sharpens it towards the deadline, as the spread of what
can still happen shrinks with the root of the time left (random walk): the Brier score on that
benchmark is 0.161, without the root it is 0.166. So a fresh key result on its
pace has 0.5, the even odds that an aspirational target is set for, and behind mirrors ahead.

- A target that is met already tends to stay met: then g is at least 1/4 of the time gone.
- Thresholds (at least, at most, range): what holds now tends to hold, so g is the margin to the
  bound with 1/4 more on the side where the value stands.
- Done / not done shows no half way: with an even chance over the whole period that is the same
  every day, 1 - 2^-h is left while it is not done.
- Before the deadline nothing is certain: 0.02 to 0.98, and 0.99 once a target is met that cannot
  be lost again (cumulative, milestones, done). From the deadline on it is a fact: 1 or 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from okrsync.mapping.periods import deadline, elapsed
from okrsync.model import Confidence, KeyResult, Kind
from okrsync.scoring.pace import expected_after
from okrsync.scoring.progress import COUNTED, is_threshold, margin, met, progress

STEEPNESS = 4.0
HEAD_START = Decimal("0.25")
DOUBT = 0.02
KEPT = 0.99
SHORTEST = 1e-3  # the last day still holds a chance
FARTHEST = Decimal(10)  # beyond this many ways ahead or behind nothing changes any more


@dataclass(frozen=True, slots=True)
class Point:
    """One earlier value of a key result: ``at`` is the instant that it describes."""

    at: datetime
    value: Decimal


def confidence(
    key_result: KeyResult,
    value: Decimal,
    as_of: datetime,
    _history: Sequence[Point],
    *,
    now: datetime,
    zone: tzinfo,
) -> Confidence | None:
    """The probability (0-1) that the target is met; None where there is no progress to judge.

    The history is what a forecast needs; the pace rule judges the value at its own ``as_of``.
    """
    share = progress(key_result, value)
    if share is None:
        return None
    reached = met(key_result, value)
    if now >= deadline(key_result.period, zone):
        return _fact(reached)
    if reached and cannot_be_lost(key_result):
        return Confidence(KEPT, reason="the target is met and stays met")
    gone = elapsed(key_result.period, min(as_of, now), zone)
    left = float(1 - gone)
    if key_result.kind is Kind.DONE:
        return Confidence(_bounded(1 - 0.5**left), reason="not done yet; an even chance per period")
    gap = share - expected_after(key_result, gone)
    if reached:
        gap = max(gap, HEAD_START * gone)
    if is_threshold(key_result):
        gap = _threshold_gap(key_result, value)
    return Confidence(_bounded(_by_pace(gap, left)), reason="by the pace rule")


def cannot_be_lost(key_result: KeyResult) -> bool:
    """Whether a target once met stays met until the deadline."""
    grows = key_result.cumulative and key_result.kind in (Kind.INCREASE, Kind.AT_LEAST)
    return grows or key_result.kind in COUNTED


def _fact(reached: bool) -> Confidence:  # noqa: FBT001 - the fact itself
    return Confidence(1.0 if reached else 0.0, reason="the period is over: a fact")


def _threshold_gap(key_result: KeyResult, value: Decimal) -> Decimal:
    room = margin(key_result, value) or Decimal(0)
    return room + (HEAD_START if met(key_result, value) else -HEAD_START)


def _by_pace(gap: Decimal, left: float) -> float:
    """The pace rule: logistic(4 g / sqrt(h)), kept within what a float can hold."""
    distance = float(min(max(gap, -FARTHEST), FARTHEST))
    log_odds = STEEPNESS * distance / math.sqrt(max(left, SHORTEST))
    return 1 / (1 + math.exp(-min(max(log_odds, -30.0), 30.0)))


def _bounded(probability: float) -> float:
    return min(max(probability, DOUBT), 1 - DOUBT)
