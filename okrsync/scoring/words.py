"""The words beside a status: "72 % done, 14 points ahead of pace"."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from okrsync.mapping.spoken import three_digits
from okrsync.model import KeyResult, Kind
from okrsync.scoring.history import Series
from okrsync.scoring.progress import ONE, is_threshold, met

ALMOST_ALL = Decimal(99)


def progress_words(
    key_result: KeyResult, value: Decimal, share: Decimal, pace: Decimal, *, over: bool
) -> str:
    """How far it is, and how far from pace."""
    if is_threshold(key_result) or key_result.kind is Kind.DONE:
        return _bound_in_words(key_result, value, share)
    done = f"{percent(share)} done"
    if over:
        return f"{done} at the end of the period"
    points = abs(pace * 100).to_integral_value()
    if points == 0:
        return f"{done}, at pace"
    plural = "point" if points == 1 else "points"
    return f"{done}, {points} {plural} {'ahead of' if pace > 0 else 'behind'} pace"


def inside_words(key_result: KeyResult, seen: Series) -> str:
    """For a bound: the share of the time inside it so far, each value holding until the next."""
    if len(seen.days) <= 1 or not is_threshold(key_result):
        return ""
    whole = seen.days[-1] - seen.days[0]
    held = zip(seen.days, seen.days[1:], seen.values, strict=False)
    inside = sum(until - day for day, until, value in held if met(key_result, Decimal(repr(value))))
    if whole <= 0:
        return ""
    return f"inside {percent(Decimal(inside / whole))} of the time so far"


def rough(number: Decimal, key_result: KeyResult) -> Decimal:
    """A forecast in as many digits as it deserves: three, and whole where the number is."""
    three = three_digits(number)
    return three.to_integral_value() if key_result.whole_numbers else three


def percent(share: Decimal) -> str:
    """A share in whole percent; what is not all of it is never rounded up to 100 %."""
    whole = (share * 100).to_integral_value()
    if share < ONE:
        whole = min(whole, ALMOST_ALL)
    return f"{whole:,} %".replace(",", " ")


def span(length: timedelta) -> str:
    """An age in whole days, or in hours below two days."""
    if length >= timedelta(days=2):
        return f"{length.days} days"
    hours = length // timedelta(hours=1)
    return f"{hours} hour{'' if hours == 1 else 's'}"


def _bound_in_words(key_result: KeyResult, value: Decimal, share: Decimal) -> str:
    if key_result.kind is Kind.DONE:
        return "done" if met(key_result, value) else "not done"
    if met(key_result, value):
        return "inside its bounds"
    miss = percent(1 - share)
    return f"outside its bounds by {miss}" if share < 1 else "on its bound, and that is not enough"
