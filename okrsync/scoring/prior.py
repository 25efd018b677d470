"""The prior drift m0 of a forecast: where a typical key result gets to, in ways per period.

- ``even`` says 1: half of all targets are reached, the rule that OKRs are set by, the same for
  rising and falling ones.
- ``fitted`` says what targets that were set from a metric's past came to in real series. It was
  fitted on metrics that had been seen when the period began. A metric that was first seen later
  stands on a baseline that somebody wrote down: nothing is known of how it moves, so the rule of
  ``even`` holds for it, and gives way to the fitted rate over the first quarter of a period that
  its values span. So a second value a day later changes little.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from okrsync.model import MetricSort, Prior
from okrsync.scoring.history import A_DAY

if TYPE_CHECKING:
    from okrsync.scoring.forecast import Aim

CUMULATIVE_DRIFT: Final = 0.94
PERCENT_DRIFT: Final = 0.52
LEVEL_DRIFT: Final = {
    (True, True): 0.98,  # whole numbers, up
    (True, False): -0.12,
    (False, True): 0.45,
    (False, False): 0.12,
}
KNOWN_AFTER: Final = 0.25  # of a period


def prior_drift(aim: Aim, prior: Prior, days: Sequence[float]) -> float:
    """m0 for values that were measured on these days, oldest first."""
    even = 1.0 - aim.half
    if prior is Prior.EVEN:
        return even
    return even + _known(aim, days) * (_fitted(aim) - even)


def seen_at_start(aim: Aim, days: Sequence[float]) -> bool:
    """Whether the metric had been measured when the period began."""
    return bool(days) and days[0] <= aim.start + A_DAY


def _known(aim: Aim, days: Sequence[float]) -> float:
    """How much (0-1) the fitted rate counts."""
    if not days:
        return 0.0
    if seen_at_start(aim, days):
        return 1.0
    return min((days[-1] - days[0]) / (KNOWN_AFTER * (aim.deadline - aim.start)), 1.0)


def _fitted(aim: Aim) -> float:
    if aim.sort is MetricSort.CUMULATIVE:
        return CUMULATIVE_DRIFT
    if aim.sort is MetricSort.PERCENT:
        return PERCENT_DRIFT
    return LEVEL_DRIFT[aim.whole, aim.rises]
