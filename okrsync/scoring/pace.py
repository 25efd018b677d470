"""How much progress is due by now.

Expected progress is linear over the period, counted in whole days (Viva Goals, Engagedly,
Mooncamp; 0 at the start, 1 at the end), unless the mapping gives pace points: then it is linear
from 0 at the start through each point to 1 at the end. A threshold (at least, at most, range) is
due all the time; dated milestones are due on their days; done / not done is due at the end.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from decimal import Decimal
from itertools import pairwise

from okrsync.mapping.periods import elapsed
from okrsync.model import KeyResult, Kind, Period
from okrsync.scoring.progress import ONE, ZERO, is_threshold


def expected(key_result: KeyResult, now: datetime, zone: tzinfo) -> Decimal:
    """The progress (0-1) due at ``now``, in days of ``zone``."""
    return expected_after(key_result, elapsed(key_result.period, now, zone))


def expected_after(key_result: KeyResult, share: Decimal) -> Decimal:
    """The progress due once ``share`` (0-1) of the period's days are over."""
    if key_result.pace:
        return _along_points(key_result, share)
    if is_threshold(key_result):
        return ONE
    if key_result.kind is Kind.DONE:
        return ONE if share >= ONE else ZERO
    if key_result.kind is Kind.MILESTONES and key_result.milestones:
        return _due_milestones(key_result, share)
    return share


def _along_points(key_result: KeyResult, share: Decimal) -> Decimal:
    points = [(_end_of(key_result.period, point.day), point.progress) for point in key_result.pace]
    way = [(ZERO, ZERO), *sorted(points)]
    if way[-1][0] < ONE:
        way.append((ONE, ONE))
    for (x0, y0), (x1, y1) in pairwise(way):
        if share <= x1:
            return y1 if x1 == x0 else y0 + (y1 - y0) * (share - x0) / (x1 - x0)
    return way[-1][1]


def _due_milestones(key_result: KeyResult, share: Decimal) -> Decimal:
    """Dated milestones count in full once their day is over, undated ones bit by bit."""
    whole = sum((step.weight for step in key_result.milestones), ZERO)
    if whole <= ZERO:
        return share
    due = ZERO
    for step in key_result.milestones:
        if step.due is None:
            due += step.weight * share
        elif share >= min(_end_of(key_result.period, step.due), ONE):
            due += step.weight
    return due / whole


def _end_of(period: Period, day: date) -> Decimal:
    """How much of the period is over at the end of ``day``."""
    length = (period.end - period.start).days
    return Decimal((day - period.start).days + 1) / Decimal(max(length, 1))
