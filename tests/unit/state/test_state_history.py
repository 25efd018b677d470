"""Measurements and baselines: what is kept, what adds nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from okrsync.model import Evidence, Measurement, Operand, Value
from okrsync.state.records import Reading
from okrsync.state.state import State, open_state

AT = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def reading(
    number: str | int, at: datetime = AT, *, subject: str = "kr", origin: str = "measured"
) -> Reading:
    return Reading(subject, Decimal(number), "d", at, origin)


def record(state: State, *rows: Reading) -> int:
    return state.measurements.record("run", AT, rows)


def numbers(state: State, subject: str = "kr") -> list[Decimal]:
    return [row.number for row in state.measurements.history(subject)]


def test_history_is_exact_and_in_order(state: State) -> None:
    record(state, reading("0.1", AT + DAY), reading("12345678901234567890.000001", AT))
    assert numbers(state) == [Decimal("12345678901234567890.000001"), Decimal("0.1")]
    assert state.measurements.history("kr")[0].as_of == AT


def test_the_same_number_again_on_the_same_day_adds_nothing(state: State) -> None:
    assert record(state, reading("3")) == 1
    assert record(state, reading("3.0", AT + HOUR)) == 0
    assert record(state, reading("3", AT + DAY)) == 1
    assert numbers(state) == [3, 3]


def test_going_back_to_an_earlier_number_on_the_same_day_is_kept(state: State) -> None:
    for hour, number in enumerate((0, 1, 0)):
        record(state, reading(number, AT + hour * HOUR))
    assert numbers(state) == [0, 1, 0]


def test_equal_numbers_in_one_batch_count_once(state: State) -> None:
    assert record(state, reading(3), reading(3, AT + HOUR), reading(4, AT + 2 * HOUR)) == 2


def test_the_day_is_the_one_of_the_readings_own_zone(state: State) -> None:
    stockholm = ZoneInfo("Europe/Stockholm")
    late = datetime(2026, 11, 2, 23, 30, tzinfo=stockholm)
    record(state, reading(3, late))
    assert record(state, reading(3, late + HOUR)) == 1
    assert record(state, reading(3, late + 2 * HOUR)) == 0


def test_a_correction_at_the_same_instant_is_kept_and_is_the_newest(state: State) -> None:
    record(state, reading(3))
    state.measurements.record("run", AT + HOUR, [reading(4)])
    assert numbers(state) == [3, 4]
    assert state.measurements.newest()["kr"].number == 4


def test_a_backfill_gives_way_to_a_measured_day_and_fills_the_others(state: State) -> None:
    record(state, reading(3))
    assert record(state, *(reading(9, AT - n * DAY, origin="backfill") for n in range(3))) == 2
    assert numbers(state) == [9, 9, 3]
    assert state.measurements.newest()["kr"].origin == "measured"


def test_a_day_is_measured_after_it_was_backfilled(state: State) -> None:
    record(state, reading(9, origin="backfill"))
    record(state, reading(3, AT + HOUR))
    assert record(state, reading(8, AT + 2 * HOUR, origin="backfill")) == 0
    assert numbers(state) == [9, 3]


def test_history_from_a_moment_on(state: State) -> None:
    record(state, *(reading(n, AT + n * DAY) for n in range(5)))
    since = state.measurements.history("kr", since=AT + 3 * DAY)
    assert [row.number for row in since] == [3, 4]


def test_the_newest_of_each_subject(state: State) -> None:
    record(state, reading(1, AT + DAY), reading(2, AT), reading(3, AT, subject="other"))
    newest = state.measurements.newest()
    assert {name: row.number for name, row in newest.items()} == {"kr": 1, "other": 3}
    assert "third" not in newest


def test_prune_keeps_the_newest_of_each_subject(state: State) -> None:
    record(state, *(reading(n, AT + n * DAY) for n in range(5)), reading(7, subject="other"))
    assert state.measurements.prune(AT + 3 * DAY) == 3
    assert numbers(state) == [3, 4]
    assert numbers(state, "other") == [7]


@pytest.mark.parametrize("count", [0, 1, 1201])
def test_any_number_of_readings_at_once(state: State, count: int) -> None:
    rows = [reading(n, subject=f"kr-{n}") for n in range(count)]
    assert record(state, *rows) == count
    assert record(state, *rows) == 0
    assert len(state.measurements.newest()) == count


def test_a_reading_keeps_the_proof_of_its_number(state: State) -> None:
    measurement = Measurement(
        value=Decimal(31),
        unit="",
        as_of=AT,
        rows=31,
        evidence=Evidence(
            source="jira",
            query="project = PLAT",
            window="now",
            zone="Europe/Stockholm",
            read_at=AT,
            link="https://acme.example/issues",
            notes=("an estimate",),
        ),
        approximate=True,
    )
    value = Value(
        number=Decimal("0.31"),
        unit="%",
        as_of=AT,
        origin="measured",
        operands=(Operand("bugs-open", measurement),),
        approximate=True,
        remark="of 100",
    )
    record(state, Reading.of("kr", value), Reading.of("bugs-open", measurement))
    newest = state.measurements.newest()
    assert newest["kr"].value() == value
    assert newest["kr"].rows == 31
    assert newest["bugs-open"].value().operands == (Operand("bugs-open", measurement),)


def test_a_baseline_is_frozen_once_for_a_period(state: State) -> None:
    first = state.measurements.freeze_baseline("kr", "2026-Q4", reading(42))
    again = state.measurements.freeze_baseline("kr", "2026-Q4", reading(40, AT + DAY))
    state.measurements.freeze_baseline("kr", "2027-Q1", reading(20, AT + 90 * DAY))
    assert first == again == reading(42)
    baselines = state.measurements.baselines()
    assert {name: row.number for name, row in baselines.items()} == {
        ("kr", "2026-Q4"): 42,
        ("kr", "2027-Q1"): 20,
    }


def test_guarantee_33_tenants_do_not_see_each_others_history(state: State, state_url: str) -> None:
    record(state, reading(3))
    state.measurements.freeze_baseline("kr", "2026-Q4", reading(3))
    with open_state(state_url, tenant="other") as other:
        assert numbers(other) == []
        assert not other.measurements.newest()
        assert not other.measurements.baselines()
        record(other, reading(4))
        assert other.measurements.prune(AT + 9 * DAY) == 0
    assert numbers(state) == [3]
