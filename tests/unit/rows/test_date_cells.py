from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.mapping.cells import Unreadable, instant, moment
from okrsync.mapping.cells.dates import from_microseconds

ZONE = ZoneInfo("Europe/Stockholm")


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-31", local(2026, 12, 31)),
        ("20261231", local(2026, 12, 31)),
        ("2026/12/31", local(2026, 12, 31)),
        ("2026/1/2", local(2026, 1, 2)),
        ("31.12.2026", local(2026, 12, 31)),
        ("3.4.2026", local(2026, 4, 3)),
        ("3.4.2026 8:05", local(2026, 4, 3, 8, 5)),
        ("2026-12-31 10:15:30", local(2026, 12, 31, 10, 15, 30)),
        ("2026-12-31T10:15", local(2026, 12, 31, 10, 15)),
        ("2026-12-31T10:15:00Z", datetime(2026, 12, 31, 10, 15, tzinfo=UTC)),
        ("2026-12-31T10:15:00+02:00", datetime(2026, 12, 31, 8, 15, tzinfo=UTC)),
        ("2026-12-31T10:15:00.5-0330", datetime(2026, 12, 31, 13, 45, 0, 500_000, tzinfo=UTC)),
        ("2026-12-31 10:15+02", datetime(2026, 12, 31, 8, 15, tzinfo=UTC)),
    ],
)
def test_dates_that_need_no_word(text: str, expected: datetime) -> None:
    assert moment(text, None, ZONE) == expected


@pytest.mark.parametrize("text", ["03/04/2026", "31/12/2026", "12/31/2026", "31-12-2026"])
def test_an_order_is_never_guessed(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        moment(text, None, ZONE)
    assert "dates =" in caught.value.cure


def test_the_given_order_is_followed() -> None:
    assert moment("03/04/2026", "day-first", ZONE) == local(2026, 4, 3)
    assert moment("03/04/2026", "month-first", ZONE) == local(2026, 3, 4)


def test_a_date_against_the_given_order_is_an_error_and_not_turned_round() -> None:
    with pytest.raises(Unreadable):
        moment("12/31/2026", "day-first", ZONE)


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "31.12.26", "2026-W05-1", "2026-10", "Oct 3 2026", "0", "2026-12-31T25:00",
     "46000", "2026-12-31T10:15:00+99:00", "0001-01-01", "x" * 50, "2026-13-01"],
)  # fmt: skip
def test_what_is_no_date_is_never_one(text: str) -> None:
    with pytest.raises(Unreadable):
        instant(text, None, ZONE)


@settings(max_examples=100, deadline=None)
@given(
    st.datetimes(
        min_value=datetime(1900, 1, 1),  # noqa: DTZ001
        max_value=datetime(2200, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    )
)
def test_an_instant_keeps_every_microsecond(when: datetime) -> None:
    assert from_microseconds(instant(when.isoformat(), None, ZONE), UTC) == when


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.sampled_from([None, "day-first", "month-first"]))
def test_any_text_is_a_date_or_unreadable(text: str, order: str | None) -> None:
    try:
        found = instant(text, order, ZONE)
    except Unreadable:
        return
    assert isinstance(found, int)
