"""Numbers as people write them in tables, read exactly or not at all.

Thousands by space (also no-break, narrow no-break, thin, figure), apostrophe, dot or comma;
decimal point or comma; a unit before or after, and thousands to billions of money or of nothing, in
the words that mappings use; negative by a minus of either length, in front or behind, or by
parentheses; an exponent up to 30.

Whether the decimal mark is a point or a comma is not always in the cell: "1.234" is read both
ways and left to whoever knows the rest of the column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache

from okrsync.mapping.cells.unreadable import Unreadable, shape
from okrsync.mapping.currencies import CODES
from okrsync.mapping.units import known_unit, split_multiplier

LONGEST = 60  # characters; no quantity that somebody wrote down needs more
_MOST_DIGITS = 40
_MOST_EXPONENT = 30
_EXACT = Context(prec=200)
_SPACES = str.maketrans("\t\xa0\u2007\u2009\u202f\u2212\u2019", "     -'")

# Swedish, Danish, Norwegian or Icelandic: a mapping has to say which, a cell names no currency.
_KRONOR = re.compile(r"(?P<factor>[kKtTmM]?) ?(?:kr\.?|Kr|:-)")
_KRONOR_FACTORS = {"": 1, "k": 1_000, "t": 1_000, "m": 1_000_000}

_CELL = re.compile(
    r"(?P<sign>[+-]?) *(?P<before>[^\d.,'+-]*?) *(?P<inner>[+-]?) *"
    r"(?P<body>[0-9.,][0-9.,' ]*?)(?P<exponent>[eE][+-]?[0-9]{1,6})? *"
    r"(?P<behind>-?) *(?P<after>(?::-|[^\d.,'+-][^\d,'+-]*)?)(?P<last>-?)"
)
_BRACKETS = re.compile(r"([^()0-9]*)\(([^()]*)\)([^()0-9]*)")
_QUIET_GROUPS = re.compile(r"[0-9]{1,3}(?:([ '])[0-9]{3})(?:\1[0-9]{3})*(?P<rest>(?:[.,][0-9]+)?)")
_GROUPS = {mark: re.compile(rf"[0-9]{{1,3}}(?:[{mark}][0-9]{{3}})+") for mark in ".,"}
_OTHER = {".": ",", ",": "."}


@dataclass(frozen=True, slots=True)
class NumberCell:
    """A number under each decimal mark; None where the cell cannot be written with that mark."""

    point: Decimal | None
    comma: Decimal | None
    unit: str = ""

    @property
    def mark(self) -> str | None:
        """The decimal mark that this cell proves, if it proves one."""
        if self.comma is None:
            return "."
        return "," if self.point is None else None

    @property
    def ambiguous(self) -> bool:
        return self.point is not None and self.comma is not None and self.point != self.comma

    def under(self, mark: str) -> Decimal | None:
        return self.point if mark == "." else self.comma


def read_number(text: str) -> NumberCell:
    """Read one cell that is not empty. Raises ``Unreadable``."""
    if len(text) > LONGEST:
        raise Unreadable(f"is no number: {len(text)} characters")
    plain = text.translate(_SPACES).strip()
    bracketed = _BRACKETS.fullmatch(plain)
    match = _CELL.fullmatch(" ".join(bracketed.groups()).strip() if bracketed else plain)
    if match is None:
        raise Unreadable(f"is no number: {shape(text)}")
    factor, unit = _unit(match["before"].strip(), match["after"].strip(), text)
    scale = factor * (-1 if _negative(match, text, bracketed=bracketed is not None) else 1)
    readings = _readings(match["body"].strip(), match["exponent"] or "", text)
    point, comma = (None if value is None else _EXACT.multiply(value, scale) for value in readings)
    return NumberCell(point, comma, unit)


def _negative(match: re.Match[str], text: str, *, bracketed: bool) -> bool:
    signs = "".join(match[part] for part in ("sign", "inner", "behind", "last"))
    if len(signs) + bracketed > 1:
        raise Unreadable(f"is no number, it has two signs: {shape(text)}")
    return bracketed or signs == "-"


def _unit(before: str, after: str, text: str) -> tuple[Decimal, str]:
    known = [_word(word) for word in (before, after) if word]
    if not known:
        return Decimal(1), ""
    if known[0] is None or known[-1] is None:
        raise Unreadable(f"is no number, its unit is unknown: {shape(text)}")
    if known[0] != known[-1]:
        raise Unreadable(f"has two units: {shape(text)}")
    return known[0]


@lru_cache(maxsize=256)
def _word(word: str) -> tuple[Decimal, str] | None:
    """The factor and the unit behind "%", "kr", "MSEK", "k"; None where it is unknown."""
    kronor = _KRONOR.fullmatch(word)
    if kronor:
        return Decimal(_KRONOR_FACTORS[kronor["factor"].lower()]), ""
    factor, rest = split_multiplier(word.replace("US$", "USD"))
    unit = known_unit(rest)
    if factor == 1:
        return None if unit is None else (factor, unit)
    # Of money only: "3 M d" is three milliards to some, and not three million days.
    return (factor, unit or "") if not rest or unit in CODES else None


def _readings(body: str, exponent: str, text: str) -> tuple[Decimal | None, Decimal | None]:
    """The number with a decimal point and with a decimal comma."""
    if abs(int(exponent[1:] or "0")) > _MOST_EXPONENT:
        raise Unreadable("is a number out of all bounds")
    if sum(character.isdigit() for character in body) > _MOST_DIGITS:
        raise Unreadable(f"is a number with more than {_MOST_DIGITS} digits")
    quiet = _QUIET_GROUPS.fullmatch(body)
    if quiet:
        body = body.replace(" ", "").replace("'", "")
    left, mark, right = _parted(body)
    value = _decimal(left, mark, right, exponent, text)
    if not mark:
        return _both_ways(body, value)
    if not quiet and not exponent and left.isdigit() and _could_be_group(left, right):
        whole = Decimal(left + right)
        return (value, whole) if mark == "." else (whole, value)
    return (value, None) if mark == "." else (None, value)


def _both_ways(body: str, value: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """A whole number; groups of digits by a mark prove that this mark is not the decimal one."""
    if "." in body:
        return None, value
    return (value, None) if "," in body else (value, value)


def _could_be_group(left: str, right: str) -> bool:
    return len(right) == 3 and 1 <= len(left) <= 3 and left[0] != "0"  # noqa: PLR2004


def _parted(body: str) -> tuple[str, str, str]:
    """Whole part, decimal mark ("" without one), decimals; groups may still be in the first."""
    for mark in ".,":
        if _GROUPS[mark].fullmatch(body) and body.count(mark) > 1:
            return body, "", ""
    position = max(body.rfind("."), body.rfind(","))
    if position < 0:
        return body, "", ""
    return body[:position], body[position], body[position + 1 :]


def _decimal(left: str, mark: str, right: str, exponent: str, text: str) -> Decimal:
    for group in ".,":
        if group != mark and _GROUPS[group].fullmatch(left):
            left = left.replace(group, "")
    digits = left + right
    if not (digits.isdigit() and digits.isascii()) or (mark and not right):
        raise Unreadable(f"is no number: {shape(text)}")
    decimals = f".{right}" if right else ""
    return Decimal(f"{left or '0'}{decimals}{exponent}")
