"""Asana's requests, and what makes an answer one that can be counted on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from okrsync.errors import BadAnswer, OutcomeUnknown, Refused, UsageError
from okrsync.http import RefusedAnswer
from okrsync.http.parts import readable
from okrsync_asana.goals import FIELDS, PARTS, Goal, goal_of
from okrsync_asana.settings import AsanaSettings

if TYPE_CHECKING:
    from okrsync.http import Answer, Door

PAGE: Final = 100
_GOAL: Final = {"opt_fields": ",".join(FIELDS)}
_UPDATE: Final = {"opt_fields": "author.name,created_at,status_type,text,title"}
_GONE: Final = frozenset({403, 404})

Object = Mapping[str, Any]


class Asana:
    """The requests of one account; safe to share by threads."""

    def __init__(self, door: Door, settings: AsanaSettings) -> None:
        self._door = door
        self._settings = settings

    @property
    def requests(self) -> int:
        return self._door.requests

    def goal(self, gid: str) -> Goal | None:
        """None where this account sees no such goal."""
        try:
            return goal_of(_data(self._door.get(f"goals/{gid}", params=_GOAL)))
        except RefusedAnswer as refused:
            if refused.status in _GONE:
                return None
            raise

    def pages(self) -> Iterator[Sequence[Goal]]:
        """All goals that the settings let in."""
        for page in self._listed("goals", {**self._scope(), **_GOAL}):
            yield [goal_of(entry) for entry in page]

    def readable_pages(self) -> Iterator[Sequence[Goal]]:
        """Those of them that can be read."""
        for page in self._listed("goals", {**self._scope(), **_GOAL}):
            yield list(readable(goal_of, page))

    def updates(self, gid: str) -> Iterator[Object]:
        """Status updates of a goal, in Asana's order."""
        for page in self._listed("status_updates", {"parent": gid, **_UPDATE}):
            yield from page

    def update(self, gid: str) -> Object:
        return _data(self._door.get(f"status_updates/{gid}", params=_UPDATE))

    def set_value(self, gid: str, value: float) -> Goal:
        """The goal as it is after the write."""
        body = {"data": {"current_number_value": value}}
        return goal_of(self._written(f"goals/{gid}/setMetricCurrentValue", body, _GOAL))

    def add_update(self, parent: str, *, status_type: str, title: str, text: str) -> Object:
        """The new status update."""
        data = {"parent": parent, "status_type": status_type, "title": title, "text": text}
        return self._written("status_updates", {"data": data}, _UPDATE)

    def me(self) -> Object:
        fields = {"opt_fields": "name,email,workspaces.name"}
        return _data(self._door.get("users/me", params=fields))

    def workspaces(self) -> Sequence[Object]:
        fields = {"opt_fields": "name"}
        return [entry for page in self._listed("workspaces", fields) for entry in page]

    def _scope(self) -> dict[str, str]:
        if self._settings.team is not None:
            return {"team": self._settings.team}
        return {"workspace": self._settings.workspace or self._only_workspace()}

    def _only_workspace(self) -> str:
        found = self.workspaces()
        if len(found) == 1:
            return str(found[0].get("gid", ""))
        named = ", ".join(f"{one.get('gid')} ({one.get('name')})" for one in found) or "none"
        raise UsageError(
            f"the token sees {len(found)} workspaces of Asana: {named}",
            next_step='say which in the settings: workspace = "..."',
        )

    def _listed(self, path: str, params: Mapping[str, str]) -> Iterator[Sequence[Object]]:
        offset: str | None = None
        while True:
            asked: dict[str, str | int] = {**params, "limit": PAGE}
            if offset is not None:
                asked["offset"] = offset
            answer = PARTS.table(self._door.get(path, params=asked).json())
            page = answer.get("data")
            if not isinstance(page, list):
                raise BadAnswer("Asana's answer holds no list", next_step="okrsync doctor")
            yield [PARTS.table(entry) for entry in page]
            before, offset = offset, _offset(answer)
            if offset is None:
                return
            if offset == before or not page:
                raise BadAnswer("Asana's pages lead nowhere", next_step="run again: okrsync sync")

    def _written(self, path: str, body: Object, params: Mapping[str, str]) -> Object:
        """What the answer shows; an answer that shows nothing leaves the outcome unknown."""
        answer = self._write(path, body, params)
        try:
            return _data(answer)
        except BadAnswer as unreadable:
            raise OutcomeUnknown(
                f"{unreadable.message} after a write",
                next_step="run again: okrsync looks into the store before it sends anything",
            ) from None

    def _write(self, path: str, body: Object, params: Mapping[str, str]) -> Answer:
        try:
            return self._door.post(path, json=body, params=params)
        except RefusedAnswer as refused:
            raise _explained(refused) from None


def _explained(refused: RefusedAnswer) -> Refused:
    cures = {
        402: "this part of Asana needs a paid plan",
        403: "give the token's account the right to edit the goal",
    }
    if refused.status not in cures:
        return refused
    return Refused(refused.message, next_step=cures[refused.status])


def _data(answer: Answer) -> Object:
    data = PARTS.table(answer.json()).get("data")
    if data is None:
        raise BadAnswer("Asana's answer holds no data", next_step="okrsync doctor")
    return PARTS.table(data)


def _offset(answer: Object) -> str | None:
    """Where the next page begins."""
    following = answer.get("next_page")
    if following is None:
        return None
    offset = PARTS.table(following).get("offset")
    if not isinstance(offset, str):
        raise BadAnswer("Asana's next page has no beginning", next_step="run again: okrsync sync")
    return offset
