"""Servers of raw bytes on the loopback address: what a real one would never do, they do."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from okrsync.http import Deadline, Door

Behaviour = Callable[[socket.socket, bytes], None]


def _request(connection: socket.socket) -> bytes:
    """One whole request, head and body; empty when the other side has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65_536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += connection.recv(65_536)
    return data


class Server:
    """Listens on a free port; each request of each connection is handed to ``behaviour``."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None) -> None:
        self.requests: list[bytes] = []
        self._behaviour = behaviour
        self._tls = tls
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(timeout=2)

    def _start(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                self._start(self._serve, self._listener.accept()[0])

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        self._open.append(connection)
        with suppress(OSError), connection:
            if self._tls is None:
                self._converse(connection)
            else:
                with self._tls.wrap_socket(connection, server_side=True) as secured:
                    self._open.append(secured)
                    self._converse(secured)

    def _converse(self, connection: socket.socket) -> None:
        while request := _request(connection):
            self.requests.append(request)
            self._behaviour(connection, request)


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[str, list[bytes]]]]:
    """``serve(behaviour, tls=None)`` gives the address and the growing list of requests."""
    servers: list[Server] = []

    def started(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> tuple[str, list[bytes]]:
        server = Server(behaviour, tls)
        servers.append(server)
        scheme = "https" if tls else "http"
        return f"{scheme}://127.0.0.1:{server.port}", server.requests

    yield started
    for server in servers:
        server.close()


@pytest.fixture
def open_door() -> Iterator[Callable[..., Door]]:
    """A door with the real clock and the real sockets; between tries it does not sleep."""
    doors: list[Door] = []

    def opened(*, seconds: float = 20.0, **settings: Any) -> Door:
        settings = {"sleep": lambda _: None} | settings
        door = Door(clock=lambda: datetime.now(UTC), deadline=Deadline(seconds), **settings)
        doors.append(door)
        return door

    yield opened
    for door in doors:
        door.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def certified(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """``certified("127.0.0.1", ...)`` is a server's side with a certificate for those names."""

    def context(*names: str, by: trustme.CA = authority, **settings: Any) -> ssl.SSLContext:
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        by.issue_cert(*names, **settings).configure_cert(server)
        return server

    return context


@pytest.fixture
def drip() -> Callable[[socket.socket, bytes], None]:
    """Sends one byte every 10 ms."""

    def send(connection: socket.socket, data: bytes) -> None:
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(0.01)

    return send
