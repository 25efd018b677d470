"""How numbers are spoken of to people; exact ones are for JSON and the history."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

from okrsync.mapping.units import Sort, sort_of

GROUPED_FROM = 10_000
MILLION = Decimal(1_000_000)
MOST_PLACES = 12
DIGITS = 3
ANY_SIZE = Context(prec=2000)  # no number is too long to be shown


def number(exact: Decimal) -> str:
    """At most two decimals (three digits below 1), groups of three from 10 000 on."""
    rounded = _rounded(exact)
    text = f"{rounded:,f}" if abs(rounded) >= GROUPED_FROM else f"{rounded:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text.replace(",", " ")


def amount(exact: Decimal, unit: str) -> str:
    """A number with its unit: ``49 d``, ``12 %``, ``20 000 SEK``, ``3x``."""
    if unit == "x":
        return f"{number(exact)}x"
    return f"{number(exact)} {unit}".rstrip()


def compact(exact: Decimal, unit: str) -> str:
    """For tables: millions as ``20.4 MSEK``, the rest like ``amount``."""
    if abs(exact) < MILLION:
        return amount(exact, unit)
    millions = number(exact / MILLION)
    return (
        f"{millions} M{unit}" if sort_of(unit) is Sort.CURRENCY else f"{millions} M {unit}".rstrip()
    )


def three_digits(exact: Decimal) -> Decimal:
    """As rough as a forecast is."""
    if not exact:
        return exact
    return exact.quantize(
        Decimal(1).scaleb(exact.adjusted() + 1 - DIGITS), ROUND_HALF_EVEN, ANY_SIZE
    )


def _rounded(exact: Decimal) -> Decimal:
    places = 2 if abs(exact) >= 1 or exact == 0 else min(2 - exact.adjusted(), MOST_PLACES)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, ANY_SIZE)
