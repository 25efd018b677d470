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
    """``fan`` holds (quantile, value) pairs, ``recent`` and ``needed`` are moves in a week."""

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
    reached = met(key_result, value)
    if now >= deadline(key_result.period, zone):
        fact = "the period is over: a fact"
        return Outlook(Confidence(1.0 if reached else 0.0, reason=fact))
    if key_result.kind is Kind.DONE:
        return Outlook(_done(key_result, now, zone, reached=reached))
    today = day_of(now)
    series = history.up_to(min(day_of(as_of), today), _float(value))
    if key_result.kind is Kind.MILESTONES:
        return _steps(key_result, series, zone, judging.prior, reached=reached)
    outcome = foresee(key_result, series, history, zone, judging.prior)
    if outcome is None:
        return Outlook()
    return _forecast(key_result, value, outcome, series, today)


def cannot_be_lost(key_result: KeyResult) -> bool:
    """Whether a target once met stays met until the deadline."""
    grows = key_result.cumulative and key_result.kind in (Kind.INCREASE, Kind.AT_LEAST)
    return grows or key_result.kind in COUNTED


def _forecast(
    key_result: KeyResult, value: Decimal, outcome: Outcome, series: Series, now: float
) -> Outlook:
    made = outcome.forecast
    left = made.aim.deadline - now
    needed = _needed(key_result, value, left)
    recent = made.per_day() * WEEK if made.trend.count else None
    how = _how(made, series, now)
    return Outlook(
        Confidence(_bounded(outcome.probability), reason=how),
        tuple(zip(FAN, map(_decimal, made.fan(FAN)), strict=True)),
        None if recent is None else _decimal(recent),
        needed,
    )


def _needed(key_result: KeyResult, value: Decimal, left: float) -> Decimal | None:
    """The way still to go in each week that is left; less than a day counts as a day."""
    target = key_result.target
    if target is None or is_threshold(key_result) or met(key_result, value):
        return None
    return (target - value) / _decimal(max(left, 1.0) / WEEK)


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
    newest = made.aim.deadline - made.left * (made.aim.deadline - made.aim.start)
    age = int(now - newest)
    return f"{words}; the newest is {age} days old, which widens it" if age >= OLD else words


@lru_cache(maxsize=1024)
def _date(day: float) -> str:
    return datetime.fromtimestamp(day * SECONDS, UTC).date().isoformat()


def _steps(
    key_result: KeyResult, series: Series, zone: tzinfo, prior: Prior, *, reached: bool
) -> Outlook:
    if reached:
        return Outlook(Confidence(KEPT, reason="all steps are done"))
    chance, words = milestones.chance(key_result, series, zone, prior)
    return Outlook(Confidence(_bounded(chance), reason=words))


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
