"""Quantities, durations, shares and conversions, as a mapping's author writes them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.mapping.currencies import CODES
from okrsync.mapping.units import (
    UnitError,
    canonical_unit,
    convert,
    parse_duration,
    parse_quantity,
    parse_share,
    show,
)
from okrsync.model import Quantity

RATES = {"SEK": Decimal(1), "EUR": Decimal("11.5"), "USD": Decimal("10.25")}


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("5", "5", ""),
        ("-5", "-5", ""),
        ("- 5", "-5", ""),
        ("\u22125", "-5", ""),
        ("0.5", "0.5", ""),
        ("100k", "100000", ""),
        ("100 k", "100000", ""),
        ("1.2M", "1200000", ""),
        ("3 bn", "3000000000", ""),
        ("3 million", "3000000", ""),
        ("2e3", "2000", ""),
        ("1 200 000", "1200000", ""),
        ("1\u00a0200\u202f000", "1200000", ""),
        ("1_200_000", "1200000", ""),
        ("20 MSEK", "20000000", "SEK"),
        ("20M SEK", "20000000", "SEK"),
        ("SEK 20M", "20000000", "SEK"),
        ("20 sek", "20", "SEK"),
        ("1.5 MEUR", "1500000", "EUR"),
        ("€ 500", "500", "EUR"),
        ("€500k", "500000", "EUR"),
        ("-€ 500", "-500", "EUR"),
        ("€ -500", "-500", "EUR"),
        ("500 €", "500", "EUR"),
        ("$ 4", "4", "USD"),
        ("2 d", "2", "d"),
        ("2 days", "2", "d"),
        ("1 week", "1", "w"),
        ("2 h", "2", "h"),
        ("90 min", "90", "min"),
        ("60 %", "60", "%"),
        ("60%", "60", "%"),
        ("60 percent", "60", "%"),
        ("3x", "3", "x"),
        ("40 leads", "40", "leads"),
        ("21 story points", "21", "story points"),
        ("20 °C", "20", "°C"),
        ("9" * 30, "9" * 30, ""),
        ("0." + "3" * 30, "0." + "3" * 30, ""),
        ("5 Meters", "5", "Meters"),
        ("5 km", "5", "km"),
        (1_200_000, "1200000", ""),
        (0.1, "0.1", ""),
        (1e22, "10000000000000000000000", ""),
        (Decimal("21.40"), "21.4", ""),
    ],
)
def test_numbers_are_read_as_people_write_them(
    written: str | float | Decimal, value: str, unit: str
) -> None:
    assert parse_quantity(written) == Quantity(Decimal(value), unit)


@pytest.mark.parametrize(
    ("written", "cure"),
    [
        ("1,5", "1.5"),
        ("12,5 %", "1.5"),
        ("1 234,5", "1.5"),
        ("1,234", "1.234 for a fraction"),
        ("1,200,000", "without commas"),
        ("20 mkr", "MSEK"),
        ("5 kr", "SEK"),
        ("20 TSEK", "kSEK"),
        ("5 m", "min for minutes"),
        ("5B", "bn"),
        ("¥ 500", "JPY or CNY"),
        ("+5", "+25 %"),
        ("€ 500 SEK", "one unit"),
        ("12 34", "groups of three"),
        ("1.2.3", "groups of three"),
        ("5.", "groups of three"),
        ("2 %%", "a unit such as"),
        ("NaN", "a number such as"),
        ("inf", "a number such as"),
        ("", "a number such as"),
        ("five", "a number such as"),
        ("kEUR 5", "a number such as"),
        (float("nan"), "finite"),
        (float("-inf"), "finite"),
        ("1e400", "10 to the 30th"),
        ("1e-400", "10 to the 30th"),
        ("1e99999999999999999999", "10 to the 30th"),
        (10**30, "10 to the 30th"),
        ("9" * 31, "10 to the 30th"),
        ("0." + "1" * 31, "at most 30 digits"),
        ("1" * 101, "a number such as"),
        (True, "a number"),
    ],
)
def test_guarantee_21_what_is_not_beyond_doubt_is_an_error_with_its_cure(
    written: str | float, cure: str
) -> None:
    with pytest.raises(UnitError) as caught:
        parse_quantity(written)
    assert cure in caught.value.cure


def test_no_message_repeats_a_text_that_could_be_a_secret() -> None:
    secret = "ghp_" + "c4n4ry" * 5
    for text in (secret, f"5 {secret}", f"5 {secret}!"):
        with pytest.raises(UnitError) as caught:
            parse_quantity(text)
        assert "c4n4ry" not in str(caught.value)


def test_a_number_of_five_thousand_digits_is_an_error_at_once() -> None:
    with pytest.raises(UnitError, match="too large"):
        parse_quantity(10**5000)


def test_minus_zero_is_zero() -> None:
    assert str(parse_quantity("-0").value) == "0"
    assert show(Decimal("-0.00"), "%") == "0 %"


@given(st.text(max_size=120))
@settings(max_examples=200)
def test_guarantee_21_any_text_is_a_finite_number_or_a_unit_error(text: str) -> None:
    try:
        quantity = parse_quantity(text)
    except UnitError:
        return
    assert quantity.value.is_finite()
    assert quantity.value.copy_abs() < Decimal(10) ** 30  # abs() would round to 28 digits


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=6), st.sampled_from(["", "d", "%"])
)
def test_what_is_shown_can_be_read_back(value: Decimal, unit: str) -> None:
    shown = show(value, unit)
    assert "E" not in shown
    assert parse_quantity(shown) == Quantity(value, unit)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("49", "d", "49 d"),
        ("12.0", "%", "12 %"),
        ("1234.50", "EUR", "1234.5 EUR"),
        ("1E+3", "", "1000"),
        ("1E-7", "h", "0.0000001 h"),
        ("3", "x", "3x"),
    ],
)
def test_numbers_are_shown_plain_with_their_unit(value: str, unit: str, shown: str) -> None:
    assert show(Decimal(value), unit) == shown


@pytest.mark.parametrize(
    ("word", "unit"),
    [
        ("", ""),
        ("  ", ""),
        ("days", "d"),
        ("Hours", "h"),
        ("percent", "%"),
        ("times", "x"),
        ("EUR", "EUR"),
        ("eur", "EUR"),
        ("€", "EUR"),
        ("try", "try"),
        ("TRY", "TRY"),
        ("leads", "leads"),
        ("story  points", "story points"),
    ],
)
def test_every_unit_has_one_name(word: str, unit: str) -> None:
    assert canonical_unit(word) == unit
    assert canonical_unit(unit) == unit


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_currency_code_is_a_unit_and_takes_a_million_in_front(code: str) -> None:
    assert parse_quantity(f"5 {code}") == Quantity(Decimal(5), code)
    assert parse_quantity(f"5 M{code}") == Quantity(Decimal(5_000_000), code)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("3d", timedelta(days=3)),
        ("10 min", timedelta(minutes=10)),
        ("2h", timedelta(hours=2)),
        ("2 weeks", timedelta(days=14)),
        ("1.5 h", timedelta(minutes=90)),
        ("0 s", timedelta(0)),
    ],
)
def test_durations_are_clock_time(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["3", "3 m", "3 months", "-3d", "1e20 w", "3 EUR", "soon"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        parse_duration(text)


@pytest.mark.parametrize(
    ("written", "share"), [("25 %", "0.25"), (0.25, "0.25"), ("0.25", "0.25"), (1, "1")]
)
def test_a_share_is_a_percentage_or_a_number(written: str | float, share: str) -> None:
    assert parse_share(written) == Decimal(share)


def test_a_share_has_no_other_unit() -> None:
    with pytest.raises(UnitError):
        parse_share("25 d")


def test_durations_convert_exactly() -> None:
    assert convert(Quantity(Decimal(90), "min"), "h", {}) == Quantity(Decimal("1.5"), "h")
    assert convert(Quantity(Decimal(2), "w"), "d", {}) == Quantity(Decimal(14), "d")


def test_currencies_convert_by_the_rates_only() -> None:
    assert convert(Quantity(Decimal(2), "EUR"), "SEK", RATES) == Quantity(Decimal(23), "SEK")
    with pytest.raises(UnitError, match=r"\[rates\]"):
        convert(Quantity(Decimal(2), "EUR"), "NOK", RATES)
    with pytest.raises(UnitError, match=r"\[rates\]"):
        convert(Quantity(Decimal(2), "EUR"), "SEK", {"SEK": Decimal(1), "EUR": Decimal(0)})


def test_a_plain_number_and_a_count_are_the_same_thing() -> None:
    assert convert(Quantity(Decimal(4)), "leads", {}) == Quantity(Decimal(4), "leads")
    assert convert(Quantity(Decimal(4), "leads"), "", {}) == Quantity(Decimal(4))
    assert convert(Quantity(Decimal(3)), "x", {}) == Quantity(Decimal(3), "x")


@pytest.mark.parametrize(
    ("have", "want"),
    [("", "%"), ("%", ""), ("", "d"), ("d", ""), ("d", "EUR"), ("leads", "deals"), ("", "EUR")],
)
def test_units_that_do_not_convert_are_an_error_with_a_cure(have: str, want: str) -> None:
    with pytest.raises(UnitError) as caught:
        convert(Quantity(Decimal(4), have), want, RATES)
    assert caught.value.cure


@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=4),
    st.sampled_from([("s", "min"), ("min", "h"), ("h", "d"), ("d", "w"), ("EUR", "SEK")]),
)
def test_conversions_round_trip(value: Decimal, units: tuple[str, str]) -> None:
    one, other = units
    back = convert(convert(Quantity(value, one), other, RATES), one, RATES)
    assert back.unit == one
    assert abs(back.value - value) <= abs(value) * Decimal("1e-30")
