from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from okrsync.errors import (
    BadAnswer,
    LeaseLost,
    OkrsyncError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SignInRefused,
    Unreachable,
)
from okrsync.http import Door

OpenDoor = Callable[..., Door]
URL = "https://acme.example/x"


class Failing:
    """Fails each time in the same way, and counts."""

    def __init__(self, failure: int | type[Exception]) -> None:
        self.failure = failure
        self.asked = 0

    def __call__(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        if isinstance(self.failure, int):
            return httpx.Response(self.failure, json={})
        raise self.failure("no")


REPEATED = [408, 425, 429, 500, 502, 503, 504, 599]
NOT_REPEATED = [400, 401, 403, 404, 409, 410, 422, 501, 505]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "safe POST"])
@pytest.mark.parametrize("failure", [*REPEATED, httpx.ReadError, httpx.ReadTimeout])
def test_guarantee_17_what_is_safe_is_asked_four_times_at_most(
    open_door: OpenDoor, naps: list[float], method: str, failure: int | type[Exception]
) -> None:
    other = Failing(failure)
    safe = True if method == "safe POST" else None
    with pytest.raises((Unreachable, RateLimited)) as caught:
        open_door(other).request(method.rpartition(" ")[2], URL, safe=safe)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert other.asked == 4
    assert sum(naps) < 30


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "unsafe GET"])
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (408, OutcomeUnknown),
        (425, Unreachable),
        (429, RateLimited),
        (500, OutcomeUnknown),
        (502, OutcomeUnknown),
        (503, OutcomeUnknown),
        (504, OutcomeUnknown),
        (httpx.ReadError, OutcomeUnknown),
        (httpx.ReadTimeout, OutcomeUnknown),
        (httpx.WriteError, OutcomeUnknown),
        (httpx.RemoteProtocolError, OutcomeUnknown),
    ],
)
def test_guarantee_17_a_write_is_never_sent_twice(
    open_door: OpenDoor,
    naps: list[float],
    method: str,
    failure: int | type[Exception],
    error: type[OkrsyncError],
) -> None:
    other = Failing(failure)
    safe = False if method == "unsafe GET" else None
    with pytest.raises(error) as caught:
        open_door(other).request(method.rpartition(" ")[2], URL, safe=safe)
    assert type(caught.value) is error
    assert other.asked == 1
    assert not naps


def test_the_lease_is_asked_for_after_the_wait_and_a_lost_one_keeps_the_write_here(
    open_door: OpenDoor, naps: list[float]
) -> None:
    """A run that waited for its turn may have lost it meanwhile; reading needs none."""

    def look_at_the_lease() -> None:
        if naps:
            raise LeaseLost("it has ended")

    other = Failing(200)
    door = open_door(other, before_write=look_at_the_lease, per_second=1)
    door.post(URL)
    with pytest.raises(LeaseLost):
        door.post(URL)
    assert (other.asked, len(naps)) == (1, 1)
    door.get(URL)
    assert other.asked == 2


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("status", NOT_REPEATED)
def test_guarantee_17_a_clear_no_is_not_asked_again(
    open_door: OpenDoor, method: str, status: int
) -> None:
    other = Failing(status)
    with pytest.raises((Refused, SignInRefused, Unreachable)):
        open_door(other).request(method, URL)
    assert other.asked == 1


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError])
def test_guarantee_17_what_never_left_is_tried_again_also_for_a_write(
    open_door: OpenDoor, method: str, failure: type[Exception]
) -> None:
    other = Failing(failure)
    with pytest.raises(Unreachable) as caught:
        open_door(other).request(method, URL)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert other.asked == 4


def test_guarantee_17_waits_grow_and_differ(open_door: OpenDoor, naps: list[float]) -> None:
    for _ in range(20):
        with pytest.raises(Unreachable):
            open_door(Failing(502), seconds=10_000).get(URL)
    firsts, lasts = naps[::3], naps[2::3]
    assert all(0.5 <= nap <= 1.0 for nap in firsts)
    assert all(2.0 <= nap <= 2.5 for nap in lasts)
    assert len(set(firsts)) > 1


def test_no_try_is_made_for_which_no_time_is_left(open_door: OpenDoor, naps: list[float]) -> None:
    other = Failing(502)
    with pytest.raises(Unreachable):
        open_door(other, seconds=0.4).get(URL)
    assert (other.asked, naps) == (1, [])


def test_a_run_whose_time_is_over_asks_nothing(open_door: OpenDoor, naps: list[float]) -> None:
    other = Failing(200)
    door = open_door(other, seconds=5)
    naps.append(5.0)
    with pytest.raises(Unreachable):
        door.get(URL)
    assert other.asked == 0


def test_a_passing_failure_is_not_seen(open_door: OpenDoor) -> None:
    answers = iter([httpx.Response(502), httpx.Response(503), httpx.Response(200, json={"n": 1})])
    assert open_door(lambda _: next(answers)).get(URL).json() == {"n": 1}


@pytest.mark.parametrize(
    "failure", [401, 403, 404, 429, 500, httpx.ReadTimeout, httpx.ConnectTimeout, "bad json"]
)
def test_guarantee_14_a_failing_request_leaves_the_door_open_for_the_others(
    open_door: OpenDoor, failure: int | type[Exception] | str
) -> None:
    broken = Failing(failure) if not isinstance(failure, str) else None

    def other(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/broken":
            return httpx.Response(200, json={"n": request.url.path})
        return broken(request) if broken else httpx.Response(200, text="{")

    door = open_door(other)
    got = [door.get(f"https://acme.example/{n}").json()["n"] for n in range(10)]
    with pytest.raises((Unreachable, Refused, SignInRefused, RateLimited, BadAnswer)):
        door.get("https://acme.example/broken")
    got += [door.get(f"https://acme.example/{n}").json()["n"] for n in range(10, 19)]
    assert got == [f"/{n}" for n in range(19)]
