"""What key results were aimed at, and their histories in bulk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from okrsync.model import KeyResult, Kind, Period, Place, StoreRef
from okrsync.state.records import Reading
from okrsync.state.state import State

AT = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
BUGS = KeyResult(
    id="platform.reliable.fewer-bugs",
    objective="platform.reliable",
    title="Open bugs from 42 to 10",
    kind=Kind.DECREASE,
    period=Period("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
    store_ref=StoreRef("store", "platform.reliable.fewer-bugs"),
    place=Place("mappings/platform.toml", 9),
    baseline=Decimal(42),
    target=Decimal(10),
)


def test_the_first_target_of_a_period_is_kept_when_it_changes(state: State) -> None:
    state.aims.note([BUGS])
    assert state.aims.changed() == {}
    state.aims.note([replace(BUGS, target=Decimal(12))])
    first = state.aims.changed()[BUGS.id, "2026-Q4"]
    assert (first.baseline, first.target) == (Decimal(42), Decimal(10))
    (aim,) = state.aims.all()
    assert (aim.newest.target, aim.period) == (Decimal(12), BUGS.period)


def test_each_period_has_an_aim_of_its_own(state: State) -> None:
    spring = Period("2027-Q1", date(2027, 1, 1), date(2027, 4, 1))
    state.aims.note([BUGS])
    state.aims.note([replace(BUGS, period=spring, baseline=Decimal(12), target=Decimal(5))])
    assert [aim.period.label for aim in state.aims.all()] == ["2026-Q4", "2027-Q1"]
    assert state.aims.changed() == {}


def test_an_aim_keeps_its_kind_its_bounds_and_what_is_not_there(state: State) -> None:
    inside = replace(
        BUGS, kind=Kind.RANGE, baseline=None, target=None, low=Decimal("-2.5"), high=Decimal(40)
    )
    state.aims.note([inside])
    (aim,) = state.aims.all()
    assert (aim.first.kind, aim.first.low, aim.first.high) == (
        Kind.RANGE,
        Decimal("-2.5"),
        Decimal(40),
    )
    assert (aim.first.baseline, aim.first.target, aim.first.strict) == (None, None, False)


def test_a_series_has_the_newest_number_of_each_day_since_its_own_start(state: State) -> None:
    hours = [0, 3, 24, 49]
    readings = [
        Reading(BUGS.id, Decimal(n), "bugs", AT + timedelta(hours=hour))
        for n, hour in enumerate(hours)
    ]
    other = Reading("platform.uptime", Decimal(99), "%", AT)
    state.measurements.record("run", AT, [*readings, other])
    found = state.measurements.series({BUGS.id: AT, "platform.uptime": AT + timedelta(days=1)})
    assert [point.number for point in found[BUGS.id]] == ["1", "2", "3"]
    assert "platform.uptime" not in found


def test_what_a_person_put_in_a_measured_numbers_place_is_no_history(state: State) -> None:
    readings = [
        Reading(BUGS.id, Decimal(31), "", AT),
        Reading(BUGS.id, Decimal(5), "", AT + timedelta(days=1), origin="override"),
        Reading(BUGS.id, Decimal(30), "", AT - timedelta(days=1), origin="backfill"),
    ]
    state.measurements.record("run", AT, readings)
    found = state.measurements.series({BUGS.id: AT - timedelta(days=9)})
    assert [point.number for point in found[BUGS.id]] == ["30", "31"]
    assert state.measurements.series({}) == {}
