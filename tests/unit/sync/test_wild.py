"""A value far beyond every step before it is held until a second one is like it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from okrsync.mapping.rules import Guard, Rule
from okrsync.model import HoldCode, Kind, Outcome, Value, Verdict
from okrsync.scoring.history import History, day_of
from okrsync.sync.wild import hold_wild

RuleMaker = Callable[..., Rule]
HOUR = timedelta(hours=1)


def calm(now: datetime) -> History:
    days = [day_of(now - timedelta(weeks=6 - n)) for n in range(6)]
    return History(days, [40.0, 42.0, 41.0, 44.0, 45.0, 47.0])


def value(number: str, at: datetime) -> Value:
    return Value(Decimal(number), "", at, "measured")


def held(number: str, at: datetime) -> Outcome:
    return Outcome(
        "team.grow.signups",
        "run",
        at,
        Verdict.HELD,
        "",
        at,
        code=HoldCode.WILD_VALUE.value,
        value=value(number, at),
    )


def no_word() -> None:
    return None


@pytest.mark.parametrize("number", ["470", "0", "-47"])
def test_a_wild_value_is_held_with_the_reason(
    make_rule: RuleMaker, now: datetime, number: str
) -> None:
    found = hold_wild(make_rule().key_result, Guard(), value(number, now), calm(now), no_word)
    assert found is not None
    assert found.code == "wild-value"
    assert f"47 to {number} is far beyond every step before it" in found.reason


def test_an_ordinary_step_passes_and_asks_nobody(make_rule: RuleMaker, now: datetime) -> None:
    def nobody() -> Outcome | None:
        raise AssertionError("asked for a value that is not wild")

    key_result = make_rule().key_result
    assert hold_wild(key_result, Guard(), value("50", now), calm(now), nobody) is None


@pytest.mark.parametrize(
    ("number", "earlier", "passes"),
    [
        ("470", timedelta(days=1), True),
        ("455", timedelta(days=1), True),
        ("470", HOUR / 2, False),  # the same answer, asked again
        ("100", timedelta(days=1), False),  # another one
    ],
)
def test_a_second_measurement_like_it_lets_it_through(
    make_rule: RuleMaker, now: datetime, number: str, earlier: timedelta, passes: bool
) -> None:
    before = held("470", now - earlier)
    found = hold_wild(
        make_rule().key_result, Guard(), value(number, now), calm(now), lambda: before
    )
    assert (found is None) == passes


def test_the_mapping_can_allow_it_and_steps_that_are_counted_are_never_wild(
    make_rule: RuleMaker, now: datetime
) -> None:
    wild = value("470", now)
    allowed = Guard(allow_jump=True)
    assert hold_wild(make_rule().key_result, allowed, wild, calm(now), no_word) is None
    steps = make_rule(kind=Kind.MILESTONES).key_result
    assert hold_wild(steps, Guard(), wild, calm(now), no_word) is None
