"""A target with where it stands, and how a check-in is recognised in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from okrsync.model import CheckIn, Receipt, StoredKeyResult, StoreRef
from okrsync.standings import Standing, following, number_is_there
from okrsync_operately.goals import CheckInThere, Goal, Target


@dataclass(frozen=True, slots=True)
class Stand:
    """``newest`` is the newest check-in about this target, ``value`` what it shows now."""

    goal: Goal
    target: Target
    newest: CheckInThere | None
    value: Decimal | None
    kept: Standing

    @property
    def revision(self) -> str:
        return self.kept.revision

    @property
    def text(self) -> str:
        return "" if self.newest is None else self.newest.id

    @property
    def key(self) -> str | None:
        """Of the check-in of okrsync's own that the value came from."""
        if self.kept.key is not None or self.newest is None:
            return self.kept.key
        said = self.newest.values.get(self.target.one_id)
        return self.newest.message.key if said == self.value else None


def signed(check_in: CheckIn, stand: Stand) -> Receipt | None:
    """The check-in, where the value came from it or the newest text carries its key."""
    if stand.key == check_in.key:
        return Receipt(check_in.key, stand.revision, already_there=True)
    newest = stand.newest
    if newest is None or newest.message.key != check_in.key:
        return None
    said = newest.values.get(stand.target.one_id)
    value = check_in.value if said is None else said
    revision = following(check_in.base, newest.id, value)
    return Receipt(check_in.key, str(revision), already_there=True)


def stands_alone(check_in: CheckIn, held: Decimal, stand: Stand) -> bool:
    """Whether the check-in's value is there, and no other check-in of okrsync's explains it."""
    there = number_is_there(check_in, held, stand.value, stand.text, stand.kept)
    return there and stand.key is None


def stored_of(ref: StoreRef, stand: Stand) -> StoredKeyResult:
    newest = stand.newest
    of_the_text = stand.kept.of_text
    target = stand.target
    return StoredKeyResult(
        ref=ref,
        title=target.name,
        value=stand.value if stand.revision else None,
        revision=stand.revision,
        key=stand.key,
        unit=target.unit,
        author=newest.author if newest is not None and of_the_text else "",
        at=newest.at if newest is not None and of_the_text else None,
        note=newest.message.note if newest is not None else "",
        status=stand.goal.status,
        automated=stand.goal.automated,
        definition=replace(stand.goal.definition, baseline=target.baseline, target=target.target),
    )
