"""The probability that the target is met at the deadline, for every kind of key result.

Numbers on their way are forecast (``forecast.py``, ``aims.py``), dated steps by how dates have held
(``milestones.py``). Done / not done shows no half way: with an even chance over the whole period
that is the same every day, 1 - 2^-h is left while it is not done, h the share of the period left.
What is met and cannot be lost again (done, milestones) has 0.99. From the deadline on confidence
is a fact, 1 or 0. A person's confidence is never mixed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from okrsync.mapping.periods import deadline, elapsed
from okrsync.mapping.rules import BY_DEFAULT, Judging
from okrsync.model import Confidence, KeyResult, Kind, Prior
from okrsync.scoring import milestones
from okrsync.scoring.aims import Outcome, foresee
from okrsync.scoring.forecast import KEPT, Forecast
from okrsync.scoring.history import NO_HISTORY, History, Series, day_of
from okrsync.scoring.progress import COUNTED, is_threshold, met, progress

FAN = (0.10, 0.25, 0.5, 0.75, 0.90)  # the middle half, and 80 % of what may come
WEEK = 7
OLD = 7.0  # days after which a value's age is said
DOUBT = 0.0001  # nothing is certain before the deadline


@dataclass(frozen=True, slots=True)
class Outlook:
    """``fan`` holds (quantile, value) pairs, ``recent`` and ``needed`` are moves in a week."""

    confidence: Confidence
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
) -> Outlook | None:
    """How likely the target is met, and where the number will be; None without progress."""
    if progress(key_result, value) is None:
        return None
    reached = met(key_result, value)
    if now >= deadline(key_result.period, zone):
        fact = "the period is over: a fact"
        return Outlook(Confidence(1.0 if reached else 0.0, reason=fact))
    if key_result.kind is Kind.DONE:
        return Outlook(_done(key_result, now, zone, reached=reached))
    series = history.up_to(min(day_of(as_of), day_of(now)), _float(value))
    if key_result.kind is Kind.MILESTONES:
        return _steps(key_result, series, zone, judging.prior, reached=reached)
    outcome = foresee(key_result, series, history, zone, judging.prior)
    if outcome is None:
        return None
    return _forecast(key_result, value, outcome, now)


def cannot_be_lost(key_result: KeyResult) -> bool:
    """Whether a target once met stays met until the deadline."""
    grows = key_result.cumulative and key_result.kind in (Kind.INCREASE, Kind.AT_LEAST)
    return grows or key_result.kind in COUNTED


def _forecast(key_result: KeyResult, value: Decimal, outcome: Outcome, now: datetime) -> Outlook:
    made = outcome.forecast
    left = made.aim.deadline - day_of(now)
    needed = _needed(key_result, value, left)
    recent = made.per_day() * WEEK if made.trend.count else None
    return Outlook(
        Confidence(_bounded(outcome.probability), reason=_how(made, day_of(now))),
        tuple((share, _decimal(made.quantile(share))) for share in FAN),
        None if recent is None else _decimal(recent),
        needed,
    )


def _needed(key_result: KeyResult, value: Decimal, left: float) -> Decimal | None:
    """The way still to go in each week that is left; less than a day counts as a day."""
    target = key_result.target
    if target is None or is_threshold(key_result) or met(key_result, value):
        return None
    return (target - value) / _decimal(max(left, 1.0) / WEEK)


def _how(made: Forecast, now: float) -> str:
    """Which points made it, in words."""
    count = made.trend.count + 1
    if count == 1:
        words = "from one value; what such targets come to says the rest"
    else:
        words = f"from {count} values; their trend counts {made.trend.trust:.0%}".replace("%", " %")
    newest = made.aim.deadline - made.left * (made.aim.deadline - made.aim.start)
    age = int(now - newest)
    return f"{words}; the newest is {age} days old, which widens it" if age >= OLD else words


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
