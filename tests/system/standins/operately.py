"""A company in Operately with goals and targets, as Operately's API catalog and source have it.

A goal's id carries its name, a target's id is short, and in a check-in a target is named by its
UUID. ``content`` and ``new_target_values`` are texts that hold JSON; so is a message in an answer.
Everyone is notified unless a check-in says otherwise. Numbers are binary floats. A check-in is one
transaction, and only that ends a goal's being ``outdated``. A read-only token may not write.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

from tests.system.standins.serving import Asked, Reply
from tests.system.standins.stores import LEAD, OKRSYNC, Clock, StoreStandIn, key_in, monday

TOKEN: Final = "operately-token"
READ_ONLY: Final = "operately-token-to-read"
_SPACE: Final = UUID("6f1d7f0c-9a58-4a3e-8d0b-0d6f5a1c2b3d")
_LETTERS: Final = string.ascii_uppercase + string.ascii_lowercase + string.digits
_API: Final = "/api/external/v1/goals/"
_STATUSES: Final = {"on_track", "caution", "off_track"}
_ROBOT: Final = "OKR robot"

Object = dict[str, Any]


@dataclass
class Goal:
    id: UUID
    name: str
    targets: dict[str, Object]
    outdated: bool = True
    closed: bool = False
    updates: list[Object] = field(default_factory=list)

    @property
    def shown_id(self) -> str:
        return f"{self.name.lower().replace(' ', '-')}-{short(self.id)}"


class Operately(StoreStandIn):
    def __init__(self, clock: Clock = monday, ends: str = "2026-12-31") -> None:
        super().__init__(clock)
        self.goals: dict[UUID, Goal] = {}
        self.notified = 0
        self.ends = ends

    def goal(self, name: str, *targets: str, **target: Any) -> Goal:
        """A new goal whose targets go from 42 to 10 unless ``target`` says otherwise."""
        id_ = uuid5(_SPACE, name)
        made = {
            title: {
                "id": uuid5(id_, title),
                "index": index,
                "name": title,
                "from": 42.0,
                "to": 10.0,
                "unit": "bugs",
                "value": 42.0,
                **target,
            }
            for index, title in enumerate(targets)
        }
        self.goals[id_] = Goal(id_, name, made)
        return self.goals[id_]

    def ref(self, goal: str, target: str) -> str:
        """The store_id that ``browse`` gives a target."""
        found = self.goals[uuid5(_SPACE, goal)]
        return f"{found.shown_id}/{short(found.targets[target]['id'])}"

    def person(
        self, ref: str, value: float | None = None, *, text: str = "", status: str = "on_track"
    ) -> None:
        """The team's lead sets a value, or checks in with a text and the values of all targets."""
        goal, target = self._found(ref)
        if value is not None and not text:
            target["value"] = float(value)
        if text:
            values = {one["id"]: one["value"] for one in goal.targets.values()}
            values[target["id"]] = target["value"] if value is None else value
            self._check_in(goal, LEAD, status, _document(text), values)
        if value is not None:
            self.note(ref, float(value), LEAD, kind="value")

    def words_alone(self, ref: str, text: str, *, status: str) -> None:
        """The team's lead checks in and leaves all targets as they are."""
        self._check_in(self._found(ref)[0], LEAD, status, _document(text), {})

    def shown(self, ref: str) -> Decimal:
        return Decimal(repr(self._found(ref)[1]["value"]))

    def _found(self, ref: str) -> tuple[Goal, Object]:
        goal_id, _, target_id = ref.partition("/")
        goal = next(one for one in self.goals.values() if one.shown_id == goal_id)
        return goal, next(t for t in goal.targets.values() if short(t["id"]) == target_id)

    def respond(self, asked: Asked) -> Reply:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in {TOKEN, READ_ONLY}:
            return Reply({"error": "Unauthorized"}, 401)
        name = asked.path.removeprefix(_API)
        if asked.method == "GET":
            return self._read(name, asked.params)
        if token == READ_ONLY:
            return Reply("Read-only API tokens cannot execute mutations", 403)
        return self._write(name, asked.body)

    def _read(self, name: str, params: Mapping[str, str]) -> Reply:
        if name == "list":
            return Reply({"goals": [self._shown(goal, params) for goal in self.goals.values()]})
        goal = self._by_id(params.get("id", params.get("goal_id", "")))
        if goal is None:
            return Reply({"error": "Not found"}, 404)
        if name == "get":
            return Reply({"goal": self._shown(goal, params)})
        return Reply({"check_ins": goal.updates[::-1]})

    def _write(self, name: str, body: Mapping[str, Any]) -> Reply:
        goal = self._by_id(body["goal_id"])
        if goal is None:
            return Reply({"error": "Not found"}, 404)
        if name == "update_target_value":
            target = next(t for t in goal.targets.values() if short(t["id"]) == body["target_id"])
            target["value"] = float(body["value"])
            ref = f"{goal.shown_id}/{short(target['id'])}"
            self.note(ref, target["value"], OKRSYNC, kind="value")
            return Reply({"success": True})
        return self._create_check_in(goal, body)

    def _create_check_in(self, goal: Goal, body: Mapping[str, Any]) -> Reply:
        texts = (body["content"], body["new_target_values"])
        if not all(isinstance(text, str) for text in texts) or body["status"] not in _STATUSES:
            return Reply({"error": "Bad request"}, 400)
        values = {}
        for entry in json.loads(body["new_target_values"]):
            values[UUID(int=_long(entry["id"]))] = float(entry["value"])
        if body.get("send_notifications_to_everyone", True):
            self.notified += 1
        content = json.loads(body["content"])
        made = self._check_in(goal, _ROBOT, body["status"], content, values)
        return Reply({"update": made})

    def _check_in(
        self, goal: Goal, by: str, status: str, content: Object, values: Mapping[UUID, float]
    ) -> Object:
        updates = []
        for target in goal.targets.values():
            if target["id"] in values:
                value = values[target["id"]]
                before = target["value"]
                target["value"] = value
                updates.append({**target, "id": str(target["id"]), "previous_value": before})
        at = self.now()
        moment = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        update = {
            "id": f"{at:%Y-%m-%d}-{short(uuid5(goal.id, str(self.number())))}",
            "status": status,
            "state": "published",
            "message": json.dumps(content),
            "inserted_at": moment,
            "updated_at": moment,
            "published_at": moment,
            "author": {"id": "p", "full_name": by},
            "goal_target_updates": updates,
        }
        goal.updates.append(update)
        goal.outdated = False
        if by == _ROBOT:
            for one in updates:
                ref = f"{goal.shown_id}/{short(UUID(one['id']))}"
                key = key_in(_text(content))
                self.note(ref, one["value"], OKRSYNC, key=key, at=at, status=status)
        return update

    def _by_id(self, written: str) -> Goal | None:
        return self.goals.get(UUID(int=_long(written.rpartition("-")[2]) % (1 << 128)))

    def _shown(self, goal: Goal, params: Mapping[str, str]) -> Object:
        with_last = params.get("include_last_check_in") == "true" and goal.updates
        status = goal.updates[-1]["status"] if goal.updates else "pending"
        return {
            "id": goal.shown_id,
            "name": goal.name,
            "status": "outdated" if goal.outdated else status,
            "is_closed": goal.closed,
            "is_outdated": goal.outdated,
            "timeframe": {
                "contextual_start_date": {"date_type": "day", "date": "2026-10-01"},
                "contextual_end_date": {"date_type": "quarter", "date": self.ends},
            },
            "space": {"id": "s", "name": "Platform"} if "include_space" in params else None,
            "champion": {"id": "p", "full_name": "Team lead"},
            "last_check_in": goal.updates[-1] if with_last else None,
            "targets": [{**target, "id": short(target["id"])} for target in goal.targets.values()],
        }


def _document(text: str) -> Object:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "content": [paragraph]}


def _text(document: Any) -> str:
    """The texts of a document, one after the other."""
    if isinstance(document, list):
        return "".join(_text(part) for part in document)
    return str(document.get("text", "")) + _text(document.get("content", []))


def short(id_: UUID) -> str:
    number, letters = id_.int, ""
    while number:
        number, rest = divmod(number, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return letters


def _long(written: str) -> int:
    number = 0
    for letter in written:
        number = number * len(_LETTERS) + max(_LETTERS.find(letter), 0)
    return number
