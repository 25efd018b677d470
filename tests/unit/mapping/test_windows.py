"""Windows as written, dated in a zone, half-open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.mapping.windows import WindowError, check_window, dated
from okrsync.model import Period, Window

PERIOD = Period("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))
STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)  # Sunday 23:30 in Stockholm
ZONES = st.sampled_from(
    ["UTC", "Europe/Stockholm", "America/New_York", "Asia/Kolkata", "America/Havana"]
).map(ZoneInfo)


def window(text: str, as_of: datetime = NOW, zone: ZoneInfo = STOCKHOLM, starts: int = 1) -> Window:
    return dated(text, period=PERIOD, as_of=as_of, zone=zone, fiscal_year_starts=starts)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("period", "2026-10-01", "2026-12-31"),
        ("this_week", "2026-11-16", "2026-11-22"),
        ("last_week", "2026-11-09", "2026-11-15"),
        ("this_month", "2026-11-01", "2026-11-30"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("this_quarter", "2026-10-01", "2026-12-31"),
        ("last_quarter", "2026-07-01", "2026-09-30"),
        ("this_year", "2026-01-01", "2026-12-31"),
        ("last_year", "2025-01-01", "2025-12-31"),
        ("last 1d", "2026-11-22", "2026-11-22"),
        ("last 28d", "2026-10-26", "2026-11-22"),
        ("last 12w", "2026-08-31", "2026-11-22"),
        ("last 3 months", "2026-08-23", "2026-11-22"),
    ],
)
def test_windows_are_whole_days_of_the_zone(text: str, first: str, last: str) -> None:
    found = window(text)
    assert found.start is not None
    assert found.end is not None
    midnights = (found.start.astimezone(STOCKHOLM), found.end.astimezone(STOCKHOLM))
    assert {(at.hour, at.minute) for at in midnights} == {(0, 0)}
    assert midnights[0].date() == date.fromisoformat(first)
    assert midnights[1].date() == date.fromisoformat(last) + timedelta(days=1)


@pytest.mark.parametrize("text", ["now", "all"])
def test_now_and_all_have_no_bounds(text: str) -> None:
    assert window(text) == Window(text)


def test_the_day_is_the_zones_day() -> None:
    tokyo = window("last 1d", zone=ZoneInfo("Asia/Tokyo"))
    assert tokyo.start == datetime(2026, 11, 22, 15, tzinfo=UTC)


def test_quarters_and_years_are_fiscal() -> None:
    quarter = window("this_quarter", starts=2)
    year = window("this_year", starts=4)
    assert quarter.start is not None
    assert quarter.start.date() == date(2026, 11, 1)
    assert year.start is not None
    assert year.start.date() == date(2026, 4, 1)


def test_a_day_of_a_clock_change_has_23_or_25_hours() -> None:
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)):
        noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=STOCKHOLM)
        found = window("last 1d", as_of=noon)
        assert found.start is not None
        assert found.end is not None
        length = found.end.astimezone(UTC) - found.start.astimezone(UTC)
        assert length == timedelta(hours=hours)


def test_the_last_months_end_on_a_day_that_exists() -> None:
    found = window("last 1m", as_of=datetime(2026, 3, 30, 12, tzinfo=UTC))
    assert found.start is not None
    assert found.start.date() == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("last 28d", "last 28d"),
        ("last 28 days", "last 28d"),
        ("Last 12 weeks", "last 12w"),
        ("last 3 months", "last 3m"),
        ("last 1 month", "last 1m"),
        ("this week", "this_week"),
        (" period ", "period"),
    ],
)
def test_a_window_has_one_canonical_text(written: str, canonical: str) -> None:
    assert check_window(written) == canonical
    assert check_window(canonical) == canonical


@pytest.mark.parametrize(
    "text", ["", "last", "last 0d", "last 28", "last -3d", "last 99999w", "next_week", "this_day"]
)
def test_what_is_no_window_is_told_how_to_write_one(text: str) -> None:
    with pytest.raises(WindowError) as caught:
        check_window(text)
    assert caught.value.cure


@given(st.text(max_size=40))
def test_any_text_is_a_window_or_a_window_error(text: str) -> None:
    try:
        canonical = check_window(text)
    except WindowError:
        return
    assert check_window(canonical) == canonical


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001  made aware below
    ZONES,
    st.sampled_from(["week", "month", "quarter", "year"]),
    st.integers(1, 12),
)
def test_windows_are_half_open_and_adjacent(
    moment: datetime, zone: ZoneInfo, unit: str, starts: int
) -> None:
    as_of = moment.replace(tzinfo=UTC)
    this = window(f"this_{unit}", as_of, zone, starts)
    last = window(f"last_{unit}", as_of, zone, starts)
    assert this.start is not None
    assert this.end is not None
    assert this.start.astimezone(UTC) <= as_of < this.end.astimezone(UTC)
    assert last.end == this.start
    following = window(f"last_{unit}", this.end, zone, starts)
    assert (following.start, following.end) == (this.start, this.end)
