"""A local HTTP server that counts its requests and refuses them beyond its limits."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
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


@contextmanager
def serving(stand_in: StandIn) -> Iterator[StandIn]:
    """The stand-in behind a port of its own on the loopback address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._serve(None)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            self._serve(json.loads(raw))

        def do_PUT(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

        def _serve(self, body: Any) -> None:
            parts = urlsplit(self.path)
            params = dict(parse_qsl(parts.query))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = stand_in.answer(Asked(self.command, parts.path, params, headers, body))
            if reply.status == CUT:
                self.close_connection = True
                return
            written = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
            self.send_response(reply.status)
            sent = {"content-type": "application/json", **reply.headers}
            for name, value in {**sent, "content-length": str(len(written.encode()))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(written.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
