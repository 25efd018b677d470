"""Where a redirect may lead, and what may come along. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import httpx

from okrsync.errors import BadAnswer, OutcomeUnknown, Refused
from okrsync.http.redaction import HARMLESS

MOST_HOPS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})

_SAME_REQUEST = frozenset({307, 308})
# After these the other side has done, or may have done, what was asked.
_PERHAPS_DONE = frozenset({302, 303})


@dataclass(frozen=True, slots=True)
class Hop:
    """One request on the wire."""

    method: str
    url: httpx.URL
    headers: Mapping[str, str]
    content: bytes = b""
    safe: bool = True


def next_hop(hop: Hop, status: int, location: str, where: str) -> Hop:
    """The request that follows a redirect; raises where following it would be wrong.

    Only to https, or within one host; without credentials as soon as host, port or scheme differ;
    and with its body only to the same origin, for what is safe to repeat.
    """
    url = _target(hop.url, location, where)
    if not _may_lead(hop.url, url):
        raise Refused(
            f"{where}: redirected to an address without TLS, which is not followed",
            next_step="ask the other side's operator why",
        )
    stays = same_origin(hop.url, url)
    if hop.method not in {"GET", "HEAD"}:
        _refuse_resending(hop, status, where, stays=stays)
    return replace(hop, url=url, headers=hop.headers if stays else harmless(hop.headers))


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    return origin(one) == origin(other)


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    default = {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, host_of(url), url.port or default


def host_of(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii").lower().removesuffix(".")


def harmless(headers: Mapping[str, str]) -> dict[str, str]:
    """Only the headers that say nothing about who asks."""
    return {name: value for name, value in headers.items() if name.lower() in HARMLESS}


def _target(base: httpx.URL, location: str, where: str) -> httpx.URL:
    try:
        return base.join(location).copy_with(fragment=None, userinfo=b"")
    except (httpx.InvalidURL, ValueError):
        pass
    raise BadAnswer(f"{where}: redirected to something that is not an address")


def _may_lead(old: httpx.URL, new: httpx.URL) -> bool:
    if new.scheme == "https":
        return True
    return new.scheme == "http" == old.scheme and host_of(old) == host_of(new)


def _refuse_resending(hop: Hop, status: int, where: str, *, stays: bool) -> None:
    if hop.safe and status in _SAME_REQUEST and stays:
        return
    if not hop.safe and status in _PERHAPS_DONE:
        raise OutcomeUnknown(
            f"{where}: answered a write with a redirect ({status}); it is not known whether it "
            "was written",
            next_step="run again: okrsync looks into the store before it sends anything",
        )
    raise Refused(
        f"{where}: answered with a redirect ({status}) that is not followed with a body",
        next_step="use the address that it has moved to",
    )
