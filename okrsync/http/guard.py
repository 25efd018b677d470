"""Which addresses may be connected to, judged on the resolved address and not on its spelling.

Tables: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates), RFC 6598,
RFC 7526, and the metadata addresses that the clouds document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Literal

from okrsync.errors import Refused, UsageError

Network = Literal["own", "shared", "any"]
"""Settings of our own, settings written by strangers, and no guard but the one against nonsense."""

Address = IPv4Address | IPv6Address
_Block = tuple[IPv4Network | IPv6Network, str]


def _blocks(reason: str, *spans: str) -> list[_Block]:
    return [(ip_network(span), reason) for span in spans]


# Nothing that measures key results lives there, and credentials do: only "any" lets them through.
_CREDENTIALS = [
    *_blocks(
        "a cloud's metadata address",
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
    ),
    *_blocks("a link-local address", "169.254.0.0/16", "fe80::/10"),
]

# Refused everywhere: no server answers there.
_NEVER = [
    *_blocks("an unspecified address", "0.0.0.0/8", "::/128"),
    *_blocks("a multicast or broadcast address", "224.0.0.0/4", "255.255.255.255", "ff00::/8"),
]

# Refused besides where strangers write the settings.
_NOT_PUBLIC = [
    *_blocks("a loopback address", "127.0.0.0/8", "::1/128"),
    *_blocks("a private address", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    *_blocks("a carrier's shared address", "100.64.0.0/10"),
    *_blocks(
        "a translated address",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "192.88.99.0/24",
    ),
    *_blocks(
        "a reserved address",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    ),
]
_HOST = re.compile(r"[0-9A-Za-z_.:\[\]-]{1,253}")
_GLOBAL_UNICAST = IPv6Network("2000::/3")


def refusal(address: str, network: Network) -> str:
    """Why ``address`` may not be connected to, as "a ... address"; empty when it may."""
    try:
        ip = ip_address(address)
    except ValueError:
        return "an unreadable address"
    refused = _NEVER if network == "any" else [*_CREDENTIALS, *_NEVER]
    reason = _listed(ip, refused) or _listed(_embedded(ip), refused)
    if reason or network != "shared":
        return reason
    if isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST:
        return _listed(ip, _NOT_PUBLIC) or "a reserved address"
    return _listed(ip, _NOT_PUBLIC)


def not_loopback(address: str) -> str:
    """The judgement for http://: without TLS only this machine may be spoken to."""
    try:
        ip = _embedded(ip_address(address)) or ip_address(address)
    except ValueError:
        return "an unreadable address"
    return "" if ip.is_loopback else "not a loopback address"


def host_allowed(host: str, allow_hosts: Sequence[str]) -> bool:
    """True when ``host`` is named, or lies under a ``*.domain`` that is; True without a list."""
    if not allow_hosts:
        return True
    wanted = _plain(host)
    return any(_matches(wanted, _plain(pattern)) for pattern in allow_hosts)


def is_host(text: str) -> bool:
    """True for what can be a host's name or address, after IDNA; False for "" and "a%20b"."""
    return _HOST.fullmatch(text) is not None


def names_loopback(host: str) -> bool:
    """True for ``localhost`` and for loopback addresses as they are usually written."""
    host = _plain(host)
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Gate:
    """What may be asked at all, judged by scheme and name before anything is sent.

    The resolved address is judged again when the connection is made, except behind a proxy, which
    resolves by itself: there "shared" takes nothing but ``allow_hosts``.
    """

    network: Network
    allow_hosts: tuple[str, ...] = ()
    proxied: bool = False

    def __post_init__(self) -> None:
        if self.proxied and self.network == "shared" and not self.allow_hosts:
            raise UsageError(
                "a proxy on a shared network needs a list of allowed hosts",
                next_step="name the hosts that may be asked",
            )

    def admit(self, scheme: str, host: str) -> None:
        """Raise ``Refused`` unless this scheme and host may be asked."""
        reason = self._scheme_problem(scheme, host) or self._host_problem(host)
        if reason:
            raise Refused(f"{host}: {reason}", next_step="check the address in the settings")

    def _scheme_problem(self, scheme: str, host: str) -> str:
        if scheme == "https":
            return ""
        if scheme == "http" and self.network != "shared" and names_loopback(host):
            return ""
        return "only https:// is allowed (http:// to this machine itself)"

    def _host_problem(self, host: str) -> str:
        if not is_host(host):
            return "not the name of a host"
        if not host_allowed(host, self.allow_hosts):
            return "not one of the allowed hosts"
        try:
            ip_address(_plain(host))
        except ValueError:
            return ""
        reason = refusal(_plain(host), self.network)
        return f"{reason}: okrsync does not connect there" if reason else ""


def _matches(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern


def _plain(host: str) -> str:
    return host.lower().removeprefix("[").removesuffix("]").removesuffix(".")


def _listed(ip: Address | None, blocks: Sequence[_Block]) -> str:
    if ip is None:
        return ""
    return next((reason for block, reason in blocks if ip in block), "")


def _embedded(ip: Address) -> IPv4Address | None:
    """The IPv4 address inside a mapped, compatible, translated (NAT64), 6to4 or ISATAP one."""
    if isinstance(ip, IPv4Address):
        return None
    number = int(ip)
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    isatap = (number >> 32) & 0xFFFFFFFF in (0x00005EFE, 0x02005EFE)
    translated = any(ip in IPv6Network(span) for span in _CARRIES_IPV4)
    # ::1 and :: are addresses of their own, not IPv4 ones.
    return IPv4Address(number & 0xFFFFFFFF) if (isatap or translated) and number > 1 else None


_CARRIES_IPV4 = ("::ffff:0:0/96", "::ffff:0:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48")
