"""What stores show, and what they are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from okrsync.model.kinds import Status
from okrsync.model.places import StoreRef


@dataclass(frozen=True, slots=True)
class StoredDefinition:
    """What a store knows of a key result besides its check-ins: for linking and importing.

    ``start`` and ``end`` are its period's first day and the day after its last; ``link`` opens it.
    """

    objective: str = ""
    team: str = ""
    owner: str = ""
    baseline: Decimal | None = None
    target: Decimal | None = None
    start: date | None = None
    end: date | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class StoredKeyResult:
    """What the store shows now.

    ``revision`` names the check-in it stands at ("" before the first); ``key`` is okrsync's key of
    that check-in, None when a person wrote it. ``value`` is None before the first check-in, and
    always in a store that keeps no numbers. ``status`` is the store's own word. ``automated`` says
    why nobody may write the value ("computed from its tasks"), "" where it may be written.
    ``decimals`` are the places that this key result keeps, where fewer than the store could.
    """

    ref: StoreRef
    title: str
    value: Decimal | None
    revision: str
    key: str | None = None
    unit: str = ""
    author: str = ""
    at: datetime | None = None
    confidence: float | None = None
    note: str = ""
    status: str = ""
    automated: str = ""
    definition: StoredDefinition = StoredDefinition()
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class PersonsWord:
    """A check-in that a person wrote in the store: shown beside what was computed, never replaced
    unless the mapping says so. ``value`` is None where it holds no number, ``confidence`` 0-1."""

    store: str
    revision: str
    author: str = ""
    at: datetime | None = None
    value: Decimal | None = None
    unit: str = ""
    confidence: float | None = None
    status: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What the store should hold. ``base`` is the revision it follows; ``key`` recognises it."""

    key: str
    key_result: str
    ref: StoreRef
    base: str
    value: Decimal
    unit: str
    as_of: datetime
    score: Decimal | None = None
    confidence: float | None = None
    status: Status = Status.UNKNOWN
    note: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a check-in is in the store; ``already_there`` when an earlier try put it in."""

    key: str
    remote_id: str
    already_there: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """One check-in of the journal, whoever wrote it. ``why`` is its text; ``run`` the run that
    wrote it, or that first saw it; ``status`` is a ``Status``, or the store's own word."""

    at: datetime
    by: str
    number: Decimal | None
    unit: str
    store: str
    run: str
    why: str = ""
    confidence: float | None = None
    status: str = ""
