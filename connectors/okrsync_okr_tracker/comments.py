"""A comment of OKR Tracker, which escapes its HTML characters and gives it back escaped."""

from __future__ import annotations

import html
from decimal import Decimal
from typing import Final

from okrsync import marks

_DIGITS: Final = 15  # numbers are binary floats there


def read(comment: str, value: Decimal | None) -> tuple[str, str | None]:
    """The note and okrsync's key, None where a person wrote ``value``."""
    return marks.unsigned(html.unescape(comment), value, digits=_DIGITS)


def same(one: Decimal, other: Decimal) -> bool:
    return marks.same(one, other, _DIGITS)
