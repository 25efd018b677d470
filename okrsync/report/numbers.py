"""How numbers, shares and times look to people. Exact numbers are for JSON and the history."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from okrsync.mapping.spoken import amount, compact, number, three_digits
from okrsync.model import Confidence, KeyResult, Kind, Score
from okrsync.scoring.progress import met
from okrsync.scoring.words import percent, rough

__all__ = [
    "age",
    "amount",
    "compact",
    "fan",
    "middle",
    "moment",
    "number",
    "percent",
    "points",
    "probability",
    "score",
    "sentence",
    "target",
    "value",
    "weekly",
]

NOTHING = "-"
HALF = 0.5


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
    """0.01-0.99 where it is one; 0.00 and 1.00 are kept for facts."""
    if confidence is None:
        return NOTHING
    chance = confidence.probability
    return f"{min(max(chance, 0.01), 0.99) if 0 < chance < 1 else chance:.2f}"


def middle(key_result: KeyResult | None, judged: Score) -> str:
    """The middle of the forecast at the deadline, as rough as it is."""
    halves = [number for quantile, number in judged.forecast if quantile == HALF]
    if not halves or key_result is None:
        return NOTHING
    return value(key_result, rough(halves[0], key_result))


def sentence(key_result: KeyResult, judged: Score) -> str:
    """How it stands: ``72 % done, 14 points ahead of pace; forecast 8 bugs, range 3 to 13``.
    The range holds 80 % of what may come."""
    known = {quantile: rough(one, key_result) for quantile, one in judged.forecast}
    if not {0.1, HALF, 0.9} <= known.keys():
        return judged.reason
    low, middle, high = (compact(known[share], key_result.unit) for share in (0.1, HALF, 0.9))
    unit = _shared_unit(low, middle, high)
    span = f"{low.removesuffix(unit)} to {high.removesuffix(unit)}"
    return f"{judged.reason}; forecast {middle}, range {span}"


def fan(key_result: KeyResult, judged: Score) -> str:
    """``8; half of what may come in 5 to 10, 80 % in 3 to 13``; "" without a forecast."""
    known = {quantile: rough(one, key_result) for quantile, one in judged.forecast}
    if not {0.1, 0.25, HALF, 0.75, 0.9} <= known.keys():
        return ""
    shown = {quantile: value(key_result, one) for quantile, one in known.items()}
    half, most = _from_to(shown[0.25], shown[0.75]), _from_to(shown[0.1], shown[0.9])
    return f"{shown[HALF]}; half of what may come in {half}, 80 % in {most}"


def _from_to(low: str, high: str) -> str:
    """``3 to 13 bugs``: a unit that both have is said once."""
    return f"{low.removesuffix(_shared_unit(low, high))} to {high}"


def _shared_unit(*amounts: str) -> str:
    """The words without digits that all end with: `` bugs``, or "" where they differ."""
    shared = ""
    for words in zip(*(reversed(one.split(" ")[1:]) for one in amounts), strict=False):
        if len(set(words)) > 1 or any(sign.isdigit() for sign in words[0]):
            break
        shared = f" {words[0]}{shared}"
    return shared


def weekly(key_result: KeyResult, judged: Score) -> str:
    """``3.4 a week, lately 2.1``: what it would take; "" where nothing is needed."""
    if judged.needed is None:
        return ""
    needed = compact(three_digits(judged.needed), key_result.unit)
    if judged.recent is None:
        return f"{needed} a week"
    return f"{needed} a week, lately {compact(three_digits(judged.recent), key_result.unit)}"


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
