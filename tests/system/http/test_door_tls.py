"""Guarantee 27 on real TLS connections."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
import trustme

from okrsync.errors import OutcomeUnknown, Refused, Unreachable, UsageError
from okrsync.http import Bearer, Door, DoorAdapter

pytestmark = pytest.mark.network

OpenDoor = Callable[..., Door]
Serve = Callable[..., tuple[str, list[bytes]]]
Certified = Callable[..., ssl.SSLContext]
PAST = datetime(2020, 1, 1, tzinfo=UTC)


def _good(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"n": 1}')


def _redirect(location: str) -> Callable[[socket.socket, bytes], None]:
    answer = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    return lambda connection, _: connection.sendall(answer)


def _breaks_off(connection: socket.socket, _: bytes) -> None:
    """What a middlebox does: an alert outside of the stream, as the answer is awaited."""
    os.write(connection.fileno(), b"\x15\x03\x03\x00\x02\x02\x50")


def _breaks_off_within_the_answer(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{")
    _breaks_off(connection, _)


def test_guarantee_27_an_own_authority_is_trusted_when_named(
    open_door: OpenDoor, serve: Serve, certified: Certified, ca_file: str
) -> None:
    url, _ = serve(_good, certified("127.0.0.1"))
    assert open_door(ca_file=ca_file).get(url).json() == {"n": 1}


def test_guarantee_27_an_unknown_authority_is_not_trusted(
    open_door: OpenDoor, serve: Serve, certified: Certified, ca_file: str
) -> None:
    known, _ = serve(_good, certified("127.0.0.1"))
    stranger, asked = serve(_good, certified("127.0.0.1", by=trustme.CA()))
    for url, settings in [(known, {}), (stranger, {"ca_file": ca_file})]:
        with pytest.raises(Unreachable, match="not trusted"):
            open_door(**settings).get(url, headers={"X-Api-Key": "s3cr3t"})
    assert not asked


@pytest.mark.parametrize(
    ("names", "settings", "why"),
    [
        (["other.example"], {}, "127.0.0.1"),
        (["127.0.0.2"], {}, "127.0.0.1"),
        (["127.0.0.1"], {"not_before": PAST, "not_after": PAST.replace(year=2021)}, "expired"),
        (["127.0.0.1"], {"not_before": datetime(2090, 1, 1, tzinfo=UTC),
                         "not_after": datetime(2091, 1, 1, tzinfo=UTC)}, "not yet valid"),
    ],
    ids=["wrong name", "wrong address", "expired", "not yet valid"],
)  # fmt: skip
def test_guarantee_27_a_certificate_must_fit_name_and_day(
    open_door: OpenDoor,
    serve: Serve,
    certified: Certified,
    ca_file: str,
    names: list[str],
    settings: dict[str, datetime],
    why: str,
) -> None:
    url, asked = serve(_good, certified(*names, **settings))
    door = open_door(ca_file=ca_file)
    with pytest.raises(Unreachable, match=why):
        door.post(url, json={"token": "s3cr3t"})
    assert not asked
    assert door.requests == 1


def test_guarantee_27_a_client_library_cannot_switch_it_off(
    open_door: OpenDoor, serve: Serve, certified: Certified
) -> None:
    url, asked = serve(_good, certified("127.0.0.1"))
    with requests.Session() as session:
        session.mount("https://", DoorAdapter(open_door()))
        with pytest.raises(Unreachable, match="not trusted"):
            session.get(url, verify=False)
    assert not asked


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
def test_guarantee_27_older_than_tls_1_2_is_refused(
    open_door: OpenDoor, serve: Serve, certified: Certified, ca_file: str
) -> None:
    old = certified("127.0.0.1")
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1_1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    url, asked = serve(_good, old)
    with pytest.raises(Unreachable):
        open_door(ca_file=ca_file).get(url)
    assert not asked


def test_guarantee_27_plain_http_behind_an_https_address_is_refused(
    open_door: OpenDoor, serve: Serve
) -> None:
    url, asked = serve(_good)
    with pytest.raises(Unreachable):
        open_door(seconds=0.3).get(url.replace("http://", "https://"))
    assert not asked


def test_guarantee_27_credentials_do_not_follow_a_redirect_to_another_host(
    open_door: OpenDoor, serve: Serve, certified: Certified, ca_file: str
) -> None:
    other, seen = serve(_good, certified("localhost"))
    here, asked = serve(_redirect(other.replace("127.0.0.1", "localhost")), certified("127.0.0.1"))
    door = open_door(ca_file=ca_file, auth=Bearer("tok-123456"), headers={"X-Key": "tok-123456"})
    assert door.get(here).json() == {"n": 1}
    assert asked[0].count(b"tok-123456") == 2
    assert b"tok-123456" not in seen[0]


def test_guarantee_27_a_redirect_to_http_is_not_followed(
    open_door: OpenDoor, serve: Serve, certified: Certified, ca_file: str
) -> None:
    plain, seen = serve(_good)
    here, _ = serve(_redirect(plain), certified("127.0.0.1"))
    with pytest.raises(Refused, match="TLS"):
        open_door(ca_file=ca_file).get(here)
    assert not seen


def test_guarantee_27_a_redirect_to_an_untrusted_host_is_not_followed(
    open_door: OpenDoor, serve: Serve, certified: Certified, ca_file: str
) -> None:
    stranger, seen = serve(_good, certified("127.0.0.1", by=trustme.CA()))
    here, _ = serve(_redirect(stranger), certified("127.0.0.1"))
    with pytest.raises(Unreachable, match="not trusted"):
        open_door(ca_file=ca_file).get(here)
    assert not seen


@pytest.mark.parametrize("behaviour", [_breaks_off, _breaks_off_within_the_answer])
def test_guarantee_17_a_write_whose_tls_stream_breaks_may_have_arrived(
    open_door: OpenDoor,
    serve: Serve,
    certified: Certified,
    ca_file: str,
    behaviour: Callable[[socket.socket, bytes], None],
) -> None:
    url, asked = serve(behaviour, certified("127.0.0.1"))
    with pytest.raises(OutcomeUnknown, match="the connection broke"):
        open_door(ca_file=ca_file).post(url, json={"value": 12})
    assert len(asked) == 1


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_ca_file_that_holds_nothing_is_said(
    open_door: OpenDoor, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match="ca_file"):
        open_door(ca_file=str(path)).get("https://127.0.0.1:9/")
