"""When GitHub says "too often", in all the forms that it has for it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from okrsync.http import Answer

# What GitHub asks to wait where an answer does not say how long: a minute, and longer each time.
UNSAID_WAIT: Final = 60.0

_TOO_OFTEN: Final = frozenset({"RATE_LIMITED", "RATE_LIMIT", "SECONDARY_RATE_LIMITED"})
_PHRASES: Final = ("secondary rate limit", "api rate limit exceeded", "abuse detection")
_ASKED_FOR: Final = frozenset({HTTPStatus.OK, HTTPStatus.FORBIDDEN})


def is_limited(answer: Answer) -> bool:
    """Whether a 200 or 403 means "too often": only its body tells it from an answer or a no."""
    if answer.status not in _ASKED_FOR:
        return False
    body = answer.json_or_none()
    if not isinstance(body, dict):
        return False
    return _phrase(body.get("message")) or any(map(_says_so, _errors(body)))


def _errors(body: dict[str, Any]) -> list[Any]:
    errors = body.get("errors")
    return errors if isinstance(errors, list) else []


def _says_so(error: Any) -> bool:
    return isinstance(error, dict) and (
        error.get("type") in _TOO_OFTEN or _phrase(error.get("message"))
    )


def _phrase(message: Any) -> bool:
    return isinstance(message, str) and any(phrase in message.lower() for phrase in _PHRASES)
