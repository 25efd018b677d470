"""Operately's requests, and what makes an answer one that can be counted on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from okrsync.errors import BadAnswer, OutcomeUnknown, Refused
from okrsync.http import RefusedAnswer
from okrsync.http.parts import readable
from okrsync_operately.goals import PARTS, CheckInThere, Goal, check_in_of, goal_of, is_published

if TYPE_CHECKING:
    from okrsync.http import Answer, Door
    from okrsync_operately.settings import OperatelySettings

API: Final = "/api/external/v1"
_WITH: Final = {"include_last_check_in": "true"}
_WITH_NAMES: Final = {**_WITH, "include_space": "true", "include_champion": "true"}
# a text that is no id is a bad request
_GONE: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})

Object = Mapping[str, Any]


class Operately:
    """The requests of one account; safe to share by threads."""

    def __init__(self, door: Door, settings: OperatelySettings) -> None:
        self._door = door
        self._settings = settings

    @property
    def requests(self) -> int:
        return self._door.requests

    def goals(self) -> Sequence[Goal]:
        """All goals that the settings let in; Operately lists them in one answer."""
        return [goal_of(entry) for entry in self._list()]

    def readable_goals(self) -> Sequence[Goal]:
        """Those of them that can be read."""
        return list(readable(goal_of, self._list()))

    def goal(self, id_: str) -> Goal | None:
        """None where this account sees no such goal."""
        try:
            return goal_of(_part(self._get("get", {"id": id_, **_WITH_NAMES}), "goal"))
        except RefusedAnswer as refused:
            if refused.status in _GONE:
                return None
            raise

    def check_ins(self, goal: str) -> Sequence[CheckInThere]:
        """A goal's published check-ins, newest first."""
        listed = _listed(self._get("list_check_ins", {"goal_id": goal}), "check_ins")
        return [check_in_of(entry) for entry in listed if is_published(entry)]

    def set_value(self, goal: str, target: str, value: float) -> None:
        body = {"goal_id": goal, "target_id": target, "value": value}
        _written(self._post("update_target_value", body), "success")

    def add_check_in(
        self, goal: str, target: str, value: float, *, status: str, content: str
    ) -> CheckInThere:
        """Value, status and note in one; the new check-in."""
        body = {
            "goal_id": goal,
            "status": status,
            "content": content,
            "new_target_values": json.dumps([{"id": target, "value": value}]),
            "send_notifications_to_everyone": self._settings.notify,
        }
        made = _written(self._post("create_check_in", body), "update")
        try:
            return check_in_of(made)
        except BadAnswer as unreadable:
            raise _unknown(unreadable) from None

    def _list(self) -> Sequence[Object]:
        space = {"space_id": self._settings.space} if self._settings.space else {}
        return _listed(self._get("list", {**_WITH_NAMES, **space}), "goals")

    def _get(self, name: str, params: Mapping[str, str]) -> Object:
        return PARTS.table(self._door.get(f"goals/{name}", params=params).json())

    def _post(self, name: str, body: Object) -> Answer:
        try:
            return self._door.post(f"goals/{name}", json=body)
        except RefusedAnswer as refused:
            if refused.status != HTTPStatus.FORBIDDEN:
                raise
            raise Refused(
                refused.message,
                next_step="make an API token that is not read-only, of a user who may edit the "
                "goal",
            ) from None


def _written(answer: Answer, name: str) -> Object:
    """What was made; an answer that does not say so leaves the outcome unknown."""
    try:
        said = PARTS.table(answer.json()).get(name)
    except BadAnswer as unreadable:
        raise _unknown(unreadable) from None
    if not said:
        raise _unknown(BadAnswer("Operately's answer does not say that it was done"))
    return said if isinstance(said, dict) else {}


def _unknown(error: BadAnswer) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"{error.message} after a write",
        next_step="run again: okrsync looks into the store before it sends anything",
    )


def _listed(answer: Object, name: str) -> Sequence[Object]:
    listed = answer.get(name)
    if not isinstance(listed, list):
        raise BadAnswer(f"Operately's answer holds no {name}", next_step="okrsync doctor")
    return [PARTS.table(entry) for entry in listed]


def _part(answer: Object, name: str) -> Object:
    return PARTS.table(answer.get(name))
