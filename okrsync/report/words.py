"""What people have said, in the JSON envelope: values and approvals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from okrsync.report.json import envelope


class Word(Protocol):
    """A person's word on a key result; okrsync.state.records has them."""

    @property
    def key_result(self) -> str: ...
    @property
    def number(self) -> Decimal: ...
    @property
    def reason(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def at(self) -> datetime: ...


class Permission(Word, Protocol):
    """Lets one held value through; ``used_run`` is the run that then wrote it."""

    @property
    def unit(self) -> str: ...
    @property
    def used_run(self) -> str | None: ...


class Said(Word, Protocol):
    """A value in a person's words; ``until`` is the last day it counts, None for ever."""

    @property
    def until(self) -> date | None: ...


def said_json(said: Said, now: datetime) -> str:
    return envelope("set", 0, now, items=[{**_word(said), "until": said.until}])


def approved_json(approvals: Sequence[Permission], now: datetime) -> str:
    items = [approval_item(approval) for approval in approvals]
    return envelope("approve", 0, now, summary={"approved": len(items)}, items=items)


def approval_item(approval: Permission) -> dict[str, object]:
    used = {"used_by_run": approval.used_run}
    return {**_word(approval), "unit": approval.unit or None, **used}


def use_of(approval: Permission) -> str:
    return f"used by run {approval.used_run}" if approval.used_run else "not used yet"


def _word(word: Word) -> dict[str, object]:
    return {
        "kr": word.key_result,
        "value": word.number,
        "reason": word.reason,
        "by": word.by,
        "at": word.at,
    }
