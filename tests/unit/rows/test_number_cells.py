from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.mapping.cells import Unreadable, read_number
from okrsync.mapping.units import parse_quantity

POINT = [
    ("1234.50", "1234.50"),
    ("1,234.50", "1234.50"),
    ("1,234,567", "1234567"),
    ("1'234.50", "1234.50"),
    ("1\u2019234\u2019567.5", "1234567.5"),
    ("0.123", "0.123"),
    ("1234.567", "1234.567"),
    ("1 234.567", "1234.567"),
    (".5", "0.5"),
    ("1.5E+06", "1500000"),
]
COMMA = [
    ("1,5", "1.5"),
    ("1 234,50", "1234.50"),
    ("1\xa0234,50", "1234.50"),
    ("1\u202f234\u202f567,5", "1234567.5"),
    ("1.234,56", "1234.56"),
    ("1.234.567", "1234567"),
    ("0,123", "0.123"),
]
EITHER_WAY_THE_SAME = [
    ("1 000", "1000"),
    ("-0", "0"),
    ("(1 234)", "-1234"),
    ("1 234-", "-1234"),
    ("\u22127", "-7"),
    ("+7", "7"),
    ("1e5", "100000"),
]
UNITS = [
    ("12 %", "12", "%"),
    ("%5", "5", "%"),
    ("\u20ac 12", "12", "EUR"),
    ("-$5", "-5", "USD"),
    ("$-5", "-5", "USD"),
    ("\u00a35", "5", "GBP"),
    ("12 SEK", "12", "SEK"),
    ("EUR 12", "12", "EUR"),
    ("500 kr", "500", ""),
    ("500:-", "500", ""),
    ("20 MSEK", "20000000", "SEK"),
    ("20 mkr", "20000000", ""),
    ("100k", "100000", ""),
    ("5 kkr", "5000", ""),
    ("3 M kr", "3000000", ""),
    ("2 MUS$", "2000000", "USD"),
    ("(5 kr)", "-5", ""),
]
AS_IN_A_MAPPING = [
    "3 weeks", "2 hrs", "2 hours", "1 day", "40 percent", "40 per cent", "90 min", "5 secs",
    "3 times", "3 bn", "3 bn EUR", "2 billion", "7 million SEK", "9 thousand", "20 MSEK", "4 k",
    "1M", "12 usd", "KRW 500", "3x",
]  # fmt: skip
NOTHING = [
    "NaN", "inf", "-Infinity", "1e400", "1e-400", "1_000", "0x10", "\u0663", "-", "n/a", "#REF!",
    "5.", "12 34", "1,2.3", "1.234.56", "1,,2", "--5", "(-5)", "5 pcs", "5 k%", "\u20ac5 SEK",
    "3 Md", "3 M d", "5 k %", "5 m", "5 B",
    "1" * 61, "9" * 41, "1 23", "1.23.456", "a1", "5\n6", "=1+1",
]  # fmt: skip


@pytest.mark.parametrize(("text", "number"), POINT)
def test_a_decimal_point_is_seen(text: str, number: str) -> None:
    cell = read_number(text)
    assert cell.point == Decimal(number)
    assert cell.mark == "."


@pytest.mark.parametrize(("text", "number"), COMMA)
def test_a_decimal_comma_is_seen(text: str, number: str) -> None:
    cell = read_number(text)
    assert cell.comma == Decimal(number)
    assert cell.mark == ","


@pytest.mark.parametrize(("text", "number"), EITHER_WAY_THE_SAME)
def test_a_whole_number_needs_no_decimal_mark(text: str, number: str) -> None:
    cell = read_number(text)
    assert cell.point == cell.comma == Decimal(number)
    assert cell.mark is None


@pytest.mark.parametrize(("text", "number", "unit"), UNITS)
def test_units_and_currencies(text: str, number: str, unit: str) -> None:
    cell = read_number(text)
    assert (cell.point, cell.unit) == (Decimal(number), unit)


@pytest.mark.parametrize("text", AS_IN_A_MAPPING)
def test_a_cell_reads_a_unit_as_a_mapping_does(text: str) -> None:
    cell, quantity = read_number(text), parse_quantity(text)
    assert (cell.point, cell.unit) == (quantity.value, quantity.unit)


@pytest.mark.parametrize(
    ("text", "point", "comma"), [("1.234", "1.234", "1234"), ("1,234", "1234", "1.234")]
)
def test_three_digits_behind_one_mark_can_be_read_two_ways(
    text: str, point: str, comma: str
) -> None:
    cell = read_number(text)
    assert (cell.point, cell.comma) == (Decimal(point), Decimal(comma))
    assert cell.ambiguous


@pytest.mark.parametrize("text", NOTHING)
def test_guarantee_21_what_is_no_number_is_never_one(text: str) -> None:
    with pytest.raises(Unreadable):
        read_number(text)


def test_an_unreadable_cell_is_described_and_not_shown() -> None:
    with pytest.raises(Unreadable) as caught:
        read_number("hunter2-secret")
    assert "hunter" not in caught.value.reason
    assert "13" in caught.value.reason or "12 letters" in caught.value.reason


exact = st.decimals(
    min_value=Decimal(-(10**12)), max_value=Decimal(10**12), places=2, allow_nan=False
)


@settings(max_examples=150, deadline=None)
@given(
    number=exact,
    group=st.sampled_from(["", " ", "\xa0", "\u202f", "'", "other"]),
    mark=st.sampled_from(".,"),
    unit=st.sampled_from(["", " %", " kr", " SEK", "\u20ac"]),
    negative=st.sampled_from(["-5", "5-", "(5)", "\u22125"]),
)
def test_guarantee_21_a_number_written_in_any_format_reads_back_exactly(
    number: Decimal, group: str, mark: str, unit: str, negative: str
) -> None:
    separator = {".": ",", ",": "."}[mark] if group == "other" else group
    body = f"{abs(number):,.2f}".replace(".", "!").replace(",", separator).replace("!", mark)
    text = (negative.replace("5", body) if number < 0 else body) + unit
    cell = read_number(text)
    assert cell.under(mark) == number
    assert cell.mark == mark


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_a_finite_number_or_unreadable(text: str) -> None:
    try:
        cell = read_number(text)
    except Unreadable:
        return
    for value in (cell.point, cell.comma):
        assert value is None or value.is_finite()
