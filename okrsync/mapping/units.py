"""The one table of units, and quantities as people write them: 20 MSEK, 2 d, 60 %, 40 leads.

A canonical unit is "" (a plain number), "%" (on the scale 0-100), a duration (s, min, h, d, w), an
ISO 4217 code, "x" (times), or any other word as it was written. Durations are clock time: a day is
24 hours, a week 7 days. A word counts things, so it goes together with a plain number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Context, Decimal
from enum import Enum
from functools import lru_cache

from okrsync.decimals import plain
from okrsync.mapping.currencies import CODES, SIGNS, currency_of
from okrsync.mapping.numbers import checked, leading_number, number_of
from okrsync.mapping.problems import UnitError
from okrsync.model import Quantity

__all__ = [
    "Sort",
    "UnitError",
    "canonical_unit",
    "convert",
    "known_unit",
    "named",
    "parse_duration",
    "parse_quantity",
    "parse_share",
    "show",
    "sort_of",
    "split_multiplier",
]

SECONDS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}

_WORDS = {
    "%": "%",
    "percent": "%",
    "per cent": "%",
    "pct": "%",
    "s": "s",
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "min": "min",
    "mins": "min",
    "minute": "min",
    "minutes": "min",
    "h": "h",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "d": "d",
    "day": "d",
    "days": "d",
    "w": "w",
    "wk": "w",
    "wks": "w",
    "week": "w",
    "weeks": "w",
    "x": "x",
    "×": "x",  # noqa: RUF001  the sign itself is meant
    "times": "x",
}
_UNCLEAR = {
    "m": "write M for million or min for minutes",
    "B": "write bn for billion",
    "¥": "write JPY or CNY",
    "kr": "write SEK, NOK or DKK",
    "tkr": "write kSEK, kNOK or kDKK",
    "kkr": "write kSEK, kNOK or kDKK",
    "mkr": "write MSEK, MNOK or MDKK",
    "mdr": "write bn and the currency's code, such as 3 bn SEK",
}
# In front of a currency's code these mean a thousand, a million or a billion, by country.
_LOCAL_THOUSANDS = frozenset({"T", "TK", "KK", "MM", "MN", "MIO", "MD", "MRD", "BN", "B", "G"})
_MULTIPLIERS = {
    "k": Decimal(1_000),
    "K": Decimal(1_000),
    "thousand": Decimal(1_000),
    "M": Decimal(1_000_000),
    "million": Decimal(1_000_000),
    "bn": Decimal(1_000_000_000),
    "billion": Decimal(1_000_000_000),
}
_MULTIPLIER = re.compile(r"(?P<word>thousand|million|billion|bn|k|K|M)(?P<unit>.*)", re.DOTALL)
_UNIT_WORD = re.compile(r"[^\W\d_°][\w .\-/&'²³]{0,23}|°\w")
_PREFIX = re.compile(
    r"(?P<sign>[-+\u2212]?)\s?(?P<unit>[A-Za-z]{3}|[^\w\s.,'\"+-])\s?(?=[-\u2212]?\s?[0-9.])"
)
_MOST_CHARACTERS = 100
_EXACT = Context(prec=60)
_DIVIDING = Context(prec=34)


class Sort(Enum):
    """What kind of thing a unit counts."""

    PLAIN = "a plain number"
    PERCENT = "a percentage"
    DURATION = "a duration"
    CURRENCY = "an amount of money"
    COUNT = "a count"


def sort_of(unit: str) -> Sort:
    """The sort of a canonical unit."""
    if unit in {"", "x"}:
        return Sort.PLAIN
    if unit == "%":
        return Sort.PERCENT
    if unit in SECONDS:
        return Sort.DURATION
    return Sort.CURRENCY if unit in CODES else Sort.COUNT


def canonical_unit(text: str) -> str:
    """The canonical form of a unit as written: days -> d, percent -> %, € -> EUR, leads -> leads.

    Raises UnitError for a unit that can be read in two ways (m, kr) and for what is not a word.
    """
    word = " ".join(text.split())
    if not word:
        return ""
    if word in _UNCLEAR:
        raise UnitError("this unit can be read in two ways", cure=_UNCLEAR[word])
    known = known_unit(word)
    if known:
        return known
    if word[-3:] in CODES and word[:-3].upper() in _LOCAL_THOUSANDS:
        raise UnitError("this unit can be read in two ways", cure="write kSEK, MSEK or 3 bn SEK")
    if not _UNIT_WORD.fullmatch(word):
        raise UnitError(
            "this is not a unit",
            cure="write a unit such as %, d, h, EUR, or one word such as leads",
        )
    return word


def known_unit(word: str) -> str | None:
    """The canonical unit that ``word`` stands for in the table; None where it counts things."""
    return _WORDS.get(word.lower()) or currency_of(word)


@lru_cache(maxsize=4096, typed=True)
def parse_quantity(text: str | float | Decimal) -> Quantity:
    """A number with its unit. ``20 MSEK`` is 20000000 SEK, ``2 days`` is 2 d, 5 is 5 without unit.

    Raises UnitError with the cure: for commas, for a leading ``+`` (which makes a target relative),
    for NaN and infinity, above 10**30 and beyond 30 digits.
    """
    if not isinstance(text, str):
        return Quantity(number_of(text))
    written = text.strip()
    if len(written) > _MOST_CHARACTERS:
        raise UnitError("this is too long for a number", cure='write a number such as "20 MSEK"')
    prefix, written = _split_prefix(written)
    if written.startswith("+"):
        raise UnitError(
            "a leading + is only read in a target relative to its baseline",
            cure='write the number without it, or a relative target such as "+25 %"',
        )
    number, rest = leading_number(written)
    multiplier, unit = split_multiplier(rest.strip())
    if prefix and unit:
        raise UnitError("this number has two units", cure="write one unit, such as 500 EUR")
    return Quantity(checked(_EXACT.multiply(number, multiplier)), canonical_unit(prefix or unit))


def parse_duration(text: str) -> timedelta:
    """``3d``, ``10 min``, ``2 weeks`` as clock time. Raises UnitError, also below zero."""
    quantity = parse_quantity(text)
    if quantity.unit not in SECONDS:
        raise UnitError("this is not a duration", cure='write a duration such as "3d" or "10 min"')
    seconds = _EXACT.multiply(quantity.value, Decimal(SECONDS[quantity.unit]))
    if not 0 <= seconds < timedelta.max.total_seconds():
        raise UnitError("this duration is negative or too long", cure='write one such as "3d"')
    microseconds = _EXACT.multiply(seconds, Decimal(1_000_000))
    return timedelta(microseconds=int(microseconds))


def parse_share(text: str | float | Decimal) -> Decimal:
    """A share as a number: ``25 %`` and 0.25 are both 0.25. Raises UnitError for other units."""
    quantity = parse_quantity(text)
    if quantity.unit == "%":
        return _EXACT.divide(quantity.value, Decimal(100))
    if quantity.unit:
        raise UnitError("this is not a share", cure='write a share such as "25 %" or 0.25')
    return quantity.value


def convert(quantity: Quantity, unit: str, rates: Mapping[str, Decimal]) -> Quantity:
    """The same quantity in another canonical unit.

    Durations convert, currencies only by ``rates`` (units of one common currency per unit of
    each), a plain number and a count only change their name. All else raises UnitError.
    """
    if quantity.unit == unit:
        return quantity
    sorts = {sort_of(quantity.unit), sort_of(unit)}
    if sorts == {Sort.DURATION}:
        return _scaled(quantity, unit, Decimal(SECONDS[quantity.unit]), Decimal(SECONDS[unit]))
    if sorts == {Sort.CURRENCY}:
        return _scaled(quantity, unit, _rate(rates, quantity.unit), _rate(rates, unit))
    if Sort.PLAIN in sorts and sorts <= {Sort.PLAIN, Sort.COUNT}:
        return Quantity(quantity.value, unit)
    raise UnitError(
        f"{named(quantity.unit)} is not {named(unit)}",
        cure=_cure(quantity.unit, unit),
    )


def show(value: Decimal, unit: str) -> str:
    """For people: ``49 d``, ``12 %``, ``1234.5 EUR``, ``3x``; never an exponent."""
    if unit == "x":
        return f"{plain(value)}x"
    return f"{plain(value)} {unit}".rstrip()


def _split_prefix(text: str) -> tuple[str, str]:
    """A currency in front of the number (``€ 500``, ``SEK 20M``) and the text without it."""
    found = _PREFIX.match(text)
    if found is None:
        return "", text
    unit = found["unit"]
    if unit in _UNCLEAR:
        raise UnitError("this unit can be read in two ways", cure=_UNCLEAR[unit])
    if unit not in SIGNS and currency_of(unit) is None:
        return "", text
    return unit, found["sign"] + text[found.end() :]


def split_multiplier(text: str) -> tuple[Decimal, str]:
    """The multiplier and the unit behind it: ``k``, ``M EUR``, ``MSEK``; ``Meters`` has none."""
    found = _MULTIPLIER.fullmatch(text)
    if found is None:
        return Decimal(1), text
    unit = found["unit"]
    joined = bool(unit) and not unit[0].isspace()
    if joined and unit not in SIGNS and unit not in CODES:
        return Decimal(1), text
    return _MULTIPLIERS[found["word"]], unit.strip()


def _scaled(quantity: Quantity, unit: str, factor: Decimal, divisor: Decimal) -> Quantity:
    # Multiplied first: 90 min to h is 5400 / 3600, exactly 1.5.
    product = _EXACT.multiply(quantity.value, factor)
    return Quantity(_DIVIDING.divide(product, divisor), unit)


def _rate(rates: Mapping[str, Decimal], currency: str) -> Decimal:
    rate = rates.get(currency)
    if rate is None or rate <= 0:
        raise UnitError(
            f"there is no exchange rate for {currency}",
            cure=f"add {currency} to the [rates] table of config.toml",
        )
    return rate


def named(unit: str) -> str:
    return f"`{unit}`" if unit else "a plain number"


def _cure(have: str, want: str) -> str:
    if sort_of(have) is Sort.PLAIN:
        return f'say what the number is counted in: unit = "{want}" where it is measured'
    if sort_of(want) is Sort.PLAIN:
        return f'write the unit beside the number it is compared with: "... {have}"'
    return "use the same unit on both sides"
