"""A key result that keeps fewer places than its store could: rounding there is no change."""

from __future__ import annotations

from decimal import Decimal

import pytest

from okrsync.contracts import Capabilities
from okrsync.model import Status, StoredKeyResult, StoreRef, Value
from okrsync.sync.capability import of_one
from okrsync.sync.compare import Standing, compare
from okrsync.testing.samples import NOON

SHARES = Capabilities(decimals=6, percent="0-1")


@pytest.mark.parametrize(
    ("number", "unit", "shown", "decimals", "same"),
    [
        ("3.7", "", "4", 0, True),
        ("3.2", "", "4", 0, False),
        ("3.7", "", "4", None, False),
        ("28.571", "", "28.57", 2, True),
        ("28.58", "", "28.57", 2, False),
        ("28.57", "%", "29", 0, True),
        ("28.57", "%", "28.6", 1, True),
        ("28.54", "%", "28.6", 1, False),
    ],
)
def test_what_the_key_result_rounds_away_is_not_a_change(
    number: str, unit: str, shown: str, decimals: int | None, same: bool
) -> None:
    ref = StoreRef("store", "1")
    stored = StoredKeyResult(
        ref, "Bugs", Decimal(shown), "r1", key="k", unit=unit, decimals=decimals
    )
    value = Value(Decimal(number), unit, NOON, "measured")
    found = compare(value, Status.ON_TRACK, stored, None, of_one(stored, SHARES))
    assert (found.standing is Standing.SAME) is same
