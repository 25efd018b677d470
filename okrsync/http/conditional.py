"""Conditional requests: an answer is kept with its ETag, and fetched again only when it changed.

Services count an answer of 304 less or not at all against an account's quota.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from okrsync.contracts import Memory
from okrsync.errors import BadAnswer
from okrsync.http.answer import Answer
from okrsync.http.asking import Asking

_LARGEST = 262_144
"""Bytes of a body that are worth keeping from run to run."""
_KEPT = ("content-type", "link", "date")


def fresh(get: Callable[..., Answer], url: str, memory: Memory, asking: Asking) -> Answer:
    """GET ``url``; a 304 is answered from the memory, as if the same body had come again."""
    key = _key(url, asking)
    known = _known(memory.recall(key))
    if known is None:
        return _kept(memory, key, get(url, **asking))
    etag, text, before = known
    asking["headers"] = {**(asking.get("headers") or {}), "if-none-match": etag}
    asking["accept"] = (*_statuses(asking), HTTPStatus.NOT_MODIFIED)
    answer = get(url, **asking)
    if answer.status != HTTPStatus.NOT_MODIFIED:
        return _kept(memory, key, answer)
    memory.remember(key, text)  # so that it does not grow too old to be kept
    return before


def _statuses(asking: Asking) -> tuple[int, ...]:
    accepted = asking.get("accept", ())
    return tuple(status for status in range(100, 600) if status in accepted)


def _key(url: str, asking: Asking) -> str:
    asked = json.dumps([url, asking.get("params") or {}], sort_keys=True, default=str)
    return f"etag {sha256(asked.encode()).hexdigest()}"


def _known(text: str | None) -> tuple[str, str, Answer] | None:
    """ETag, the text as it was remembered, and the answer in it."""
    if text is None:
        return None
    try:
        kept: dict[str, Any] = json.loads(text)
        answer = Answer(HTTPStatus.OK, kept["headers"], kept["body"].encode())
        answer.json()
        return str(kept["etag"]), text, answer
    except (ValueError, KeyError, TypeError, AttributeError, BadAnswer):
        return None  # damaged: what is kept may be lost without harm


def _kept(memory: Memory, key: str, answer: Answer) -> Answer:
    etag = answer.headers.get("etag", "")
    if answer.status == HTTPStatus.OK and etag and len(answer.body) <= _LARGEST:
        headers = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
        body = answer.body.decode("utf-8", errors="surrogateescape")
        memory.remember(key, json.dumps({"etag": etag, "headers": headers, "body": body}))
    return answer
