"""A local HTTP server that counts its requests and refuses them beyond its limits."""

from __future__ import annotations

import json
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

CUT = 0
"""The status of a reply that never comes: the connection is cut instead."""


@dataclass(frozen=True)
class Asked:
    """One request; ``params`` are the query's, the last one of a name. ``body`` is what ``raw``
    says, JSON or a form; None where there is none."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None
    query: str = ""
    raw: bytes = b""


@dataclass
class Reply:
    """``body`` is sent as it is where it is text, and as JSON otherwise."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Limit:
    """At most ``most`` in any ``seconds``, as a window that slides; ``refused_count`` says whether
    those that are refused count, too."""

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float], *, refused_count: bool = False
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._refused_count = refused_count
        self._times: deque[float] = deque()

    def wait(self) -> int:
        """0 for a request that may pass, else the seconds that it is told to wait."""
        now = self._clock()
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        passes = len(self._times) < self._most
        if passes or self._refused_count:
            self._times.append(now)
        return 0 if passes else math.ceil(self._times[-self._most] + self._seconds - now)


class StandIn:
    """``respond`` answers, and is never called twice at once; ``twist`` may change an answer on its
    way out, to test what happens. ``clock`` dates the answers."""

    def __init__(
        self,
        respond: Callable[[Asked], Reply],
        *,
        latency: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.clock = clock
        self._respond = respond
        self._latency = latency
        self._sleep = sleep
        self._lock = threading.Lock()
        self.asked: list[Asked] = []
        self.statuses: list[int] = []
        self.twist: Callable[[Asked, Reply], Reply] | None = None
        self.url = ""

    def answer(self, asked: Asked) -> Reply:
        if self._latency:
            self._sleep(self._latency)
        with self._lock:
            self.asked.append(asked)
            reply = self._respond(asked)
            if self.twist is not None:
                reply = self.twist(asked, reply)
            self.statuses.append(reply.status)
        return reply


@dataclass(frozen=True)
class Arrived:
    """One request as it came."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    raw: bytes


@dataclass(frozen=True)
class Wire:
    """An answer as it leaves."""

    status: int
    headers: Mapping[str, str]
    raw: bytes


@contextmanager
def on_loopback(
    answer: Callable[[Arrived], Wire | None], clock: Callable[[], float] = time.time
) -> Iterator[str]:
    """Answer behind a port of its own on the loopback address, whose URL this is; None cuts the
    connection. ``clock`` dates the answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            pass

        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate(clock() if timestamp is None else timestamp, usegmt=True)

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            length = int(headers.get("content-length", 0))
            raw = self.rfile.read(length)
            whole = len(raw) == length  # its sender may have been killed in the middle
            arrived = Arrived(self.command, parts.path, parts.query, headers, raw)
            answered = answer(arrived) if whole else None
            if answered is None:
                self.close_connection = True
                return
            self.send_response(answered.status)
            for name, value in answered.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answered.raw)))
            self.end_headers()
            self.wfile.write(answered.raw)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving(stand_in: StandIn) -> Iterator[StandIn]:
    """The stand-in behind a port of its own."""

    def answer(came: Arrived) -> Wire | None:
        params = dict(parse_qsl(came.query, keep_blank_values=True))
        reply = stand_in.answer(
            Asked(came.method, came.path, params, came.headers, _body(came), came.query, came.raw)
        )
        if reply.status == CUT:
            return None
        text = isinstance(reply.body, str)
        kind = "text/html" if text else "application/json"
        written = reply.body if text else json.dumps(reply.body)
        return Wire(reply.status, {"content-type": kind, **reply.headers}, written.encode())

    with on_loopback(answer, stand_in.clock) as stand_in.url:
        yield stand_in


def _body(came: Arrived) -> Any:
    if not came.raw:
        return None
    if came.headers.get("content-type") == "application/x-www-form-urlencoded":
        return dict(parse_qsl(came.raw.decode()))
    return json.loads(came.raw)
