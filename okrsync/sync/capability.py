"""What a store cannot hold and what is done instead, said in the plan before it is sent. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from okrsync.contracts import Capabilities
from okrsync.decimals import EXACT
from okrsync.mapping.units import show
from okrsync.model import CheckIn, StoredKeyResult, Value

_MORE = "…"


def of_one(stored: StoredKeyResult | None, capabilities: Capabilities) -> Capabilities:
    """What one key result of the store can hold: it may keep fewer decimals than the store."""
    if stored is None or stored.decimals is None:
        return capabilities
    known = capabilities.decimals
    fewer = stored.decimals if known is None else min(known, stored.decimals)
    return replace(capabilities, decimals=fewer)


def cannot_hold(value: Value, capabilities: Capabilities) -> str:
    """Why the store cannot take this number at all; "" when it can."""
    if capabilities.numbers == "none":
        return ""
    if capabilities.held(value.number) < 0 and not capabilities.negative:
        return f"the store keeps no negative numbers, and this is {_shown(value)}"
    return ""


def begins_with(note: str, value: Value) -> bool:
    """Whether a text begins with the number, as it does where a store has no other place for it."""
    number = _shown(value)
    behind = note[len(number) :][:1]
    return note.startswith(number) and (not behind or behind in " \n")


def note_as_held(note: str, value: Value, capabilities: Capabilities) -> str:
    """The check-in's text as the store takes it: cut with a mark, and with the number in front
    where the store has no other place for it."""
    whole = note
    if capabilities.numbers == "none" and not begins_with(note, value):
        whole = f"{_shown(value)}\n{note}"
    longest = capabilities.note_length
    if longest is None or len(whole) <= longest:
        return whole
    return whole[: max(0, longest - len(_MORE))] + _MORE[:longest]


def losses(
    check_in: CheckIn, value: Value, note: str, capabilities: Capabilities, earlier: date | None
) -> tuple[str, ...]:
    """What of this very check-in the store cannot hold, and what is done instead.

    ``note`` is its whole text; ``earlier`` is the day of its data where that is not today.
    """
    return (
        *_of_the_number(check_in, value, capabilities),
        *_of_the_judgement(check_in, capabilities),
        *_of_the_text(note, capabilities, earlier),
    )


def _of_the_judgement(check_in: CheckIn, capabilities: Capabilities) -> Iterator[str]:
    if check_in.confidence is not None and not capabilities.confidence:
        yield "the store keeps no confidence: okrsync status shows it"
    if capabilities.statuses and check_in.status.value not in capabilities.statuses:
        word = check_in.status.value.replace("_", " ")
        yield f"the store has no word for `{word}`: it gets the nearest one, or none"


def _of_the_text(note: str, capabilities: Capabilities, earlier: date | None) -> Iterator[str]:
    if earlier is not None and not capabilities.back_dating:
        yield f"the store dates a check-in on the day it is written: the data is of {earlier}"
    longest = capabilities.note_length
    if longest == 0:
        yield "the store is given no text: okrsync history shows it"
    elif longest is not None and len(note) > longest:
        yield f"the store takes texts of {longest} characters: the end of this one is left out"


def _of_the_number(check_in: CheckIn, value: Value, capabilities: Capabilities) -> Iterator[str]:
    if capabilities.numbers == "none":
        yield f"the store keeps no numbers: its text begins with {_shown(value)}"
        return
    if check_in.value != value.number:
        kept = show(check_in.value, value.unit)
        yield f"{_shown(value)} is kept as {kept}: {_why_rounded(value, capabilities)}"
    if value.unit == "%" and capabilities.percent == "0-1":
        share = show(check_in.value.scaleb(-2, EXACT), "")
        yield f"the store counts percents from 0 to 1: {_shown(value)} is {share} there"


def _why_rounded(value: Value, capabilities: Capabilities) -> str:
    places = capabilities.decimals
    if capabilities.numbers == "integer" or places == 0:
        return "the store keeps whole numbers"
    if places is not None and replace(capabilities, digits=None).held(value.number) != value.number:
        return f"the store keeps {places} decimal{'' if places == 1 else 's'}"
    return f"the store keeps {capabilities.digits} digits"


def _shown(value: Value) -> str:
    return show(value.number, value.unit)
