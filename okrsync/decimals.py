"""Exact numbers: the arithmetic that loses no digit, and the one way in which they are written."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

EXACT: Final = Context(prec=400, rounding=ROUND_HALF_EVEN)
"""No key result has more digits. The usual context rounds to 28, and mappings may use 30."""


def plain(number: Decimal) -> str:
    """All digits of a finite number, never an exponent, no zeros after the last that counts: 3,
    3.0 and 0.3e1 are written alike."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
