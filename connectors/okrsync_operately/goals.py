"""Goals, targets and check-ins as Operately's answers tell of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from okrsync.errors import BadAnswer
from okrsync.http.parts import Parts, instant
from okrsync.model import StoredDefinition
from okrsync_operately.documents import Message, message
from okrsync_operately.names import one_id

WORDS: Final = frozenset({"on_track", "caution", "off_track"})
Object = Mapping[str, Any]

PARTS: Final = Parts("Operately")


@dataclass(frozen=True, slots=True)
class Target:
    id: str
    name: str
    unit: str
    baseline: Decimal | None
    target: Decimal | None
    value: Decimal | None

    @property
    def one_id(self) -> str:
        return one_id(self.id)


@dataclass(frozen=True, slots=True)
class CheckInThere:
    """A published check-in; ``values`` are of the targets that it writes, by their one id."""

    id: str
    status: str
    author: str
    at: datetime | None
    message: Message
    values: Mapping[str, Decimal | None]

    def is_about(self, target: Target) -> bool:
        """A person's is about the whole goal: its status and words are read for every target, also
        where it leaves the values alone. okrsync's is about those it writes."""
        return self.message.key is None or target.one_id in self.values


@dataclass(frozen=True, slots=True)
class Goal:
    """``newest`` is its newest check-in, whichever targets that is about."""

    id: str
    name: str
    status: str
    closed: bool
    targets: Sequence[Target]
    newest: CheckInThere | None
    definition: StoredDefinition

    @property
    def automated(self) -> str:
        return "closed in Operately" if self.closed else ""

    def tells_of(self, target: Target) -> bool:
        """Whether the newest check-in is all there is to know about this target."""
        return self.newest is None or self.newest.is_about(target)

    def target(self, named: str) -> Target | None:
        """By its id or its name; "" is the only one that there is."""
        if not named:
            return self.targets[0] if len(self.targets) == 1 else None
        found = [
            target
            for target in self.targets
            if one_id(named) == target.one_id or named == target.name
        ]
        return found[0] if len(found) == 1 else None


def goal_of(data: Object) -> Goal:
    newest = data.get("last_check_in")
    return Goal(
        id=PARTS.text(data, "id"),
        name=PARTS.text(data, "name"),
        status=PARTS.text(data, "status"),
        closed=bool(data.get("is_closed") or data.get("is_archived")),
        targets=[_target(entry) for entry in _entries(data.get("targets"))],
        newest=check_in_of(PARTS.table(newest)) if newest else None,
        definition=_definition(data),
    )


def check_in_of(data: Object) -> CheckInThere:
    author = data.get("author")
    return CheckInThere(
        id=one_id(PARTS.text(data, "id")),
        status=PARTS.text(data, "status"),
        author=PARTS.text(PARTS.table(author), "full_name") if author else "",
        at=instant(PARTS.text(data, "published_at") or PARTS.text(data, "inserted_at")),
        message=message(data.get("message")),
        values={
            one_id(PARTS.text(entry, "id")): number(entry.get("value"))
            for entry in _entries(data.get("goal_target_updates"))
        },
    )


def is_published(data: Object) -> bool:
    """Drafts and what is scheduled are shown to their author alone."""
    return data.get("state") == "published"


def number(value: Any) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise BadAnswer("Operately's answer has no number as value", next_step="okrsync doctor")
    return Decimal(value)


def _target(data: Object) -> Target:
    return Target(
        id=PARTS.text(data, "id"),
        name=PARTS.text(data, "name"),
        unit=PARTS.text(data, "unit"),
        baseline=number(data.get("from")),
        target=number(data.get("to")),
        value=number(data.get("value")),
    )


def _definition(data: Object) -> StoredDefinition:
    space, champion = data.get("space"), data.get("champion")
    timeframe = PARTS.table(data.get("timeframe") or {})
    last = _day(timeframe.get("contextual_end_date"))
    return StoredDefinition(
        objective=PARTS.text(data, "name"),
        team=PARTS.text(PARTS.table(space), "name") if space else "",
        owner=PARTS.text(PARTS.table(champion), "full_name") if champion else "",
        start=_day(timeframe.get("contextual_start_date")),
        end=last + timedelta(days=1) if last else None,
    )


def _day(contextual: Any) -> date | None:
    if not contextual:
        return None
    try:
        return date.fromisoformat(PARTS.text(PARTS.table(contextual), "date")[:10])
    except ValueError:
        raise BadAnswer("Operately's answer has no date in a timeframe") from None


def _entries(data: Any) -> Sequence[Object]:
    if data is None:
        return []
    if not isinstance(data, list):
        raise BadAnswer("Operately's answer holds no list", next_step="okrsync doctor")
    return [PARTS.table(entry) for entry in data]
