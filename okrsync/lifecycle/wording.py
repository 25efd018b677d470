"""Texts of others as TOML and as names: whatever they hold, they stay what they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from datetime import timedelta
from decimal import Decimal
from typing import Final

from okrsync.decimals import plain
from okrsync.mapping.units import UnitError, parse_quantity
from okrsync.model import Period

Names = tuple[str, str]
"""Of an objective and of a key result in it."""

LONGEST_NAME: Final = 40
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "þ": "th"}
)
_BASIC: Final = 0xFFFF
_LONGEST_NUMBER: Final = 60


def quoted(text: str) -> str:
    """A TOML string on one line. What no reader could see (controls, marks that turn the direction
    of writing round) is written as an escape."""
    return f'"{"".join(_escaped(sign) for sign in text)}"'


def _escaped(sign: str) -> str:
    if sign in _SHORT:
        return _SHORT[sign]
    if sign.isprintable():
        return sign
    code = ord(sign)
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 half of a pair is no character
        return "\ufffd"
    return f"\\u{code:04X}" if code <= _BASIC else f"\\U{code:08X}"


def toml_number(number: Decimal | None) -> str | None:
    """All its digits; None for what no mapping could hold."""
    if number is None or not number.is_finite() or abs(number.adjusted()) > _LONGEST_NUMBER:
        return None
    text = plain(number)
    try:
        parse_quantity(Decimal(text))
    except UnitError:
        return None
    return text


def period_value(period: Period) -> str:
    """As a mapping writes it: its name, or its first and last day."""
    if ".." not in period.label:
        return quoted(period.label)
    last = period.end - timedelta(days=1)
    return f"{{ from = {period.start}, to = {last} }}"


def slug(title: str, taken: Container[str], *, otherwise: str) -> str:
    """A name of small ASCII letters, digits and dashes that is not ``taken``, the same for the
    same title: ``Open bugs: 42 → 10`` becomes ``open-bugs-42-10``."""
    plain = unicodedata.normalize("NFKD", title.casefold().translate(_LETTERS))
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode())
    name = _shortened(words) or otherwise
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name}-{number}"
    return unique


def _shortened(words: list[str]) -> str:
    """As many whole words as fit."""
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word[:LONGEST_NAME]
        if len(longer) > LONGEST_NAME:
            break
        name = longer
    return name
