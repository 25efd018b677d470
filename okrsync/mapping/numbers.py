"""Numbers as people write them in a mapping: exact, finite, and never guessed.

``1200``, ``1 200 000``, ``1_200_000``, ``-5``, ``0.5``, ``2e3``. A comma is an error: it is a
decimal sign to some readers and groups thousands to others.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from okrsync.mapping.problems import UnitError

MAX_DIGITS = 30
MAX_MAGNITUDE = Decimal(10) ** 30

_GROUPS = "[ _'\u00a0\u202f\u2009]"
_NUMBER = re.compile(
    rf"(?P<sign>[-\u2212]?)\s?"
    rf"(?P<whole>[0-9]{{1,3}}(?:{_GROUPS}[0-9]{{3}})+(?![0-9])|[0-9]+(?:_[0-9]+)*|(?=\.[0-9]))"
    rf"(?P<part>\.[0-9]+)?"
    rf"(?P<exponent>[eE][-+]?[0-9]+(?![\w]))?"
)
_GROUPED = re.compile(r"(?:,[0-9]{3})+(?![0-9])")


def leading_number(text: str) -> tuple[Decimal, str]:
    """The number that ``text`` begins with, and the rest of the text.

    Raises UnitError where there is none, where it has a comma, and where it is too long or too
    large to be meant.
    """
    found = _NUMBER.match(text)
    if found is None:
        raise UnitError("this is not a number", cure='write a number such as 1200, 1.5 or "20 d"')
    rest = text[found.end() :]
    if rest.startswith(","):
        raise _comma(rest)
    if rest.startswith(".") or re.match(rf"{_GROUPS}?[0-9]", rest):
        raise UnitError(
            "the digits of this number are grouped in a way that can be read in two ways",
            cure="write the digits without gaps, or in groups of three such as 1 200 000",
        )
    whole = re.sub(_GROUPS, "", found["whole"]) or "0"
    sign = "-" if found["sign"] else ""
    written = sign + whole + (found["part"] or "") + (found["exponent"] or "")
    return checked(_decimal(written)), rest


def number_of(value: float | Decimal) -> Decimal:
    """A TOML number as it was written: 0.1 is one tenth, not its nearest binary fraction."""
    if isinstance(value, bool):
        raise UnitError("true and false are not numbers", cure="write a number")
    if isinstance(value, int):
        return checked(Decimal(value))
    return checked(value if isinstance(value, Decimal) else _decimal(repr(value)))


def checked(value: Decimal) -> Decimal:
    """``value`` without an exponent; UnitError unless it is finite, of a magnitude below 10**30
    and of at most 30 significant digits, none of them below 10**-30."""
    if not value.is_finite():
        raise UnitError("this number is infinite or not a number", cure="write a finite number")
    if value == 0:
        return Decimal(0)
    if value.copy_abs() >= MAX_MAGNITUDE or value.adjusted() < -MAX_DIGITS:
        raise UnitError(
            "this number is too large or too small", cure="write a number below 10 to the 30th"
        )
    if _significant(value) > MAX_DIGITS:
        raise UnitError(
            f"this number has more than {MAX_DIGITS} digits",
            cure=f"round it to at most {MAX_DIGITS} digits",
        )
    return Decimal(format(value, "f"))


def _significant(value: Decimal) -> int:
    return len("".join(map(str, value.as_tuple().digits)).rstrip("0"))


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond what Decimal itself can hold
        raise UnitError(
            "this number is too large or too small", cure="write a number below 10 to the 30th"
        ) from None


def _comma(rest: str) -> UnitError:
    grouped = _GROUPED.match(rest)
    if grouped is None:
        cure = "write the decimal sign as a point: 1.5"
    elif grouped[0].count(",") == 1:
        cure = "write 1.234 for a fraction, 1234 or 1 234 for thousands"
    else:
        cure = "write it without commas: 1234567 or 1 234 567"
    return UnitError("a comma in a number can be read in two ways", cure=cure)
