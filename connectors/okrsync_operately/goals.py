"""Goals, targets and check-ins as Operately's answers tell of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from okrsync.errors import BadAnswer
from okrsync.model import StoredDefinition
from okrsync_operately.documents import Message, message
from okrsync_operately.names import one_id

WORDS: Final = frozenset({"on_track", "caution", "off_track"})
Object = Mapping[str, Any]


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
    """A published check-in; ``values`` are of the targets that it is about, by their one id."""

    id: str
    status: str
    author: str
    at: datetime | None
    message: Message
    values: Mapping[str, Decimal | None]


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
        return self.newest is None or target.one_id in self.newest.values

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
        id=_text(data, "id"),
        name=_text(data, "name"),
        status=_text(data, "status"),
        closed=bool(data.get("is_closed") or data.get("is_archived")),
        targets=[_target(entry) for entry in _entries(data.get("targets"))],
        newest=check_in_of(_mapping(newest)) if newest else None,
        definition=_definition(data),
    )


def check_in_of(data: Object) -> CheckInThere:
    author = data.get("author")
    return CheckInThere(
        id=one_id(_text(data, "id")),
        status=_text(data, "status"),
        author=_text(_mapping(author), "full_name") if author else "",
        at=_instant(_text(data, "published_at") or _text(data, "inserted_at")),
        message=message(data.get("message")),
        values={
            one_id(_text(entry, "id")): number(entry.get("value"))
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
        id=_text(data, "id"),
        name=_text(data, "name"),
        unit=_text(data, "unit"),
        baseline=number(data.get("from")),
        target=number(data.get("to")),
        value=number(data.get("value")),
    )


def _definition(data: Object) -> StoredDefinition:
    space, champion = data.get("space"), data.get("champion")
    timeframe = _mapping(data.get("timeframe") or {})
    last = _day(timeframe.get("contextual_end_date"))
    return StoredDefinition(
        objective=_text(data, "name"),
        team=_text(_mapping(space), "name") if space else "",
        owner=_text(_mapping(champion), "full_name") if champion else "",
        start=_day(timeframe.get("contextual_start_date")),
        end=last + timedelta(days=1) if last else None,
    )


def _day(contextual: Any) -> date | None:
    if not contextual:
        return None
    try:
        return date.fromisoformat(_text(_mapping(contextual), "date")[:10])
    except ValueError:
        raise BadAnswer("Operately's answer has no date in a timeframe") from None


def _instant(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None


def _entries(data: Any) -> Sequence[Object]:
    if data is None:
        return []
    if not isinstance(data, list):
        raise BadAnswer("Operately's answer holds no list", next_step="okrsync doctor")
    return [_mapping(entry) for entry in data]


def _mapping(data: Any) -> Object:
    if not isinstance(data, dict):
        raise BadAnswer(
            "Operately's answer is not made as it should be", next_step="okrsync doctor"
        )
    return data


def _text(data: Object, name: str) -> str:
    """ "" where there is none."""
    found = data.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise BadAnswer(f"Operately's answer has no text as {name}", next_step="okrsync doctor")
    return found
