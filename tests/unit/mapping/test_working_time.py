"""Durations in working time: what counts, what does not, and that nothing is lost on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.contracts import WorkingDays
from okrsync.errors import SourceError
from okrsync.mapping.working_time import elapsed

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WEEKDAYS = WorkingDays()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
moments = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001  the zone comes with the next argument but one
    datetime(2028, 1, 1),  # noqa: DTZ001
    timezones=st.just(STOCKHOLM),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    ("start", "end", "worked"),
    [
        ("2026-11-16T09:00", "2026-11-16T17:00", 8 * HOUR),
        ("2026-11-16T12:00", "2026-11-18T12:00", 2 * DAY),
        ("2026-11-20T12:00", "2026-11-23T12:00", DAY),
        ("2026-11-21T08:00", "2026-11-22T20:00", timedelta()),
        ("2026-11-21T08:00", "2026-11-23T06:00", 6 * HOUR),
        ("2026-11-20T18:00", "2026-11-21T06:00", 6 * HOUR),
        ("2026-11-16T00:00", "2026-11-30T00:00", 10 * DAY),
        ("2026-11-18T12:00", "2026-11-16T12:00", timedelta()),
    ],
)
def test_only_time_on_working_days_counts(start: str, end: str, worked: timedelta) -> None:
    assert elapsed(WEEKDAYS, STOCKHOLM)(at(start), at(end)) == worked


def test_public_holidays_do_not_count() -> None:
    sweden = elapsed(WorkingDays(holidays="SE"), STOCKHOLM)
    assert sweden(at("2026-12-23T12:00"), at("2026-12-28T12:00")) == 2 * DAY
    assert elapsed(WEEKDAYS, STOCKHOLM)(at("2026-12-23T12:00"), at("2026-12-28T12:00")) == 3 * DAY


def test_a_region_has_holidays_of_its_own() -> None:
    corpus_christi = at("2026-06-04T08:00"), at("2026-06-04T16:00")
    assert elapsed(WorkingDays(holidays="DE-BY"), STOCKHOLM)(*corpus_christi) == timedelta()
    assert elapsed(WorkingDays(holidays="DE-BE"), STOCKHOLM)(*corpus_christi) == 8 * HOUR


def test_a_country_that_is_not_known_is_an_error_with_its_cure() -> None:
    with pytest.raises(SourceError) as error:
        elapsed(WorkingDays(holidays="XX"), UTC)
    assert "SE, DE-BY" in error.value.next_step


def test_by_the_clock_a_changed_clock_changes_nothing() -> None:
    night = at("2026-10-25T00:00"), at("2026-10-26T00:00")
    assert elapsed(None, STOCKHOLM)(*night) == 25 * HOUR


@given(moments, moments, moments)
def test_parts_add_up_to_the_whole(one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted([one, two, three])
    worked = elapsed(WEEKDAYS, STOCKHOLM)
    assert worked(first, middle) + worked(middle, last) == worked(first, last)


@given(moments, moments)
def test_with_seven_working_days_it_is_the_wall_clock(one: datetime, two: datetime) -> None:
    first, last = sorted([one, two])
    every_day = WorkingDays(week=("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    wall = last.replace(tzinfo=None) - first.replace(tzinfo=None)
    assert elapsed(every_day, STOCKHOLM)(first, last) == max(wall, timedelta())
