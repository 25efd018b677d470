"""Sockets that end on time and reach only what the guard lets through."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from okrsync.errors import Refused
from okrsync.http.deadline import Deadline
from okrsync.http.guard import Network, not_loopback, refusal
from okrsync.http.trust import trusted, usable_proxy

Resolver = Callable[[str, int], Sequence[str]]
Judge = Callable[[str], str]
_Options = Iterable[
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
]

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 30.0
_LONGEST_PIECE = 65_536

# The pool runs a request in its caller's thread, and a stream outlives the request it was opened
# for: so each read and write asks what its own caller has left.
_CURRENT: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def ending_by(deadline: Deadline) -> Iterator[None]:
    """Within the block, everything this thread does on a socket ends by ``deadline``."""
    token = _CURRENT.set(deadline)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def resolve(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class PoolTransport(httpx.BaseTransport):
    """One pool for https, direct or through a proxy, and one for http on this machine."""

    def __init__(
        self,
        *,
        network: Network = "own",
        ca_file: str | None = None,
        proxy: str | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        self._network = network
        self._ca_file = ca_file
        self._proxy = usable_proxy(proxy)
        self._resolver = resolver
        self._lock = threading.Lock()
        self._pools: dict[str, httpcore.ConnectionPool] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._pool(request.url.scheme).handle_request(_for_pool(request))
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def _pool(self, scheme: str) -> httpcore.ConnectionPool:
        with self._lock:
            if scheme not in self._pools:
                self._pools[scheme] = self._opened(scheme)
            return self._pools[scheme]

    def _opened(self, scheme: str) -> httpcore.ConnectionPool:
        if scheme == "http":
            judge: Judge = self._judge if self._network == "shared" else not_loopback
            return httpcore.ConnectionPool(
                network_backend=_Backend(judge, self._resolver), keepalive_expiry=5.0
            )
        # A proxy is the operator's own choice, at any address; what it is asked for is checked by
        # name before, see ``Door``.
        judge = _anything if self._proxy else self._judge
        return httpcore.ConnectionPool(
            ssl_context=trusted(self._ca_file),
            proxy=self._proxy,
            max_connections=64,
            keepalive_expiry=5.0,
            network_backend=_Backend(judge, self._resolver),
        )

    def _judge(self, address: str) -> str:
        return refusal(address, self._network)


def _for_pool(request: httpx.Request) -> httpcore.Request:
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        ),
        headers=request.headers.raw,
        content=request.read(),
        extensions={
            "timeout": {
                "connect": CONNECT_SECONDS,
                "read": SILENCE_SECONDS,
                "write": SILENCE_SECONDS,
                "pool": _left(None, httpcore.PoolTimeout),
            }
        },
    )


class _Body(httpx.SyncByteStream):
    """The body, and the check that nothing follows it.

    A length announced too short is a common slip (characters counted instead of bytes): the body
    would look whole, and the rest would be taken for the next answer.
    """

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer
        self._names = {name.lower() for name, _ in answer.headers}

    def __iter__(self) -> Iterator[bytes]:
        last = b""
        for chunk in self._answer.iter_stream():
            last = chunk
            yield chunk
        stream = self._answer.extensions.get("network_stream")
        if isinstance(stream, _Stream) and not stream.ends_with(self._end(last)):
            stream.close()
            raise httpcore.RemoteProtocolError

    def close(self) -> None:
        self._answer.close()

    def _end(self, last: bytes) -> bytes:
        """What the bytes from the network end with when nothing follows this answer."""
        if b"transfer-encoding" in self._names:
            return b"\n"
        if b"content-length" in self._names:
            return last or b"\n"
        return b""


class _Backend(httpcore.NetworkBackend):
    """Resolves once, judges every address found, and connects to those very addresses."""

    def __init__(self, judge: Judge, resolver: Resolver) -> None:
        self._judge = judge
        self._resolver = resolver
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _Options | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._resolved(host, port, timeout)
        for address in addresses:
            self._check(host, address)
        last: Exception = httpcore.ConnectError()
        for tried, address in enumerate(addresses):
            share = _left(timeout, httpcore.ConnectTimeout) / (len(addresses) - tried)
            try:
                return _Stream(
                    self._plain.connect_tcp(address, port, share, local_address, socket_options)
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as problem:
                last = problem
        raise last

    def _check(self, host: str, address: str) -> None:
        reason = self._judge(address)
        if reason:
            raise Refused(
                f"{host} is {reason}: okrsync does not connect there",
                next_step="check the host in the settings",
            )

    def _resolved(self, host: str, port: int, timeout: float | None) -> Sequence[str]:
        """The name service has no time limit of its own: it is left behind when it is late."""
        found: queue.SimpleQueue[Sequence[str]] = queue.SimpleQueue()

        def ask() -> None:
            try:
                found.put(self._resolver(host, port))
            except (OSError, UnicodeError):
                found.put([])

        threading.Thread(target=ask, daemon=True, name="okrsync-resolve").start()
        try:
            addresses = found.get(timeout=_left(timeout, httpcore.ConnectTimeout))
        except queue.Empty:
            raise httpcore.ConnectTimeout from None
        if not addresses:
            raise httpcore.ConnectError
        return addresses


class _Stream(httpcore.NetworkStream):
    """A stream on which every single read and write is limited by what its caller has left."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self._tail = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._tail = self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))
        return self._tail

    def ends_with(self, end: bytes) -> bool:
        """True when the last read ended so, as far as it reached back."""
        return self._tail.endswith(end) or end.endswith(self._tail)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        connection: socket.socket = self._inner.get_extra_info("socket")
        rest = memoryview(buffer)
        try:
            while rest:
                connection.settimeout(_left(timeout, httpcore.WriteTimeout))
                rest = rest[connection.send(rest[:_LONGEST_PIECE]) :]
        except TimeoutError:
            raise httpcore.WriteTimeout from None
        except OSError:
            raise httpcore.WriteError from None

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        # Python counts a handshake's time as a whole, not per read.
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(timeout: float | None, late: type[Exception]) -> float:
    deadline = _CURRENT.get()
    left = SILENCE_SECONDS if deadline is None else deadline.remaining()
    if left <= 0:
        raise late
    return left if timeout is None else min(left, timeout)


def _anything(_: str) -> str:
    return ""
