"""A local HTTP server that counts its requests and refuses them beyond its limits."""

from __future__ import annotations

import json
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
    """One request; ``params`` are the query's, the last one of a name."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None


@dataclass
class Reply:
    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Limit:
    """At most ``most`` in any ``seconds``, as a window that slides."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float]) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._times: deque[float] = deque()

    def passed(self) -> bool:
        """Whether one more is too many; one that is refused does not count."""
        now = self._clock()
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        if len(self._times) >= self._most:
            return True
        self._times.append(now)
        return False


class StandIn:
    """``respond`` answers; ``twist`` may change an answer on its way out, to test what happens."""

    def __init__(
        self,
        respond: Callable[[Asked], Reply],
        *,
        latency: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
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
            raw = self.rfile.read(int(headers.get("content-length", 0)))
            answered = answer(Arrived(self.command, parts.path, parts.query, headers, raw))
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
        body = json.loads(came.raw) if came.method != "GET" else None
        params = dict(parse_qsl(came.query))
        reply = stand_in.answer(Asked(came.method, came.path, params, came.headers, body))
        if reply.status == CUT:
            return None
        written = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        headers = {"content-type": "application/json", **reply.headers}
        return Wire(reply.status, headers, written.encode())

    with on_loopback(answer) as stand_in.url:
        yield stand_in
