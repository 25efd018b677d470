"""An Asana workspace with goals, as Asana's OpenAPI document and its guides describe it.

Numbers are binary floats, of a metric in percent a fraction; a metric may round what it is given to
its precision (``rounds``). A list shows of a newest status update its gid and title alone. A value
for a goal without a metric is 400; one of a metric that another integration made is 403, and so is
one that Asana computes. A status update goes to every follower (``notified``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from tests.system.standins.serving import Asked, Reply
from tests.system.standins.stores import LEAD, OKRSYNC, Clock, StoreStandIn, key_in, monday, zulu

TOKEN: Final = "asana-token"
ME: Final = {"gid": "900", "resource_type": "user", "name": "OKR robot"}
_LEAD: Final = {"gid": "901", "resource_type": "user", "name": LEAD}
WORKSPACE: Final = {"gid": "500", "resource_type": "workspace", "name": "Acme"}
_COLOURS: Final = {"on_track": "green", "at_risk": "yellow", "off_track": "red"}
_TYPES: Final = frozenset({*_COLOURS, "achieved", "partial", "missed", "dropped"})

Object = dict[str, Any]


@dataclass
class Goal:
    gid: str
    name: str
    metric: Object | None
    followers: int = 3
    status: str | None = None
    updates: list[Object] = field(default_factory=list)
    more: Object = field(default_factory=dict)


class Asana(StoreStandIn):
    def __init__(self, clock: Clock = monday, rounds: bool = False) -> None:
        super().__init__(clock)
        self.goals: dict[str, Goal] = {}
        self.workspaces: list[Object] = [dict(WORKSPACE)]
        self.notified = 0
        self._rounds = rounds

    def goal(
        self,
        gid: str,
        *,
        initial: float = 42,
        target: float = 10,
        precision: int = 6,
        unit: str = "none",
        currency: str | None = None,
        source: str = "manual",
        can_manage: bool = True,
        metric: bool = True,
        **more: Any,
    ) -> Goal:
        """A new goal, without any check-in."""
        made: Object = {
            "gid": f"m{gid}",
            "resource_type": "goal_metric",
            "precision": precision,
            "unit": unit,
            "currency_code": currency,
            "initial_number_value": initial,
            "target_number_value": target,
            "current_number_value": initial,
            "progress_source": source,
            "can_manage": can_manage,
        }
        self.goals[gid] = Goal(gid, f"Goal {gid}", made if metric else None, more=more)
        return self.goals[gid]

    def person(
        self, ref: str, value: float | None = None, *, text: str = "", status: str = "on_track"
    ) -> None:
        """The team's lead sets the number in Asana, writes a status update, or both."""
        goal = self.goals[ref]
        if value is not None and goal.metric is not None:
            goal.metric["current_number_value"] = float(value)
            self.note(ref, float(value), LEAD, kind="value")
        if text:
            self._add_update(goal, _LEAD, {"text": text, "status_type": status})

    def shown(self, ref: str) -> Decimal | None:
        metric = self.goals[ref].metric
        return None if metric is None else Decimal(repr(metric["current_number_value"]))

    def respond(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return _refused(401)
        parts = asked.path.strip("/").split("/")
        return self._read(asked, parts) if asked.method == "GET" else self._write(asked, parts)

    def _read(self, asked: Asked, parts: list[str]) -> Reply:
        match parts:
            case ["workspaces"]:
                return self._page(asked, self.workspaces)
            case ["users", "me"]:
                return Reply({"data": {**ME, "email": "robot@acme.example"}})
            case ["goals"]:
                return self._page(asked, [self._shown(goal) for goal in self.goals.values()])
            case ["goals", gid] if gid in self.goals:
                return Reply({"data": self._shown(self.goals[gid])})
            case ["status_updates"]:
                return self._page(asked, self.goals[asked.params["parent"]].updates[::-1])
            case ["status_updates", gid]:
                every = (one for goal in self.goals.values() for one in goal.updates)
                found = [one for one in every if one["gid"] == gid]
                return Reply({"data": found[0]}) if found else _refused(404)
        return _refused(404)

    def _write(self, asked: Asked, parts: list[str]) -> Reply:
        match parts:
            case ["goals", gid, "setMetricCurrentValue"] if gid in self.goals:
                return self._set_value(self.goals[gid], asked.body["data"])
            case ["status_updates"]:
                return self._post_update(asked.body["data"])
        return _refused(404)

    def _set_value(self, goal: Goal, data: Mapping[str, Any]) -> Reply:
        metric = goal.metric
        if metric is None:
            return _refused(400)
        if metric["progress_source"] != "manual" and not (
            metric["progress_source"] == "external" and metric["can_manage"]
        ):
            return _refused(403)
        value = data["current_number_value"]
        if self._rounds:
            places = metric["precision"] + (2 if metric["unit"] == "percentage" else 0)
            value = round(value, places)
        metric["current_number_value"] = value
        self.note(goal.gid, float(value), OKRSYNC, kind="value")
        return Reply({"data": self._shown(goal)})

    def _post_update(self, data: Mapping[str, Any]) -> Reply:
        goal = self.goals.get(data["parent"])
        if goal is None:
            return _refused(404)
        if not data.get("text") or data.get("status_type") not in _TYPES:
            return _refused(400)
        return Reply({"data": self._add_update(goal, ME, data)}, 201)

    def _add_update(self, goal: Goal, by: Object, data: Mapping[str, Any]) -> Object:
        update = {
            "gid": str(7000 + self.number()),
            "resource_type": "status_update",
            "title": data.get("title", "Status Update"),
            "text": data["text"],
            "status_type": data["status_type"],
            "author": dict(by),
            "created_at": zulu(self.now()),
        }
        goal.updates.append(update)
        goal.status = _COLOURS.get(data["status_type"], data["status_type"])
        self.notified += goal.followers
        key = key_in(update["title"])
        who = OKRSYNC if by is ME else LEAD
        status = update["status_type"]
        self.note(goal.gid, update["text"], who, key=key, kind="update", status=status)
        return update

    def _shown(self, goal: Goal) -> Object:
        newest = goal.updates[-1] if goal.updates else None
        return {
            "gid": goal.gid,
            "resource_type": "goal",
            "name": goal.name,
            "status": goal.status,
            "metric": dict(goal.metric) if goal.metric else None,
            "workspace": dict(WORKSPACE),
            "current_status_update": newest and {key: newest[key] for key in ("gid", "title")},
            **goal.more,
        }

    def _page(self, asked: Asked, entries: list[Object]) -> Reply:
        start, limit = int(asked.params.get("offset", 0)), int(asked.params["limit"])
        if not 1 <= limit <= 100:
            return _refused(400)
        following = start + limit if start + limit < len(entries) else None
        next_page = {"offset": str(following)} if following is not None else None
        return Reply({"data": entries[start : start + limit], "next_page": next_page})


def _refused(status: int) -> Reply:
    return Reply({"errors": [{"message": "refused"}]}, status)
