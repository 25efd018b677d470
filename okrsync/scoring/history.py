"""What is known of a key result from before: its values, and what it was first aimed at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from okrsync.model import Status

SECONDS = 86_400.0
A_DAY = 1.0
SAME_DAY = 0.5  # a value of the same half day gives way to the newest one


def _unknown() -> Status | None:
    return None


class Series(NamedTuple):
    """Values and the days since 1970 (UTC) that they are of, oldest first."""

    days: list[float]
    values: list[float]


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class History:
    """``days`` are days since 1970 (UTC), oldest first, one value each; values of the period before
    count too. ``baseline`` and ``target`` are the period's first ones, where they have changed
    since. ``last_status`` tells what was last shown; it is only asked where that matters."""

    days: Sequence[float] = ()
    values: Sequence[float] = ()
    baseline: Decimal | None = None
    target: Decimal | None = None
    last_status: Callable[[], Status | None] = _unknown

    def up_to(self, day: float, value: float) -> Series:
        """What was clearly before ``day``, and then its ``value``."""
        count = len(self.days)
        while count and self.days[count - 1] > day - SAME_DAY:
            count -= 1
        return Series([*self.days[:count], day], [*self.values[:count], value])


NO_HISTORY = History()
NO_SERIES = Series([], [])


def day_of(instant: datetime) -> float:
    """Days since 1970 (UTC), with the time of day as a fraction."""
    return instant.timestamp() / SECONDS


@lru_cache(maxsize=1024)
def midnight(day: date, zone: tzinfo) -> float:
    """When a day begins in ``zone``."""
    return day_of(datetime.combine(day, time(), tzinfo=zone))
