"""An OKR Tracker, as its own source behaves (oslokommune/okr-tracker 66d697a3), traps included.

It refuses negative values and dates that have not begun in UTC, escapes comments, answers a POST
in plain text, deletes a day's values before it puts one there, does not show what was put in
``lastUpdated``, and cannot show a key result that nobody has edited.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from tests.system.standins.serving import Asked, Reply
from tests.system.standins.stores import LEAD, OKRSYNC, Clock, StoreStandIn, key_in, zulu

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

    def __init__(self, ids: Sequence[str], clock: Clock, zone: tzinfo = UTC) -> None:
        super().__init__(clock)
        self.zone = zone
        self.slow = False
        self.key_results = {id_: KeyRes(f"Title of {id_}") for id_ in ids}

    def catch_up(self) -> None:
        for key_res in self.key_results.values():
            key_res.follow()

    def person(self, ref: str, value: float, *, text: str = "") -> None:
        self._add(ref, Progress(float(value), self.now(), LEAD, escaped(text)))

    def shown(self, ref: str) -> Decimal | None:
        current = self.key_results[ref].current
        return None if current is None else Decimal(repr(current))

    def put_on_day(self, ref: str, value: float, day: str) -> None:
        """Another program puts a value on a day, with a comment of its own."""
        self._write(ref, {"value": value, "comment": "from elsewhere"}, day)

    def rewrite(self, ref: str, value: float) -> None:
        """A person corrects the number of the newest value and leaves its comment."""
        key_res = self.key_results[ref]
        newest = max(key_res.progress, key=lambda made: made.timestamp)
        newest.value = float(value)
        key_res.follow()

    def respond(self, asked: Asked) -> Reply:
        if asked.headers.get("x-api-key") != CLIENT["x-api-key"]:
            return Reply({"code": 401, "message": "UNAUTHENTICATED"}, 401)
        found = _PATH.fullmatch(asked.path)
        if found is None:
            return Reply({"code": 404, "message": "The current request is not defined"}, 404)
        key_res = self.key_results.get(found[1])
        if asked.method == "GET":
            return self._shown(found[1], key_res)
        refusal = self._refused(asked, "value" if found[2] else "progress", found[2])
        if refusal is not None:
            return refusal
        if key_res is None:
            return Reply(f"Could not find KPI with ID: {found[1]}", 404)
        wrong = self._unauthorized(asked, key_res)
        return wrong or self._write(found[1], asked.body, found[2])

    def _refused(self, asked: Asked, name: str, day: str | None) -> Reply | None:
        value = asked.body.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            return _bad_request(name, "Invalid value")
        if day and datetime.fromisoformat(day).replace(tzinfo=UTC) > self._moment():
            return _bad_request("date", "Future dates not allowed")
        return None

    def _unauthorized(self, asked: Asked, key_res: KeyRes) -> Reply | None:
        if key_res.parent != "team":
            return Reply({"message": "No API client `okrsync` exists for 'other team'."}, 401)
        if any(asked.headers.get(name) != value for name, value in CLIENT.items()):
            return Reply({"message": "Invalid client secret provided for API client"}, 401)
        return None

    def _write(self, id_: str, body: dict[str, Any], day: str | None) -> Reply:
        comment = escaped(str(body.get("comment", "")).strip())
        if day is None:
            value = float(body["progress"])
            self._add(id_, Progress(value, self.now(), "API", comment))
            self.key_results[id_].valid, self.key_results[id_].error = True, False
            return Reply(f"Updated key result ({id_}) with progress: {value}")
        value = float(body["value"])
        self._clear(id_, day)
        noon = datetime.combine(datetime.fromisoformat(day), time(12), self.zone)
        self._add(id_, Progress(value, noon, "API", comment, archived=None))
        return Reply({"message": f"Updated key result {id_} with value {value}"})

    def _clear(self, id_: str, day: str) -> None:
        begins = datetime.combine(datetime.fromisoformat(day), time(), self.zone)
        key_res = self.key_results[id_]
        key_res.progress = [
            made
            for made in key_res.progress
            if not begins <= made.timestamp < begins + timedelta(days=1)
        ]

    def _add(self, id_: str, made: Progress) -> None:
        self.key_results[id_].progress.append(made)
        key = key_in(made.comment)
        self.note(id_, made.value, OKRSYNC if key else made.author, key=key, at=made.timestamp)
        if not self.slow:
            self.key_results[id_].follow()

    def _shown(self, id_: str, key_res: KeyRes | None) -> Reply:
        if key_res is None:
            return Reply(f"Could not find key result with ID: {id_}", 404)
        if not key_res.edited:
            return Reply(f"Cannot get key result ({id_}}}", 500)
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
        return Reply({n: p for n, p in said.items() if p is not None or n == "lastUpdated"})


def escaped(comment: str) -> str:
    text = comment.replace("&", "&amp;")
    for letter, entity in _ESCAPES.items():
        text = text.replace(letter, entity)
    return text


def _update(made: Progress) -> dict[str, Any]:
    return {
        "value": _number(made.value),
        "timestamp": zulu(made.timestamp),
        "comment": made.comment,
        "createdBy": made.author,
    }


def _number(value: float | None) -> float | int | None:
    """As JavaScript writes it: a whole number has no point."""
    return value if value is None or value % 1 else int(value)


def _bad_request(name: str, message: str) -> Reply:
    error = {"type": "field", "path": name, "msg": message}
    return Reply({"message": "Invalid request data", "errors": {name: error}}, 400)
