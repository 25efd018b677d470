"""Salesforce's own words for what went wrong, as okrsync's errors.

Salesforce answers errors as a list: [{"errorCode": "...", "message": "..."}]. Its messages quote
the query and with it values of the mapping: of them only names of fields and objects are told.
"""

from __future__ import annotations

import re
from typing import Final

from okrsync.errors import (
    OutsideError,
    RateLimited,
    Refused,
    SignInRefused,
    SourceError,
    Unreachable,
)
from okrsync.http import Answer

EXPIRED: Final = "INVALID_SESSION_ID"
LIMIT: Final = "REQUEST_LIMIT_EXCEEDED"
_DAY: Final = "TotalRequests"
_FORBIDDEN: Final = frozenset(
    {
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
        "FUNCTIONALITY_NOT_ENABLED",
        "FIELD_INTEGRITY_EXCEPTION",
    }
)
_UNKNOWN: Final = frozenset(
    {"INVALID_FIELD", "INVALID_TYPE", "NOT_FOUND", "INVALID_FIELD_FOR_INSERT_UPDATE"}
)
_PASSING: Final = frozenset(
    {"SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "UNABLE_TO_LOCK_ROW", "APEX_ERROR"}
)
_SERVER_FAULT: Final = 500
_FORBIDDEN_STATUS: Final = 403
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{2,60}")
_NO_SUCH: Final = re.compile(
    r"No such column '([A-Za-z]\w{0,79}(?:\.[A-Za-z]\w{0,79})*)' on (?:entity|sobject of type) "
    r"'?([A-Za-z]\w{0,79})'?"
)
_NO_OBJECT: Final = re.compile(r"sObject type '([A-Za-z]\w{0,79})' is not supported")


def code_of(body: object) -> str:
    """The first error's code; empty where the body is not a list of errors."""
    first = body[0] if isinstance(body, list) and body else None
    code = first.get("errorCode") if isinstance(first, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def says_limited(answer: Answer) -> bool:
    """Whether a 403 means "asked too often", and asking again after a while may help; for the door.

    The code is the same for too many requests at one time and for the day's allowance, which is
    back no sooner than in hours: that one is ``refusal``'s.
    """
    if answer.status != _FORBIDDEN_STATUS or LIMIT.encode() not in answer.body:
        return False
    body = answer.json_or_none()
    return code_of(body) == LIMIT and _DAY not in _words(body)


def refusal(status: int, body: object) -> OutsideError:
    """The error for one answer that is not a good one."""
    code = code_of(body)
    said = f"({code or status})"
    if code == LIMIT:
        return RateLimited(
            f"Salesforce: the org has used up its calls of the last 24 hours {said}",
            next_step="wait, or ask for more; okrsync keeps a floor free with `floor`",
        )
    if code == EXPIRED:
        return SignInRefused(
            f"Salesforce: the session has ended {said}",
            next_step="allow the connected app longer sessions, or sign in again",
        )
    if code in _FORBIDDEN or (status == _FORBIDDEN_STATUS and not code):
        return Refused(
            f"Salesforce: not allowed for this user {said}",
            next_step="give the user API access and the right to read these objects and fields",
        )
    if code in _PASSING or status >= _SERVER_FAULT:
        return Unreachable(
            f"Salesforce: trouble on the other side {said}",
            next_step="run again later: okrsync sync",
        )
    return _wrong_query(code, said, _words(body))


def _wrong_query(code: str, said: str, words: str) -> SourceError:
    if code == "QUERY_TIMEOUT":
        return SourceError(
            f"Salesforce gave up on the query after two minutes {said}",
            next_step="narrow where or window to an indexed field, or ask for less",
        )
    if code in _UNKNOWN:
        return SourceError(
            f"Salesforce: {_named(words)}, or it is hidden from this user {said}",
            next_step="check the API name in Setup, Object Manager, and the user's permissions",
        )
    return SourceError(
        f"Salesforce did not understand the query {said}",
        next_step="try it in the Query Editor of the Developer Console",
    )


def _named(words: str) -> str:
    """Which name is unknown, where that can be said with names alone."""
    column, entity = _NO_SUCH.search(words), _NO_OBJECT.search(words)
    if column:
        return f"there is no field {column[1]} on {column[2]}"
    return f"there is no object {entity[1]}" if entity else "there is no such object or field"


def _words(body: object) -> str:
    first = body[0] if isinstance(body, list) and body else None
    return str(first.get("message", "")) if isinstance(first, dict) else ""
