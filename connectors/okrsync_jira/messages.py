"""Jira's own words in okrsync's errors: on one line, bounded, without a secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from okrsync.errors import BadAnswer, OutsideError, Refused, SignInRefused, SourceError
from okrsync.http.redaction import one_line

REFUSALS = frozenset({400, 401, 403, 404, 410, 413, 414, 422})
"""Statuses with which Jira says why, in its own words."""

_LONGEST = 300
_LOGIN_FAILED = frozenset({"AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED", "AUTHORISATION_FAILED"})


def words_of(body: Any) -> str:
    """What an answer's errorMessages, errors and message say together; empty for none."""
    said = "; ".join(dict.fromkeys(_lines(body))).rstrip(".")
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"


def refused(status: int, words: str) -> OutsideError:
    """The error for an answer with one of ``REFUSALS``."""
    said = f": {words}" if words else ""
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return SignInRefused(
                f"Jira refused the sign-in (401){said}",
                next_step="make a new token and put it where `token` of this source points; "
                "with an API token, `email` is its owner's",
            )
        case HTTPStatus.FORBIDDEN:
            return Refused(
                f"Jira does not allow this (403){said}",
                next_step="give the account the right to browse the projects; a scoped token "
                "needs read:jira-work",
            )
        case HTTPStatus.NOT_FOUND:
            return Refused(
                f"Jira has no such thing, or hides it from this account (404){said}",
                next_step="check the name, and what the account may see",
            )
        case HTTPStatus.GONE:
            return SourceError(
                f"Jira has removed what was asked (410){said}",
                next_step="Jira Cloud is asked by search/jql only: take `deployment` out of the "
                'source\'s settings, or say deployment = "cloud"',
            )
    return SourceError(
        f"Jira refused the query ({status}){said}",
        next_step="try the JQL in Jira's own search, and correct it in the mapping",
    )


def anonymous(headers: Mapping[str, str]) -> OutsideError | None:
    """The error for an answer that was given to nobody in particular.

    Jira may answer a wrong sign-in with 200 and what the public may see, which is often nothing.
    """
    reason = headers.get("x-seraph-loginreason", "").upper()
    denied = any(word in reason for word in _LOGIN_FAILED)
    if not denied and headers.get("x-ausername", "").lower() != "anonymous":
        return None
    return SignInRefused(
        "Jira took the sign-in for nobody's and answered as to the public",
        next_step="make a new token; after failed tries, sign in once in the browser (CAPTCHA)",
    )


def unexpected(what: str) -> BadAnswer:
    """The error for a whole answer that does not hold what Jira's documentation promises."""
    return BadAnswer(
        f"Jira's answer holds no readable {what}",
        next_step="run again later: okrsync sync; if it stays, check what stands between",
    )


def _lines(body: Any) -> Iterator[str]:
    lines = (one_line(found) for found in _messages(body) if isinstance(found, str))
    yield from filter(None, lines)


def _messages(body: Any) -> Iterator[object]:
    if not isinstance(body, dict):
        return
    yield from _listed(body.get("errorMessages"))
    errors = body.get("errors")
    yield from _listed(list(errors.values()) if isinstance(errors, dict) else errors)
    yield from (body.get("message"), body.get("errorMessage"), body.get("error_description"))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
