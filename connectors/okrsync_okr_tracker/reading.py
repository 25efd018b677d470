"""From OKR Tracker's answer to what the store stands at. Pure.

``currentValue`` is the newest value by its date. ``lastUpdated`` is the newest of those that no API
has put on a day: where the two differ, such a value stands there, and nothing tells who put it.
``progression`` is clamped, and not a number where a weight is missing: nothing is read of it but
whether anything was checked in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from okrsync.decimals import plain
from okrsync.errors import BadAnswer
from okrsync.model import StoredDefinition, StoredKeyResult, StoreRef
from okrsync_okr_tracker import comments


@dataclass(frozen=True, slots=True)
class Update:
    """``lastUpdated``: ``key`` is okrsync's, None where a person wrote it."""

    value: Decimal
    at: datetime
    author: str
    comment: str
    note: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a key result stands at; ``current`` is None before the first check-in."""

    title: str
    objective: str
    current: Decimal | None
    update: Update | None

    @property
    def shown(self) -> Update | None:
        """The update that ``current`` comes from; None where that was put on a day."""
        update = self.update
        if update is None or self.current is None:
            return None
        return update if comments.same(update.value, self.current) else None

    @property
    def key(self) -> str | None:
        return None if self.shown is None else self.shown.key

    @property
    def revision(self) -> str:
        return "" if self.current is None else revision(self.update, self.current)


def revision(update: Update | None, current: Decimal) -> str:
    """Names the check-in; a change of the title or of a weight is none."""
    seen = [] if update is None else [update.at.isoformat(), update.author, update.comment]
    number = "" if update is None else plain(update.value)
    text = json.dumps([*seen, number, plain(current)])
    return sha256(text.encode()).hexdigest()[:20]


def standing(id_: str, said: Mapping[str, Any]) -> Standing:
    """Raises ``BadAnswer`` for what is no key result."""
    try:
        update = _update(said.get("lastUpdated"))
        current = _number(said.get("currentValue"))
        started = bool(said.get("progression"))
    except (KeyError, TypeError, ValueError):
        update, current, started = None, None, True
    if current is None and (started or update is not None):
        raise BadAnswer(
            f"OKR Tracker's answer for {id_} has no readable value",
            next_step="look at the key result in OKR Tracker; okrsync does not guess",
        )
    if update is None and not started:
        current = None  # what it shows is the start value: nobody has checked in
    title = said.get("description") or id_
    return Standing(str(title), str(said.get("objective") or ""), current, update)


def stored(ref: StoreRef, now: Standing) -> StoredKeyResult:
    shown = now.shown
    return StoredKeyResult(
        ref=ref,
        title=now.title,
        value=now.current,
        revision=now.revision,
        key=now.key,
        author="" if shown is None else shown.author,
        at=None if shown is None else shown.at,
        note="" if shown is None else shown.note,
        definition=StoredDefinition(objective=now.objective),
    )


def not_shown(ref: StoreRef) -> StoredKeyResult:
    """It is there, and neither its value nor who wrote it can be seen: nothing may be written."""
    return StoredKeyResult(
        ref=ref,
        title=ref.id,
        value=None,
        revision="",
        automated="not shown (500), as is every key result that nobody has edited since it was "
        "made: open it in OKR Tracker once, change its description, and save",
    )


def _update(said: Any) -> Update | None:
    if said is None:
        return None
    value = _number(said["value"])
    if value is None:
        raise ValueError
    comment = str(said.get("comment") or "")
    note, key = comments.read(comment, value)
    at = datetime.fromisoformat(said["timestamp"])
    return Update(
        value=value,
        at=at if at.tzinfo else at.replace(tzinfo=UTC),
        author=str(said.get("createdBy") or ""),
        comment=comment,
        note=note,
        key=key,
    )


def _number(said: Any) -> Decimal | None:
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | Decimal):
        raise TypeError
    return Decimal(said)
