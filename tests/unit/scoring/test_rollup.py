"""From key results to objectives."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.errors import NoValue
from okrsync.model import KeyResult, Kind, Objective, Period, Place, Status, StoreRef
from okrsync.scoring.rollup import Part, objective_score, pair_warnings, roll_up, weighted_mean

QUARTER = Period("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))
HERE = Place("mappings/a.toml", 1)

scores = st.decimals(0, 1, places=4)
weights = st.decimals("0.01", 100, places=2)
parts = st.builds(
    Part,
    id=st.sampled_from(["a", "b", "c"]),
    weight=weights,
    score=st.none() | scores,
    confidence=st.none() | st.floats(0, 1),
    status=st.sampled_from(list(Status)),
)


def part(name: str, score: str | None, weight: int = 1, confidence: float | None = 0.5) -> Part:
    number = None if score is None else Decimal(score)
    return Part(name, Decimal(weight), number, confidence, Status.ON_TRACK)


def objective(name: str, parent: str | None = None, *key_results: str) -> Objective:
    return Objective(name, name, QUARTER, HERE, parent=parent, key_results=key_results)


def paired(name: str, pair: str | None) -> KeyResult:
    ref = StoreRef("store", name)
    return KeyResult(name, "o", name, Kind.INCREASE, QUARTER, ref, HERE, pair=pair)


def test_weights_count() -> None:
    assert objective_score([part("a", "1", 3), part("b", "0", 1)]).score == Decimal("0.75")


def test_what_has_no_score_is_left_out_and_named() -> None:
    found = objective_score([part("a", "0.6"), part("b", None)])
    assert found.score == Decimal("0.6")
    assert found.missing == ("b",)
    assert "without b" in found.reason


def test_nothing_is_not_zero() -> None:
    assert objective_score([]).score is None
    assert objective_score([part("a", None)]).score is None
    with pytest.raises(NoValue):
        weighted_mean([])


@given(st.lists(parts, min_size=1, max_size=6))
def test_an_objective_is_never_likelier_than_its_weakest_key_result(many: list[Part]) -> None:
    found = objective_score(many).confidence
    known = [one.confidence for one in many if one.confidence is not None]
    assert (found is None) == (not known)
    if found is not None:
        assert found.probability <= min(known)


@given(st.lists(st.tuples(scores, weights), min_size=1, max_size=6), weights)
def test_the_mean_lies_between_and_only_relative_weights_matter(
    many: list[tuple[Decimal, Decimal]], factor: Decimal
) -> None:
    mean = weighted_mean(many)
    assert min(score for score, _ in many) <= mean <= max(score for score, _ in many)
    assert weighted_mean([(score, weight * factor) for score, weight in many]) == mean


@given(st.lists(scores, min_size=1, max_size=6))
def test_an_objective_is_met_only_when_all_of_it_is(many: list[Decimal]) -> None:
    whole = objective_score([part(str(n), str(score)) for n, score in enumerate(many)])
    assert (whole.score == 1) == all(score == 1 for score in many)


def test_the_worst_status_shows() -> None:
    off = Part("b", Decimal(1), Decimal(0), 0.1, Status.OFF_TRACK)
    stale = Part("c", Decimal(1), Decimal(0), None, Status.STALE)
    assert objective_score([part("a", "1"), stale]).status is Status.STALE
    assert objective_score([part("a", "1"), stale, off]).status is Status.OFF_TRACK


def test_an_objective_without_key_results_lives_from_those_beneath_it() -> None:
    objectives = {
        "company": objective("company"),
        "left": objective("left", "company", "a"),
        "right": objective("right", "company", "b"),
    }
    found = roll_up(objectives, {"a": part("a", "0.2"), "b": part("b", "0.8", confidence=0.9)})
    assert found["company"].score == Decimal("0.5")
    assert found["company"].confidence is not None
    assert found["company"].confidence.probability == 0.5


def test_a_circle_of_parents_ends() -> None:
    objectives = {"a": objective("a", "b"), "b": objective("b", "a")}
    assert set(roll_up(objectives, {})) == {"a", "b"}


def test_effect_without_counter_effect_is_said_once() -> None:
    both = [paired("speed", "quality"), paired("quality", "speed")]
    up_and_down = {"speed": Decimal("0.1"), "quality": Decimal("-0.1")}
    assert [(one.key_result, one.pair) for one in pair_warnings(both, up_and_down)] == [
        ("speed", "quality")
    ]
    assert pair_warnings(both, {"speed": Decimal("0.1"), "quality": Decimal(0)}) == []
