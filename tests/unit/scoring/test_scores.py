"""Progress, score, pace, confidence and status of one key result."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from okrsync.mapping.rules import Judging
from okrsync.model import (
    Ambition,
    KeyResult,
    Kind,
    MetricSort,
    Milestone,
    PacePoint,
    Period,
    Place,
    Prior,
    Score,
    Status,
    StoreRef,
    Value,
)
from okrsync.scoring.confidence import outlook
from okrsync.scoring.grade import Grade, grade
from okrsync.scoring.history import NO_HISTORY, History, day_of
from okrsync.scoring.pace import expected
from okrsync.scoring.progress import met, progress, score
from okrsync.scoring.status import score_key_result

ZONE = ZoneInfo("Europe/Stockholm")
QUARTER = Period("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))
START = datetime(2026, 10, 1, tzinfo=ZONE)
MIDDLE = datetime(2026, 11, 16, 12, tzinfo=ZONE)
END = datetime(2027, 1, 1, tzinfo=ZONE)

numbers = st.decimals(-1_000_000, 1_000_000, places=3, allow_nan=False, allow_infinity=False)
positive = st.decimals("0.001", 1000, places=3)
instants = st.datetimes(datetime(2026, 9, 1), datetime(2027, 2, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
kinds = st.sampled_from(list(Kind))


def key_result(kind: Kind = Kind.INCREASE, **changes: object) -> KeyResult:
    plain = KeyResult(
        id="shop.grow.orders",
        objective="shop.grow",
        title="Orders",
        kind=kind,
        period=QUARTER,
        store_ref=StoreRef("store", "shop.grow.orders"),
        place=Place("mappings/shop.toml", 9),
        baseline=Decimal(200 if kind is Kind.DECREASE else 0),
        target=Decimal(100),
        low=Decimal(10),
        high=Decimal(20),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the test names real fields


def way(baseline: Decimal, target: Decimal, **changes: object) -> KeyResult:
    kind = Kind.INCREASE if target >= baseline else Kind.DECREASE
    return key_result(kind, baseline=baseline, target=target, **changes)


def measured(number: Decimal | int, as_of: datetime = MIDDLE) -> Value:
    return Value(Decimal(number), "", as_of, "measured")


def judged(subject: KeyResult, number: Decimal | int, now: datetime = MIDDLE) -> Score:
    return score_key_result(subject, measured(number, min(now, END)), NO_HISTORY, now, ZONE)


def probability(
    subject: KeyResult, number: Decimal, now: datetime, prior: Prior = Prior.FITTED
) -> float:
    found = outlook(subject, number, now, now=now, zone=ZONE, judging=Judging(prior))
    assert found.confidence is not None
    return found.confidence.probability


def seen(*points: tuple[datetime, float], last: Status | None = None) -> History:
    days, values = [day_of(at) for at, _ in points], [value for _, value in points]
    return History(days, values, last_status=lambda: last)


def weekly(newest: float, *, last: Status | None = None) -> History:
    """Eight values inside the period, on a straight way from 0 to ``newest`` in its middle."""
    days = [(START + timedelta(days=5 * n), newest * 5 * n / 46.5) for n in range(1, 9)]
    return seen(*days, last=last)


# progress and score


def test_progress_of_a_falling_target() -> None:
    fewer_bugs = way(Decimal(42), Decimal(10))
    assert progress(fewer_bugs, Decimal(26)) == Decimal("0.5")
    assert progress(fewer_bugs, Decimal(50)) == Decimal("-0.25")
    assert progress(fewer_bugs, Decimal(2)) == Decimal("1.25")


def test_without_a_baseline_there_is_no_progress() -> None:
    assert progress(key_result(baseline=None), Decimal(5)) is None
    assert score(key_result(baseline=None), Decimal(5)) is None


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("kind", list(Kind))
def test_a_number_that_is_none_has_no_progress(kind: Kind, odd: str) -> None:
    assert progress(key_result(kind), Decimal(odd)) is None
    assert not met(key_result(kind), Decimal(odd))


def test_baseline_equal_to_target_is_there_or_not_there() -> None:
    keep = way(Decimal(7), Decimal(7))
    assert progress(keep, Decimal(7)) == 1
    assert progress(keep, Decimal(6)) == 0


@pytest.mark.parametrize(
    ("kind", "number", "share"),
    [
        (Kind.AT_LEAST, 100, "1"),
        (Kind.AT_LEAST, 120, "1"),
        (Kind.AT_LEAST, 75, "0.75"),
        (Kind.AT_MOST, 99, "1"),
        (Kind.AT_MOST, 125, "0.75"),
        (Kind.RANGE, 10, "1"),
        (Kind.RANGE, 15, "1"),
        (Kind.RANGE, 8, "0.8"),
        (Kind.RANGE, 25, "0.5"),
    ],
)
def test_bounds_to_keep(kind: Kind, number: int, share: str) -> None:
    assert progress(key_result(kind), Decimal(number)) == Decimal(share)


def test_milestones_count_by_weight_and_done_is_all_or_nothing() -> None:
    steps = (Milestone("Pilot", Decimal(1)), Milestone("All", Decimal(3)))
    assert progress(key_result(Kind.MILESTONES, target=None, milestones=steps), Decimal(1)) == (
        Decimal("0.25")
    )
    done = key_result(Kind.DONE, target=Decimal(1))
    assert progress(done, Decimal(0)) == 0
    assert progress(done, Decimal(1)) == 1


@given(kind=st.sampled_from([Kind.INCREASE, Kind.DECREASE, Kind.AT_LEAST, Kind.AT_MOST]))
def test_meeting_the_target_exactly_is_success_unless_strict(kind: Kind) -> None:
    baseline = Decimal(200) if kind is Kind.DECREASE else Decimal(0)
    target = Decimal(100)
    assert met(key_result(kind, baseline=baseline), target)
    assert score(key_result(kind, baseline=baseline), target) == 1
    strict = key_result(kind, baseline=baseline, strict=True)
    assert not met(strict, target)
    assert score(strict, target) == Decimal("0.9999")


def test_a_score_is_never_rounded_up_to_success() -> None:
    assert score(key_result(target=Decimal(1_000_000)), Decimal(999_999)) == Decimal("0.9999")


@given(kind=kinds, number=numbers)
def test_a_score_is_between_0_and_1_in_small_steps(kind: Kind, number: Decimal) -> None:
    found = score(key_result(kind), number)
    assert found is not None
    assert 0 <= found <= 1
    assert found == found.quantize(Decimal("0.0001"))
    assert (found == 1) == met(key_result(kind), number)


@given(baseline=numbers, target=numbers, one=numbers, other=numbers)
def test_nearer_to_the_target_is_never_less(
    baseline: Decimal, target: Decimal, one: Decimal, other: Decimal
) -> None:
    assume(baseline != target)
    subject = way(baseline, target)
    worse, better = sorted((one, other), reverse=target < baseline)
    low, high = progress(subject, worse), progress(subject, better)
    assert low is not None
    assert high is not None
    assert low <= high


@given(baseline=numbers, target=numbers, number=numbers, factor=positive, shift=numbers)
def test_units_do_not_matter(
    baseline: Decimal, target: Decimal, number: Decimal, factor: Decimal, shift: Decimal
) -> None:
    assume(baseline != target)

    def other(amount: Decimal) -> Decimal:
        return amount * factor + shift

    here = progress(way(baseline, target), number)
    there = progress(way(other(baseline), other(target)), other(number))
    assert here is not None
    assert there is not None
    assert abs(here - there) <= abs(here) * Decimal("1e-18")


@given(baseline=numbers, target=numbers, number=numbers, now=instants)
def test_falling_mirrors_rising(
    baseline: Decimal, target: Decimal, number: Decimal, now: datetime
) -> None:
    assume(baseline != target)
    rising, falling = way(baseline, target), way(-baseline, -target)
    assert progress(rising, number) == progress(falling, -number)
    assert met(rising, number) == met(falling, -number)
    even = Prior.EVEN
    assert probability(rising, number, now, even) == probability(falling, -number, now, even)


@given(number=numbers, now=instants)
def test_at_most_mirrors_at_least(number: Decimal, now: datetime) -> None:
    floor = key_result(Kind.AT_LEAST, target=Decimal(40))
    ceiling = key_result(Kind.AT_MOST, target=Decimal(-40))
    assert progress(floor, number) == progress(ceiling, -number)
    assert probability(floor, number, now) == probability(ceiling, -number, now)


# pace


def test_nothing_is_due_before_the_period_and_everything_after_it() -> None:
    assert expected(key_result(), START - timedelta(days=3), ZONE) == 0
    assert expected(key_result(), END, ZONE) == 1


def test_half_of_the_period_is_half_of_the_way() -> None:
    assert abs(expected(key_result(), MIDDLE, ZONE) - Decimal("0.5")) < Decimal("0.02")


def test_pace_points_bend_the_line() -> None:
    late = key_result(
        pace=(
            PacePoint(date(2026, 10, 31), Decimal("0.1")),
            PacePoint(date(2026, 12, 15), Decimal("0.9")),
        )
    )
    assert expected(late, MIDDLE, ZONE) < Decimal("0.5")
    assert expected(late, START - timedelta(days=1), ZONE) == 0
    assert expected(late, END, ZONE) == 1


@given(one=instants, other=instants, points=st.lists(st.decimals(0, 1, places=2), max_size=4))
def test_expected_progress_never_falls(
    one: datetime, other: datetime, points: list[Decimal]
) -> None:
    days = [QUARTER.start + timedelta(days=14 * (n + 1)) for n in range(len(points))]
    plan = tuple(map(PacePoint, days, sorted(points)))
    early, late = sorted((one, other))
    assert expected(key_result(pace=plan), early, ZONE) <= expected(
        key_result(pace=plan), late, ZONE
    )


def test_a_bound_is_due_all_the_time_and_dated_milestones_on_their_days() -> None:
    assert expected(key_result(Kind.AT_LEAST), START, ZONE) == 1
    steps = (
        Milestone("Pilot", Decimal(1), due=date(2026, 10, 20)),
        Milestone("All", Decimal(3), due=date(2026, 12, 20)),
    )
    dated = key_result(Kind.MILESTONES, target=Decimal(4), milestones=steps)
    assert expected(dated, START + timedelta(days=5), ZONE) == 0
    assert expected(dated, MIDDLE, ZONE) == Decimal("0.25")
    assert expected(dated, END, ZONE) == 1


# confidence


@pytest.mark.parametrize("ambition", list(Ambition))
def test_a_fresh_key_result_has_even_odds_by_the_even_prior(ambition: Ambition) -> None:
    fresh = key_result(ambition=ambition)
    assert probability(fresh, Decimal(0), START, Prior.EVEN) == pytest.approx(0.5)


@given(kind=kinds, number=numbers, now=instants)
def test_confidence_is_a_probability(kind: Kind, number: Decimal, now: datetime) -> None:
    assert 0 <= probability(key_result(kind), number, now) <= 1


@given(kind=kinds, number=numbers)
def test_after_the_deadline_confidence_is_a_fact(kind: Kind, number: Decimal) -> None:
    reached = met(key_result(kind), number)
    assert probability(key_result(kind), number, END) == (1.0 if reached else 0.0)


@given(kind=kinds, number=numbers, now=instants)
def test_before_the_deadline_nothing_is_certain(kind: Kind, number: Decimal, now: datetime) -> None:
    assume(now < END)
    assert 0 < probability(key_result(kind), number, now) < 1


@given(one=numbers, other=numbers, now=instants)
def test_more_is_never_less_likely(one: Decimal, other: Decimal, now: datetime) -> None:
    low, high = sorted((one, other))
    assert probability(key_result(), low, now) <= probability(key_result(), high, now)


def test_what_is_met_and_cannot_be_lost_is_as_good_as_certain() -> None:
    counted = key_result(sort=MetricSort.CUMULATIVE)
    assert probability(counted, Decimal(100), MIDDLE) >= 0.99
    assert probability(key_result(), Decimal(100), MIDDLE) < 0.99


def test_not_done_grows_less_likely_with_time() -> None:
    done = key_result(Kind.DONE, target=Decimal(1))
    odds = [
        probability(done, Decimal(0), START + timedelta(days=days)) for days in (-1, 30, 60, 85)
    ]
    assert odds[0] == pytest.approx(0.5)
    assert odds == sorted(odds, reverse=True)


# status


@pytest.mark.parametrize("ambition", list(Ambition))
@given(number=st.decimals(-50, 150, places=1))
@settings(max_examples=60)
def test_status_follows_confidence(ambition: Ambition, number: Decimal) -> None:
    history = weekly(float(number))
    found = score_key_result(key_result(ambition=ambition), measured(number), history, MIDDLE, ZONE)
    on_track, at_risk = (0.45, 0.25) if ambition is Ambition.ASPIRATIONAL else (0.7, 0.4)
    assert found.confidence is not None
    likely = round(found.confidence.probability, 2)
    assert (found.status is Status.ON_TRACK) == (likely >= on_track)
    assert (found.status is Status.OFF_TRACK) == (likely < at_risk)


def test_even_odds_are_enough_for_an_aspiration_and_too_little_for_a_commitment() -> None:
    weeks = seen(*((START + timedelta(days=4 * n), 4.6 * n) for n in range(10)))
    for ambition, status in (
        (Ambition.ASPIRATIONAL, Status.ON_TRACK),
        (Ambition.COMMITTED, Status.AT_RISK),
    ):
        subject = key_result(ambition=ambition, sort=MetricSort.CUMULATIVE)
        found = score_key_result(subject, measured(53), weeks, MIDDLE, ZONE)
        assert found.confidence is not None
        assert 0.45 < found.confidence.probability < 0.7
        assert found.status is status


def test_the_mapping_sets_the_bounds_of_a_status() -> None:
    strict = Judging(on_track=0.9, at_risk=0.8)
    found = score_key_result(key_result(), measured(52), weekly(52), MIDDLE, ZONE, judging=strict)
    assert found.status is Status.OFF_TRACK
    plain = score_key_result(key_result(), measured(52), weekly(52), MIDDLE, ZONE)
    assert plain.status is not Status.OFF_TRACK


@pytest.mark.parametrize(
    ("number", "status"),
    [(60, Status.ON_TRACK), (50, Status.ON_TRACK), (38, Status.AT_RISK), (5, Status.OFF_TRACK)],
)
def test_status_with_a_short_history_follows_pace(number: int, status: Status) -> None:
    assert judged(key_result(), number).status is status


@pytest.mark.parametrize(("earlier", "by_pace"), [(7, True), (8, False)])
def test_eight_earlier_values_of_the_period_are_enough_for_confidence(
    earlier: int, by_pace: bool
) -> None:
    days = [(START + timedelta(days=5 * n), 52.0) for n in range(1, earlier + 1)]
    last_period = (START - timedelta(days=5), 52.0)  # does not count: it is not of this period
    strict = Judging(on_track=0.99, at_risk=0.98)
    found = score_key_result(
        key_result(), measured(52), seen(last_period, *days), MIDDLE, ZONE, judging=strict
    )
    assert (found.status is Status.ON_TRACK) == by_pace


def near(probability: float, last: Status | None) -> Status:
    """The status of a key result of this confidence whose bound lies at 0.5."""
    history = weekly(52, last=last)
    found = score_key_result(key_result(), measured(52), history, MIDDLE, ZONE)
    assert found.confidence is not None
    bound = 0.5 + found.confidence.probability - probability
    judging = Judging(on_track=bound, at_risk=0.0)
    return score_key_result(
        key_result(), measured(52), history, MIDDLE, ZONE, judging=judging
    ).status


def test_a_status_does_not_flip_on_noise() -> None:
    assert near(0.47, None) is Status.AT_RISK
    assert near(0.47, Status.ON_TRACK) is Status.ON_TRACK
    assert near(0.53, Status.AT_RISK) is Status.AT_RISK
    assert near(0.43, Status.ON_TRACK) is Status.AT_RISK
    assert near(0.57, Status.AT_RISK) is Status.ON_TRACK
    assert near(0.47, Status.STALE) is Status.AT_RISK


@pytest.mark.parametrize(
    ("ambition", "number", "status"),
    [
        (Ambition.ASPIRATIONAL, 70, Status.ACHIEVED),
        (Ambition.ASPIRATIONAL, 69, Status.MISSED),
        (Ambition.COMMITTED, 99, Status.MISSED),
        (Ambition.COMMITTED, 100, Status.ACHIEVED),
    ],
)
def test_after_the_deadline_ambition_decides(
    ambition: Ambition, number: int, status: Status
) -> None:
    assert judged(key_result(ambition=ambition), number, END).status is status


def test_a_missing_value_is_unknown_and_has_no_score() -> None:
    found = score_key_result(key_result(), None, NO_HISTORY, MIDDLE, ZONE)
    assert found.status is Status.UNKNOWN
    assert (found.progress, found.score, found.confidence) == (None, None, None)


def test_guarantee_22_no_confidence_is_made_of_a_value_past_its_freshness() -> None:
    allowed = timedelta(days=3)
    at_the_limit = measured(60, MIDDLE - allowed)
    too_old = measured(60, MIDDLE - allowed - timedelta(seconds=1))
    fresh = score_key_result(key_result(), at_the_limit, NO_HISTORY, MIDDLE, ZONE, max_age=allowed)
    stale = score_key_result(key_result(), too_old, NO_HISTORY, MIDDLE, ZONE, max_age=allowed)
    assert fresh.status is not Status.STALE
    assert fresh.confidence is not None
    assert stale.status is Status.STALE
    assert stale.confidence is None
    assert "3 days old, 3 days allowed" in stale.reason


@given(kind=kinds, number=numbers, age=st.timedeltas(timedelta(), timedelta(days=60)))
@settings(max_examples=60)
def test_guarantee_22_holds_for_every_kind(kind: Kind, number: Decimal, age: timedelta) -> None:
    allowed = timedelta(days=2)
    value = measured(number, MIDDLE - age)
    found = score_key_result(key_result(kind), value, NO_HISTORY, MIDDLE, ZONE, max_age=allowed)
    assert (found.confidence is None) == (age > allowed)
    assert (found.status is Status.STALE) == (age > allowed)


def test_guarantee_22_the_final_value_of_a_period_does_not_grow_old() -> None:
    next_year = END + timedelta(days=300)
    found = score_key_result(
        key_result(), measured(100, END), NO_HISTORY, next_year, ZONE, max_age=timedelta(days=1)
    )
    assert found.status is Status.ACHIEVED


@pytest.mark.parametrize(
    ("number", "words"),
    [(64, "64 % done, 14 points ahead of pace"), (50, "50 % done, at pace"), (-6, "-6 % done")],
)
def test_the_reason_says_it_in_words(number: int, words: str) -> None:
    half = key_result(
        pace=(
            PacePoint(date(2026, 11, 1), Decimal("0.5")),
            PacePoint(date(2026, 12, 1), Decimal("0.5")),
        )
    )
    assert words in judged(half, number).reason


def test_a_distance_beyond_measure_is_said_without_breaking() -> None:
    assert judged(key_result(), Decimal("1e60")).score == 1


# grades


def test_bands_have_no_gaps() -> None:
    aspirational = [grade(Decimal(n) / 100, Ambition.ASPIRATIONAL) for n in (39, 40, 69, 70)]
    assert aspirational == [Grade.RED, Grade.YELLOW, Grade.YELLOW, Grade.GREEN]
    committed = [grade(Decimal(n) / 100, Ambition.COMMITTED) for n in (69, 70, 99, 100)]
    assert committed == [Grade.RED, Grade.YELLOW, Grade.YELLOW, Grade.GREEN]
