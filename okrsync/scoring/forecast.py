"""Where a number will stand at the deadline: a forecast in closed form from its history.

Everything is counted in ways and periods. A value y stands at x = (y - baseline) / (target -
baseline), 0 at the baseline and 1 at the target, and the period from start to deadline is 1 long.
For the steps d over the gaps g between the values (``steps.py`` takes out what is no step):

- Recent steps count more: w = 2^(-age / half-life), the age counted from the step's middle to the
  newest value. Values before the period's start count too.
- Drift mu = sum(w d) / sum(w g). What it leaves over is e = sum w (d - mu g)^2 / g, and the
  variance of one period s2 = (nu s0^2 + e) / (nu + sum w); whole numbers add the noise of
  counting, phi max(mu, 0.05) / |target - baseline|.
- Trust in the drift B = tau^2 / (tau^2 + s2 r), r = sum(w^2 g) / (sum w g)^2. A trend that leads
  away from the prior m0 or beyond it and stands out of its noise is trusted more (the floor of
  James and Stein): with four steps or more, B is at least 0.55 max(0, 1 - 3.6 v / mu^2),
  v = e / max(sum w - 1, 0.5) r. The drift that counts is m = m0 + B (mu - m0).
- After the time h that is left since the newest value, x is expected at c = x_n + m h, with the
  variance V = s2 h + tau^2 (1 - B) h^2 + (rho m h)^2 and the scale sqrt(V) / 1.95. So an old value
  makes a wide forecast. Where it is of a time before the period, x_n = 0 and h = 1.
- At or beyond theta: z = (c - theta + half) / scale, p = 1 / (1 + exp(-1.36 asinh z)), with half =
  0.5 / |target - baseline| for whole numbers. A running count that has got there keeps it: at
  least 0.99. The tails are heavy, so nothing is certain before the deadline.
- Quantile a: c + scale kappa sinh(logit(a) / 1.36), with kappa of its own below and above the
  median; a running count never falls below x_n, and the bounds of the metric clip.
- Shares (percent) live on the log odds between their bounds, with 0.1 % of the range as a margin:
  there x = (L(y) - L(baseline)) / (L(target) - L(baseline)), with
  L(y) = log((y - low + margin) / (high - y + margin)).
- Where the mapping gives pace points, the planned bend is taken out of the way first: x at the
  time t is lowered by E(t) - t, the planned progress beyond the straight line.

The prior drift m0 is where a typical key result gets to, see ``prior.py``.

The constants were fitted by log loss on 10,000 windows of real series (counts and shares of public
git histories, public health, rankings), of which benchmarks/confidence scores one half; fitting
them again there gains nothing on series that are kept aside. README.md there tells the figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from okrsync.model import MetricSort
from okrsync.scoring.history import A_DAY
from okrsync.scoring.ruler import FARTHEST, Ruler
from okrsync.scoring.steps import Step, steps_of


class Habit(NamedTuple):
    """How a sort of metric moves: half-life in periods, s0 in ways, kappa below and above."""

    half_life: float
    spread: float
    below: float
    above: float


HABITS: Final = {
    MetricSort.CUMULATIVE: Habit(0.30, 0.35, 1.1, 1.9),
    MetricSort.LEVEL: Habit(0.90, 2.6, 1.2, 1.15),
    MetricSort.PERCENT: Habit(0.90, 2.6, 1.0, 1.0),
}
NU: Final = 1.5  # how many steps the prior spread is worth
TAU: Final = 0.27  # how far true drifts lie from the prior one
PHI: Final = 0.40  # the noise of counting
LEAST_DRIFT: Final = 0.05
FLOOR, FLOOR_NOISE, FLOOR_FROM = 0.55, 3.6, 4  # of James and Stein
RHO: Final = 0.16  # how far a drift changes within a period
TAIL: Final = 1.36
NARROWING: Final = 1.95
KEPT: Final = 0.99


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Aim:
    """The way from baseline to target, which must differ, in the metric's unit; days as numbers.

    ``target`` sets the scale and stays the period's first one; what is asked for later is a
    parameter. ``planned`` gives the planned progress (0-1) after a share (0-1) of the period.
    ``begun`` says that the number stood at its baseline when the period began.
    """

    baseline: float
    target: float
    start: float
    deadline: float
    sort: MetricSort = MetricSort.LEVEL
    whole: bool = False
    lower: float | None = None
    upper: float | None = None
    planned: Callable[[float], float] | None = None
    begun: bool = True

    @property
    def rises(self) -> bool:
        return self.target > self.baseline

    @property
    def ruler(self) -> Ruler:
        if self.sort is not MetricSort.PERCENT or self.lower is None or self.upper is None:
            return Ruler(self.baseline, self.target, self.lower, self.upper)
        return Ruler.on_log_odds(self.baseline, self.target, self.lower, self.upper)

    @property
    def half(self) -> float:
        """Half of the smallest step of a whole number, in ways."""
        return min(0.5 / abs(self.target - self.baseline), FARTHEST) if self.whole else 0.0


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Trend:
    """``drift`` mu and ``variance`` s2 as measured, ``trust`` B, ``count`` steps it rests on."""

    drift: float
    variance: float
    trust: float
    count: int


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Forecast:
    """The distribution at the deadline, in ways: see the formulas above.

    ``newest`` is x_n, ``drift`` m, ``left`` h.
    """

    aim: Aim
    ruler: Ruler
    trend: Trend
    newest: float
    drift: float
    left: float
    centre: float
    scale: float

    def reaches(self, target: float, *, strict: bool = False) -> float:
        """The probability (0-1) to be at or beyond ``target`` at the deadline, or, when strict,
        beyond it. At the deadline it is a fact: 0 or 1."""
        theta = self.ruler.place(target)
        there = self.newest > theta if strict else self.newest >= theta
        if self.left <= 0:
            return 1.0 if there else 0.0
        half = -self.aim.half if strict else self.aim.half
        chance = _logistic(self.centre - theta + half, self.scale)
        keeps = there and self.aim.sort is MetricSort.CUMULATIVE and self.aim.rises
        return max(chance, KEPT) if keeps else chance

    def quantile(self, share: float) -> float:
        """The value that stays below ``share`` (0-1) of what may come, in the metric's unit."""
        return self.fan((share,))[0]

    def fan(self, shares: tuple[float, ...]) -> list[float]:
        """The quantiles of these shares (0-1)."""
        aim, value = self.aim, self.ruler.value
        places = [self.centre + self.scale * way for way in _ways(shares, aim.sort, aim.rises)]
        if aim.sort is MetricSort.CUMULATIVE:
            places = [max(place, self.newest) for place in places]
        return [value(place) for place in places]

    def per_day(self) -> float:
        """The recent pace, by the steps alone, in the metric's unit."""
        day = self.trend.drift / (self.aim.deadline - self.aim.start)
        return self.ruler.value(self.newest + day) - self.ruler.value(self.newest)


def forecast(days: Sequence[float], values: Sequence[float], aim: Aim, drift: float) -> Forecast:
    """Forecast from the values of these days, oldest first, finite, each day once.

    ``drift`` is the prior one, m0. Where nothing was seen since a day before the period began, the
    number starts from its baseline: the steps before tell how it moves, not where it stands.
    """
    ruler = aim.ruler
    length = aim.deadline - aim.start
    times = [(day - aim.start) / length for day in days] or [0.0]
    places = ruler.places(values) if values else [0.0]
    newest = places[-1]
    if aim.planned is not None:
        places = [
            _unbent(place, time, aim.planned) for time, place in zip(times, places, strict=True)
        ]
    steps = steps_of(times, places, falls=_may_fall(aim))
    trend = _trend(steps, times[-1], aim, drift)
    place, left = places[-1], 1.0 - times[-1]
    if aim.begun and days and days[-1] < aim.start - A_DAY:
        newest, place, left = 0.0, 0.0, 1.0
    left = max(left, 0.0)
    mean = drift + trend.trust * (trend.drift - drift)
    return Forecast(
        aim=aim,
        ruler=ruler,
        trend=trend,
        newest=newest,
        drift=mean,
        left=left,
        centre=place + mean * left,
        scale=_scale(trend, mean, left),
    )


def _scale(trend: Trend, drift: float, left: float) -> float:
    drift = min(max(drift, -FARTHEST), FARTHEST)
    unknown = TAU * TAU * (1 - trend.trust) + (RHO * drift) ** 2
    return math.sqrt(trend.variance * left + unknown * left * left) / NARROWING


def _trend(steps: Sequence[Step], now: float, aim: Aim, prior: float) -> Trend:
    """Drift, variance and trust of the weighted steps."""
    habit = HABITS[aim.sort]
    if not steps:
        return Trend(prior, habit.spread**2 + _counting(prior, aim), 0.0, 0)
    fading, exp = math.log(2) / habit.half_life, math.exp
    weight = time = moved = squares = energy = 0.0
    for middle, gap, step in steps:
        w = exp(fading * (middle - now))
        weight += w
        time += w * gap
        moved += w * step
        squares += w * w * gap
        energy += w * step * step / gap
    mu = moved / time
    rest = max(energy - mu * moved, 0.0)  # the same as sum w (d - mu g)^2 / g, in one pass
    variance = (NU * habit.spread**2 + rest) / (NU + weight) + _counting(mu, aim)
    ratio = squares / (time * time)
    trust = TAU * TAU / (TAU * TAU + variance * ratio)
    if len(steps) >= FLOOR_FROM and not min(0.0, prior) <= mu <= max(0.0, prior):
        noise = rest / max(weight - 1, 0.5) * ratio
        share = math.sqrt(noise) / mu  # squared last: mu * mu may be too small for a float
        trust = max(trust, FLOOR * max(0.0, 1 - FLOOR_NOISE * share * share))
    return Trend(mu, variance, trust, len(steps))


@lru_cache(maxsize=64)
def _ways(shares: tuple[float, ...], sort: MetricSort, rises: bool) -> list[float]:  # noqa: FBT001
    """How many scales from the centre these quantiles lie, see above."""
    habit = HABITS[sort]
    if not rises:
        shares = tuple(1 - share for share in shares)
    return [
        math.sinh(math.log(share / (1 - share)) / TAIL)
        * (habit.below if share < 0.5 else habit.above)  # noqa: PLR2004 - the median
        for share in shares
    ]


def _counting(drift: float, aim: Aim) -> float:
    return 2 * aim.half * PHI * max(drift, LEAST_DRIFT)


def _may_fall(aim: Aim) -> bool:
    return aim.sort is not MetricSort.CUMULATIVE or not aim.rises


def _unbent(place: float, time: float, planned: Callable[[float], float]) -> float:
    return place - (planned(time) - time) if 0 < time < 1 else place


def _logistic(distance: float, scale: float) -> float:
    z = distance / max(scale, 1e-300)
    return 1 / (1 + math.exp(-TAIL * math.asinh(min(max(z, -1e150), 1e150))))
