"""Compare: what we computed, what the store shows, what we last wrote. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from okrsync.contracts import Capabilities
from okrsync.mapping.units import show
from okrsync.model import Status, StoredKeyResult, Value
from okrsync.state.records import Sent
from okrsync.sync.capability import begins_with


class Standing(Enum):
    FIRST = auto()
    SAME = auto()
    OURS = auto()
    A_PERSONS = auto()


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Comparison:
    """``previous`` is the number that a new one would replace, None before the first check-in and
    where it is not known. ``sent`` is what okrsync last wrote to this very place, where the newest
    check-in there is a person's."""

    standing: Standing
    previous: Decimal | None
    base: str
    sent: Sent | None = None


def compare(
    value: Value,
    status: Status,
    stored: StoredKeyResult | None,
    sent: Sent | None,
    capabilities: Capabilities,
) -> Comparison:
    """Where the store stands towards ``value``.

    The store's newest check-in is ours when it carries a key of okrsync's, or is the very one that
    our last receipt from this store names; anything else was written by a person.
    """
    if stored is None or (stored.value is None and not stored.revision):
        return Comparison(Standing.FIRST, None, "")
    base, there = stored.revision, stored.value
    if there is not None and same_number(value.number, there, capabilities):
        return Comparison(Standing.SAME, there, base)
    if not is_ours(stored, sent):
        ours = sent is not None and sent.check_in.ref == stored.ref
        return Comparison(Standing.A_PERSONS, there, base, sent if ours else None)
    if capabilities.numbers == "none":
        return _by_receipt(value, status, stored, sent)
    return Comparison(Standing.OURS, there, base)


def is_ours(stored: StoredKeyResult, sent: Sent | None) -> bool:
    """Whether okrsync wrote what the store shows. A receipt counts in the store that gave it: in
    another one, where the key result was moved to, the same revision may be a person's."""
    if stored.key is not None:
        return True
    if sent is None or sent.receipt.remote_id != stored.revision:
        return False
    return sent.check_in.ref == stored.ref


def same_number(one: Decimal, other: Decimal, capabilities: Capabilities) -> bool:
    """As the store can hold them, so that rounding there is not a change each time."""
    return one == other or capabilities.held(one) == capabilities.held(other)


def _by_receipt(
    value: Value, status: Status, stored: StoredKeyResult, sent: Sent | None
) -> Comparison:
    """A store without numbers cannot say what it stands at; what we last sent can."""
    base = stored.revision
    if sent is None or base != sent.receipt.remote_id or sent.check_in.ref != stored.ref:
        return Comparison(_as_the_text_says(value, stored), None, base)
    before = sent.check_in
    same = show(before.value, before.unit) == show(value.number, value.unit)
    standing = Standing.SAME if same and before.status is status else Standing.OURS
    return Comparison(standing, before.value, base)


def _as_the_text_says(value: Value, stored: StoredKeyResult) -> Standing:
    """Ours, and the state does not know it any more, because an older one was restored."""
    return Standing.SAME if begins_with(stored.note, value) else Standing.OURS
