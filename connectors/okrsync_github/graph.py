"""One GraphQL request: what came whole, what did not, and when GitHub wants to be left alone."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from okrsync.errors import BadAnswer, OutsideError, Refused, SignInRefused, Unreachable
from okrsync_github.answers import whole_number
from okrsync_github.limits import is_limited

if TYPE_CHECKING:
    from okrsync.http import Door

_TOO_MUCH: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
_GLOBAL: Final = ""
_LIMITS: Final = frozenset(
    {"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", "QUERY_TIMEOUT", "TIMEOUT"}
)


class TooMuch(Unreachable):
    """GitHub gave up on a request that asked for more than it computes in ten seconds."""


@dataclass(frozen=True, slots=True)
class Reply:
    """``data`` by alias, and what was said against an alias; "" is said against the whole."""

    data: Mapping[str, Any]
    errors: Mapping[str, OutsideError]

    def field(self, alias: str) -> Any:
        """What stands under ``alias``; raises what was said against it, or against the whole."""
        if alias in self.errors:
            raise self.errors[alias]
        value = self.data.get(alias)
        if value is None and _GLOBAL in self.errors:
            raise self.errors[_GLOBAL]
        return value

    def whole(self) -> Reply:
        """The same, raising ``TooMuch`` where a smaller request may bring what was left out."""
        cut = self.errors.get(_GLOBAL)
        if isinstance(cut, TooMuch):
            raise cut
        return self


@dataclass
class Spent:
    """What the run's requests cost, in GitHub's points; shared by threads."""

    requests: int = 0
    points: int = 0
    limit: int = 0
    left: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, said: Any) -> None:
        """``said`` is the answer's rateLimit; null where a server has no limits."""
        with self._lock:
            self.requests += 1
            if isinstance(said, dict):
                self.points += whole_number(said.get("cost"), "rateLimit.cost")
                self.limit = whole_number(said.get("limit"), "rateLimit.limit")
                left = whole_number(said.get("remaining"), "rateLimit.remaining")
                self.left = left if self.left is None else min(self.left, left)


class Graph:
    def __init__(self, door: Door, address: str) -> None:
        self._door = door
        self._address = address
        self.spent = Spent()

    def ask(
        self, document: str, variables: Mapping[str, object], *, smallest: bool = False
    ) -> Reply:
        """Raises ``TooMuch`` where less may be answered, and the door's errors.

        The ``smallest`` possible request is asked again after a 502 or 504, a larger one is not:
        it would only run into the same limit again.
        """
        answer = self._door.post(
            self._address,
            json={"query": document, "variables": dict(variables)},
            safe=True,
            accept=_TOO_MUCH,
            no_retry=() if smallest else _TOO_MUCH,
            limited=is_limited,
        )
        if answer.status in _TOO_MUCH:
            raise TooMuch(
                f"GitHub gave up on the request ({answer.status})",
                next_step="ask for less in one request: lower aliases in the settings",
            )
        reply = _reply(answer.json())
        self.spent.add(reply.data.get("rateLimit"))
        return reply


def _reply(body: Any) -> Reply:
    if not isinstance(body, dict):
        raise BadAnswer("GitHub's answer is not a GraphQL answer", next_step="check api")
    data, said = body.get("data"), body.get("errors") or []
    if not isinstance(said, list) or not (isinstance(data, dict) or said):
        raise BadAnswer("GitHub's answer holds neither data nor errors", next_step="check api")
    errors: dict[str, OutsideError] = {}
    for error in said:
        alias = _alias(error)
        errors.setdefault(alias, _error(error))
    return Reply(data if isinstance(data, dict) else {}, errors)


def _alias(error: Any) -> str:
    path = error.get("path") if isinstance(error, dict) else None
    first = path[0] if isinstance(path, list) and path else _GLOBAL
    # An error's path may begin with the operation's name where the document did not validate.
    return first if isinstance(first, str) and not first.startswith("query") else _GLOBAL


def _error(error: Any) -> OutsideError:
    kind = str(error.get("type", "")) if isinstance(error, dict) else ""
    words = _words(error)
    if kind in _LIMITS or "timeout" in words or "something went wrong" in words:
        return TooMuch(
            "GitHub answered a part only: the request took too much",
            next_step="ask for less in one request: lower aliases in the settings",
        )
    if kind == "NOT_FOUND":
        return Refused(
            "not there, or hidden from this account",
            next_step="check the name, and what the token or the App may read",
        )
    if kind in {"FORBIDDEN", "INSUFFICIENT_SCOPES"} or "saml" in words:
        return SignInRefused(
            "this account may not read it"
            + (": the organization wants the token authorized for SAML" if "saml" in words else ""),
            next_step="give the token or the App the right to read it",
        )
    return Refused(
        "GitHub refused this part of the request" + (f" ({kind})" if kind.isidentifier() else ""),
        next_step="try the same search on GitHub's own page",
    )


def _words(error: Any) -> str:
    message = error.get("message", "") if isinstance(error, dict) else ""
    return message.lower() if isinstance(message, str) else ""
