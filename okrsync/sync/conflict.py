"""A person's check-in in the store: kept, shown, and whose word counts. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from okrsync.mapping.rules import Rule
from okrsync.mapping.units import show
from okrsync.model import HoldCode, PersonsWord, StoredKeyResult, Value, Verdict
from okrsync.state.records import Approval, Sent
from okrsync.sync.compare import Comparison, is_ours
from okrsync.sync.guard import Hold
from okrsync.sync.verdicts import Decision, approve, hold


def word_of(stored: StoredKeyResult | None, sent: Sent | None) -> PersonsWord | None:
    """The store's newest check-in, where a person wrote it."""
    if stored is None or not stored.revision or is_ours(stored, sent):
        return None
    return PersonsWord(
        store=stored.ref.store,
        revision=stored.revision,
        author=stored.author,
        at=stored.at,
        value=stored.value,
        unit=stored.unit,
        confidence=stored.confidence,
        status=stored.status,
        note=stored.note,
    )


def held_for_person(rule: Rule, stored: StoredKeyResult, comparison: Comparison) -> Decision:
    """Theirs stays, until the mapping or, at the first link, an approval says whose word counts."""
    decide = f'on_conflict = "ours" or "theirs" at {rule.place}'
    if comparison.sent is not None:
        newer = _newer(stored, comparison.sent)
        return hold(Hold(HoldCode.EDITED_BY_PERSON, newer), f"write {decide}")
    reason = f"{_who(stored)} checked in here{_when(stored)} before okrsync ever did"
    cure = f"write {decide}"
    if stored.at is not None:
        cure = f"{approve(rule.key_result.id)}, or {cure}"
    return hold(Hold(HoldCode.CHECKED_IN_BEFORE, reason), cure)


def covers(approval: Approval | None, value: Value, stored: StoredKeyResult) -> bool:
    """An approval is for one value, and for nothing that a person wrote after it."""
    if approval is None or approval.number != value.number:
        return False
    return stored.at is not None and stored.at <= approval.at


def let_stand(stored: StoredKeyResult) -> Decision:
    """Where the mapping says that a person's word counts, nothing is written."""
    reason = f"{_who(stored)} wrote a newer value and `on_conflict` lets it stand"
    return Decision(Verdict.UNCHANGED, reason)


def persons_value(stored: StoredKeyResult, measured: Value, now: datetime) -> Value:
    """The person's number as the key result's value, with what was measured beside it; where they
    wrote none, what was measured stays the value."""
    if stored.value is None:
        return replace(measured, remark=f"{_who(stored)} checked in without a number")
    return Value(
        number=stored.value,
        unit=measured.unit,
        as_of=stored.at or now,
        origin="manual",
        remark=f"checked in by {_who(stored)}; measured: {show(measured.number, measured.unit)}",
    )


def _newer(stored: StoredKeyResult, sent: Sent) -> str:
    """Also words alone are a person's check-in: a new one of ours would stand in front of them."""
    if stored.value is None or stored.value == sent.number:
        return f"{_who(stored)} checked in since, without a new number"
    return f"{_who(stored)} wrote a newer value in the store"


def _who(stored: StoredKeyResult) -> str:
    return stored.author or "a person"


def _when(stored: StoredKeyResult) -> str:
    return "" if stored.at is None else f" on {stored.at.date()}"
