"""How far a key result is: progress, score, and whether its target is met.

Progress is a share without bounds: 0 at the baseline, 1 at the target, below 0 and above 1 where
the value went there. For increase and decrease it is

    progress = (value - baseline) / (target - baseline)

(Doerr, Measure What Matters; the same number for rising and falling targets). Kinds without a
baseline have 1 when they are met, else the honest rest of the way, linear in the distance d from
the nearest bound and free of units: at_least and at_most 1 - d / |target|, range 1 - d / width.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from okrsync.model import KeyResult, Kind

ZERO = Decimal(0)
ONE = Decimal(1)
SCORE_STEP = Decimal("0.0001")
MOST_UNMET = ONE - SCORE_STEP
# tuples and not sets: to look an enum's member up in a set takes a call of Python code
THRESHOLDS = (Kind.AT_LEAST, Kind.AT_MOST, Kind.RANGE)
COUNTED = (Kind.MILESTONES, Kind.DONE)


def progress(key_result: KeyResult, value: Decimal) -> Decimal | None:
    """The unclamped share of the way; None without a baseline, a bound or a finite value."""
    if not value.is_finite():
        return None
    match key_result.kind:
        case Kind.INCREASE | Kind.DECREASE:
            return _between(key_result, value)
        case Kind.MILESTONES:
            whole = _whole(key_result)
            return None if whole <= ZERO else value / whole
        case Kind.DONE:
            return ONE if met(key_result, value) else ZERO
        case _:
            gap = margin(key_result, value)
            return None if gap is None else ONE + min(gap, ZERO)


def met(key_result: KeyResult, value: Decimal) -> bool:
    """Whether the target is met by ``value``; exactly is enough unless the target is strict."""
    if not value.is_finite():
        return False
    room = _room(key_result, value)
    if room is None:
        return False
    counted = key_result.kind in COUNTED  # these know no "strictly more"
    return room > ZERO if key_result.strict and not counted else room >= ZERO


def score(key_result: KeyResult, value: Decimal) -> Decimal | None:
    """Progress clamped to 0-1 in steps of 0.0001. A full 1 is kept for a target that is met, so
    that neither rounding nor a strict bound makes 0.99996 look like success."""
    share = progress(key_result, value)
    return None if share is None else clamped(share, reached=met(key_result, value))


def clamped(share: Decimal, *, reached: bool) -> Decimal:
    """The score of a share of the way, see ``score``; ``reached`` says that the target is met."""
    rounded = min(max(share, ZERO), ONE).quantize(SCORE_STEP, ROUND_HALF_EVEN)
    return rounded if reached else min(rounded, MOST_UNMET)


def margin(key_result: KeyResult, value: Decimal) -> Decimal | None:
    """For at_least, at_most and range: the way to the nearest bound as a share of the target (of
    the range's width), positive inside, negative outside. A bound of 0 has no scale of its own:
    there a miss is -1 and a hit 0. None when a bound is missing."""
    room = _room(key_result, value)
    if room is None:
        return None
    scale = _scale(key_result)
    if scale == ZERO:
        return ZERO if room >= ZERO else -ONE
    return room / scale


def is_threshold(key_result: KeyResult) -> bool:
    """Whether the key result is a bound to keep rather than a way to go."""
    return key_result.kind in THRESHOLDS


def _between(key_result: KeyResult, value: Decimal) -> Decimal | None:
    baseline, target = key_result.baseline, key_result.target
    if baseline is None or target is None:
        return None
    if baseline == target:  # no way to go: there or not there
        return ONE if met(key_result, value) else ZERO
    return (value - baseline) / (target - baseline)


def _room(key_result: KeyResult, value: Decimal) -> Decimal | None:
    """How much further the value could get worse before the target is missed, in its own unit."""
    match key_result.kind:
        case Kind.RANGE:
            low, high = key_result.low, key_result.high
            return None if low is None or high is None else min(value - low, high - value)
        case Kind.MILESTONES | Kind.DONE:
            return value - _whole(key_result)
        case Kind.INCREASE | Kind.AT_LEAST:
            return None if key_result.target is None else value - key_result.target
        case Kind.DECREASE | Kind.AT_MOST:
            return None if key_result.target is None else key_result.target - value


def _scale(key_result: KeyResult) -> Decimal:
    if key_result.kind is Kind.RANGE:
        low, high = key_result.low or ZERO, key_result.high or ZERO
        return high - low or abs(low)
    return abs(key_result.target or ZERO)


def _whole(key_result: KeyResult) -> Decimal:
    """What milestones and done count up to."""
    if key_result.target is not None:
        return key_result.target
    if key_result.kind is Kind.MILESTONES:
        return sum((step.weight for step in key_result.milestones), ZERO)
    return ONE
