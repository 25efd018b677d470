"""Numbers as they are written wherever two of them are compared as texts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.decimals import EXACT, plain


@given(st.integers(-(10**60), 10**60), st.integers(-30, 30))
def test_a_number_is_written_with_all_of_its_digits_and_none_beside_them(
    digits: int, exponent: int
) -> None:
    number = EXACT.scaleb(Decimal(digits), exponent)
    text = plain(number)
    assert Decimal(text) == number
    assert "e" not in text.lower()
    assert not ("." in text and text.endswith(("0", ".")))


@pytest.mark.parametrize("number", ["3", "3.0", "3.000", "0.3e1", "0.003e3"])
def test_one_number_is_written_in_one_way(number: str) -> None:
    assert plain(Decimal(number)) == "3"


@pytest.mark.parametrize("zero", ["0", "-0", "0.00", "-0.0", "0e5"])
def test_nothing_is_written_as_one_zero(zero: str) -> None:
    assert plain(Decimal(zero)) == "0"
