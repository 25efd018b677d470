"""From okrsync's numbers to Asana's and back. Pure functions.

Asana keeps a share as a fraction, 0.25 for 25 %, and shows ``precision`` places of the percent.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Final

from okrsync.errors import Refused

_HUNDRED: Final = Decimal(100)
_DIGITS: Final = Context(prec=15, rounding=ROUND_HALF_EVEN)


def shown(number: Decimal, unit: str) -> Decimal:
    """The metric's number as people read it: 25 for 0.25 of a metric in percent."""
    return number * _HUNDRED if unit == "%" else number


def kept(number: Decimal, unit: str, precision: int) -> Decimal:
    """What the metric is given for ``number``, no finer than it shows.

    Raises ``Refused`` for a number that Asana's floating point cannot hold.
    """
    try:
        rounded = round(_DIGITS.plus(number), precision)
    except InvalidOperation:
        rounded = Decimal("Infinity")
    if not rounded.is_finite() or rounded.adjusted() > _DIGITS.prec:
        raise Refused(
            "Asana keeps numbers of at most 15 digits", next_step="measure it in a larger unit"
        )
    return rounded / _HUNDRED if unit == "%" else rounded


def as_json(number: Decimal) -> int | float:
    """The same digits on the wire: up to 15 of them survive a float, and JSON writes them out."""
    whole = number == number.to_integral_value()
    return int(number) if whole else float(number)
