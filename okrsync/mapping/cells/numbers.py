"""Numbers as people write them in tables, read exactly or not at all.

Thousands by space (also no-break, narrow no-break, thin, figure), apostrophe, dot or comma;
decimal point or comma; percent; a currency sign or code before or after; a duration (36 h, 2 d) or
times (3x); k and M; negative by a minus of either length, in front or behind, or by parentheses; an
exponent up to 30.

Whether the decimal mark is a point or a comma is not always in the cell: "1.234" is read both
ways and left to whoever knows the rest of the column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal

from okrsync.mapping.cells.unreadable import Unreadable, shape
from okrsync.mapping.currencies import CODES, SIGNS

LONGEST = 60  # characters; no quantity that somebody wrote down needs more
_MOST_DIGITS = 40
_MOST_EXPONENT = 30
_EXACT = Context(prec=200)
_SPACES = str.maketrans("\t\xa0\u2007\u2009\u202f\u2212\u2019", "     -'")

# "$" and "£" have other owners too; the most usual one is meant unless a code says otherwise.
# "kr" is Swedish, Danish, Norwegian or Icelandic, so it names no currency at all.
_SIGNS = SIGNS | {"US$": "USD", "%": "%", "kr": "", "kr.": "", "Kr": "", ":-": ""}
# Never behind a k or M: "3 Md" is three milliards to some, and not three million days.
_MEASURES = {
    "h": "h",
    "hours": "h",
    "d": "d",
    "days": "d",
    "w": "w",
    "min": "min",
    "s": "s",
    "x": "x",
}
_FACTORS = {"k": 1_000, "K": 1_000, "M": 1_000_000}
_KRONOR = {"tkr": 1_000, "Tkr": 1_000, "mkr": 1_000_000, "Mkr": 1_000_000}

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
    known = [_word(word, text) for word in (before, after) if word]
    if not known:
        return Decimal(1), ""
    if len(known) == 2 and known[0] != known[1]:  # noqa: PLR2004 - one before, one after
        raise Unreadable(f"has two units: {shape(text)}")
    return known[0]


def _word(word: str, text: str) -> tuple[Decimal, str]:
    """The factor and the unit behind "%", "kr", "MSEK", "k"."""
    if word in _SIGNS:
        return Decimal(1), _SIGNS[word]
    if word in _MEASURES:
        return Decimal(1), _MEASURES[word]
    if word in _KRONOR:
        return Decimal(_KRONOR[word]), ""
    if word in CODES:
        return Decimal(1), word
    factor, rest = _FACTORS.get(word[0]), word[1:].strip()
    if factor is not None and (not rest or rest in CODES or rest in _SIGNS) and rest != "%":
        return Decimal(factor), _SIGNS.get(rest, rest)
    raise Unreadable(f"is no number, its unit is unknown: {shape(text)}")


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
