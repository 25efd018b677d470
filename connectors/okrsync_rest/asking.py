"""One request as it is sent, and the addresses that an answer leads to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from okrsync.errors import BadAnswer
from okrsync.http import Answer, Door
from okrsync.model import Question
from okrsync_rest.binding import Binder, as_text
from okrsync_rest.settings import RestQuery
from okrsync_rest.tables import EMPTY, sendable


@dataclass(frozen=True, slots=True)
class Request:
    """``params`` and ``body`` are JSON texts, so that equal requests are equal."""

    method: str
    path: str
    params: str
    body: str | None

    def sent_body(self) -> dict[str, Any] | None:
        return None if self.body is None else sendable(self.body)

    def shown(self) -> str:
        """``GET issues?state=open``, as evidence."""
        query = urlencode(sendable(self.params), doseq=True, safe=":,")
        body = f" {self.body}" if self.body else ""
        return f"{self.method} {self.path}{'?' if query else ''}{query}{body}"

    def link(self, base: str) -> str | None:
        """An address that a person can open; without the sign-in, which is not in it."""
        if self.method != "GET":
            return None
        query = urlencode(sendable(self.params), doseq=True)
        return f"{base.rstrip('/')}/{self.path}{'?' if query else ''}{query}"


def bound_request(question: Question[RestQuery], zone: tzinfo) -> Request:
    """The question's request with its values; raises ``SourceError`` for one that is missing."""
    query = question.query
    binder = Binder(query.vars, question.window, question.as_of, zone)
    params = {
        name: [as_text(part) for part in value] if isinstance(value, list) else as_text(value)
        for name, value in binder.table(sendable(query.params)).items()
    }
    body = None
    if query.method == "POST":
        body = _text(binder.table(sendable(query.body or EMPTY)))
    return Request(query.method, binder.path(query.path), _text(params), body)


class Asker:
    """Sends requests of one account; ``key`` are the parameters of its sign-in, if it has any."""

    def __init__(self, door: Door, base: str, key: Mapping[str, str]) -> None:
        self._door = door
        self._base = base
        self._key = key

    def ask(self, request: Request, *, params: Mapping[str, Any], body: Any) -> Answer:
        asked = {**params, **self._key}
        if request.method == "POST":
            return self._door.post(request.path, params=asked, json=body, safe=True)
        return self._door.get(request.path, params=asked)

    def follow(self, request: Request, address: str) -> Request:
        """The request for an address that an answer names: on the same host only."""
        whole = urljoin(f"{self._base.rstrip('/')}/{request.path}", address)
        if _origin(whole) != _origin(self._base):
            raise BadAnswer(
                "the next page lies on another host, which is not asked",
                next_step="look at the answer; a proxy may have to be told its public address",
            )
        return Request(request.method, whole, EMPTY, request.body)


def _origin(address: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        return parts.scheme, (parts.hostname or "").lower(), port
    except ValueError:
        return "", "", None


def _text(table: Any) -> str:
    return json.dumps(table, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
