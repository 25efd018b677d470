"""Confidence, forecast, flags and words for every kind of key result."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.mapping.rules import BY_DEFAULT, Judging
from okrsync.model import (
    Ambition,
    KeyResult,
    Kind,
    MetricSort,
    Milestone,
    Period,
    Place,
    Prior,
    Score,
    StoreRef,
    Value,
)
from okrsync.scoring.confidence import outlook
from okrsync.scoring.history import History, day_of
from okrsync.scoring.status import score_key_result

ZONE = UTC
QUARTER = Period("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))
START = datetime(2026, 10, 1, tzinfo=ZONE)
MIDDLE = datetime(2026, 11, 16, tzinfo=ZONE)
LATE = datetime(2026, 12, 20, tzinfo=ZONE)
WEEK = timedelta(weeks=1)
EVEN = Judging(Prior.EVEN)


def key_result(kind: Kind, **changes: object) -> KeyResult:
    plain: dict[str, object] = {
        "id": "shop.grow.orders",
        "objective": "shop.grow",
        "title": "Orders",
        "kind": kind,
        "period": QUARTER,
        "store_ref": StoreRef("store", "shop.grow.orders"),
        "place": Place("mappings/shop.toml", 9),
    }
    return KeyResult(**(plain | changes))  # type: ignore[arg-type]  # the test names real fields


def way(baseline: int, target: int, **changes: object) -> KeyResult:
    kind = Kind.INCREASE if target > baseline else Kind.DECREASE
    return key_result(kind, baseline=Decimal(baseline), target=Decimal(target), **changes)


def weekly(now: datetime, *values: float) -> History:
    """The last of the values a week before now, the others a week apart."""
    days = [day_of(now - WEEK * (len(values) - n)) for n in range(len(values))]
    return History(days, list(values))


def chance(
    subject: KeyResult,
    number: float,
    history: History = History(),  # noqa: B008 - nothing changes it
    now: datetime = MIDDLE,
    judging: Judging = BY_DEFAULT,
) -> float:
    found = outlook(
        subject, Decimal(str(number)), now, history, now=now, zone=ZONE, judging=judging
    )
    assert found.confidence is not None
    return found.confidence.probability


def judged(
    subject: KeyResult,
    number: float,
    history: History = History(),  # noqa: B008 - nothing changes it
    now: datetime = MIDDLE,
) -> Score:
    value = Value(Decimal(str(number)), subject.unit, now, "measured")
    return score_key_result(subject, value, history, now, ZONE)


# from baseline to target


def test_a_better_history_makes_the_same_value_likelier() -> None:
    subject = way(0, 100)
    rising = weekly(MIDDLE, *(7.5 * n for n in range(1, 6)))
    stuck = weekly(MIDDLE, 45, 45, 45, 45, 45)
    assert chance(subject, 45, rising) > chance(subject, 45, stuck)


def test_the_period_before_counts() -> None:
    subject = way(40, 60)
    fell = History([day_of(START - WEEK * n) for n in (8, 6, 4, 2)], [64.0, 58.0, 52.0, 46.0])
    rose = History([day_of(START - WEEK * n) for n in (8, 6, 4, 2)], [16.0, 22.0, 28.0, 34.0])
    assert chance(subject, 40, rose, START) > chance(subject, 40, fell, START)


def test_one_value_and_no_history_is_judged_by_the_rule_of_even_odds() -> None:
    fewer, more = way(24, 10, whole_numbers=True), way(10, 24, whole_numbers=True)
    assert chance(fewer, 17) == chance(more, 17) == chance(fewer, 17, judging=EVEN)
    assert chance(fewer, 14) > 0.5 > chance(fewer, 20)  # ahead of pace, and behind
    next_day = History([day_of(MIDDLE - timedelta(days=1))], [14.0])
    assert chance(fewer, 14, next_day) == pytest.approx(chance(fewer, 14), abs=0.05)


def test_a_target_set_farther_inside_the_period_is_less_likely_and_keeps_its_scale() -> None:
    seen = weekly(MIDDLE, 5, 15, 22, 31, 38)
    first = History(seen.days, seen.values, Decimal(0), Decimal(100))
    before = chance(way(0, 100), 45, seen)
    farther, nearer = chance(way(0, 120), 45, first), chance(way(0, 80), 45, first)
    assert farther < before < nearer


def test_a_baseline_corrected_inside_the_period_changes_no_odds() -> None:
    seen = weekly(MIDDLE, 5, 15, 22, 31, 38)
    first = History(seen.days, seen.values, Decimal(0), Decimal(100))
    assert chance(way(10, 100), 45, first) == chance(way(0, 100), 45, seen)


def test_a_baseline_beyond_the_target_is_a_bound_to_keep() -> None:
    beyond = key_result(Kind.INCREASE, baseline=Decimal(120), target=Decimal(100))
    assert chance(beyond, 150) > 0.5 > chance(beyond, 60)


def test_a_counter_that_began_anew_with_the_period_keeps_the_pace_of_the_one_before() -> None:
    subject = way(0, 100, sort=MetricSort.CUMULATIVE, whole_numbers=True)
    now = START + timedelta(days=7)
    days = [day_of(START - timedelta(days=91 - 13 * n)) for n in range(7)]
    quick = History([*days, day_of(START)], [20.0 * n for n in range(7)] + [0.0])
    slow = History([*days, day_of(START)], [8.0 * n for n in range(7)] + [0.0])
    assert chance(subject, 8, quick, now) > 0.5 > chance(subject, 8, slow, now)


# bounds and ranges


@given(number=st.integers(0, 100), now=st.sampled_from([START, MIDDLE, LATE]))
@settings(max_examples=60)
def test_farther_inside_a_bound_is_never_less_likely(number: int, now: datetime) -> None:
    floor = key_result(Kind.AT_LEAST, target=Decimal(40))
    assert chance(floor, number, now=now) <= chance(floor, number + 1, now=now)


def test_a_calm_number_inside_its_bound_is_safer_than_a_restless_one() -> None:
    floor = key_result(Kind.AT_LEAST, target=Decimal(40))
    calm = weekly(MIDDLE, *(44.0 + 0.1 * (n % 2) for n in range(12)))
    restless = weekly(MIDDLE, *(44.0 + 9 * (-1) ** n for n in range(12)))
    assert chance(floor, 44, calm) > chance(floor, 44, restless)
    assert chance(floor, 44, calm) > 0.9


def test_the_middle_of_a_range_is_the_safest_place() -> None:
    inside = key_result(Kind.RANGE, low=Decimal(20), high=Decimal(40))
    odds = [chance(inside, number) for number in (10, 22, 30, 38, 50)]
    assert odds[2] == max(odds)
    assert odds[1] > odds[0]
    assert odds[3] > odds[4]


def test_time_inside_a_bound_so_far_is_said() -> None:
    floor = key_result(Kind.AT_LEAST, target=Decimal(40))
    found = judged(floor, 44, weekly(MIDDLE, 45, 30, 44, 46))
    assert found.reason == "inside its bounds; inside 75 % of the time so far"


def test_a_ceiling_on_a_count_grows_less_likely_as_the_count_nears_it() -> None:
    ceiling = key_result(
        Kind.AT_MOST, target=Decimal(20), sort=MetricSort.CUMULATIVE, whole_numbers=True
    )
    odds = [chance(ceiling, number) for number in (2, 8, 14, 19, 24)]
    assert odds == sorted(odds, reverse=True)
    assert odds[0] > 0.9
    assert odds[-1] < 0.05  # what has been counted stays counted


def test_fewer_than_last_time_of_a_count_is_a_ceiling() -> None:
    fewer = way(42, 10, sort=MetricSort.CUMULATIVE, whole_numbers=True)
    assert chance(fewer, 1) > chance(fewer, 9) > chance(fewer, 12)


# milestones


def step(title: str, due: date | None, done_on: date | None = None) -> Milestone:
    return Milestone(title, Decimal(1), due, done_on is not None, done_on)


def plan(*steps: Milestone) -> KeyResult:
    return key_result(
        Kind.MILESTONES, baseline=Decimal(0), target=Decimal(len(steps)), milestones=steps
    )


def test_dates_that_held_make_the_next_ones_likelier_than_dates_that_slipped() -> None:
    last = step("Launch", date(2026, 12, 31))
    held = plan(
        step("Design", date(2026, 10, 15), date(2026, 10, 14)),
        step("Pilot", date(2026, 11, 10), date(2026, 11, 10)),
        last,
    )
    slipped = plan(
        step("Design", date(2026, 10, 15), date(2026, 10, 29)),
        step("Pilot", date(2026, 11, 1), date(2026, 11, 12)),
        last,
    )
    fresh = plan(last)
    assert chance(fresh, 0) == pytest.approx(0.5)
    assert chance(slipped, 2) < 0.5 < chance(held, 2)


def test_an_early_date_leaves_time_to_slip() -> None:
    early, late = plan(step("All", date(2026, 11, 20))), plan(step("All", date(2026, 12, 31)))
    assert chance(early, 0) > chance(late, 0)


def test_a_step_that_is_overdue_grows_less_likely_every_day() -> None:
    overdue = plan(step("Pilot", date(2026, 11, 1)))
    odds = [chance(overdue, 0, now=now) for now in (MIDDLE, LATE, LATE + timedelta(days=8))]
    assert odds == sorted(odds, reverse=True)
    assert odds[-1] < 0.2


def test_a_step_that_is_still_late_says_less_than_one_that_came_late() -> None:
    """A quarter of the period is 23 days; each step is 7 days late."""
    now, due = MIDDLE, date(2026, 11, 8)
    came = plan(step("Pilot", due, date(2026, 11, 15)), step("Launch", due))
    open_still = plan(step("Pilot", due), step("Launch", date(2026, 12, 31)))
    left = (datetime(2027, 1, 1, tzinfo=ZONE) - now).days
    assert chance(open_still, 0, now=now) == pytest.approx(1 / 3, abs=0.001)  # the launch: 0 of 1
    assert chance(plan(step("Pilot", due)), 0, now=now) == pytest.approx(
        1 - math.exp(-left / (23 + 7)), abs=0.001
    )
    assert chance(came, 1, now=now) == pytest.approx(
        1 - math.exp(-left / ((23 + 7 + 7) / 2)), abs=0.001
    )


def test_steps_without_a_day_are_a_count() -> None:
    undated = plan(*(step(name, None) for name in "ABCD"))
    assert chance(undated, 0, now=START, judging=EVEN) == pytest.approx(0.5)
    assert chance(undated, 3) > chance(undated, 1)


def test_the_reason_says_how_dates_have_held() -> None:
    subject = plan(
        step("Design", date(2026, 10, 15), date(2026, 10, 14)),
        step("Pilot", date(2026, 11, 1)),
    )
    found = judged(subject, 1)
    assert found.confidence is not None
    assert found.confidence.reason == "1 of 2 dates held so far"


# what is said


def test_an_old_value_is_said_and_widens_the_forecast() -> None:
    subject, seen = way(0, 100), weekly(MIDDLE, 8, 15, 22, 30, 38)
    value = Value(Decimal(45), "", MIDDLE, "measured")
    fresh = score_key_result(subject, value, seen, MIDDLE, ZONE)
    old = score_key_result(subject, value, seen, MIDDLE + 2 * WEEK, ZONE)
    assert fresh.confidence is not None
    assert old.confidence is not None
    assert "days old" not in fresh.confidence.reason
    assert "the newest is 14 days old" in old.confidence.reason


def test_data_from_before_the_period_gives_way_to_the_baseline_and_its_age_is_said() -> None:
    old, now = START - timedelta(days=12), START + timedelta(days=3)
    seen = History([day_of(old - WEEK * n) for n in (4, 3, 2, 1)], [20.0, 22.0, 19.0, 21.0])
    middles = []
    for baseline in (20, 40):
        value = Value(Decimal(20), "", old, "measured")
        found = score_key_result(way(baseline, 60), value, seen, now, ZONE)
        assert found.confidence is not None
        assert "the newest is 15 days old" in found.confidence.reason
        middles.append(dict(found.forecast)[0.5])
    assert middles[1] - middles[0] > 10  # the forecast begins where the period began


def test_what_it_would_take_stands_beside_what_it_does() -> None:
    now = START + 5 * WEEK
    found = judged(way(0, 100), 25, weekly(now, 0, 5, 10, 15, 20), now)
    assert found.recent == pytest.approx(Decimal(5), abs=Decimal("0.01"))
    weeks_left = Decimal((QUARTER.end - now.date()).days) / 7
    assert found.needed == pytest.approx(Decimal(75) / weeks_left, abs=Decimal("0.01"))


def test_nothing_more_is_needed_once_it_is_met() -> None:
    assert judged(way(0, 100), 104).needed is None


def test_the_fan_is_in_order_and_around_the_middle() -> None:
    fan = judged(way(0, 100), 40, weekly(MIDDLE, 20, 25, 30, 35)).forecast
    assert [quantile for quantile, _ in fan] == [0.1, 0.25, 0.5, 0.75, 0.9]
    assert [value for _, value in fan] == sorted(value for _, value in fan)


# flags


def kinds(score: Score) -> list[str]:
    return [flag.kind for flag in score.flags]


def test_an_aspiration_that_is_as_good_as_met_early_was_set_too_low() -> None:
    counted = way(0, 100, sort=MetricSort.CUMULATIVE)
    early = START + timedelta(days=20)
    assert kinds(judged(counted, 130, now=early)) == ["too low"]
    assert kinds(judged(counted, 130, now=LATE)) == []
    promise = way(0, 100, sort=MetricSort.CUMULATIVE, ambition=Ambition.COMMITTED)
    assert kinds(judged(promise, 130, now=early)) == []


def test_what_is_far_out_of_reach_early_was_set_too_high() -> None:
    counted = way(0, 1000, sort=MetricSort.CUMULATIVE)
    found = judged(counted, 30, weekly(MIDDLE, 5, 10, 15, 20, 25))
    assert kinds(found) == ["too high"]
    assert "51 % of the period left" not in found.reason


def test_what_never_moves_is_flagged_and_a_bound_is_not() -> None:
    still = weekly(MIDDLE, 40, 40, 40, 40, 40)
    assert "not moving" in kinds(judged(way(40, 60), 40, still))
    assert kinds(judged(way(40, 60), 41, still)) == []
    assert kinds(judged(key_result(Kind.AT_LEAST, target=Decimal(60)), 40, still)) == []
