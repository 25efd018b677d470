"""Guard: reasons to hold a value back. A guard never alters a number. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from okrsync.config.config import Limits
from okrsync.mapping.rules import Guard
from okrsync.mapping.units import show
from okrsync.model import KeyResult, Kind, Value

_NO_WAY = Decimal(0)


@dataclass(frozen=True, slots=True)
class Hold:
    code: str
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


def breaker(
    changing: Mapping[str, Iterable[str]], known: Mapping[str, Sequence[str]], limits: Limits
) -> dict[str, Hold]:
    """Key results to hold because too large a share of their source's changes at once.

    ``known`` lists, for each source, its key results that have a check-in to change; ``changing``
    those of them that would change now.
    """
    held: dict[str, Hold] = {}
    for source, all_of_it in known.items():
        changes = list(changing.get(source, ()))
        if len(all_of_it) < limits.max_changed_from:
            continue
        if Decimal(len(changes)) <= limits.max_changed * len(all_of_it):
            continue
        reason = (
            f"{len(changes)} of {len(all_of_it)} key results of source `{source}` would change at "
            f"once, {show(limits.max_changed * 100, '%')} are allowed"
        )
        held.update(dict.fromkeys(changes, Hold("too-many-changes", reason)))
    return held


def too_old(guard: Guard, value: Value, now: datetime) -> Hold | None:
    """Why data of that day says nothing about now any more."""
    if guard.max_age is None or now - value.as_of <= guard.max_age:
        return None
    return Hold(
        "data-too-old",
        f"the data is {_span(now - value.as_of)} old, {_span(guard.max_age)} is allowed",
    )


def _fell_to_zero(guard: Guard, value: Value, previous: Decimal | None) -> Hold | None:
    if guard.allow_zero or value.number != 0 or not previous:
        return None
    return Hold("fell-to-zero", f"it would fall from {show(previous, value.unit)} to 0")


def _counter_fell(
    key_result: KeyResult, guard: Guard, value: Value, previous: Decimal | None
) -> Hold | None:
    if not key_result.cumulative or guard.allow_fall or previous is None:
        return None
    if value.number >= previous:
        return None
    return Hold(
        "counter-fell",
        f"a running count would fall from {show(previous, value.unit)} "
        f"to {show(value.number, value.unit)}",
    )


def _too_far(
    key_result: KeyResult, guard: Guard, value: Value, previous: Decimal | None
) -> Hold | None:
    if guard.max_step is None or previous is None:
        return None
    way = _way(key_result, previous)
    step = abs(value.number - previous)
    if step <= guard.max_step * way:
        return None
    share = f"{show((100 * step / way).quantize(Decimal(1)), '%')} of" if way else "off"
    return Hold(
        "step-too-large",
        f"{show(previous, value.unit)} to {show(value.number, value.unit)} is {share} the way "
        f"that `max_step` is measured by, {show(guard.max_step * 100, '%')} is allowed",
    )


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
