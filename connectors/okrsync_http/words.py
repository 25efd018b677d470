"""A check-in in the store's own terms, and back. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from okrsync import marks
from okrsync.contracts import Capabilities
from okrsync.decimals import EXACT
from okrsync.model import CheckIn, Status
from okrsync_http.placeholders import Value, ids
from okrsync_http.settings import Holds

_HUNDRED: Final = Decimal(100)
_PERCENT: Final = frozenset({"%", "percent", "percentage"})
_SCALES: Final[Mapping[str, tuple[int, str]]] = {
    "0-1": (1, "0.0001"),
    "0-10": (10, "0.1"),
    "0-100": (100, "1"),
}
_NEAREST: Final[Mapping[Status, tuple[Status, ...]]] = {
    Status.ACHIEVED: (Status.ON_TRACK,),
    Status.MISSED: (Status.OFF_TRACK, Status.AT_RISK),
    Status.OFF_TRACK: (Status.AT_RISK,),
    Status.AT_RISK: (Status.OFF_TRACK,),
}
_DATES: Final[Mapping[str, Callable[[datetime], str | int]]] = {
    "iso": lambda when: f"{when:%Y-%m-%d}",
    "day-first": lambda when: f"{when:%d/%m/%Y}",
    "month-first": lambda when: f"{when:%m/%d/%Y}",
    "epoch": lambda when: int(when.timestamp()),
    "epoch_ms": lambda when: int(when.timestamp() * 1000),
}


def values_of(check_in: CheckIn, holds: Holds, zone: tzinfo) -> dict[str, Value]:
    """What the placeholders stand for."""
    held = as_held(check_in.value, holds)
    sent = EXACT.divide(held, _HUNDRED) if scaled(check_in.unit, holds) else held
    when = check_in.as_of.astimezone(zone)
    return {
        **ids(check_in.ref.id),
        "value": sent,
        "value.text": f"{sent:f}",
        "unit": check_in.unit,
        "confidence": confidence_sent(check_in.confidence, holds),
        "score": check_in.score,
        "status": _status(check_in.status, holds),
        "note": check_in.note,
        "text": marks.signed(check_in.note, check_in.key, held),
        "mark": marks.mark(check_in.key, held),
        "key": check_in.key,
        "date": _DATES[holds.dates](when),
        "as_of": when.isoformat(),
        "key_result": check_in.key_result,
    }


def as_held(number: Decimal, holds: Holds) -> Decimal:
    """The number as it will stand there, on okrsync's own scale: 25 for 25 %."""
    limits = Capabilities(numbers=holds.numbers, decimals=holds.decimals, digits=holds.digits)
    return limits.held(number)


def shown(number: Decimal, unit: str, holds: Holds) -> Decimal:
    """A number of the store on okrsync's own scale."""
    return EXACT.multiply(number, _HUNDRED) if scaled(unit, holds) else number


def scaled(unit: str, holds: Holds) -> bool:
    return holds.percent == "0-1" and unit.strip().lower() in _PERCENT


def confidence_sent(confidence: float | None, holds: Holds) -> Decimal | None:
    if confidence is None or holds.confidence == "none":
        return None
    top, step = _SCALES[holds.confidence]
    return (Decimal(str(confidence)) * top).quantize(Decimal(step), rounding=ROUND_HALF_EVEN)


def confidence_shown(number: Decimal | None, holds: Holds) -> float | None:
    if number is None or holds.confidence == "none":
        return None
    return float(number / _SCALES[holds.confidence][0])


def _status(status: Status, holds: Holds) -> Value:
    """The store's word, or that of the nearest status; None where there is neither."""
    if not holds.statuses:
        return status.value
    for candidate in (status, *_NEAREST.get(status, ())):
        if candidate.value in holds.statuses:
            return holds.statuses[candidate.value]
    return None
