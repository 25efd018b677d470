"""What deserves a look although no number is wrong: set too low, set too high, never moving.

- Too low: an aspiration that is as good as met (0.95) before half of the period is over.
- Too high: 0.05 or less while a quarter of the period or more is left, and more than three times
  the recent pace would be needed.
- Not moving: the same value all the time over a quarter of the period or more, at three looks or
  more, and the target is not met.

Bounds to keep and dated steps have no way to be set too long or too short.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from okrsync.model import Ambition, Flag, KeyResult, Kind
from okrsync.scoring.confidence import Outlook
from okrsync.scoring.history import Series

ALMOST_SURE: Final = 0.95
EARLY: Final = Decimal("0.5")
HOPELESS: Final = 0.05
STILL_LEFT: Final = Decimal("0.25")
TIMES_RECENT: Final = 3
LOOKS: Final = 3


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Standing:
    """Where a key result stands: ``gone`` is the share (0-1) of the period that is over, ``seen``
    the values inside the period."""

    key_result: KeyResult
    outlook: Outlook
    gone: Decimal
    seen: Series


def flags_of(standing: Standing) -> tuple[Flag, ...]:
    known = standing.outlook.confidence
    if known is None or standing.key_result.kind not in (Kind.INCREASE, Kind.DECREASE):
        return ()
    unremarkable = HOPELESS < known.probability < ALMOST_SURE
    if unremarkable and len(standing.seen.values) < LOOKS:
        return ()
    return tuple(_flags(standing, known.probability))


def _flags(standing: Standing, likely: float) -> Iterator[Flag]:
    left = f"{(1 - standing.gone) * 100:.0f} % of the period left"
    aspirational = standing.key_result.ambition is Ambition.ASPIRATIONAL
    if aspirational and standing.gone < EARLY and likely >= ALMOST_SURE:
        met = "met" if standing.outlook.reached else "as good as met"
        yield Flag("too low", f"{met} with {left}: perhaps set too low")
    if likely <= HOPELESS and 1 - standing.gone >= STILL_LEFT and _far(standing.outlook):
        yield Flag("too high", f"out of reach with {left}: perhaps set too high")
    if not standing.outlook.reached and _still(standing):
        yield Flag("not moving", f"has not moved in {_days(standing.seen)} days")


def _far(outlook: Outlook) -> bool:
    """Whether far more is needed than the recent pace gives, or that leads the other way."""
    if outlook.needed is None or outlook.recent is None:
        return False
    ahead = outlook.recent * outlook.needed
    return ahead <= 0 or abs(outlook.needed) > TIMES_RECENT * abs(outlook.recent)


def _still(standing: Standing) -> bool:
    values, period = standing.seen.values, standing.key_result.period
    if len(values) < LOOKS or min(values) != max(values):
        return False
    return _days(standing.seen) >= float(STILL_LEFT) * (period.end - period.start).days


def _days(seen: Series) -> int:
    return int(seen.days[-1] - seen.days[0])
