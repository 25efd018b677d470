"""Targets that are written relative to the baseline: "+25 %", "-15 %"."""

from __future__ import annotations

import re
from decimal import Context, Decimal

from okrsync.mapping.numbers import checked
from okrsync.mapping.problems import UnitError
from okrsync.mapping.units import parse_quantity
from okrsync.model import Quantity

_RELATIVE = re.compile(r"\s*(?P<sign>[-+\u2212])\s?(?P<share>[0-9.].*)", re.DOTALL)
_EXACT = Context(prec=60)


def is_relative(text: object) -> bool:
    """Whether a target as written is a change from the baseline, not a number of its own."""
    if not isinstance(text, str) or _RELATIVE.fullmatch(text) is None:
        return False
    signed = text.strip()
    return signed.startswith("+") or signed.endswith(("%", "percent"))


def resolve_target(baseline: Quantity, text: str | float | Decimal) -> Quantity:
    """The target in the baseline's unit when it is relative, as written otherwise.

    ``+`` is always more and ``-`` always less, also from a baseline below zero:
    target = baseline + share * abs(baseline). Raises UnitError for a relative target without a %
    and for one that is relative to zero.
    """
    found = _RELATIVE.fullmatch(text) if isinstance(text, str) else None
    if found is None or not is_relative(text):
        return parse_quantity(text)
    share = parse_quantity(found["share"])
    if share.unit != "%":
        raise UnitError(
            "a relative target is a share of the baseline",
            cure='write it with a %, such as "+25 %", or write the target itself',
        )
    if baseline.value == 0:
        raise UnitError(
            "no target can be relative to a baseline of 0", cure="write the target itself"
        )
    change = _EXACT.multiply(baseline.value.copy_abs(), _EXACT.divide(share.value, Decimal(100)))
    move = _EXACT.add if found["sign"] == "+" else _EXACT.subtract
    return Quantity(checked(move(baseline.value, change)), baseline.unit)
