"""Jira on a bad day: it drips, resets, garbles and storms with 429. No wrong number comes of it.

Waits are measured on a clock that the test moves; what must really be cut off is cut in seconds.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from okrsync.errors import BadAnswer, OutsideError, RateLimited, Unreachable
from okrsync.http import Deadline, Door
from okrsync.model import Measurement
from okrsync.testing import FakeToolbox
from okrsync_jira import SOURCE
from tests.standins.jira import Jira, Reply, Request, said, serving
from tests.unit.jira.asking import NOW, ask, settings_for

pytestmark = pytest.mark.network

Behaviour = Callable[[socket.socket, bytes], None]
Serve = Callable[..., tuple[str, list[bytes]]]
COUNT = b'{"count": 12345}'


class Waiting:
    """A clock that moves only when somebody sleeps; ``slept`` are the sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds

    def clock(self) -> datetime:
        return NOW + timedelta(seconds=self.now)


class Lent(FakeToolbox):
    """A toolbox whose doors have a deadline and a sleep of the test's own."""

    deadline: Callable[[], Deadline]
    sleep: Callable[[float], None]

    def http(self, **settings: Any) -> Door:
        door = Door(clock=self.clock, deadline=self.deadline(), sleep=self.sleep, **settings)
        return self._doors.enter_context(door)


def lent(site: str, waiting: Waiting | None = None, *, seconds: float = 600.0) -> Lent:
    toolbox = Lent(Path("/nowhere"), name="jira", secrets={"JIRA_TOKEN": Jira().token})
    toolbox.remember(f"deployment of {site}", "cloud")
    if waiting is None:
        toolbox.deadline, toolbox.sleep = lambda: Deadline(seconds), lambda _: None
    else:
        toolbox.clock = waiting.clock
        toolbox.deadline = lambda: Deadline(seconds, waiting.monotonic)
        toolbox.sleep = waiting.sleep
    return toolbox


def measured(
    site: str, toolbox: Lent, *jqls: str, at_once: int = 4
) -> list[Measurement | OutsideError]:
    settings = settings_for(Jira(), site=site, at_once=at_once)
    with toolbox, SOURCE.open(settings, toolbox) as source:
        return list(source.measure([ask(jql) for jql in jqls]))


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = "\r\n".join(
        [
            f"HTTP/1.1 {status}",
            "Content-Type: application/json",
            *headers,
            f"Content-Length: {len(body)}",
        ]
    )
    return head.encode() + b"\r\n\r\n" + body


# What breaks on the wire


def _reset(connection: socket.socket, _: bytes) -> None:
    connection.sendall(answer(COUNT)[:-6])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _bad_chunk(connection: socket.socket, _: bytes) -> None:
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    connection.sendall(head + b'9\r\n{"count":\r\nZZ\r\n12}\r\n0\r\n\r\n')


def _cut(connection: socket.socket, _: bytes) -> None:
    connection.sendall(answer(COUNT)[:-4])
    connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("behaviour", [_reset, _bad_chunk, _cut])
def test_what_breaks_on_the_wire_is_no_value(serve: Serve, behaviour: Behaviour) -> None:
    site, requests = serve(behaviour)
    [error] = measured(site, lent(site), "project = PLAT")
    assert isinstance(error, Unreachable | BadAnswer)
    assert len(requests) == 4  # a question may be asked again


def test_a_count_that_drips_ends_with_the_run(serve: Serve) -> None:
    def drip(connection: socket.socket, _: bytes) -> None:
        for byte in answer(COUNT):
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    site, _ = serve(drip)
    begun = time.monotonic()
    [error] = measured(site, lent(site, seconds=1.0), "project = PLAT")
    assert isinstance(error, OutsideError)
    assert time.monotonic() - begun < 5.0  # the whole answer would have taken 6 s


def test_one_break_and_then_an_answer_is_a_value(serve: Serve) -> None:
    seen: list[bytes] = []

    def behave(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        (_reset if len(seen) == 1 else _good)(connection, request)

    site, _ = serve(behave)
    [found] = measured(site, lent(site), "project = PLAT")
    assert isinstance(found, Measurement)
    assert found.value == 12345


def _good(connection: socket.socket, _: bytes) -> None:
    connection.sendall(answer(COUNT))


# 429 in every form


def _in(seconds: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


FORMS: dict[str, tuple[list[str], float]] = {
    "whole seconds": (["Retry-After: 7"], 7.0),
    "a fraction": (["Retry-After: 1.5"], 1.5),
    "a date": ([f"Retry-After: {_in(9)}", f"Date: {_in(0)}"], 9.0),
    "zero": (["Retry-After: 0"], 0.0),
    "negative": (["Retry-After: -5"], 0.0),
    "missing": ([], 0.0),
    "nonsense": (["Retry-After: soon"], 0.0),
    "an ISO moment": (
        [
            "X-RateLimit-Remaining: 0",
            f"X-Beta-RateLimit-Reset: {(NOW + timedelta(seconds=20)):%Y-%m-%dT%H:%M:%SZ}",
            f"Date: {_in(0)}",
        ],
        20.0,
    ),
    "a token bucket": (["X-RateLimit-Remaining: 0", "X-RateLimit-Interval-Seconds: 11"], 11.0),
}


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize("form", FORMS)
def test_never_asked_again_earlier_than_told(serve: Serve, form: str, status: str) -> None:
    headers, told = FORMS[form]
    # 503 is trouble and not a limit: there only Retry-After has a say.
    told = told if status.startswith("429") or "Retry-After" in "".join(headers) else 0.0
    waiting = Waiting()
    times: list[float] = []

    def behave(connection: socket.socket, request: bytes) -> None:
        times.append(waiting.now)
        if len(times) == 1:
            connection.sendall(answer(b"{}", *headers, status=status))
        else:
            _good(connection, request)

    site, _ = serve(behave)
    [found] = measured(site, lent(site, waiting), "project = PLAT")
    assert isinstance(found, Measurement)
    assert times[1] - times[0] >= told


@pytest.mark.parametrize("at_once", [1, 8])
def test_in_a_storm_nobody_comes_early_and_answers_stay_right(serve: Serve, at_once: int) -> None:
    """Every third request is turned away, each time with another form of "wait"."""
    waiting, lock = Waiting(), threading.Lock()
    numbers, forms = iter(range(10_000)), list(FORMS.values())
    until, early = [0.0], list[int]()

    def behave(connection: socket.socket, _: bytes) -> None:
        with lock:
            number = next(numbers)
            if waiting.now < until[0]:
                early.append(number)
            headers, told = forms[number // 3 % len(forms)]
            turned_away = number % 3 == 0
            if turned_away:
                until[0] = waiting.now + told
        status = "429 Too Many Requests" if turned_away else "200 OK"
        connection.sendall(answer(COUNT, *(headers if turned_away else ()), status=status))

    site, _ = serve(behave)
    jqls = [f"project = P{number}" for number in range(60)]
    found = measured(site, lent(site, waiting, seconds=100_000), *jqls, at_once=at_once)
    values = {one.value for one in found if isinstance(one, Measurement)}
    assert values == {12345}
    assert all(isinstance(one, Measurement | RateLimited) for one in found)
    if at_once == 1:  # with more, some are on their way already when the first is told
        assert early == []
        assert all(isinstance(one, Measurement) for one in found)


def test_told_to_wait_longer_than_the_run_ends_the_sources_run_at_once(serve: Serve) -> None:
    site, requests = serve(
        lambda connection, _: connection.sendall(
            answer(b"{}", "Retry-After: 3600", status="429 Too Many Requests")
        )
    )
    waiting = Waiting()
    jqls = [f"project = P{number}" for number in range(20)]
    found = measured(site, lent(site, waiting, seconds=60.0), *jqls)
    assert all(isinstance(one, RateLimited) for one in found)
    assert sum(waiting.slept) <= 60.0
    assert len(requests) <= 4  # those that were on their way when the first was told


# Threads


@contextmanager
def switching_all_the_time() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def test_two_thousand_concurrent_counts_each_belong_to_their_own_query() -> None:
    jira = Jira()

    def own_number(request: Request) -> Reply | None:
        number = int(request.body["jql"].removeprefix("project = P"))
        return said(200, {"count": number})

    jira.faults.append(own_number)
    with serving(jira) as site, switching_all_the_time():
        jqls = [f"project = P{number}" for number in range(1, 2_001)]
        found = measured(site, lent(site, seconds=300.0), *jqls, at_once=32)
    values = [one.value for one in found if isinstance(one, Measurement)]
    assert values == list(range(1, 2_001))
    # A connection that breaks under such switching is asked again; a question is never left out.
    assert {request.body["jql"] for request in jira.requests} == set(jqls)


def test_a_body_that_is_no_json_is_no_value(serve: Serve) -> None:
    for body in (b"", b"null", json.dumps("12").encode(), b'{"count": NaN}', b"{" * 5_000):
        site, _ = serve(lambda connection, _, body=body: connection.sendall(answer(body)))
        [error] = measured(site, lent(site), "project = PLAT")
        assert isinstance(error, BadAnswer)
