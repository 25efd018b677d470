"""Guard: reasons to hold a value back. A guard never alters a number. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from okrsync.decimals import EXACT
from okrsync.mapping.rules import Guard
from okrsync.mapping.units import show
from okrsync.model import HoldCode, KeyResult, Kind, Value

_NO_WAY = Decimal(0)


@dataclass(frozen=True, slots=True)
class Hold:
    code: HoldCode
    reason: str


def hold(
    key_result: KeyResult,
    guard: Guard,
    value: Value,
    previous: Decimal | None,
    now: datetime,
) -> Hold | None:
    """The first reason not to write ``value`` over ``previous``, None if there is none."""
    return (
        too_old(guard, value, now)
        or _fell_to_zero(guard, value, previous)
        or _counter_fell(key_result, guard, value, previous)
        or _too_far(key_result, guard, value, previous)
    )


def too_old(guard: Guard, value: Value, now: datetime) -> Hold | None:
    """Why data of that day says nothing about now any more."""
    if guard.max_age is None or now - value.as_of <= guard.max_age:
        return None
    return Hold(
        HoldCode.DATA_TOO_OLD,
        f"the data is {_span(now - value.as_of)} old, {_span(guard.max_age)} is allowed",
    )


def _fell_to_zero(guard: Guard, value: Value, previous: Decimal | None) -> Hold | None:
    if guard.allow_zero or value.number != 0 or not previous:
        return None
    return Hold(HoldCode.FELL_TO_ZERO, f"it would fall from {show(previous, value.unit)} to 0")


def _counter_fell(
    key_result: KeyResult, guard: Guard, value: Value, previous: Decimal | None
) -> Hold | None:
    if not key_result.cumulative or guard.allow_fall or previous is None:
        return None
    if value.number >= previous:
        return None
    return Hold(
        HoldCode.COUNTER_FELL,
        f"a running count would fall from {show(previous, value.unit)} "
        f"to {show(value.number, value.unit)}",
    )


def _too_far(
    key_result: KeyResult, guard: Guard, value: Value, previous: Decimal | None
) -> Hold | None:
    if guard.max_step is None or previous is None:
        return None
    way = _way(key_result, previous)
    step = EXACT.subtract(value.number, previous).copy_abs()
    if step <= EXACT.multiply(guard.max_step, way):
        return None
    share = f"{show(_percent(step, way), '%')} of" if way else "off"
    return Hold(
        HoldCode.STEP_TOO_LARGE,
        f"{show(previous, value.unit)} to {show(value.number, value.unit)} is {share} the way "
        f"that `max_step` is measured by, {show(guard.max_step * 100, '%')} is allowed",
    )


def _percent(step: Decimal, way: Decimal) -> Decimal:
    return EXACT.quantize(EXACT.divide(EXACT.multiply(Decimal(100), step), way), Decimal(1))


def _way(key_result: KeyResult, previous: Decimal) -> Decimal:
    """What a step is a share of: the way from baseline to target, the width of a range, or, where
    there is only a bound, the value before."""
    if key_result.kind is Kind.RANGE and None not in (key_result.low, key_result.high):
        return abs((key_result.high or _NO_WAY) - (key_result.low or _NO_WAY))
    if key_result.baseline is not None and key_result.target is not None:
        return abs(key_result.target - key_result.baseline)
    if key_result.kind in (Kind.MILESTONES, Kind.DONE) and key_result.target is not None:
        return abs(key_result.target)
    return abs(previous)


def _span(span: timedelta) -> str:
    if span >= timedelta(days=2):
        return f"{span.days} d"
    return f"{int(span.total_seconds() // 3600)} h"
