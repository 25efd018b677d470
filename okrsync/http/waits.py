"""How long an answer tells us to wait, in every form that is in use. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_LONGEST = 3e9  # a century: all beyond it are alike

_RESETS = (
    "x-ratelimit-reset",  # GitHub, Azure DevOps: epoch seconds; others: seconds from now
    "ratelimit-reset",  # IETF draft and Zendesk: seconds from now; GitLab: epoch seconds
    "x-ratelimit-requests-reset",  # Linear: epoch milliseconds
    "x-ratelimit-complexity-reset",  # the same, of its other quota
    "x-beta-ratelimit-reset",  # Jira Cloud: an ISO time
)
_REMAINING = ("x-ratelimit-remaining", "ratelimit-remaining", "x-ratelimit-requests-remaining")
_INTERVALS = (
    ("x-hubspot-ratelimit-interval-milliseconds", 0.001),
    ("x-ratelimit-interval-seconds", 1.0),  # Jira Data Center's token bucket
)

# A plain number from here on is no wait: it is a moment, in (milli)seconds since 1970.
_EPOCH_SECONDS = 1e9
_EPOCH_MILLISECONDS = 1e11


def is_limited(status: int, headers: Mapping[str, str]) -> bool:
    """True when an answer says "too many requests" rather than "no"."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    if status != HTTPStatus.FORBIDDEN:
        return False
    return "retry-after" in headers or any(headers.get(name) == "0" for name in _REMAINING)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by ``Retry-After``; None when it is missing or unreadable, never below 0."""
    return _seconds(headers.get("retry-after", ""), _their_now(headers, now))


def told_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait before asking a limited account again; None when nothing readable says so.

    ``headers`` are looked up in lower case; ``now`` counts only where the answer has no ``Date``:
    moments are then compared with the clock of the side that named them.
    """
    said = retry_after(headers, now)
    if said is not None:
        return said
    for name in _RESETS:
        said = _seconds(headers.get(name, ""), _their_now(headers, now))
        if said is not None and not _some_left(headers, name):
            return said
    for name, unit in _INTERVALS:
        if _NUMBER.fullmatch(headers.get(name, "")):
            return min(max(0.0, float(headers[name]) * unit), _LONGEST)
    return None


def _some_left(headers: Mapping[str, str], reset: str) -> bool:
    """The quota is not what was exceeded, so the moment when it begins anew says nothing. Where the
    quota of ``reset`` itself says nothing, another's word counts."""
    own = reset.replace("reset", "remaining")
    names = (own,) if own in headers else _REMAINING
    return any(
        _NUMBER.fullmatch(left) and float(left) > 0
        for left in (headers.get(name, "") for name in names)
    )


def _seconds(text: str, now: datetime) -> float | None:
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return min(max(0.0, _from_number(float(text), now)), _LONGEST)
    moment = _http_date(text) or _iso_date(text)
    return None if moment is None else min(max(0.0, (moment - now).total_seconds()), _LONGEST)


def _from_number(number: float, now: datetime) -> float:
    if number >= _EPOCH_MILLISECONDS:
        return number / 1000 - now.timestamp()
    if number >= _EPOCH_SECONDS:
        return number - now.timestamp()
    return number


def _their_now(headers: Mapping[str, str], now: datetime) -> datetime:
    return _http_date(headers.get("date", "")) or now


def _http_date(text: str) -> datetime | None:
    try:
        return _aware(parsedate_to_datetime(text))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _iso_date(text: str) -> datetime | None:
    try:
        return _aware(datetime.fromisoformat(text))
    except ValueError:
        return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
