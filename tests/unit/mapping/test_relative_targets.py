"""Targets written as a change from the baseline."""

from __future__ import annotations

from decimal import Decimal

import pytest

from okrsync.mapping.relative import is_relative, resolve_target
from okrsync.mapping.units import UnitError
from okrsync.model import Quantity


@pytest.mark.parametrize(
    ("baseline", "unit", "written", "target", "target_unit"),
    [
        ("40", "h", "+25 %", "50", "h"),
        ("40", "h", "-15 %", "34", "h"),
        ("40", "h", "\u221215%", "34", "h"),
        ("40", "%", "+25 %", "50", "%"),
        ("40", "%", "60 %", "60", "%"),
        ("-100", "EUR", "+25 %", "-75", "EUR"),
        ("-100", "EUR", "-25 %", "-125", "EUR"),
        ("40", "", "-5", "-5", ""),
        ("40", "h", "6 h", "6", "h"),
        ("40", "", "-100 %", "0", ""),
        ("200", "", "+12.5 percent", "225", ""),
        ("1234567890123456789012345678", "", "+100 %", "2469135780246913578024691356", ""),
        ("12345678901234567890123456789", "", "-10 %", "11111111011111111101111111110.1", ""),
    ],
)
def test_a_signed_percentage_is_a_change_from_the_baseline(
    baseline: str, unit: str, written: str, target: str, target_unit: str
) -> None:
    resolved = resolve_target(Quantity(Decimal(baseline), unit), written)
    assert resolved == Quantity(Decimal(target), target_unit)


def test_a_number_is_a_target_of_its_own() -> None:
    assert resolve_target(Quantity(Decimal(40), "h"), 6) == Quantity(Decimal(6))
    assert not is_relative(6)
    assert not is_relative("-5 h")
    assert is_relative("-5 %")


@pytest.mark.parametrize("written", ["+5", "+5 h", "+", "+x %"])
def test_a_relative_target_needs_a_percentage(written: str) -> None:
    with pytest.raises(UnitError):
        resolve_target(Quantity(Decimal(40), "h"), written)


def test_nothing_is_relative_to_zero() -> None:
    with pytest.raises(UnitError, match="write the target itself"):
        resolve_target(Quantity(Decimal(0)), "+25 %")
