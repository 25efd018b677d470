"""An OKR Tracker, as its own source behaves (oslokommune/okr-tracker 66d697a3), traps included.

It refuses negative values and dates that have not begun in UTC, escapes comments, answers a POST
in plain text, deletes a day's values before it puts one there, does not show what was put in
``lastUpdated``, and cannot show a key result that nobody has edited.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from tests.system.standins.keeping import Answered, Sent, StoreStandIn, Write

CLIENT: Final = {
    "x-api-key": "gateway-key-4711",
    "okr-client-id": "okrsync",
    "okr-client-secret": "client-secret-4711",
}
_PATH: Final = re.compile(r"/keyres/([^/]+)(?:/values/([^/]+))?")
_ESCAPES: Final = {
    '"': "&quot;",
    "'": "&#x27;",
    "<": "&lt;",
    ">": "&gt;",
    "/": "&#x2F;",
    "\\": "&#x5C;",
    "`": "&#96;",
}


@dataclass
class Progress:
    """A value; ``archived`` is None where it was put on a day: no query for False finds it."""

    value: float
    timestamp: datetime
    author: str
    comment: str = ""
    archived: bool | None = False


@dataclass
class KeyRes:
    description: str
    start: float = 0
    target: float = 100
    parent: str = "team"
    edited: bool = True
    current: float | None = None
    progression: float | None = None
    valid: bool = True
    error: str | bool = False
    progress: list[Progress] = field(default_factory=list)

    def follow(self) -> None:
        """What the trigger does some moments after each write."""
        newest = max(self.progress, key=lambda made: made.timestamp, default=None)
        self.current = self.start if newest is None else newest.value
        share = (self.current - self.start) / (self.target - self.start)
        self.progression = min(1.0, max(0.0, share))


class OkrTracker(StoreStandIn):
    """``slow`` leaves ``currentValue`` as it was until ``catch_up``."""

    def __init__(
        self, ids: Sequence[str], clock: Callable[[], datetime], zone: tzinfo = UTC
    ) -> None:
        super().__init__(clock)
        self.zone = zone
        self.slow = False
        self.key_results = {id_: KeyRes(f"Title of {id_}") for id_ in ids}
        self._history: list[Write] = []

    def catch_up(self) -> None:
        for key_res in self.key_results.values():
            key_res.follow()

    def person(self, ref: str, value: Decimal | int, by: str = "team lead") -> None:
        self._add(ref, Progress(float(value), self.now(), by), None)

    def rewrite(self, ref: str, value: Decimal | int) -> None:
        """A person corrects the number of the newest value and leaves its comment."""
        key_res = self.key_results[ref]
        newest = max(key_res.progress, key=lambda made: made.timestamp)
        newest.value = float(value)
        key_res.follow()

    def history(self) -> Sequence[Write]:
        return self._history

    def writes(self, sent: Sent) -> bool:
        return sent.method != "GET"

    def respond(self, sent: Sent) -> Answered:
        if sent.headers.get("x-api-key") != CLIENT["x-api-key"]:
            return Answered({"code": 401, "message": "UNAUTHENTICATED"}, 401)
        found = _PATH.fullmatch(sent.path)
        if found is None:
            return Answered({"code": 404, "message": "The current request is not defined"}, 404)
        key_res = self.key_results.get(found[1])
        if sent.method == "GET":
            return self._shown(found[1], key_res)
        refusal = self._refused(sent, "value" if found[2] else "progress", found[2])
        if refusal is not None:
            return refusal
        if key_res is None:
            return Answered(f"Could not find KPI with ID: {found[1]}", 404)
        wrong = self._unauthorized(sent, key_res)
        return wrong or self._write(found[1], sent.body, found[2])

    def _refused(self, sent: Sent, name: str, day: str | None) -> Answered | None:
        value = sent.body.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            return _bad_request(name, "Invalid value")
        if day and datetime.fromisoformat(day).replace(tzinfo=UTC) > self._clock():
            return _bad_request("date", "Future dates not allowed")
        return None

    def _unauthorized(self, sent: Sent, key_res: KeyRes) -> Answered | None:
        if key_res.parent != "team":
            return Answered({"message": "No API client `okrsync` exists for 'other team'."}, 401)
        if any(sent.headers.get(name) != value for name, value in CLIENT.items()):
            return Answered({"message": "Invalid client secret provided for API client"}, 401)
        return None

    def _write(self, id_: str, body: dict[str, Any], day: str | None) -> Answered:
        comment = escaped(str(body.get("comment", "")).strip())
        key = _key(comment)
        if day is None:
            value = float(body["progress"])
            self._add(id_, Progress(value, self.now(), "API", comment), key)
            self.key_results[id_].valid, self.key_results[id_].error = True, False
            return Answered(f"Updated key result ({id_}) with progress: {value}")
        value = float(body["value"])
        self._clear(id_, day)
        noon = datetime.combine(datetime.fromisoformat(day), time(12), self.zone)
        self._add(id_, Progress(value, noon, "API", comment, archived=None), key)
        return Answered({"message": f"Updated key result {id_} with value {value}"})

    def _clear(self, id_: str, day: str) -> None:
        begins = datetime.combine(datetime.fromisoformat(day), time(), self.zone)
        key_res = self.key_results[id_]
        key_res.progress = [
            made
            for made in key_res.progress
            if not begins <= made.timestamp < begins + timedelta(days=1)
        ]

    def _add(self, id_: str, made: Progress, key: str | None) -> None:
        self.key_results[id_].progress.append(made)
        number = Decimal(repr(made.value))
        self._history.append(Write(id_, number, made.author, key, made.timestamp))
        if not self.slow:
            self.key_results[id_].follow()

    def _shown(self, id_: str, key_res: KeyRes | None) -> Answered:
        if key_res is None:
            return Answered(f"Could not find key result with ID: {id_}", 404)
        if not key_res.edited:
            return Answered(f"Cannot get key result ({id_}}}", 500)
        visible = [made for made in key_res.progress if made.archived is False]
        newest = max(visible, key=lambda made: made.timestamp, default=None)
        said: dict[str, Any] = {
            "currentValue": _number(key_res.current),
            "description": key_res.description,
            "objective": "Customers trust us",
            "progression": key_res.progression,
            "edited": "2026-09-01T08:00:00.000Z",
            "created": "2026-09-01T08:00:00.000Z",
            "editedBy": "team lead",
            "createdBy": "team lead",
            "lastUpdated": None if newest is None else _update(newest),
        }
        # What is not there at all is left out; only `lastUpdated` is null.
        return Answered({n: p for n, p in said.items() if p is not None or n == "lastUpdated"})


def escaped(comment: str) -> str:
    text = comment.replace("&", "&amp;")
    for letter, entity in _ESCAPES.items():
        text = text.replace(letter, entity)
    return text


def _update(made: Progress) -> dict[str, Any]:
    moment = made.timestamp.astimezone(UTC)
    return {
        "value": _number(made.value),
        "timestamp": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z",
        "comment": made.comment,
        "createdBy": made.author,
    }


def _number(value: float | None) -> float | int | None:
    """As JavaScript writes it: a whole number has no point."""
    return value if value is None or value % 1 else int(value)


def _key(comment: str) -> str | None:
    found = re.search(r"okrsync (\S+) [0-9.]+$", comment)
    return None if found is None else found[1]


def _bad_request(name: str, message: str) -> Answered:
    error = {"type": "field", "path": name, "msg": message}
    return Answered({"message": "Invalid request data", "errors": {name: error}}, 400)
