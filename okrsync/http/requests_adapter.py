"""The door for client libraries that speak ``requests``: one policy, one retry layer."""

from __future__ import annotations

from collections.abc import Callable
from http.client import responses
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from okrsync.http.answer import Answer
from okrsync.http.door import Door

Safe = Callable[[requests.PreparedRequest], bool | None]

_EVERY_STATUS = range(100, 600)
# They describe the body as it was on the wire; here it is unpacked and whole.
_ABOUT_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class DoorAdapter(BaseAdapter):
    """Hands each prepared request to the door: ``session.mount("https://", DoorAdapter(door))``.

    Error statuses come back as responses, so that the client library sees them; a rate limit and
    everything that is not an answer is raised as okrsync's own error, so that the library does not
    retry or sleep on its own. The door's timeouts, TLS and proxy hold: those of the session are
    not looked at. ``safe`` says which requests may be repeated, None for "by its method".
    """

    def __init__(self, door: Door, *, safe: Safe | None = None) -> None:
        super().__init__()
        self._door = door
        self._safe = safe

    def send(
        self, request: requests.PreparedRequest, *_unused: Any, **_also_unused: Any
    ) -> requests.Response:
        answer = self._door.request(
            request.method or "GET",
            request.url or "",
            content=_content(request.body),
            headers={name: _text(value) for name, value in request.headers.items()},
            safe=self._safe(request) if self._safe else None,
            expect="bytes",
            accept=_EVERY_STATUS,
        )
        return _response(answer, request)

    def close(self) -> None:
        """The door is closed by whoever opened it."""


def _response(answer: Answer, request: requests.PreparedRequest) -> requests.Response:
    headers = {k: v for k, v in answer.headers.items() if k.lower() not in _ABOUT_THE_WIRE}
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(headers)
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response.reason = responses.get(answer.status, "")
    response.url = request.url or ""
    response.request = request
    response.raw = HTTPResponse(
        body=BytesIO(answer.body), headers=headers, status=answer.status, preload_content=False
    )
    return response


def _content(body: Any) -> bytes:
    match body:
        case None:
            return b""
        case bytes():
            return body
        case str():
            return body.encode()
    raise TypeError("only whole bodies go through the door, no streams")


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
