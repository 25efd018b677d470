"""The door against servers that break off, lie, drip, flood and misspell."""

from __future__ import annotations

import gzip
import io
import socket
import ssl
import struct
import sys
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from okrsync.errors import BadAnswer, OutcomeUnknown, RateLimited, Unreachable
from okrsync.http import Door, ping

pytestmark = pytest.mark.network

Behaviour = Callable[[socket.socket, bytes], None]
OpenDoor = Callable[..., Door]
Serve = Callable[..., tuple[str, list[bytes]]]
Drip = Callable[[socket.socket, bytes], None]


def _answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {length or len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _says(data: bytes) -> Behaviour:
    return lambda connection, _: connection.sendall(data)


def _then_closes(data: bytes) -> Behaviour:
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_RDWR)

    return behave


def _then_resets(data: bytes) -> Behaviour:
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return behave


GOOD = _answer(b'{"count": 12345}')


def test_one_connection_serves_many_requests(open_door: OpenDoor, serve: Serve) -> None:
    url, requests = serve(_says(GOOD))
    door = open_door()
    assert [door.get(url).json()["count"] for _ in range(5)] == [12345] * 5
    assert len(requests) == 5


@pytest.mark.parametrize("cut", range(0, len(GOOD), 7))
@pytest.mark.parametrize("ending", [_then_closes, _then_resets])
def test_an_answer_cut_anywhere_is_never_a_value(
    open_door: OpenDoor, serve: Serve, cut: int, ending: Callable[[bytes], Behaviour]
) -> None:
    url, requests = serve(ending(GOOD[:cut]))
    with pytest.raises((Unreachable, BadAnswer)):
        open_door().get(url)
    assert len(requests) == 4
    with pytest.raises(OutcomeUnknown):
        open_door().post(url, json={"value": 1})
    assert len(requests) == 5


LONG = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"count": 1}'


@pytest.mark.parametrize(
    "data",
    [
        _answer(b'{"count": 1}', length=40),
        _answer(b"12345", length=2),
        _answer(b"a;b\n1;2\nsn\xc3\xb6;3", length=13),
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n12",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n1",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n1",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n12\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n123\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n12\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n12\r\n0\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
    ],
)
def test_a_server_that_breaks_the_rules_gives_no_value(
    open_door: OpenDoor, serve: Serve, data: bytes
) -> None:
    url, _ = serve(_then_closes(data))
    with pytest.raises((Unreachable, BadAnswer)):
        open_door().get(url, expect="text")


def test_what_follows_a_length_too_short_is_not_the_next_answer(
    open_door: OpenDoor, serve: Serve
) -> None:
    url, _ = serve(_says(_answer(b"1") + _answer(b"2")))
    door = open_door()
    for _ in range(2):
        with pytest.raises(BadAnswer):
            door.get(url)


def test_threads_never_get_each_others_answers(open_door: OpenDoor, serve: Serve) -> None:
    def echo(connection: socket.socket, request: bytes) -> None:
        number = request.partition(b"n=")[2].partition(b" ")[0]
        connection.sendall(_answer(b'{"n": ' + number + b"}"))

    url, _ = serve(echo)
    door = open_door(seconds=60)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(16) as pool:
            got = pool.map(lambda n: door.get(url, params={"n": n}).json()["n"], range(500))
            assert list(got) == list(range(500))
    finally:
        sys.setswitchinterval(usual)


def test_a_web_page_is_not_json(open_door: OpenDoor, serve: Serve) -> None:
    url, _ = serve(_says(_answer(b"<html>Sign in</html>", "Content-Type: text/html")))
    with pytest.raises(BadAnswer, match="web page"):
        open_door().get(url)


def test_a_body_without_length_ends_with_the_connection(open_door: OpenDoor, serve: Serve) -> None:
    url, _ = serve(_then_closes(b'HTTP/1.1 200 OK\r\n\r\n{"count": 1}'))
    assert open_door().get(url).json() == {"count": 1}


def test_a_compressed_answer_is_unpacked(open_door: OpenDoor, serve: Serve) -> None:
    url, requests = serve(_says(_answer(gzip.compress(b'{"n": 1}'), "Content-Encoding: gzip")))
    assert open_door().get(url).json() == {"n": 1}
    assert b"accept-encoding: gzip\r\n" in requests[0].lower()


def test_nobody_listening_is_unreachable_also_for_a_write(open_door: OpenDoor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable) as caught:
        open_door().post(f"http://127.0.0.1:{port}/", json={})
    assert not isinstance(caught.value, OutcomeUnknown)


# Each of these would be a good answer after some seconds: only a deadline can keep it from us.
DRIPPED = {
    "status line": b"HTTP/1.1 200 OK" + b" " * 300 + b"\r\nContent-Length: 1\r\n\r\n1",
    "headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 80 + b"Content-Length: 1\r\n\r\n1",
    "body": b"HTTP/1.1 200 OK\r\nContent-Length: 402\r\n\r\n" + b" " * 400 + b"[]",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n1\r\n" * 70
    + b"0\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("part", DRIPPED)
@pytest.mark.parametrize(
    ("run", "request_"), [(0.3, 30.0), (20.0, 0.1)], ids=["run's end", "request's end"]
)
def test_guarantee_15_one_byte_at_a_time_ends_on_time(
    open_door: OpenDoor, serve: Serve, drip: Drip, part: str, run: float, request_: float
) -> None:
    url, requests = serve(lambda connection, _: drip(connection, DRIPPED[part]))
    with pytest.raises(Unreachable):
        open_door(seconds=run, per_request=request_).get(url)
    assert 1 <= len(requests) <= 4


def test_guarantee_15_a_dripped_download_ends_on_time(
    open_door: OpenDoor, serve: Serve, drip: Drip
) -> None:
    url, _ = serve(lambda connection, _: drip(connection, DRIPPED["body"]))
    to = io.BytesIO()
    with pytest.raises(Unreachable):
        open_door(seconds=0.6).download(url, to, max_bytes=1000)
    assert 0 < len(to.getvalue()) < 402


def test_guarantee_15_silence_ends_on_time(open_door: OpenDoor, serve: Serve) -> None:
    quiet = threading.Event()

    def behave(_: socket.socket, __: bytes) -> None:
        quiet.wait(5)

    url, _ = serve(behave)
    with pytest.raises(OutcomeUnknown):
        open_door(seconds=0.2).post(url, json={})
    quiet.set()


def test_guarantee_15_a_handshake_without_end_ends_on_time(open_door: OpenDoor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unreachable):
        open_door(seconds=0.2).get(f"https://127.0.0.1:{silent.getsockname()[1]}/")


def test_guarantee_15_a_server_that_does_not_read_ends_on_time(open_door: OpenDoor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with pytest.raises(OutcomeUnknown):
            open_door(seconds=0.3).post(url, content=bytes(50_000_000))


def test_guarantee_15_a_name_service_that_hangs_ends_on_time(open_door: OpenDoor) -> None:
    hanging = threading.Event()

    def resolver(host: str, port: int) -> list[str]:
        hanging.wait(10)
        return ["127.0.0.1"]

    with pytest.raises(Unreachable):
        open_door(seconds=0.2, resolver=resolver).get("https://slow-name.example/")
    hanging.set()


def _bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()


def test_guarantee_18_a_gzip_bomb_is_a_bad_answer(open_door: OpenDoor, serve: Serve) -> None:
    url, _ = serve(_says(_answer(_bomb(), "Content-Encoding: gzip")))
    with pytest.raises(BadAnswer, match="larger than"):
        open_door().get(url)


def test_guarantee_18_an_endless_body_is_a_bad_answer(open_door: OpenDoor, serve: Serve) -> None:
    def flood(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"ffff\r\n" + bytes(0xFFFF) + b"\r\n")

    url, requests = serve(flood)
    with pytest.raises(BadAnswer, match="larger than"):
        open_door(max_body=1_000_000).get(url, expect="bytes")
    assert len(requests) == 1


LATER = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize(
    "header",
    ["Retry-After: 3600", "Retry-After: 3600.5", f"Retry-After: {LATER}"],
    ids=["seconds", "with a fraction", "a date"],  # the same in every process that collects
)
def test_a_wait_beyond_the_run_ends_it_at_once(
    open_door: OpenDoor, serve: Serve, status: str, header: str
) -> None:
    url, requests = serve(_says(_answer(b"", header, status=status)))
    with pytest.raises(RateLimited) as caught:
        open_door().get(url)
    assert caught.value.wait is not None
    assert caught.value.wait >= 3600
    assert len(requests) == 1


@pytest.mark.parametrize(
    "header", ["Retry-After: 0", "Retry-After: -1", "Retry-After: soon", "X: y"]
)
def test_a_wait_that_says_nothing_is_tried_again(
    open_door: OpenDoor, serve: Serve, header: str
) -> None:
    answers = iter([_answer(b"", header, status="503 Service Unavailable"), GOOD])
    url, _ = serve(lambda connection, _: connection.sendall(next(answers)))
    assert open_door().get(url).json() == {"count": 12345}


def test_an_own_machine_that_is_a_proxy_is_asked_for_tls_only(
    open_door: OpenDoor, serve: Serve, certified: Callable[..., ssl.SSLContext], ca_file: str
) -> None:
    target, _ = serve(_says(GOOD), certified("localhost"))
    port = int(target.rpartition(":")[2])

    def tunnel(connection: socket.socket, _: bytes) -> None:
        with socket.create_connection(("127.0.0.1", port)) as far:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(far, connection), daemon=True)
            back.start()
            _pump(connection, far)
            back.join()

    proxy, asked = serve(tunnel)
    address = proxy.replace("http://", "http://user:pass-word@")
    with open_door(ca_file=ca_file, proxy=address) as door:
        assert door.get(f"https://localhost:{port}/deals?token=s3cr3t").json() == {"count": 12345}
    assert asked[0].startswith(f"CONNECT localhost:{port} HTTP/1.1".encode())
    assert b"Proxy-Authorization: Basic " in asked[0]
    assert b"s3cr3t" not in b"".join(asked)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def test_guarantee_24_a_watcher_that_never_answers_costs_no_more_than_its_seconds(
    serve: Serve, drip: Drip
) -> None:
    url, requests = serve(lambda connection, _: drip(connection, DRIPPED["headers"]))
    assert ping(url, "start", clock=lambda: datetime.now(UTC), seconds=0.2)
    assert requests[0].startswith(b"GET /start ")
