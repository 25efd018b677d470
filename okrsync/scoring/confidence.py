"""The probability that the target is met at the deadline, for every kind of key result.

Numbers on their way are forecast (``forecast.py``, ``aims.py``), dated steps by how dates have held
(``milestones.py``). Done / not done shows no half way: with an even chance over the whole period
that is the same every day, 1 - 2^-h is left while it is not done, h the share of the period left.
What is met and cannot be lost again (done, milestones) has 0.99. From the deadline on confidence
is a fact, 1 or 0. A person's confidence is never mixed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache

from okrsync.mapping.periods import deadline, elapsed
from okrsync.mapping.rules import BY_DEFAULT, Judging
from okrsync.model import Confidence, KeyResult, Kind, Prior
from okrsync.scoring import milestones
from okrsync.scoring.aims import Outcome, foresee
from okrsync.scoring.forecast import KEPT, Forecast
from okrsync.scoring.history import NO_HISTORY, SECONDS, History, Series, day_of
from okrsync.scoring.progress import COUNTED, is_threshold, met

FAN = (0.10, 0.25, 0.5, 0.75, 0.90)  # the middle half, and 80 % of what may come
WEEK = 7
OLD = 7.0  # days after which a value's age is said
DOUBT = 0.0001  # nothing is certain before the deadline


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Outlook:
    """``reached`` says that the target is met now, ``over`` that the period is. ``fan`` holds
    (quantile, value) pairs, ``recent`` and ``needed`` are moves in a week."""

    reached: bool
    over: bool = False
    confidence: Confidence | None = None
    fan: tuple[tuple[float, Decimal], ...] = ()
    recent: Decimal | None = None
    needed: Decimal | None = None


def outlook(
    key_result: KeyResult,
    value: Decimal,
    as_of: datetime,
    history: History = NO_HISTORY,
    *,
    now: datetime,
    zone: tzinfo,
    judging: Judging = BY_DEFAULT,
) -> Outlook:
    """How likely the target is met, and where the number will be; empty without its bounds."""
    view = Outlook(met(key_result, value))
    if now >= deadline(key_result.period, zone):
        view.over = True
        fact = "the period is over: a fact"
        view.confidence = Confidence(1.0 if view.reached else 0.0, reason=fact)
        return view
    if key_result.kind is Kind.DONE:
        view.confidence = _done(key_result, now, zone, reached=view.reached)
        return view
    today = day_of(now)
    series = history.up_to(min(day_of(as_of), today), _float(value))
    if key_result.kind is Kind.MILESTONES:
        view.confidence = _steps(key_result, series, zone, judging.prior, reached=view.reached)
        return view
    outcome = foresee(key_result, series, history, zone, judging.prior)
    if outcome is not None:
        _look_ahead(view, outcome, series, today)
        view.needed = _needed(key_result, value, outcome, today, reached=view.reached)
    return view


def cannot_be_lost(key_result: KeyResult) -> bool:
    """Whether a target once met stays met until the deadline."""
    grows = key_result.cumulative and key_result.kind in (Kind.INCREASE, Kind.AT_LEAST)
    return grows or key_result.kind in COUNTED


def _look_ahead(view: Outlook, outcome: Outcome, series: Series, now: float) -> None:
    made = outcome.forecast
    view.confidence = Confidence(_bounded(outcome.probability), reason=_how(made, series, now))
    view.fan = tuple(zip(FAN, map(_decimal, made.fan(FAN)), strict=True))
    if made.trend.count:
        view.recent = _decimal(made.per_day() * WEEK)


def _needed(
    key_result: KeyResult, value: Decimal, outcome: Outcome, now: float, *, reached: bool
) -> Decimal | None:
    """The way still to go in each week that is left; less than a day counts as a day."""
    if reached or key_result.target is None or is_threshold(key_result):
        return None
    left = outcome.forecast.aim.deadline - now
    return (key_result.target - value) / _decimal(max(left, 1.0) / WEEK)


def _how(made: Forecast, series: Series, now: float) -> str:
    """Which points made it, and how much their trend was believed, in words."""
    count, trend = len(series.days), made.trend
    if not trend.count:
        words = "from one value; what such targets come to says the rest"
    else:
        known = f"{count} values since {_date(series.days[0] // 1)}"
        words = (
            f"from {known if count > 1 else 'the baseline and 1 value'}, whose trend is believed "
            f"{trend.trust * 100:.0f} %; what such targets come to says the rest"
        )
    age = int(now - series.days[-1])
    return f"{words}; the newest is {age} days old, which widens it" if age >= OLD else words


@lru_cache(maxsize=1024)
def _date(day: float) -> str:
    return datetime.fromtimestamp(day * SECONDS, UTC).date().isoformat()


def _steps(
    key_result: KeyResult, series: Series, zone: tzinfo, prior: Prior, *, reached: bool
) -> Confidence:
    if reached:
        return Confidence(KEPT, reason="all steps are done")
    chance, words = milestones.chance(key_result, series, zone, prior)
    return Confidence(_bounded(chance), reason=words)


def _done(key_result: KeyResult, now: datetime, zone: tzinfo, *, reached: bool) -> Confidence:
    if reached:
        return Confidence(KEPT, reason="it is done")
    left = float(1 - elapsed(key_result.period, now, zone))
    return Confidence(_bounded(1 - 0.5**left), reason="not done yet; an even chance per period")


def _bounded(probability: float) -> float:
    return round(min(max(probability, DOUBT), 1 - DOUBT), 6)


def _float(value: Decimal) -> float:
    return float(min(max(value, Decimal("-1e300")), Decimal("1e300")))


def _decimal(number: float) -> Decimal:
    """With 12 significant digits: what a float holds beyond them is noise."""
    return Decimal(f"{number:.12g}")
