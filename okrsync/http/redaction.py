"""What may be said of a request in a message: never a header, never a value that was asked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

Mask = Callable[[str], str]

# Headers that say nothing about who asks: only these may go to another host.
HARMLESS = frozenset({"accept", "accept-encoding", "accept-language", "content-type", "user-agent"})

_SHORTEST_SECRET = 6
_DETAIL_LENGTH = 500


def shown(url: str) -> str:
    """An address without user, password, query values and fragment."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an unreadable address"
    if ":" in host:
        host = f"[{host}]"
    names = [pair.partition("=")[0] for pair in parts.query.split("&") if "=" in pair]
    query = "?" + "&".join(f"{name}=…" for name in names) if names else ""
    return f"{parts.scheme}://{host}{port}{parts.path}{query}"


def masked(mask: Mask, headers: Mapping[str, str]) -> Mask:
    """``mask``, and the values of these headers besides, whole and without their scheme word."""
    secrets: set[str] = set()
    for name, value in headers.items():
        if name.lower() not in HARMLESS:
            secrets |= {value, value.partition(" ")[2]}
    longest_first = sorted((s for s in secrets if len(s) >= _SHORTEST_SECRET), key=len)[::-1]

    def hide(text: str) -> str:
        for secret in longest_first:
            text = text.replace(secret, "***")
        return mask(text)

    return hide


def detail(body: bytes, hide: Mask) -> str:
    """The words of a refusal for a connector to read: masked, one line, bounded; no web pages."""
    # Masked before it is cut: half a secret would no longer be recognised.
    text = hide(body[:65536].decode("utf-8", errors="replace"))
    line = one_line(text, _DETAIL_LENGTH)
    return "" if line.startswith("<") else line


def one_line(text: str, most: int | None = None) -> str:
    """A stranger's words on one line, of at most so many characters, nothing unprintable in it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if most is None or len(line) <= most else line[:most] + "…"
