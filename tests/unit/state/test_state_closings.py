"""A period is closed once, as a whole, and comes back as it was frozen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from okrsync.errors import StateError
from okrsync.model import (
    ClosedPeriod,
    Closing,
    Confidence,
    FinalWord,
    Outcome,
    Period,
    Score,
    Status,
    Value,
    Verdict,
)
from okrsync.state.state import State, open_state
from okrsync.testing import a_key_result

AT = datetime(2027, 1, 5, 8, 0, tzinfo=UTC)
PERIOD = Period("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))
CLOSED = ClosedPeriod(PERIOD, AT, "ops", early=True)


def final(id_: str, **closing: object) -> FinalWord:
    key_result = replace(a_key_result(id_), period=PERIOD, weight=Decimal("2.5"), strict=True)
    score = Score(Decimal("0.9375"), Decimal("0.9375"), None, None, None, Status.ACHIEVED, "→")
    return FinalWord(
        key_result,
        Outcome(
            subject=id_,
            run="run-1",
            at=AT,
            verdict=Verdict.HELD,
            reason="a jump",
            since=AT,
            runs=3,
            code="step-too-large",
            value=Value(Decimal("12.50"), "", AT, "store", remark="by hand"),
            score=score,
            stored=Decimal("12.5"),
            closed=Closing(AT, "ops", **closing),  # type: ignore[arg-type]  # real fields
        ),
    )


def test_what_was_frozen_comes_back_as_it_was(state: State) -> None:
    said = Confidence(0.25, "human", "gut")
    whole = final(
        "t.o.a", author="head", revision="7", believed=said, believed_at=AT, came_true=True
    )
    bare = final("t.o.b")
    bare = replace(bare, outcome=replace(bare.outcome, value=None, score=None, stored=None))
    state.closings.close(CLOSED, [whole, bare])
    assert state.closings.all() == [CLOSED]
    assert state.closings.labels() == {"2026-Q4"}
    assert state.closings.finals() == {("t.o.a", "2026-Q4"): whole, ("t.o.b", "2026-Q4"): bare}


def test_a_period_is_closed_once(state: State) -> None:
    first = final("t.o.a")
    state.closings.close(CLOSED, [first])
    with pytest.raises(StateError):
        state.closings.close(replace(CLOSED, by="somebody"), [final("t.o.b")])
    assert state.closings.all() == [CLOSED]
    assert list(state.closings.finals().values()) == [first]


def test_guarantee_33_tenants_do_not_see_each_others_periods(state: State, state_url: str) -> None:
    state.closings.close(CLOSED, [final("t.o.a")])
    with open_state(state_url, tenant="other") as other:
        assert other.closings.labels() == frozenset()
        assert not other.closings.finals()
        other.closings.close(CLOSED, [])
    assert len(state.closings.finals()) == 1
