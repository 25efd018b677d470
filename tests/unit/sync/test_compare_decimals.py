"""A key result that keeps fewer places than its store could: rounding there is no change."""

from __future__ import annotations

from decimal import Decimal

import pytest

from okrsync.contracts import Capabilities
from okrsync.model import Status, StoredKeyResult, StoreRef, Value
from okrsync.sync.compare import Standing, compare
from okrsync.testing.samples import NOON


@pytest.mark.parametrize(
    ("number", "shown", "decimals", "same"),
    [
        ("3.7", "4", 0, True),
        ("3.2", "4", 0, False),
        ("3.7", "4", None, False),
        ("28.571", "28.57", 2, True),
        ("28.58", "28.57", 2, False),
    ],
)
def test_what_the_key_result_rounds_away_is_not_a_change(
    number: str, shown: str, decimals: int | None, same: bool
) -> None:
    ref = StoreRef("store", "1")
    stored = StoredKeyResult(ref, "Bugs", Decimal(shown), "r1", key="k", decimals=decimals)
    value = Value(Decimal(number), "", NOON, "measured")
    found = compare(value, Status.ON_TRACK, stored, None, Capabilities(decimals=6))
    assert (found.standing is Standing.SAME) is same
