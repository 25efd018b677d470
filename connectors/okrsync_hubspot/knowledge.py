"""What a run learns of the account, once: its currency, its properties, its labels."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from okrsync.errors import BadAnswer, OutsideError, SourceError
from okrsync_hubspot.client import HubSpot
from okrsync_hubspot.labels import Labels
from okrsync_hubspot.properties import Property, words_of

AnswerT = TypeVar("AnswerT")

_CODE: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    currency: str
    zone: str
    site: str


class Knowledge:
    """Asks HubSpot at most once for each thing; what failed once fails again without asking."""

    def __init__(self, hubspot: HubSpot, currency: str | None) -> None:
        self._hubspot = hubspot
        self._currency = currency
        self._known: dict[Hashable, Any] = {}
        self._lock = threading.Lock()

    def account(self) -> Account:
        return self._once("account", self._read_account)

    def currency(self) -> str:
        """The home currency, which amounts are converted to."""
        if self._currency is not None:
            return self._currency
        code = self.account().currency
        if not _CODE.fullmatch(code):
            raise BadAnswer(
                "HubSpot does not say what the account's home currency is",
                next_step='say currency = "..." in its [source] table',
            )
        return code

    def properties(self, object_: str) -> Mapping[str, Property]:
        return self._once(("properties", object_), lambda: self._hubspot.properties(object_))

    def labels(self, object_: str, columns: Iterable[str]) -> Labels:
        """The labels that ``columns`` need."""
        words, columns = words_of(object_), set(columns)
        staged = bool(words.stage) and bool(columns & {"stage", "pipeline"})
        pipelines = (
            self._once(("pipelines", object_), lambda: self._hubspot.pipelines(object_))
            if staged
            else ()
        )
        owners = self._once("owners", self._hubspot.owners) if "owner" in columns else {}
        return Labels(words, pipelines, owners)

    def _read_account(self) -> Account:
        data = self._hubspot.account().json()
        if not isinstance(data, dict) or not data.get("portalId"):
            raise BadAnswer("HubSpot does not say which account this is")
        return Account(
            id=str(data["portalId"]),
            currency=str(data.get("companyCurrency") or ""),
            zone=str(data.get("timeZone") or ""),
            site=str(data.get("uiDomain") or ""),
        )

    def _once(self, key: Hashable, ask: Callable[[], AnswerT]) -> AnswerT:
        with self._lock:
            if key not in self._known:
                self._known[key] = _outcome(ask)
            known = self._known[key]
        if isinstance(known, OutsideError):
            raise known
        found: AnswerT = known
        return found


def _outcome(ask: Callable[[], AnswerT]) -> AnswerT | OutsideError:
    try:
        return ask()
    except OutsideError as error:
        return error


def no_property(column: str, known: Iterable[str]) -> SourceError:
    """The error for a column that an object does not have."""
    from difflib import get_close_matches

    meant = get_close_matches(column, list(known), n=1)
    return SourceError(
        f"HubSpot has no property {column!r} here",
        next_step=f"write {meant[0]!r}" if meant else "write a property's internal name",
    )
