"""OKR Tracker's requests, and what its refusals mean.

Its answers to a POST, and its errors, are plain text that is labelled as a web page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from okrsync.errors import BadAnswer, Refused, SignInRefused, Unreachable

if TYPE_CHECKING:
    from okrsync.http import Answer, Door

# 1,000 requests in 5 minutes: this many at once, and the rest evenly, stay below.
BURST: Final = 300
PER_SECOND: Final = 2.3

_REFUSALS: Final = (400, 401, 404)
_NOT_SHOWN: Final = "Cannot get key result"
_NOT_ITS_CLIENT: Final = "No API client"


@dataclass(frozen=True, slots=True)
class ApiClient:
    """The sign-in: a key for the gateway, and an API client's id and secret."""

    api_key: str = field(repr=False)
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)

    def headers(self) -> Mapping[str, str]:
        gateway = {"x-api-key": self.api_key} if self.api_key else {}
        return {
            **gateway,
            "okr-client-id": self.client_id,
            "okr-client-secret": self.client_secret,
        }

    def renew(self) -> bool:
        return False


class NotShown(Exception):
    """OKR Tracker has the key result and cannot show it."""


class OkrTracker:
    def __init__(self, door: Door) -> None:
        self._door = door

    def key_result(self, id_: str) -> Mapping[str, Any] | None:
        """What OKR Tracker shows of it; None where there is none. Raises ``NotShown``."""
        # It answers 500 for a key result that nobody has edited yet: asking again does not help.
        answer = self._door.get(_path(id_), accept=(404, 500), no_retry=(500,))
        if answer.status == HTTPStatus.NOT_FOUND:
            _refuse_unless_missing(answer)
            return None
        if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            if _NOT_SHOWN in _words(answer):
                raise NotShown
            raise Unreachable(
                "OKR Tracker: trouble on the other side (500)",
                next_step="run again later: okrsync sync",
            )
        said = answer.json()
        if not isinstance(said, dict):
            raise BadAnswer(
                f"OKR Tracker's answer for {id_} is no key result", next_step="check url"
            )
        return said

    def add(self, id_: str, value: Decimal, comment: str) -> None:
        """A new value, of this moment."""
        answer = self._door.post(
            _path(id_),
            json={"progress": value, "comment": comment},
            accept=_REFUSALS,
            expect="bytes",
        )
        _raise_refusal(answer, id_)


def _path(id_: str) -> str:
    return f"keyres/{quote(id_, safe='')}"


def _refuse_unless_missing(answer: Answer) -> None:
    """Nothing for "there is no such key result"; an error for "there is no such address"."""
    if "Could not find" not in _words(answer):
        raise Refused(
            "OKR Tracker's API is not at this address (404)",
            next_step="check url in the store's table: it ends before /keyres",
        )


def _raise_refusal(answer: Answer, id_: str) -> None:
    match answer.status:
        case HTTPStatus.UNAUTHORIZED:
            raise _not_let_in(answer, id_)
        case HTTPStatus.NOT_FOUND:
            _refuse_unless_missing(answer)
            raise not_there(id_)
        case HTTPStatus.BAD_REQUEST:
            raise Refused(
                f"OKR Tracker does not take this check-in for {id_}: {_wrong(answer)} (400)",
                next_step="values are numbers from 0 on",
            )


def _not_let_in(answer: Answer, id_: str) -> Refused | SignInRefused:
    """A client that is another team's is refused for this key result alone: the others of the
    store may be its own. What else OKR Tracker says is about the sign-in."""
    if _NOT_ITS_CLIENT in _words(answer):
        return Refused(
            f"OKR Tracker: key result {id_} belongs to another team or product than this API "
            "client, which may not write it",
            next_step="make an API client in the integrations of the item that the key result "
            "belongs to, and give it a store of its own in config.toml",
        )
    return SignInRefused(
        f"OKR Tracker refused the API client when it wrote key result {id_}",
        next_step="compare client_id and client_secret with the API client in OKR Tracker's "
        "integrations, and api_key with the gateway's",
    )


def not_there(id_: str) -> Refused:
    return Refused(
        f"OKR Tracker has no key result {id_}",
        next_step="copy the id from the key result's address in OKR Tracker into store_id",
    )


def _wrong(answer: Answer) -> str:
    """Which field was refused; nothing of what the answer says is repeated."""
    words = _words(answer)
    named = [name for name in ("progress", "comment") if f'"{name}"' in words]
    return f"its {named[0]} was refused" if named else "it was refused"


def _words(answer: Answer) -> str:
    return answer.body[:2000].decode("utf-8", errors="replace")
