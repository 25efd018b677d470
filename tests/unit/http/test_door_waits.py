from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.errors import RateLimited
from okrsync.http import Door
from okrsync.http.waits import is_limited, retry_after, told_wait

OpenDoor = Callable[..., Door]
NOW = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
URL = "https://acme.example/x"


def _in(seconds: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


_CENTURY = 3e9


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("-5", 0.0),
        ("+3", 3.0),
        (_in(90), 90.0),
        (_in(-90), 0.0),
        ("Mon, 02 Nov 2026 06:01:30 -0000", 90.0),
        ("Monday, 02-Nov-26 06:01:30 GMT", 90.0),
        ("2026-11-02T06:00:45Z", 45.0),
        ("", None),
        ("soon", None),
        ("NaN", None),
        ("inf", None),
        ("1e400", None),
        ("1_000", None),
        ("٣", None),
        ("12 seconds", None),
        ("9" * 20, _CENTURY),
        ("9" * 400, _CENTURY),
        ("Mon, 99 Nov 2026 06:01:30 GMT", None),
    ],
)
def test_retry_after_in_every_form(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 30)}, 30.0),
        ({"x-ratelimit-reset": str(NOW.timestamp() + 2.5)}, 2.5),
        ({"x-ratelimit-reset": "41.5"}, 41.5),
        ({"ratelimit-reset": "41"}, 41.0),
        ({"x-ratelimit-requests-reset": str(int(NOW.timestamp() * 1000) + 1500)}, 1.5),
        ({"x-beta-ratelimit-reset": "2026-11-02T07:00Z"}, 3600.0),
        ({"x-hubspot-ratelimit-interval-milliseconds": "10000"}, 10.0),
        ({"x-ratelimit-interval-seconds": "5"}, 5.0),
        ({"retry-after": "9", "x-ratelimit-reset": "41"}, 9.0),
        ({"retry-after": "soon", "x-ratelimit-reset": "41"}, 41.0),
        ({"x-ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
)
def test_vendors_resets_are_understood(headers: dict[str, str], seconds: float | None) -> None:
    assert told_wait(headers, NOW) == seconds


def test_moments_are_read_on_the_clock_of_the_side_that_named_them() -> None:
    headers = {"date": _in(3600), "retry-after": _in(3660)}
    assert retry_after(headers, NOW) == 60.0


@given(st.text(max_size=40))
def test_no_header_ever_breaks_the_reading(text: str) -> None:
    seconds = told_wait({"retry-after": text, "date": text, "x-ratelimit-reset": text}, NOW)
    assert seconds is None or 0 <= seconds < float("inf")


@pytest.mark.parametrize(
    ("status", "headers", "limited"),
    [
        (429, {}, True),
        (403, {"retry-after": "60"}, True),
        (403, {"x-ratelimit-remaining": "0"}, True),
        (403, {"x-ratelimit-remaining": "17"}, False),
        (403, {}, False),
        (503, {"retry-after": "60"}, False),
        (200, {"x-ratelimit-remaining": "0"}, False),
    ],
)
def test_a_limit_is_told_from_a_no(status: int, headers: dict[str, str], limited: bool) -> None:
    assert is_limited(status, headers) is limited


def _limited_once(
    status: int, headers: dict[str, str]
) -> Callable[[httpx.Request], httpx.Response]:
    answers = iter([httpx.Response(status, headers=headers), httpx.Response(200, json={"n": 1})])
    return lambda _: next(answers)


@pytest.mark.parametrize(
    ("status", "headers", "told"),
    [
        (429, {"retry-after": "17"}, 17.0),
        (429, {"retry-after": "1.5"}, 1.5),
        (429, {"retry-after": _in(25)}, 25.0),
        (429, {"retry-after": "0"}, 0.0),
        (429, {"retry-after": "-3"}, 0.0),
        (429, {"retry-after": "soon"}, 1.0),
        (429, {}, 1.0),
        (429, {"x-ratelimit-reset": str(int(NOW.timestamp()) + 30)}, 30.0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "12"}, 12.0),
        (
            429,
            {
                "x-ratelimit-requests-remaining": "900",
                "x-ratelimit-requests-reset": str(1000 * int(NOW.timestamp() + 3600)),
                "x-ratelimit-complexity-remaining": "0",
                "x-ratelimit-complexity-reset": str(1000 * int(NOW.timestamp() + 30)),
            },
            30.0,
        ),
        (403, {"retry-after": "60"}, 60.0),
        (503, {"retry-after": "20"}, 20.0),
    ],
)
def test_the_next_try_is_never_earlier_than_told(
    open_door: OpenDoor, naps: list[float], status: int, headers: dict[str, str], told: float
) -> None:
    door = open_door(_limited_once(status, headers))
    assert door.get(URL).json() == {"n": 1}
    assert told <= sum(naps) < told + 1.01


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_wait_longer_than_the_run_ends_it_at_once(
    open_door: OpenDoor, naps: list[float], status: int
) -> None:
    door = open_door(lambda _: httpx.Response(status, headers={"retry-after": "601"}))
    with pytest.raises(RateLimited) as caught:
        door.get(URL)
    assert caught.value.wait == 601.0
    assert (door.requests, naps) == (1, [])


def test_a_limited_write_says_how_long_and_is_not_sent_again(
    open_door: OpenDoor, naps: list[float]
) -> None:
    door = open_door(lambda _: httpx.Response(429, headers={"retry-after": "5"}))
    with pytest.raises(RateLimited) as caught:
        door.post(URL, json={})
    assert (caught.value.wait, door.requests, naps) == (5.0, 1, [])


def test_retry_after_on_a_good_answer_delays_the_next_request(
    open_door: OpenDoor, naps: list[float]
) -> None:
    door = open_door(lambda _: httpx.Response(200, json={}, headers={"retry-after": "8"}))
    door.get(URL)
    assert naps == []
    door.get(URL)
    assert naps == [8.0]


def test_after_a_long_wait_on_a_good_answer_the_next_request_is_not_sent(
    open_door: OpenDoor, naps: list[float]
) -> None:
    door = open_door(lambda _: httpx.Response(200, json={}, headers={"retry-after": "3600"}))
    door.get(URL)
    with pytest.raises(RateLimited) as caught:
        door.get(URL)
    assert (caught.value.wait, door.requests, naps) == (3600.0, 1, [])
