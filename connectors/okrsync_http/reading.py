"""From an answer to the check-in that it shows. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from okrsync import marks
from okrsync.decimals import plain
from okrsync.errors import BadAnswer
from okrsync.model import CheckIn, StoredDefinition, StoredKeyResult, StoreRef
from okrsync_http.answers import number_at, text_at
from okrsync_http.settings import HttpSettings, Listed, Show
from okrsync_http.words import as_held, confidence_shown, shown


@dataclass(frozen=True, slots=True)
class Entry:
    """A check-in as it is shown; ``number`` is on okrsync's scale, None before the first one."""

    number: Decimal | None
    revision: str
    key: str | None
    author: str
    note: str
    status: str
    confidence: float | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A key result: its check-ins from the oldest to the newest, and where its title is read."""

    entries: Sequence[Entry]
    described: Any

    @property
    def newest(self) -> Entry | None:
        return self.entries[-1] if self.entries else None

    @property
    def revision(self) -> str:
        return "" if self.newest is None else self.newest.revision


class Reader:
    def __init__(self, settings: HttpSettings, show: Show) -> None:
        self._show = show
        self._holds = settings.holds
        self._signed = settings.signs_notes

    def standing(self, found: Sequence[Any], described: Any, unit: str) -> Standing:
        """``unit`` is okrsync's own where it is known; the store's word comes first."""
        unit = text_at(described, self._show.unit) or unit
        entries = [self._entry(one, unit) for one in found]
        # What was never checked in shows nothing, or a number without any check-in behind it.
        return Standing([entry for entry in entries if entry.revision], described)

    def stored(self, ref: StoreRef, now: Standing) -> StoredKeyResult:
        newest = now.newest
        title, definition = described(self._show, now.described)
        if newest is None:
            return StoredKeyResult(ref, title or ref.id, None, "", definition=definition)
        return StoredKeyResult(
            ref=ref,
            title=title or ref.id,
            value=newest.number,
            revision=newest.revision,
            key=newest.key,
            unit=text_at(now.described, self._show.unit),
            author=newest.author,
            at=newest.at,
            confidence=newest.confidence,
            note=newest.note,
            status=newest.status,
            definition=definition,
        )

    def found(self, check_in: CheckIn, now: Standing) -> Entry | None:
        """The entry of this check-in, by its key.

        Where entries carry none, by number and author, and by coming after the one that the plan
        saw. Where that one is not shown any more, an entry could as well be an older one: then none
        is taken, and nothing is sent either, for the store has moved on.
        """
        keyed = bool(self._show.key) or self._signed
        newer = _after(check_in.base, now.entries)
        if newer is None:
            newer = () if self._show.of_check_ins and not keyed else now.entries
        for entry in reversed(newer):
            if entry.key == check_in.key if keyed else self._looks_like(check_in, entry):
                return entry
        return None

    def _looks_like(self, check_in: CheckIn, entry: Entry) -> bool:
        held = as_held(check_in.value, self._holds)
        mine = entry.author == self._show.me and entry.number is not None
        return mine and entry.number is not None and self._same(entry.number, held)

    def _entry(self, one: Any, unit: str) -> Entry:
        show = self._show
        raw = number_at(one, show.value)
        number = None if raw is None else shown(raw, unit, self._holds)
        text, mark = text_at(one, show.note), text_at(one, show.key)
        note, key = text, None
        if self._signed:
            note, key = marks.unsigned(text, number, digits=self._holds.digits)
        if show.key:
            key = marks.key_in(mark, number, digits=self._holds.digits)
        author, when = text_at(one, show.author), text_at(one, show.at)
        changes = text_at(one, show.revision)
        return Entry(
            number=number,
            revision=_digest(number, [changes, when, author, text, mark]),
            key=key,
            author=author,
            note=note,
            status=text_at(one, show.status),
            confidence=confidence_shown(number_at(one, show.confidence), self._holds),
            at=_instant(when),
        )

    def _same(self, one: Decimal, other: Decimal) -> bool:
        return marks.same(one, other, self._holds.digits)


def _after(base: str, entries: Sequence[Entry]) -> Sequence[Entry] | None:
    """Those that came after the one with the revision ``base``, None where that is not there."""
    if not base:
        return entries
    for place in range(len(entries), 0, -1):
        if entries[place - 1].revision == base:
            return entries[place:]
    return None


def described(asked: Listed, row: Any) -> tuple[str, StoredDefinition]:
    """Title and definition."""
    definition = StoredDefinition(
        objective=text_at(row, asked.objective),
        team=text_at(row, asked.team),
        owner=text_at(row, asked.owner),
        baseline=number_at(row, asked.baseline),
        target=number_at(row, asked.target),
    )
    return text_at(row, asked.title), definition


def matching(rows: Sequence[Any], path: str, id_: str) -> Any | None:
    """The one row of a key result; raises ``BadAnswer`` where there are more."""
    found = [row for row in rows if text_at(row, path) == id_]
    if len(found) > 1:
        raise BadAnswer(
            f"{len(found)} rows have the id {id_}",
            next_step="delete the others: nobody can tell which one is meant",
        )
    return found[0] if found else None


def _digest(number: Decimal | None, seen: list[str]) -> str:
    if number is None:
        return ""
    text = json.dumps([plain(number), *seen])
    return sha256(text.encode()).hexdigest()[:20]


def _instant(text: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
