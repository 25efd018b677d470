"""One issue of a sprint, as it was when the sprint began and when it ended. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from okrsync_jira.cycle import StageOf, Status
from okrsync_jira.issues import Change, Issue
from okrsync_jira.messages import unexpected


@dataclass(frozen=True, slots=True)
class Sprint:
    id: int
    name: str
    started: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Estimate:
    """The board's estimation field; an empty ``id`` means that issues are counted."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Past:
    """One issue of a sprint, looked at as it was at the sprint's start and end."""

    issue: Issue
    sprint_field: str
    estimate_field: str
    sprint: Sprint

    def committed(self, stage_of: StageOf) -> Decimal:
        start = self.sprint.started
        if self.issue.created > start or not self._in_sprint(start) or self._early(stage_of):
            return Decimal(0)
        return self._estimate(start)

    def done(self, stage_of: StageOf) -> Decimal:
        end = self.sprint.ended
        if not self._in_sprint(end) or stage_of(self._status(end)) != "done":
            return Decimal(0)
        if self._early(stage_of):
            return Decimal(0)
        return self._estimate(end)

    def _early(self, stage_of: StageOf) -> bool:
        """Done before the sprint began: no work of this sprint."""
        start = self.sprint.started
        return self.issue.created <= start and stage_of(self._status(start)) == "done"

    def _in_sprint(self, moment: datetime) -> bool:
        """Membership is undone from today backwards: closed sprints stay in the field."""
        after = self._after(self.sprint_field, moment)
        if not after:
            return True
        return str(self.sprint.id) in after[0].old.id.replace(" ", "").split(",")

    def _status(self, moment: datetime) -> Status:
        after = self._after("status", moment)
        return after[0].old if after else self.issue.status

    def _estimate(self, moment: datetime) -> Decimal:
        if not self.estimate_field:
            return Decimal(1)
        after = self._after(self.estimate_field, moment)
        if after:
            return _number(after[0].old.name or after[0].old.id)
        return _number(self.issue.fields.get(self.estimate_field))

    def _after(self, field: str, moment: datetime) -> list[Change]:
        changes = [
            change
            for change in self.issue.changes or ()
            if change.field == field and change.at > moment
        ]
        return sorted(changes, key=lambda change: (change.at, change.order))


def _number(value: object) -> Decimal:
    """An estimate; an empty one is none, and counts nothing."""
    if value is None or value == "":
        return Decimal(0)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise unexpected("estimate") from None
    if isinstance(value, bool) or not number.is_finite():
        raise unexpected("estimate")
    return number
