from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.errors import RateLimited, Unreachable
from okrsync.http import Deadline, Door
from okrsync.http.budget import Budget

OpenDoor = Callable[..., Door]


def _budget(naps: list[float], **settings: float | None) -> tuple[Budget, Deadline]:
    def now() -> float:
        return sum(naps)

    return Budget(monotonic=now, sleep=naps.append, **settings), Deadline(600, now)  # type: ignore[arg-type]


@given(
    rate=st.integers(1, 20),
    burst=st.integers(1, 5),
    pauses=st.lists(st.floats(0, 3), min_size=1, max_size=30),
)
def test_no_stretch_of_time_holds_more_than_rate_and_burst(
    rate: int, burst: int, pauses: list[float]
) -> None:
    naps: list[float] = []
    budget, deadline = _budget(naps, per_second=rate, burst=burst)
    sent: list[float] = []
    for pause in pauses:
        naps.append(pause)
        with budget.slot(deadline):
            sent.append(sum(naps))
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            assert last - first + 1 <= burst + (sent[last] - sent[first]) * rate + 1e-6


def test_no_limit_means_no_waiting() -> None:
    naps: list[float] = []
    budget, deadline = _budget(naps)
    for _ in range(100):
        with budget.slot(deadline):
            pass
    assert naps == []


def test_everybody_is_held_back_when_one_is_told_to_wait() -> None:
    naps: list[float] = []
    budget, deadline = _budget(naps)
    budget.hold(30)
    budget.hold(5)
    with budget.slot(deadline):
        assert sum(naps) == 30


def test_who_slept_looks_again_before_sending() -> None:
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 1:
            budget.hold(7)

    budget = Budget(per_second=1, monotonic=lambda: sum(naps), sleep=sleep)
    deadline = Deadline(600, lambda: sum(naps))
    for _ in range(2):
        with budget.slot(deadline):
            pass
    assert naps == [1.0, 7.0]


def test_a_turn_after_the_deadline_is_refused_at_once_and_costs_nothing() -> None:
    naps: list[float] = []
    budget, _ = _budget(naps, per_second=0.1)
    short = Deadline(5, lambda: sum(naps))
    with budget.slot(short):
        pass
    for _ in range(2):
        with pytest.raises(RateLimited) as caught, budget.slot(short):
            pass
        assert caught.value.wait == 10.0
    assert naps == []


def test_a_full_account_is_waited_for_no_longer_than_the_deadline() -> None:
    budget = Budget(in_flight=2)
    with ExitStack() as both:
        for _ in range(2):
            both.enter_context(budget.slot(Deadline(60)))
        with pytest.raises(RateLimited), budget.slot(Deadline(0.05)):
            pass
    with budget.slot(Deadline(60)):
        pass


def test_threads_never_have_more_open_than_allowed(open_door: OpenDoor) -> None:
    lock = threading.Lock()
    together = threading.Barrier(3)
    now_open, most = 0, 0

    def other(request: httpx.Request) -> httpx.Response:
        nonlocal now_open, most
        with lock:
            now_open += 1
            most = max(most, now_open)
        together.wait(timeout=30)  # all three places are taken before one is given back
        with lock:
            now_open -= 1
        return httpx.Response(200, json={"n": int(request.url.params["n"])})

    door = open_door(other, in_flight=3)
    with ThreadPoolExecutor(12) as pool:
        got = list(pool.map(lambda n: door.get(f"https://a.example/?n={n}").json()["n"], range(60)))
    assert got == list(range(60))
    assert most == 3
    assert door.requests == 60


def test_a_deadline_inside_another_never_outlives_it() -> None:
    now = [0.0]
    run = Deadline(10, lambda: now[0])
    request = run.within(30)
    assert (run.within(3).remaining(), request.remaining()) == (3, 10)
    now[0] = 10
    assert request.remaining() == 0
    with pytest.raises(Unreachable):
        request.check()


def test_a_door_of_its_own_pace_lets_a_burst_through_and_spaces_the_rest(
    open_door: OpenDoor, naps: list[float]
) -> None:
    with open_door(
        lambda _: httpx.Response(200, json={}), per_second=2, burst=3, base_url="https://a.example"
    ) as door:
        for _ in range(5):
            door.get("x")
    assert [nap for nap in naps if nap] == [0.5, 0.5]
