"""Periods as written, fiscal years, and how much of a period has passed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.mapping.periods import PeriodError, deadline, elapsed, parse_period, period_before
from okrsync.model import Period

TODAY = date(2026, 11, 22)
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def period(spec: object, starts: int = 1, today: date = TODAY) -> Period:
    return parse_period(spec, fiscal_year_starts=starts, today=today)


@pytest.mark.parametrize(
    ("spec", "starts", "first", "last"),
    [
        (2026, 1, "2026-01-01", "2026-12-31"),
        ("2026", 1, "2026-01-01", "2026-12-31"),
        ("FY2026", 1, "2026-01-01", "2026-12-31"),
        ("FY2026", 4, "2026-04-01", "2027-03-31"),
        ("2026-H1", 1, "2026-01-01", "2026-06-30"),
        ("2026-H2", 1, "2026-07-01", "2026-12-31"),
        ("2026-H2", 10, "2027-04-01", "2027-09-30"),
        ("2026-Q4", 1, "2026-10-01", "2026-12-31"),
        ("2026-q4", 1, "2026-10-01", "2026-12-31"),
        ("2026-Q4", 4, "2027-01-01", "2027-03-31"),
        ("2026-10", 4, "2026-10-01", "2026-10-31"),
        ("2028-02", 1, "2028-02-01", "2028-02-29"),
        ("2026-10..2026-12", 1, "2026-10-01", "2026-12-31"),
        ("2026-10-05 .. 2026-12-15", 1, "2026-10-05", "2026-12-15"),
        ({"from": date(2026, 10, 1), "to": date(2026, 12, 15)}, 1, "2026-10-01", "2026-12-15"),
        ({"from": "2026-10", "to": "2026-12-15"}, 1, "2026-10-01", "2026-12-15"),
        ("this_month", 4, "2026-11-01", "2026-11-30"),
        ("this_quarter", 1, "2026-10-01", "2026-12-31"),
        ("this_quarter", 2, "2026-11-01", "2027-01-31"),
        ("this_half", 1, "2026-07-01", "2026-12-31"),
        ("this_year", 12, "2025-12-01", "2026-11-30"),
    ],
)
def test_a_period_is_whole_days(spec: object, starts: int, first: str, last: str) -> None:
    found = period(spec, starts)
    assert found.start == date.fromisoformat(first)
    assert found.end == date.fromisoformat(last) + timedelta(days=1)


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "soon",
        "2026-Q5",
        "2026-H3",
        "2026-13",
        "26-Q4",
        "0000",
        "9999",
        "2026-10-01..",
        "2026-12..2026-10",
        "2026-02-30..2026-03-01",
        "this_decade",
        True,
        2026.5,
        None,
        {"from": date(2026, 10, 1)},
        {"from": date(2026, 10, 1), "to": date(2026, 9, 30)},
        {"from": date(2026, 10, 1), "to": date.max},
        {"from": datetime(2026, 10, 1, tzinfo=UTC), "to": date(2026, 12, 1)},
        {"from": date(2026, 10, 1), "to": date(2026, 12, 1), "till": 1},
    ],
)
def test_what_is_no_period_is_told_how_to_write_one(spec: object) -> None:
    with pytest.raises(PeriodError) as caught:
        period(spec)
    assert caught.value.cure


@given(st.integers(1990, 2100), st.integers(1, 12))
def test_quarters_and_halves_tile_the_year(year: int, starts: int) -> None:
    whole = period(year, starts)
    for parts in ([f"{year}-Q{n}" for n in (1, 2, 3, 4)], [f"{year}-H1", f"{year}-H2"]):
        periods = [period(part, starts) for part in parts]
        assert periods[0].start == whole.start
        assert periods[-1].end == whole.end == period(year + 1, starts).start
        assert all(a.end == b.start for a, b in pairwise(periods))


@given(
    st.dates(date(1990, 1, 1), date(2100, 12, 31)),
    st.integers(1, 12),
    st.sampled_from(["this_month", "this_quarter", "this_half", "this_year"]),
)
def test_this_period_holds_today_and_its_label_names_it(
    today: date, starts: int, spec: str
) -> None:
    found = period(spec, starts, today)
    assert found.start <= today < found.end
    assert period(found.label, starts, today) == found


@pytest.mark.parametrize(
    ("now", "share"),
    [
        ("2026-09-30T12:00+02:00", "0"),
        ("2026-10-01T00:00+02:00", "0"),
        ("2026-10-02T00:00+02:00", "1"),
        ("2026-10-01T23:30+00:00", "1"),
        ("2026-11-22T06:00+01:00", "52"),
        ("2026-11-22T23:59+01:00", "52"),
        ("2026-12-31T23:59+01:00", "91"),
        ("2027-01-01T00:00+01:00", "92"),
        ("2027-06-01T00:00+02:00", "92"),
    ],
)
def test_whole_days_count_in_the_configs_zone(now: str, share: str) -> None:
    got = elapsed(period("2026-Q4"), datetime.fromisoformat(now), STOCKHOLM)
    assert got == Decimal(share) / Decimal(92)


def test_the_deadline_is_the_midnight_after_the_last_day() -> None:
    assert deadline(period("2026-Q4"), STOCKHOLM).astimezone(UTC) == datetime(
        2026, 12, 31, 23, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("period", "first", "end"),
    [
        ("2026-Q1", date(2025, 10, 1), date(2026, 1, 1)),
        ("2026-03", date(2026, 2, 1), date(2026, 3, 1)),
        ("2026", date(2025, 1, 1), date(2026, 1, 1)),
        ("2026-01-05..2026-01-18", date(2025, 12, 22), date(2026, 1, 5)),
    ],
)
def test_the_period_before_is_as_long_and_ends_where_this_one_begins(
    period: str, first: date, end: date
) -> None:
    known = parse_period(period, fiscal_year_starts=1, today=date(2026, 11, 22))
    before = period_before(known)
    assert (before.start, before.end) == (first, end)
