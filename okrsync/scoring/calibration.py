"""Whether stated confidences came true: a reliability table, and the Brier score against pace.

Of all that was said to be 0.7 likely, seven of ten should have come true. The Brier score is the
mean of (stated - came true)^2: 0 is perfect, 0.25 is what saying 0.5 each time gets. The pace rule,
logistic(4 (progress - elapsed)), is the yardstick: a forecast that does not beat it is not worth
its words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

EDGES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
STEEPNESS: Final = 4.0
FARTHEST: Final = 30.0
ENOUGH: Final = 50  # below this, chance says more than the table


@dataclass(frozen=True, slots=True)
class Stated:
    """One confidence (0-1) as it was checked in, with the progress and the elapsed share (0-1) of
    that day, and whether the key result was met in the end."""

    key_result: str
    period: str
    confidence: float
    progress: float
    elapsed: float
    came_true: bool


@dataclass(frozen=True, slots=True)
class Band:
    """The confidences from ``low`` to ``high``; ``said`` is their mean, ``came_true`` a share."""

    low: float
    high: float
    count: int
    said: float
    came_true: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """``key_results`` counts each in each period; the scores are None without any confidence."""

    count: int
    key_results: int
    periods: int
    bands: tuple[Band, ...]
    brier: float | None
    pace_brier: float | None

    @property
    def enough(self) -> bool:
        return self.count >= ENOUGH


def calibration(stated: Sequence[Stated]) -> Calibration:
    return Calibration(
        count=len(stated),
        key_results=len({(one.key_result, one.period) for one in stated}),
        periods=len({one.period for one in stated}),
        bands=tuple(_bands(stated)),
        brier=_brier([(one.confidence, one.came_true) for one in stated]),
        pace_brier=_brier([(by_pace(one), one.came_true) for one in stated]),
    )


def by_pace(one: Stated) -> float:
    """What the pace rule would have said."""
    gap = STEEPNESS * (one.progress - one.elapsed)
    return 1 / (1 + math.exp(-min(max(gap, -FARTHEST), FARTHEST)))


def _bands(stated: Sequence[Stated]) -> list[Band]:
    bands = []
    for low, high in pairwise(EDGES):
        inside = [
            one for one in stated if low <= one.confidence < high or one.confidence == high == 1
        ]
        if inside:
            said = sum(one.confidence for one in inside) / len(inside)
            true = sum(one.came_true for one in inside) / len(inside)
            bands.append(Band(low, high, len(inside), said, true))
    return bands


def _brier(pairs: Sequence[tuple[float, bool]]) -> float | None:
    if not pairs:
        return None
    return sum((chance - came_true) ** 2 for chance, came_true in pairs) / len(pairs)
