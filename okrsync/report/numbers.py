"""How numbers, shares and times look to people. Exact numbers are for JSON and the history."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal

from okrsync.mapping.units import Sort, sort_of
from okrsync.model import Confidence, KeyResult, Kind
from okrsync.scoring.progress import met
from okrsync.scoring.words import percent

__all__ = [
    "age",
    "amount",
    "compact",
    "moment",
    "number",
    "percent",
    "points",
    "probability",
    "score",
    "target",
    "value",
]

NOTHING = "-"
GROUPED_FROM = 10_000
MILLION = Decimal(1_000_000)
MOST_PLACES = 12
ANY_SIZE = Context(prec=2000)  # no number is too long to be shown


def number(exact: Decimal) -> str:
    """At most two decimals (three digits below 1), groups of three from 10 000 on."""
    rounded = _rounded(exact)
    text = f"{rounded:,f}" if abs(rounded) >= GROUPED_FROM else f"{rounded:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text.replace(",", " ")


def amount(exact: Decimal, unit: str) -> str:
    """A number with its unit: ``49 d``, ``12 %``, ``20 000 SEK``, ``3x``."""
    if unit == "x":
        return f"{number(exact)}x"
    return f"{number(exact)} {unit}".rstrip()


def compact(exact: Decimal, unit: str) -> str:
    """For tables: millions as ``20.4 MSEK``, the rest like ``amount``."""
    if abs(exact) < MILLION:
        return amount(exact, unit)
    millions = number(exact / MILLION)
    return (
        f"{millions} M{unit}" if sort_of(unit) is Sort.CURRENCY else f"{millions} M {unit}".rstrip()
    )


def value(key_result: KeyResult | None, exact: Decimal | None, unit: str = "") -> str:
    """A key result's value the way its kind is spoken of: ``19``, ``1/4``, ``not done``."""
    if exact is None:
        return NOTHING
    if key_result is None:
        return compact(exact, unit)
    if key_result.kind is Kind.DONE:
        return "done" if met(key_result, exact) else "not done"
    if key_result.kind is Kind.MILESTONES and key_result.target is not None:
        return f"{number(exact)}/{number(key_result.target)}"
    return compact(exact, key_result.unit)


def target(key_result: KeyResult) -> str:
    """What is to be reached: ``10``, ``>= 40 %``, ``10 to 20 d``, ``done``."""
    aim, unit = key_result.target, key_result.unit
    match key_result.kind:
        case Kind.DONE:
            return "done"
        case Kind.RANGE if key_result.low is not None and key_result.high is not None:
            return f"{number(key_result.low)} to {compact(key_result.high, unit)}"
        case Kind.AT_LEAST | Kind.AT_MOST if aim is not None:
            sign = ">" if key_result.kind is Kind.AT_LEAST else "<"
            return f"{sign}{'' if key_result.strict else '='} {compact(aim, unit)}"
        case Kind.MILESTONES:
            return value(key_result, aim)
        case _:
            return value(key_result, aim)


def points(pace: Decimal | None) -> str:
    """The distance from pace in percent points: ``+14``, ``-3``, ``0``."""
    if pace is None:
        return NOTHING
    whole = (pace * 100).to_integral_value()
    return "0" if whole == 0 else f"{whole:+f}"


def score(share: Decimal | None) -> str:
    """0.00-1.00; what is not all of it is never shown as 1.00."""
    if share is None:
        return NOTHING
    text = f"{share:.2f}"
    return "0.99" if text == "1.00" and share < 1 else text


def probability(confidence: Confidence | None) -> str:
    return NOTHING if confidence is None else f"{confidence.probability:.2f}"


def moment(at: datetime, zone: tzinfo) -> str:
    """With its zone: ``2026-11-22 06:00 CET``."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")


def age(length: timedelta) -> str:
    """``since 3 days``-like spans: minutes, hours, days."""
    if length >= timedelta(days=2):
        return f"{length.days} days"
    if length >= timedelta(hours=1):
        hours = length // timedelta(hours=1)
        return f"{hours} hour{'' if hours == 1 else 's'}"
    return f"{max(length // timedelta(minutes=1), 0)} min"


def _rounded(exact: Decimal) -> Decimal:
    places = 2 if abs(exact) >= 1 or exact == 0 else min(2 - exact.adjusted(), MOST_PLACES)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, ANY_SIZE)
