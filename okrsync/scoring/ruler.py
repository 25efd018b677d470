"""The ruler of a forecast: from values to places on the way, 0 at the baseline and 1 at the target,
and back; of shares on the log odds between their bounds. See ``forecast.py`` for the formulas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MARGIN: Final = 0.001  # of the range between the bounds of a share
FARTHEST: Final = 1e6  # beyond this many ways nothing changes any more
LARGEST: Final = 1e306  # so that the difference of two forecasts is a number


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Ruler:
    """From values to places on the way, and back."""

    baseline: float
    target: float
    lower: float | None
    upper: float | None
    odds: bool = False

    @classmethod
    def on_log_odds(cls, baseline: float, target: float, lower: float, upper: float) -> Ruler:
        """Baseline and target between the bounds."""
        plain = cls(baseline, target, lower, upper, odds=True)
        ends = plain.log_odds(baseline), plain.log_odds(target)
        return cls(*ends, lower, upper, odds=True)

    def place(self, value: float) -> float:
        if self.odds:
            return self.places([value])[0]
        half = self.baseline / 2
        place = (value / 2 - half) / (self.target / 2 - half)
        return min(max(place, -FARTHEST), FARTHEST)

    def places(self, values: Sequence[float]) -> list[float]:
        if self.odds:
            values = self._all_log_odds(values)
        # halves, so that the difference of two huge numbers is still one
        half = self.baseline / 2
        way = self.target / 2 - half
        places = [(value / 2 - half) / way for value in values]
        if max(places) <= FARTHEST and min(places) >= -FARTHEST:
            return places
        return [min(max(place, -FARTHEST), FARTHEST) for place in places]

    def value(self, place: float) -> float:
        # halves, as in ``places``
        half = self.baseline / 2
        value = 2 * (half + place * (self.target / 2 - half))
        value = min(max(value, -LARGEST), LARGEST)
        if self.odds:
            value = self.from_log_odds(value)
        if self.lower is not None:
            value = max(value, self.lower)
        return value if self.upper is None else min(value, self.upper)

    def log_odds(self, value: float) -> float:
        return self._all_log_odds([value])[0]

    def _all_log_odds(self, values: Sequence[float]) -> list[float]:
        low, high = self.lower or 0.0, self.upper or 0.0
        if min(values) < low or max(values) > high:
            values = [min(max(value, low), high) for value in values]
        log, margin = math.log, MARGIN * (high - low)
        return [log((value - low + margin) / (high - value + margin)) for value in values]

    def from_log_odds(self, odds: float) -> float:
        low, high = self.lower or 0.0, self.upper or 0.0
        margin, share = MARGIN * (high - low), 1 / (1 + math.exp(-min(max(odds, -700), 700)))
        return (low - margin) + share * (high - low + 2 * margin)
