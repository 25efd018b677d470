"""Addresses in a connector's settings, and the way there: its own authority, its proxy.

``ca_file: CaFile = None`` and ``proxy: Proxy = None`` stand in the settings of every connector that
goes through the door of ``okrsync.http``, whose words they are.
"""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field

from okrsync.contracts import SecretRef

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_EXAMPLE: Final = "http://proxy.acme.example:3128"


def safe_address(
    address: str, *, example: str, instead: str = "token = { env = ... }"
) -> SplitResult:
    """Raises ValueError, which does not repeat ``address``: a password may be in it.

    Only https, or http on this machine; ``instead`` says where a sign-in belongs.
    """
    parts = _parts(address)
    if parts is None or not _is_of_the_web(parts):
        raise ValueError(f"this is no address; write {example}")
    if _signs_in(parts):
        raise ValueError(f"no sign-in inside the address; say {instead}")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("only https is asked over the network")
    return parts


def is_web_address(text: str) -> bool:
    """Whether a request could be sent there: a scheme and a host are named."""
    parts = _parts(text)
    return parts is not None and _is_of_the_web(parts)


def _proxy(proxy: SecretRef | str | None) -> SecretRef | str | None:
    if not isinstance(proxy, str):
        return proxy
    parts = _parts(proxy)
    if parts is not None and _signs_in(parts):
        raise ValueError("a proxy with a sign-in is a secret: proxy = { env = ... }")
    if parts is None or parts.scheme != "http" or not parts.hostname:
        raise ValueError(
            f'write the proxy as "{_EXAMPLE}", or with a password as proxy = {{ env = ... }}'
        )
    return proxy


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:  # its words quote the address
        return None
    return parts


def _is_of_the_web(parts: SplitResult) -> bool:
    return parts.scheme in {"https", "http"} and bool(parts.hostname)


def _signs_in(parts: SplitResult) -> bool:
    return "@" in parts.netloc


CaFile = Annotated[
    str | None,
    Field(
        min_length=1,
        description="PEM file with the authority to trust instead, relative to config.toml's "
        "folder.",
    ),
]
Proxy = Annotated[
    SecretRef | str | None,
    AfterValidator(_proxy),
    Field(description=f'"{_EXAMPLE}"; with a password as {{ env = ... }}.'),
]
