"""Compare: what we computed, what the store shows, what we last wrote. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import Enum, auto

from okrsync.contracts import Capabilities
from okrsync.mapping.units import show
from okrsync.model import OnConflict, StoredKeyResult, Value
from okrsync.state.records import Sent


class Standing(Enum):
    FIRST = auto()
    SAME = auto()
    OURS = auto()
    A_PERSONS = auto()


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Comparison:
    """``previous`` is the number that a new one would replace, None before the first check-in."""

    standing: Standing
    previous: Decimal | None
    base: str


def compare(
    number: Decimal,
    stored: StoredKeyResult | None,
    sent: Sent | None,
    capabilities: Capabilities,
) -> Comparison:
    """Where the store stands towards ``number``.

    The store's newest check-in is ours when it carries a key of okrsync's, or is the very one that
    our last receipt names; anything else was written by a person.
    """
    if stored is None or stored.value is None:
        return Comparison(Standing.FIRST, None, "" if stored is None else stored.revision)
    if as_held(number, capabilities) == as_held(stored.value, capabilities):
        return Comparison(Standing.SAME, stored.value, stored.revision)
    ours = stored.key is not None or (
        sent is not None and sent.receipt.remote_id == stored.revision
    )
    standing = Standing.OURS if ours else Standing.A_PERSONS
    return Comparison(standing, stored.value, stored.revision)


def as_held(number: Decimal, capabilities: Capabilities) -> Decimal:
    """``number`` as the store can hold it, so that rounding there is not a change each time."""
    if capabilities.digits is not None:
        number = Context(prec=capabilities.digits, rounding=ROUND_HALF_EVEN).plus(number)
    places = 0 if capabilities.numbers == "integer" else capabilities.decimals
    if places is None:
        return number
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def hold_for_person(stored: StoredKeyResult, on_conflict: OnConflict) -> str:
    """Why a person's check-in stays: the reason to show, "" when the mapping lets okrsync write."""
    if on_conflict is OnConflict.OURS:
        return ""
    who = stored.author or "a person"
    if on_conflict is OnConflict.THEIRS:
        return f"{who} wrote a newer value and `on_conflict` lets it stand"
    return f"{who} wrote a newer value in the store"


def persons_value(stored: StoredKeyResult, measured: Value, now: datetime) -> Value:
    """The person's number as the key result's value, with what was measured beside it."""
    who = stored.author or "a person"
    return Value(
        number=measured.number if stored.value is None else stored.value,
        unit=measured.unit,
        as_of=stored.at or now,
        origin="manual",
        remark=f"checked in by {who}; measured: {show(measured.number, measured.unit)}",
    )
