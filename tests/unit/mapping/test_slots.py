"""Schedules: slots that are neither skipped nor doubled, whatever the clock does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.mapping.schedule import (
    Schedule,
    ScheduleError,
    due,
    latest_slot,
    parse_schedule,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ZONES = [
    "Europe/Stockholm",
    "America/New_York",
    "Australia/Lord_Howe",  # changes by half an hour
    "America/Havana",  # changes at midnight
    "Asia/Kolkata",  # never changes, half an hour off
]
TEN_MINUTES = timedelta(minutes=10)


def at(text: str, zone: ZoneInfo = STOCKHOLM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("written", "cron"),
    [
        ("daily 06:00", "0 6 * * *"),
        ("Daily  6:05", "5 6 * * *"),
        ("weekdays 06:00", "0 6 * * 1-5"),
        ("weekends 7:00", "0 7 * * 6,0"),
        ("mon 08:00", "0 8 * * 1"),
        ("thu, monday 08:00", "0 8 * * 1,4"),
        ("sun 23:59", "59 23 * * 0"),
        ("hourly", "0 * * * *"),
        ("every 15 min", "*/15 * * * *"),
        ("every 12 h", "0 */12 * * *"),
        ("monthly 1 06:00", "0 6 1 * *"),
        ("30 9-17 * 1-3,12 *", "30 9-17 * 1-3,12 *"),
        ("0 6 * * MON-FRI", "0 6 * * MON-FRI"),
        ("0 6 * * 7", "0 6 * * 7"),
    ],
)
def test_a_schedule_in_words_is_one_of_five_fields(written: str, cron: str) -> None:
    assert parse_schedule(written).cron == cron


@pytest.mark.parametrize(
    "text",
    [
        "",
        "daily",
        "daily 25:00",
        "daily 06:60",
        "daily 1 06:00",
        "someday 06:00",
        "monthly 06:00",
        "monthly 31 06:00",
        "every 7 min",
        "every 0 min",
        "every 60 min",
        "every 5 h",
        "every 90 min",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "0 6 31 2 *",
        "0 6 L * *",
        "0 6 * * 1#2",
        "@daily",
        "0 6 * * * ; rm -rf /",
        "*/15 " * 60,
    ],
)
def test_what_is_no_schedule_is_told_how_to_write_one(text: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_schedule(text)
    assert caught.value.cure


@given(st.text(max_size=60) | st.text(alphabet="0123456789*/-, LW#", max_size=30))
@settings(max_examples=200)
def test_any_text_is_a_schedule_or_a_schedule_error(text: str) -> None:
    try:
        schedule = parse_schedule(text)
    except ScheduleError:
        return
    assert latest_slot(schedule, at("2026-11-22T12:00"), STOCKHOLM) is not None


@pytest.mark.parametrize(
    ("written", "slot"),
    [
        ("daily 06:00", "2026-11-22T06:00"),
        ("daily 12:07", "2026-11-22T12:07"),
        ("daily 12:08", "2026-11-21T12:08"),
        ("weekdays 06:00", "2026-11-20T06:00"),
        ("mon 08:00", "2026-11-16T08:00"),
        ("monthly 28 06:00", "2026-10-28T06:00"),
        ("every 15 min", "2026-11-22T12:00"),
        ("0 6 29 2 *", "2024-02-29T06:00"),
    ],
)
def test_the_latest_slot_is_the_newest_that_has_come(written: str, slot: str) -> None:
    now = at("2026-11-22T12:07")
    assert latest_slot(parse_schedule(written), now, STOCKHOLM) == at(slot)


def test_a_key_result_that_never_ran_is_due_at_once_and_then_at_its_slots() -> None:
    daily = parse_schedule("daily 06:00")
    first = due(daily, None, at("2026-11-22T12:00"), STOCKHOLM)
    assert first == at("2026-11-22T06:00")
    assert due(daily, first, at("2026-11-23T05:59"), STOCKHOLM) is None
    assert due(daily, first, at("2026-11-23T06:00"), STOCKHOLM) == at("2026-11-23T06:00")


def test_guarantee_23_fifty_missed_slots_are_one_run() -> None:
    hourly = parse_schedule("hourly")
    done = at("2026-11-20T06:00")
    now = done + timedelta(hours=50, minutes=20)
    slot = due(hourly, done, now, STOCKHOLM)
    assert slot == done + timedelta(hours=50)
    assert due(hourly, slot, now, STOCKHOLM) is None


def test_guarantee_23_a_slot_that_the_clock_leaves_out_runs_right_after_the_gap() -> None:
    daily = parse_schedule("daily 02:30")
    done = at("2026-03-28T02:30")
    assert due(daily, done, at("2026-03-29T01:59"), STOCKHOLM) is None
    assert due(daily, done, at("2026-03-29T03:00"), STOCKHOLM) == at("2026-03-29T03:00")
    assert due(daily, at("2026-03-29T03:00"), at("2026-03-30T02:29"), STOCKHOLM) is None


def test_guarantee_23_a_slot_that_comes_twice_runs_the_first_time() -> None:
    daily = parse_schedule("daily 02:30")
    first = at("2026-10-25T02:30").astimezone(UTC)
    again = first + timedelta(hours=1)
    assert latest_slot(daily, first, STOCKHOLM) == first
    assert due(daily, first, again, STOCKHOLM) is None
    # 02:10 has come twice, and 02:30 once: the slot of today stays today's.
    assert due(daily, first, at("2026-10-25T02:10").replace(fold=1), STOCKHOLM) is None


def test_guarantee_23_every_hour_means_every_hour_that_passes() -> None:
    hourly = parse_schedule("0 */1 * * *")
    assert parse_schedule("hourly").every_hour
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25)):
        begin = at(f"{day}T00:00").astimezone(UTC)
        moments = _every(TEN_MINUTES, begin, begin + timedelta(hours=hours))
        slots = _runs(hourly, moments, STOCKHOLM, begin - timedelta(hours=1))
        assert slots == [begin + timedelta(hours=n) for n in range(hours)]


def test_guarantee_23_a_leap_day_has_its_slot() -> None:
    daily = parse_schedule("daily 06:00")
    slot = due(daily, at("2028-02-28T06:00"), at("2028-02-29T06:00"), STOCKHOLM)
    assert slot == at("2028-02-29T06:00")


@pytest.mark.parametrize("zone_name", ZONES)
@pytest.mark.parametrize("written", ["daily 02:30", "daily 00:30", "weekdays 06:00"])
def test_guarantee_23_two_years_have_one_run_for_each_day(zone_name: str, written: str) -> None:
    zone = ZoneInfo(zone_name)
    begin, end = at("2027-01-01T12:00", zone), at("2029-01-01T12:00", zone)
    schedule = parse_schedule(written)
    newest = latest_slot(schedule, begin, zone)
    assert newest is not None
    slots = _runs(schedule, _moments(begin, end, zone), zone, newest)
    days = [slot.astimezone(zone).date() for slot in slots]
    assert days == [
        day
        for day in (date(2027, 1, 2) + timedelta(days=n) for n in range(731))
        if written.startswith("daily") or day.weekday() < 5
    ]


@pytest.mark.parametrize("zone_name", ZONES)
def test_guarantee_23_a_clock_that_steps_back_repeats_nothing(zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    schedule = parse_schedule("every 15 min")
    begin = at("2027-03-01T00:00", zone).astimezone(UTC)
    forward = list(_every(TEN_MINUTES, begin, begin + timedelta(days=1)))
    stepped = [moment - timedelta(hours=1) for moment in forward[72:]]
    slots = _runs(schedule, iter([*forward[:72], *stepped]), zone, begin)
    assert slots == sorted(set(slots))
    assert slots[-1] == begin + timedelta(hours=22, minutes=45)


@given(
    st.sampled_from(ZONES),
    st.sampled_from(["*", "0", "1,2", "*/3"]),
    st.sampled_from(["0", "7", "30", "*/20"]),
    st.integers(-2 * 1440, 2 * 1440),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_guarantee_23_slots_agree_with_a_walk_over_every_minute(
    zone_name: str, hours: str, minutes: str, shift: int, spring: bool
) -> None:
    zone = ZoneInfo(zone_name)
    changes = _changes(at("2027-01-01T00:00", zone), at("2028-01-01T00:00", zone), zone)
    around = changes[0 if spring else -1] if changes else at("2027-06-01T00:00", zone)
    now = around.astimezone(UTC) + timedelta(minutes=shift)
    schedule = parse_schedule(f"{minutes} {hours} * * *")
    assert latest_slot(schedule, now, zone) == _walked(hours, minutes, now, zone)


def _walked(hours: str, minutes: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Back from ``now`` in real minutes to the first at which the wall shows a slot."""
    wanted = {(h, m) for h in _numbers(hours, 24) for m in _numbers(minutes, 60)}
    moment = now.replace(second=0, microsecond=0)
    while True:
        here = moment.astimezone(zone)
        before = (moment - timedelta(minutes=1)).astimezone(zone)
        shown = [here] if not here.fold or hours == "*" else []
        gap = here.replace(tzinfo=None) - before.replace(tzinfo=None) - timedelta(minutes=1)
        left_out = [] if hours == "*" else _every(timedelta(minutes=1), here - gap, here)
        if any((wall.hour, wall.minute) in wanted for wall in [*shown, *left_out]):
            return moment
        moment -= timedelta(minutes=1)


def _numbers(field: str, below: int) -> set[int]:
    if field.startswith("*"):
        return set(range(0, below, int(field.partition("/")[2] or 1)))
    return {int(number) for number in field.split(",")}


def _runs(
    schedule: Schedule, moments: Iterator[datetime], zone: ZoneInfo, done: datetime
) -> list[datetime]:
    """The slots that a timer ringing at these moments runs."""
    slots = []
    for now in moments:
        slot = due(schedule, done, now, zone)
        if slot is not None:
            slots.append(slot)
            done = slot
    return slots


def _moments(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Every six hours, and every ten minutes within a day of a clock change."""
    now = begin.astimezone(UTC)
    for change in [*_changes(begin, end, zone), end.astimezone(UTC)]:
        yield from _every(timedelta(hours=6), now, change - timedelta(days=1))
        now = max(now, change.astimezone(UTC) - timedelta(days=1))
        yield from _every(TEN_MINUTES, now, min(end, change + timedelta(days=1)))
        now = change.astimezone(UTC) + timedelta(days=1)


def _changes(begin: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    hours = list(_every(timedelta(hours=1), begin.astimezone(UTC), end.astimezone(UTC)))
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return [hours[n] for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]]


def _every(step: timedelta, begin: datetime, end: datetime) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin += step
