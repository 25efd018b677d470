"""What a run decides and does, and what is left of a period."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from okrsync.model.goals import Confidence, KeyResult, Score
from okrsync.model.keeping import CheckIn, PersonsWord, Receipt
from okrsync.model.kinds import Verdict
from okrsync.model.measuring import Value
from okrsync.model.places import Period, Place


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a plan.

    ``value`` and ``score`` are what was computed (None when there is no value), ``stored`` what
    the store shows, ``last_sent`` what okrsync last wrote there, ``check_in`` what will be sent.
    ``cure`` is the command to type next where the verdict is held or failed. ``word`` is the
    store's newest check-in where a person wrote it.
    """

    key_result: str
    title: str
    verdict: Verdict
    reason: str
    place: Place
    value: Value | None = None
    score: Score | None = None
    stored: Decimal | None = None
    stored_revision: str = ""
    last_sent: Decimal | None = None
    check_in: CheckIn | None = None
    code: str = ""
    cure: str = ""
    exit_code: int = 0
    sources: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    word: PersonsWord | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Sorted changes and the fingerprint over what was decided and from what.

    ``costs`` says of a source what asking it took, in the source's own terms: (source, words).
    """

    made_at: datetime
    changes: tuple[Change, ...]
    fingerprint: str
    costs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RunReport:
    """What became of a plan: its changes are as they ended, so that a check-in that could not be
    written is a failed line of it, and one of ``failures``."""

    run: str
    started: datetime
    plan: Plan
    receipts: tuple[Receipt, ...] = ()
    failures: tuple[Change, ...] = ()
    settled: tuple[Receipt, ...] = ()
    exit_code: int = 0
    warnings: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Closing:
    """How the end of a period froze the last word on a key result.

    ``author`` wrote the store's newest check-in, which stood at ``revision``. ``believed`` is the
    confidence of the last check-in, made at ``believed_at``; ``came_true`` says whether the target
    was met, None where no number says so.
    """

    at: datetime
    by: str
    author: str = ""
    revision: str = ""
    believed: Confidence | None = None
    believed_at: datetime | None = None
    came_true: bool | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last known word on a key result, or on a metric watched as a KPI.

    ``since`` is when this verdict began and ``runs`` how many runs in a row have given it, so that
    a report can say "failed since 3 days, 9 runs". ``word`` is the store's newest check-in, where a
    person wrote it. With ``closed`` it is the last word for ever.
    """

    subject: str
    run: str
    at: datetime
    verdict: Verdict
    reason: str
    since: datetime
    runs: int = 1
    code: str = ""
    cure: str = ""
    value: Value | None = None
    score: Score | None = None
    stored: Decimal | None = None
    word: PersonsWord | None = None
    closed: Closing | None = None


@dataclass(frozen=True, slots=True)
class FinalWord:
    """What a closed period leaves of a key result: as it was defined then, and how it ended."""

    key_result: KeyResult
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """A period whose numbers are frozen; ``early`` says that it was closed before its end."""

    period: Period
    at: datetime
    by: str
    early: bool = False
