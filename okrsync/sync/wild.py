"""Hold a value far away from everything before it, until a second one confirms it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Final

from okrsync.mapping.rules import Guard
from okrsync.mapping.units import show
from okrsync.model import HoldCode, KeyResult, Outcome, Value
from okrsync.scoring.history import History, day_of
from okrsync.scoring.progress import COUNTED
from okrsync.scoring.steps import is_wild
from okrsync.sync.guard import Hold

LATER: Final = timedelta(hours=1)  # the same answer a minute later is the same measurement
NEAR: Final = Decimal("0.25")  # of the jump


def hold_wild(
    key_result: KeyResult,
    guard: Guard,
    value: Value,
    history: History,
    last_word: Callable[[], Outcome | None],
) -> Hold | None:
    """``last_word`` is asked only for a wild value: whether one like it is held already."""
    if guard.allow_jump or key_result.kind in COUNTED or not history.days:
        return None
    days, values = history.up_to(day_of(value.as_of), float(value.number))
    if not is_wild(days, values, falls=not key_result.cumulative):
        return None
    before = Decimal(repr(values[-2]))
    if _confirms(value, before, last_word()):
        return None
    return Hold(
        HoldCode.WILD_VALUE,
        f"{show(before, value.unit)} to {show(value.number, value.unit)} is far beyond every step "
        f"before it; a second measurement like it lets it through",
    )


def _confirms(value: Value, before: Decimal, last: Outcome | None) -> bool:
    """Whether it is of a later time than the first that was held, and near the one held last."""
    if last is None or last.code != HoldCode.WILD_VALUE or last.value is None:
        return False
    if value.as_of - last.since < LATER:
        return False
    return abs(value.number - last.value.number) <= NEAR * abs(value.number - before)
