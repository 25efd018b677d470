"""What must hold for the closed form whatever the numbers are."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from okrsync.model import MetricSort, Prior
from okrsync.scoring.forecast import Aim, Forecast, forecast
from okrsync.scoring.prior import prior_drift
from okrsync.scoring.steps import is_wild, steps_of

START, DEADLINE = 100.0, 191.0
sorts = st.sampled_from(list(MetricSort))
priors = st.sampled_from(list(Prior))
finite = st.floats(allow_nan=False, allow_infinity=False)
usual = st.floats(-1000, 1000).map(lambda number: round(number, 3))
shares = st.floats(1, 99).map(lambda number: round(number, 2))
days = st.lists(st.integers(1, 180), max_size=25, unique=True).map(
    lambda found: sorted(map(float, found))
)


def aim(baseline: float, target: float, **more: object) -> Aim:
    plain = Aim(baseline, target, START, DEADLINE)
    if more.get("sort") is MetricSort.PERCENT:
        plain = replace(plain, lower=0.0, upper=100.0)
    return replace(plain, **more)  # type: ignore[arg-type]  # the test names real fields


def made(seen: list[float], values: list[float], way: Aim, prior: Prior = Prior.EVEN) -> Forecast:
    return forecast(seen, values, way, prior_drift(way, prior, seen))


def chance(seen: list[float], values: list[float], way: Aim, prior: Prior = Prior.EVEN) -> float:
    return made(seen, values, way, prior).reaches(way.target)


@st.composite
def series(draw: st.DrawFn, numbers: st.SearchStrategy[float]) -> tuple[list[float], list[float]]:
    seen = draw(days)
    return seen, draw(st.lists(numbers, min_size=len(seen), max_size=len(seen)))


@given(series(finite), finite, finite, sorts, st.booleans(), priors)
@settings(max_examples=400)
def test_any_finite_numbers_give_a_probability_and_finite_quantiles(
    known: tuple[list[float], list[float]],
    baseline: float,
    target: float,
    sort: MetricSort,
    whole: bool,
    prior: Prior,
) -> None:
    assume(abs(target / 2 - baseline / 2) > 1e-300)
    if sort is MetricSort.PERCENT:
        baseline, target = abs(math.sin(baseline)) * 100, abs(math.sin(target)) * 100
        assume(abs(target - baseline) > 1e-6)
    found = made(*known, aim(baseline, target, sort=sort, whole=whole), prior)
    assert 0 <= found.reaches(target) <= 1
    assert not any(math.isnan(found.quantile(share)) for share in (0.1, 0.5, 0.9))


def test_a_way_longer_than_a_float_holds_gives_no_nan() -> None:
    huge = 1.7e308
    found = made([1.0, 2.0], [0.0, huge], aim(huge, -huge, sort=MetricSort.CUMULATIVE))
    assert 0 <= found.reaches(-huge) <= 1
    assert not any(math.isnan(found.quantile(share)) for share in (0.1, 0.5, 0.9))


@given(series(usual), usual, usual, usual, sorts, st.booleans(), priors)
@settings(max_examples=300)
def test_a_farther_target_is_never_likelier(
    known: tuple[list[float], list[float]],
    baseline: float,
    target: float,
    farther: float,
    sort: MetricSort,
    whole: bool,
    prior: Prior,
) -> None:
    assume(baseline != target)
    if sort is MetricSort.PERCENT:
        sort = MetricSort.LEVEL
    found = made(*known, aim(baseline, target, sort=sort, whole=whole), prior)
    beyond = target + math.copysign(abs(farther), target - baseline)
    assert found.reaches(beyond) <= found.reaches(target)


@given(series(usual), usual, usual, st.floats(0.01, 500), st.booleans(), priors)
@settings(max_examples=300)
def test_values_that_all_lie_nearer_to_the_target_make_it_likelier(
    known: tuple[list[float], list[float]],
    baseline: float,
    target: float,
    shift: float,
    cumulative: bool,
    prior: Prior,
) -> None:
    assume(abs(target - baseline) > 0.1 and known[0])
    sort = MetricSort.CUMULATIVE if cumulative else MetricSort.LEVEL
    way = aim(baseline, target, sort=sort)
    nearer = [value + math.copysign(shift, target - baseline) for value in known[1]]
    assert chance(known[0], nearer, way, prior) >= chance(*known, way, prior) - 1e-9


@given(series(usual), usual, usual, st.floats(0.001, 1000), usual, priors)
@settings(max_examples=300)
def test_the_unit_does_not_matter(
    known: tuple[list[float], list[float]],
    baseline: float,
    target: float,
    factor: float,
    shift: float,
    prior: Prior,
) -> None:
    assume(abs(target - baseline) > 0.1)

    def other(value: float) -> float:
        return value * factor + shift

    here = chance(*known, aim(baseline, target), prior)
    there = chance(
        known[0], [other(one) for one in known[1]], aim(other(baseline), other(target)), prior
    )
    assert there == pytest.approx(here, abs=1e-5)


@given(series(usual), usual, usual, sorts, st.booleans())
@settings(max_examples=300)
def test_by_the_even_prior_falling_mirrors_rising(
    known: tuple[list[float], list[float]],
    baseline: float,
    target: float,
    sort: MetricSort,
    whole: bool,
) -> None:
    assume(abs(target - baseline) > 0.1)
    if sort is MetricSort.CUMULATIVE:  # a count that falls is no running count
        sort = MetricSort.LEVEL
    seen, values = known
    if sort is MetricSort.PERCENT:
        baseline, target = 50 + baseline / 30, 50 + target / 30
        values = [50 + value / 30 for value in values]
    turn = 100.0 if sort is MetricSort.PERCENT else 0.0
    rising = made(seen, values, aim(baseline, target, sort=sort, whole=whole))
    falling = made(
        seen,
        [turn - value for value in values],
        aim(turn - baseline, turn - target, sort=sort, whole=whole),
    )
    assert falling.reaches(turn - target) == pytest.approx(rising.reaches(target), abs=1e-6)


@given(usual, usual, sorts, st.booleans())
def test_by_the_even_prior_a_fresh_target_has_even_odds(
    baseline: float, target: float, sort: MetricSort, whole: bool
) -> None:
    if sort is MetricSort.PERCENT:
        baseline, target = 50 + baseline / 30, 50 + target / 30
    assume(abs(target - baseline) > 0.1)
    way = aim(baseline, target, sort=sort, whole=whole)
    assert chance([START], [baseline], way) == pytest.approx(0.5)
    assert chance([], [], way) == pytest.approx(0.5)


@given(series(usual), usual, usual, sorts, priors)
def test_towards_the_deadline_it_becomes_a_fact(
    known: tuple[list[float], list[float]],
    baseline: float,
    target: float,
    sort: MetricSort,
    prior: Prior,
) -> None:
    assume(abs(target - baseline) > 1)
    if sort is MetricSort.PERCENT:
        sort = MetricSort.LEVEL
    seen, values = known
    way, ahead = aim(baseline, target, sort=sort), math.copysign(0.5, target - baseline)
    over = [*seen, DEADLINE]
    assert chance(over, [*values, target], way, prior) == 1
    assert chance(over, [*values, target - ahead], way, prior) == 0
    flat = [START, DEADLINE - 1e-9]  # a moment before it
    assert chance(flat, [target + ahead] * 2, way, prior) > 0.95
    assert chance(flat, [target - ahead] * 2, way, prior) < 0.05


@given(series(usual), usual, usual, sorts, st.booleans(), priors)
def test_quantiles_are_in_order_and_inside_the_bounds(
    known: tuple[list[float], list[float]],
    baseline: float,
    target: float,
    sort: MetricSort,
    whole: bool,
    prior: Prior,
) -> None:
    if sort is MetricSort.PERCENT:
        baseline, target = 50 + baseline / 30, 50 + target / 30
    assume(abs(target - baseline) > 0.1)
    way = aim(baseline, target, sort=sort, whole=whole)
    fan = [made(*known, way, prior).quantile(share) for share in (0.1, 0.25, 0.5, 0.75, 0.9)]
    assert fan == sorted(fan)
    assert way.lower is None or fan[0] >= way.lower
    assert way.upper is None or fan[-1] <= way.upper


def test_a_running_count_that_has_got_there_keeps_it_and_is_not_forecast_to_fall() -> None:
    way = aim(0, 100, sort=MetricSort.CUMULATIVE, whole=True)
    found = made([START, 130], [0, 104], way)
    assert found.reaches(100) >= 0.99
    assert found.quantile(0.1) >= 104


def test_an_older_value_makes_a_wider_forecast() -> None:
    way = aim(40, 60)
    weekly, values = [START + 7 * week for week in range(9)], [40.0 + week for week in range(9)]
    fresh, old = made(weekly, values, way), made(weekly[:-2], values[:-2], way)
    assert old.quantile(0.9) - old.quantile(0.1) > fresh.quantile(0.9) - fresh.quantile(0.1)


def test_a_planned_late_rise_is_no_delay() -> None:
    late = aim(0, 100, sort=MetricSort.CUMULATIVE, planned=lambda share: share**3)
    seen = [START + 7 * week for week in range(7)]
    values = [100 * ((day - START) / 91) ** 3 for day in seen]
    assert chance(seen, values, late) == pytest.approx(0.5, abs=0.05)
    assert chance(seen, values, replace(late, planned=None)) < 0.1


# steps


def test_a_restart_of_a_counter_is_no_step_and_a_small_correction_is_one() -> None:
    times = [float(day) for day in range(7)]
    restarted = [0.0, 50.0, 100.0, 150.0, 5.0, 55.0, 105.0]
    moves = [step for _, _, step in steps_of(times, restarted, falls=False)]
    assert moves == [50, 50, 50, 50, 50]
    corrected = [0.0, 50.0, 100.0, 150.0, 147.0, 197.0, 247.0]
    assert -3 in [step for _, _, step in steps_of(times, corrected, falls=False)]


@pytest.mark.parametrize("wrong", [0.0, 5000.0])
def test_a_glitch_between_two_values_that_agree_is_left_out(wrong: float) -> None:
    times = [float(day) for day in range(8)]
    values = [500.0, 503.0, 499.0, 504.0, wrong, 502.0, 506.0, 505.0]
    right = [*values[:4], *values[5:]]
    assert steps_of(times, values, falls=True) == steps_of(
        [*times[:4], *times[5:]], right, falls=True
    )


def test_a_last_value_far_away_from_all_others_is_wild() -> None:
    times = [float(day) for day in range(6)]
    calm = [500.0, 503.0, 499.0, 504.0, 502.0]
    assert is_wild(times, [*calm, 5020.0], falls=True)
    assert is_wild(times, [*calm, 0.0], falls=True)
    assert not is_wild(times, [*calm, 509.0], falls=True)


def test_few_values_a_long_gap_and_a_first_move_are_not_wild() -> None:
    assert not is_wild([0.0, 1.0, 2.0], [500.0, 503.0, 5000.0], falls=True)
    assert not is_wild([0.0, 1.0, 2.0, 3.0, 90.0], [500.0, 503.0, 506.0, 509.0, 770.0], falls=True)
    assert not is_wild([0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 0.0, 9.0], falls=True)


def test_a_counter_that_begins_anew_is_not_wild() -> None:
    times = [float(day) for day in range(6)]
    assert not is_wild(times, [0.0, 40.0, 80.0, 120.0, 160.0, 3.0], falls=False)
