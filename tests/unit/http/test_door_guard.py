from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.errors import BadAnswer, Refused, Unreachable, UsageError
from okrsync.http import Door
from okrsync.http.admission import admit
from okrsync.http.guard import host_allowed, refusal

OpenDoor = Callable[..., Door]

NAMES = {
    "localhost": ["127.0.0.1"],
    "localtest.example": ["127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "intranet.example": ["10.1.2.3"],
    "six.example": ["fd12:3456::1"],
    "mixed.example": ["93.184.215.14", "192.168.1.1"],
    "mapped.example": ["::ffff:10.0.0.1"],
}


def resolver(host: str, port: int) -> Sequence[str]:
    """Names from the table, numbers in all their spellings from the system."""
    name = host.lower().removesuffix(".")
    if name in NAMES:
        return NAMES[name]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(entry[4][0]) for entry in found]


SPELLINGS = [
    # loopback
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001",
    "0x7f.1", "0x7F.0x0.0x0.0x1", "0177.0.0.1", "017700000001", "0177.1", "00000177.0.0.1",
    "127.0.0.0x1",
    "①②⑦.⓪.⓪.①", "\uff11\uff12\uff17.\uff10.\uff10.\uff11", "127。0。0。1",
    "localhost", "LOCALHOST.",
    "localtest.example", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000::0001]",
    # this host
    "0.0.0.0", "0", "0x0", "[::]", "0.1.2.3",
    # private
    "10.0.0.1", "10.1", "167772161", "0xa.1", "012.0.0.1", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "192.168.257", "0xc0a80001", "3232235521", "[fc00::1]", "[fd12:3456:789a::1]",
    "intranet.example", "six.example", "mixed.example",
    # link-local and metadata
    "169.254.0.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376",
    "[fe80::1]", "[fd00:ec2::254]", "metadata.google.internal", "100.100.100.200",
    "168.63.129.16",
    # carriers, multicast, broadcast, reserved, documentation
    "100.64.0.1", "100.127.255.255", "224.0.0.1", "239.255.255.250", "255.255.255.255",
    "240.0.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
    "192.88.99.1", "[ff02::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]", "[4000::1]", "[fec0::1]",
    # IPv4 inside IPv6: mapped, compatible, translated, 6to4, Teredo
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:a9fe:a9fe]", "[::ffff:8.8.8.8]",
    "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::10.0.0.1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[2001:10::1]", "mapped.example",
]  # fmt: skip


@pytest.mark.parametrize("host", SPELLINGS)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_guarantee_28_no_spelling_reaches_a_private_address(
    open_door: OpenDoor, host: str, scheme: str, no_connections: None
) -> None:
    door = open_door(None, network="shared", resolver=resolver)
    with pytest.raises(Refused):
        door.get(f"{scheme}://{host}/latest/meta-data/")


@pytest.mark.parametrize("host", SPELLINGS)
def test_guarantee_28_nor_by_a_redirect(
    open_door: OpenDoor, host: str, no_connections: None
) -> None:
    real = open_door(None, network="shared", resolver=resolver)._wire._transport

    def other(request: httpx.Request) -> httpx.Response:
        if request.url.host == "public.example":
            return httpx.Response(302, headers={"location": f"https://{host}/"})
        return real.handle_request(request)

    # An address that is not even one is a bad answer; none is ever connected to.
    with pytest.raises((Refused, BadAnswer)):
        open_door(other, network="shared").get("https://public.example/")


@pytest.fixture
def no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> socket.socket:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "create_connection", refuse)


class Connected(list[str]):
    """Stands where sockets are made: remembers the address and lets nobody through."""

    def __call__(self, address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        self.append(address[0])
        raise ConnectionRefusedError


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Connected:
    connected = Connected()
    monkeypatch.setattr(socket, "create_connection", connected)
    return connected


def test_guarantee_28_the_judged_address_is_the_one_connected_to(
    open_door: OpenDoor, connected: Connected
) -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    door = open_door(None, network="shared", resolver=rebinding)
    with pytest.raises(Refused):
        door.get("https://rebind.example/")
    # The first answer was public: it was tried, unresolved again. The retry saw the private one.
    assert connected == ["93.184.215.14"]
    assert asked == ["rebind.example", "rebind.example"]


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "[fd00:ec2::254]", "[fe80::1]", "[::ffff:169.254.169.254]", "224.0.0.1",
     "0.0.0.0", "[::]", "100.100.100.200", "2852039166", "metadata.google.internal",
     "[64:ff9b::169.254.169.254]", "[2002:a9fe:a9fe::1]"],
)  # fmt: skip
def test_guarantee_28_metadata_and_link_local_are_refused_also_on_an_own_network(
    open_door: OpenDoor, host: str, no_connections: None
) -> None:
    with pytest.raises(Refused):
        open_door(None, resolver=resolver).get(f"https://{host}/")


@pytest.mark.parametrize("host", ["10.1.2.3", "192.168.1.1", "127.0.0.1", "[fd12::1]", "[::1]"])
def test_an_own_network_may_be_asked(open_door: OpenDoor, host: str, connected: Connected) -> None:
    with pytest.raises(Unreachable):
        open_door(None, resolver=resolver).get(f"https://{host}/")
    assert connected[0] == host.strip("[]")


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700:4700::1111"])
def test_public_addresses_may_be_asked_on_a_shared_network(
    open_door: OpenDoor, address: str, connected: Connected
) -> None:
    door = open_door(None, network="shared", resolver=lambda *_: [address])
    with pytest.raises(Unreachable):
        door.get("https://public.example/")
    assert set(connected) == {address}


def test_all_addresses_of_a_name_are_tried_in_turn(
    open_door: OpenDoor, connected: Connected
) -> None:
    door = open_door(None, resolver=lambda *_: ["2606:4700::1", "93.184.215.14"])
    with pytest.raises(Unreachable):
        door.post("https://public.example/", json={})
    assert connected[:2] == ["2606:4700::1", "93.184.215.14"]


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("api.acme.example", True),
        ("API.acme.example.", True),
        ("eu.crm.example", True),
        ("crm.example", False),
        ("evilcrm.example", False),
        ("api.acme.example.evil.example", False),
        ("acme.example", False),
    ],
)
def test_guarantee_28_only_allowed_hosts_are_asked(
    open_door: OpenDoor, host: str, allowed: bool
) -> None:
    hosts = ("api.acme.example", "*.crm.example")
    assert host_allowed(host, hosts) is allowed
    door = open_door(lambda _: httpx.Response(200, json={}), allow_hosts=hosts)
    if allowed:
        assert door.get(f"https://{host}/").status == 200
    else:
        with pytest.raises(Refused):
            door.get(f"https://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.acme.example@evil.example/",
        "https://evil.example#api.acme.example",
        "https://evil.example?api.acme.example",
        "https://api.acme.example%2eevil.example/",
    ],
)
def test_guarantee_28_an_allowed_name_elsewhere_in_the_address_does_not_count(
    open_door: OpenDoor, url: str
) -> None:
    asked: list[httpx.Request] = []

    def other(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    with pytest.raises(Refused):
        open_door(other, allow_hosts=["api.acme.example"]).get(url)
    assert not asked


def test_a_proxy_on_a_shared_network_needs_allowed_hosts(open_door: OpenDoor) -> None:
    with pytest.raises(UsageError):
        open_door(None, network="shared", proxy="http://proxy.example:3128")


@pytest.mark.parametrize("proxy", ["socks5://p.example", "https://p.example", "p.example:1", ""])
def test_a_proxy_that_cannot_be_used_is_said_at_once(open_door: OpenDoor, proxy: str) -> None:
    with pytest.raises(UsageError, match="proxy"):
        open_door(None, proxy=proxy)


def test_guarantee_27_a_localhost_that_is_elsewhere_is_not_spoken_to_without_tls(
    open_door: OpenDoor, no_connections: None
) -> None:
    door = open_door(None, resolver=lambda *_: ["93.184.215.14"])
    with pytest.raises(Refused):
        door.get("http://localhost/")


@given(st.ip_addresses(v=4))
def test_guarantee_28_ipv4_inside_ipv6_is_never_more_allowed_than_alone(address: object) -> None:
    for prefix in ("::ffff:", "64:ff9b::"):
        if refusal(str(address), "own"):
            assert refusal(f"{prefix}{address}", "own")
        assert refusal(f"{prefix}{address}", "shared")


@pytest.mark.parametrize("address", ["169.254.169.254", "169.254.10.5", "fe80::1", "fd00:ec2::254"])
def test_link_local_and_metadata_addresses_are_reached_only_where_the_config_says_any(
    address: str,
) -> None:
    assert refusal(address, "own")
    assert refusal(address, "shared")
    assert refusal(address, "any") == ""


@pytest.mark.parametrize("address", ["0.0.0.0", "224.0.0.1", "255.255.255.255", "::"])
def test_where_no_server_can_be_nobody_connects(address: str) -> None:
    assert refusal(address, "any")


def test_a_drivers_host_is_looked_at_like_the_doors_own() -> None:
    with pytest.raises(Refused, match="metadata"):
        admit("metadata.google.internal", 5432, resolver=resolver)
    with pytest.raises(Refused, match="private"):
        admit("intranet.example", 5432, network="shared", resolver=resolver)
    with pytest.raises(Refused, match="allowed hosts"):
        admit("intranet.example", 5432, allow_hosts=["db.example"], resolver=resolver)
    admit("intranet.example", 5432, resolver=resolver)
    admit("metadata.google.internal", 5432, network="any", resolver=resolver)
