"""From what a connector says to what goes on the wire."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TypedDict

import httpx

from okrsync import __version__
from okrsync.errors import Refused, UsageError
from okrsync.http.attempt import Limited
from okrsync.http.body import written_json
from okrsync.http.guard import is_host
from okrsync.http.judgement import Expect
from okrsync.http.redirects import harmless, same_origin
from okrsync.http.sign_in import Basic, SignIn

Scalar = str | int | float | bool | None
Params = Mapping[str, Scalar | Sequence[Scalar]]
Auth = SignIn | tuple[str, str]


class Asking(TypedDict, total=False):
    """What may be said with a request; the meanings are those of ``Door.request``."""

    params: Params | None
    json: object
    content: bytes | None
    headers: Mapping[str, str] | None
    safe: bool | None
    expect: Expect
    accept: Container[int]
    limited: Limited | None
    no_retry: Container[int]
    seconds: float | None


_BASICS = {"user-agent": f"okrsync/{__version__}", "accept-encoding": "gzip"}
_ACCEPT: Mapping[Expect, str] = {"json": "application/json", "text": "text/*, */*;q=0.5"}


class Asker:
    """The address and the credentials of one account."""

    def __init__(self, base_url: str, headers: Mapping[str, str] | None, auth: Auth | None) -> None:
        self._base = _base(base_url)
        self._headers = lower(headers)
        self._auth = Basic(*auth) if isinstance(auth, tuple) else auth

    def target(self, url: str, params: Params | None) -> httpx.URL:
        """``url`` under the base, or as it is when it is whole; raises ``Refused``."""
        try:
            parsed = httpx.URL(url)
            if not parsed.scheme and self._base is not None:
                parsed = httpx.URL(f"{str(self._base).rstrip('/')}/{url.lstrip('/')}")
            parsed = parsed.copy_with(fragment=None, userinfo=b"")
            return parsed.copy_merge_params(params) if params else parsed
        except (httpx.InvalidURL, ValueError, TypeError):
            pass
        raise Refused("an address that cannot be asked", next_step="check the settings' address")

    def headers(
        self, target: httpx.URL, expect: Expect, given: Mapping[str, str]
    ) -> dict[str, str]:
        """All headers of a request; who asks is told to the base's own origin only."""
        own = self._headers | (lower(self._auth.headers()) if self._auth else {})
        if self._base is not None and not same_origin(target, self._base):
            own = harmless(own)
        return {**_BASICS, "accept": _ACCEPT.get(expect, "*/*"), **own, **given}

    def renewed(self) -> bool:
        """After a 401: True when another try has other credentials."""
        return self._auth is not None and self._auth.renew()


def encoded(json: object, content: bytes | None) -> tuple[bytes, dict[str, str]]:
    """The body and the headers that describe it."""
    if json is None:
        return content or b"", {}
    return written_json(json).encode(), {"content-type": "application/json"}


def lower(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name.lower(): value for name, value in (headers or {}).items()}


def _base(url: str) -> httpx.URL | None:
    if not url:
        return None
    try:
        base = httpx.URL(url)
        if base.scheme in {"http", "https"} and is_host(base.raw_host.decode()):
            return base.copy_with(query=None, fragment=None, userinfo=b"")
    except (httpx.InvalidURL, ValueError):
        pass
    raise UsageError(
        "the connection's address is not one", next_step="write it as https://host.example/path"
    )
