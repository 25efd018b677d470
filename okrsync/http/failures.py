"""What went wrong, said in the words of okrsync's own errors; the libraries' never come through."""

from __future__ import annotations

import ssl
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpcore
import httpx

from okrsync.errors import (
    BadAnswer,
    OkrsyncError,
    OutcomeUnknown,
    OutsideError,
    RateLimited,
    Refused,
    SignInRefused,
    Unreachable,
)

if TYPE_CHECKING:
    from okrsync.http.answer import Answer


class RefusedAnswer(Refused):
    """A refusal with what a connector may need to explain it.

    ``detail`` holds the answer's own words: masked, on one line, at most 500 characters.
    """

    def __init__(self, message: str, *, status: int, detail: str = "", next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.status = status
        self.detail = detail


class Fate(Enum):
    """What became of a request whose attempt failed."""

    NEVER_LEFT = "it was not sent"
    TURNED_AWAY = "it arrived, and nothing was done"
    PERHAPS_DONE = "it may have been acted on"


class Failed(Exception):
    """One attempt that failed: what to raise in the end, and whether another try may help.

    ``answer`` is there when the other side answered at all.
    """

    def __init__(
        self,
        error: OutsideError,
        *,
        fate: Fate = Fate.PERHAPS_DONE,
        again: bool = False,
        answer: Answer | None = None,
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.fate = fate
        self.again = again
        self.answer = answer


class Meaning(Enum):
    NOT_SENT = "could not connect"
    TOO_LATE = "no answer in time"
    LOST = "the connection broke before the answer was whole"
    GARBLED = "the answer breaks the rules of HTTP"
    IMPOSSIBLE = "the request holds characters that HTTP does not allow, or its address does"


MEANINGS: dict[type[Exception], Meaning] = {
    httpx.ConnectError: Meaning.NOT_SENT,
    httpx.ConnectTimeout: Meaning.NOT_SENT,
    httpx.PoolTimeout: Meaning.NOT_SENT,
    httpx.ProxyError: Meaning.NOT_SENT,
    httpx.TimeoutException: Meaning.TOO_LATE,
    httpx.UnsupportedProtocol: Meaning.IMPOSSIBLE,
    httpx.LocalProtocolError: Meaning.IMPOSSIBLE,
    httpx.InvalidURL: Meaning.IMPOSSIBLE,
    httpx.DecodingError: Meaning.GARBLED,
    httpx.TooManyRedirects: Meaning.GARBLED,
    httpx.ProtocolError: Meaning.GARBLED,
    httpx.HTTPStatusError: Meaning.GARBLED,
    httpx.CookieConflict: Meaning.GARBLED,
    httpx.StreamError: Meaning.LOST,
    httpx.HTTPError: Meaning.LOST,
    httpcore.ConnectError: Meaning.NOT_SENT,
    httpcore.ConnectTimeout: Meaning.NOT_SENT,
    httpcore.PoolTimeout: Meaning.NOT_SENT,
    httpcore.ProxyError: Meaning.NOT_SENT,
    httpcore.ConnectionNotAvailable: Meaning.NOT_SENT,
    httpcore.TimeoutException: Meaning.TOO_LATE,
    httpcore.UnsupportedProtocol: Meaning.IMPOSSIBLE,
    httpcore.LocalProtocolError: Meaning.IMPOSSIBLE,
    httpcore.ProtocolError: Meaning.GARBLED,
    httpcore.NetworkError: Meaning.LOST,
    UnicodeError: Meaning.IMPOSSIBLE,
    OSError: Meaning.LOST,
}
"""The nearest class on an exception's own line of descent counts."""

KNOWN = tuple(MEANINGS)


def meaning(cause: Exception) -> Meaning:
    return next(MEANINGS[kind] for kind in type(cause).__mro__ if kind in MEANINGS)


def failed(cause: Exception, where: str, *, answering: bool) -> Failed:
    """``cause`` as one of ours; its own text is left behind, it may quote a header or an address.

    ``answering`` says that the head of an answer had come already.
    """
    what = meaning(cause)
    distrust = _handshake_problem(cause) if what is Meaning.NOT_SENT else ""
    if distrust:
        return Failed(_untrusted(where, distrust), fate=Fate.NEVER_LEFT)
    message = f"{where}: {what.value}"
    match what:
        case Meaning.NOT_SENT:
            step = "check the address, the network and, if there is one, the proxy"
            error: OutsideError = Unreachable(message, next_step=step)
            return Failed(error, fate=Fate.NEVER_LEFT, again=True)
        case Meaning.IMPOSSIBLE:
            step = "check the address and the secret: line breaks and letters outside ASCII"
            return Failed(Refused(message, next_step=step), fate=Fate.NEVER_LEFT)
        case Meaning.LOST | Meaning.GARBLED if answering:
            error = BadAnswer(message, next_step="check what stands between: a proxy, a gateway")
        case _:
            error = Unreachable(message, next_step="run again later: okrsync sync")
    return Failed(error, again=True)


def refused_by_status(answer: Answer, where: str, detail: str) -> OutsideError:
    """The error for an answered 3xx or 4xx that nobody asked for."""
    status = answer.status
    if status == HTTPStatus.UNAUTHORIZED:
        return SignInRefused(
            f"{where}: the sign-in was refused (401)",
            next_step="renew the token or password that this connection's settings name",
        )
    if status == HTTPStatus.FORBIDDEN:
        message, step = "not allowed (403)", "give the account the right to read or write this"
    elif status in {404, 410}:
        message, step = f"not there, or hidden from this account ({status})", "check the name"
    else:
        message, step = f"refused ({status})", "check the query or the value"
    return RefusedAnswer(f"{where}: {message}", status=status, detail=detail, next_step=step)


def limited(where: str, wait: float | None) -> RateLimited:
    told = "" if wait is None else f", told to wait {wait:.0f} s"
    return RateLimited(
        f"{where}: asked too often{told}", next_step="run again later: okrsync sync", wait=wait
    )


def trouble(where: str, status: int) -> Unreachable:
    return Unreachable(
        f"{where}: trouble on the other side ({status})", next_step="run again later: okrsync sync"
    )


def outcome_unknown(error: OkrsyncError) -> OutcomeUnknown:
    """The same failure, of a write that may have arrived."""
    return OutcomeUnknown(
        f"{error.message}; it is not known whether it was written",
        next_step="run again: okrsync looks into the store before it sends anything",
        silent=isinstance(error, Unreachable),
    )


def _handshake_problem(cause: Exception) -> str:
    """Of a connection that was not made. One that TLS ends later may have carried the request."""
    # The connection pool raises "from None": what OpenSSL said is only left as the argument.
    inner = cause.args[0] if cause.args else None
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({inner.verify_message})"
    if isinstance(inner, ssl.SSLError):
        return "no TLS 1.2 or later could be agreed on"
    return ""


def _untrusted(where: str, distrust: str) -> Unreachable:
    return Unreachable(
        f"{where}: {distrust}",
        next_step="check the host's name, or name your own authority with ca_file",
    )
