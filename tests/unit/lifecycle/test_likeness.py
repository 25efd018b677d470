"""Titles that people take for the same are alike; those that differ in what counts are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.lifecycle.likeness import likeness


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Open bugs from 42 to 10", "OPEN BUGS: from 42 to 10!"),
        ("Återköp från 5 % till 10 %", "aterkop fran 5% till 10%"),
        ("100k visitors", "100,000 visitors"),
        ("100 000 visitors", "100.000 visitors"),
        ("20 MSEK of sales", "20,000,000 SEK of sales"),
        ("five talks", "5 talks"),
        ("fünf Vorträge", "5 vortrage"),
        ("1.5 days", "1,50 days"),
    ],
)
def test_how_it_is_typed_does_not_count(one: str, other: str) -> None:
    assert likeness(one, other) == 1.0


def test_another_number_is_another_key_result() -> None:
    title = "Open bugs from 42 to 10"
    assert likeness(title, "Open bugs from 42 to 20") < 0.86
    assert likeness(title, "From 42 to 10 open bugs") > 0.9
    assert likeness(title, "Open bug from 42 to 10") > 0.95
    assert likeness(title, "Sales in Germany") < 0.5


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_a_share_and_never_full_for_other_words(one: str, other: str) -> None:
    assert 0.0 <= likeness(one, other) <= 1.0
    assert likeness(one, one) in {0.0, 1.0}
