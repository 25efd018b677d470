"""The circuit breaker over a whole source, and what counts as a step."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from okrsync.config.config import Limits
from okrsync.sync.guard import breaker


def _trips(changing: int, known: int, limits: Limits | None = None) -> bool:
    ids = [f"kr-{number}" for number in range(known)]
    return bool(breaker({"sheet": ids[:changing]}, {"sheet": ids}, limits or Limits()))


@given(known=st.integers(0, 400), share=st.fractions(0, 1))
def test_guarantee_20_more_than_30_percent_of_10_or_more_are_held(
    known: int, share: object
) -> None:
    changing = int(share * known)  # type: ignore[operator]
    assert _trips(changing, known) is (known >= 10 and 10 * changing > 3 * known)


def test_guarantee_20_the_border_is_sharp() -> None:
    assert not _trips(299, 1000)
    assert not _trips(300, 1000)
    assert _trips(301, 1000)
    assert not _trips(9, 9)
    assert _trips(4, 10)
    assert not _trips(3, 10)


def test_the_share_and_the_number_are_the_operators() -> None:
    assert not _trips(10, 10, Limits(max_changed=Decimal(1)))
    assert _trips(2, 5, Limits(max_changed_from=5))


def test_one_source_does_not_trip_another() -> None:
    many = [f"kr-{number}" for number in range(10)]
    held = breaker({"sheet": many, "crm": ["deal"]}, {"sheet": many, "crm": ["deal"]}, Limits())
    assert set(held) == set(many)
    assert all("source `sheet`" in hold.reason for hold in held.values())
