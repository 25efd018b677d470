"""Who wrote what into a key result's store, when and why: okrsync's check-ins and people's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from okrsync.state.heard import HeardWord
from okrsync.state.records import Sent
from okrsync.state.state import State


@dataclass(frozen=True, slots=True)
class Written:
    """One check-in. ``why`` is its text; ``run`` the run that wrote it, or that first saw it."""

    at: datetime
    by: str
    number: Decimal | None
    unit: str
    store: str
    run: str
    why: str = ""
    confidence: float | None = None
    status: str = ""


def journal(state: State, key_result: str, since: datetime | None) -> Sequence[Written]:
    """All that is known of, oldest first."""
    ours = map(_ours, state.outbox.sent(key_result))
    theirs = map(_theirs, state.heard.of(key_result))
    entries = sorted((*ours, *theirs), key=lambda entry: entry.at)
    return [entry for entry in entries if since is None or entry.at >= since]


def _ours(sent: Sent) -> Written:
    check_in = sent.check_in
    return Written(
        at=sent.at,
        by="okrsync",
        number=check_in.value,
        unit=check_in.unit,
        store=check_in.ref.store,
        run=sent.run,
        why=check_in.note,
        confidence=check_in.confidence,
        status=check_in.status.value.replace("_", " "),
    )


def _theirs(heard: HeardWord) -> Written:
    word = heard.word
    return Written(
        at=word.at or heard.seen,
        by=word.author or "a person",
        number=word.value,
        unit=word.unit,
        store=word.store,
        run=heard.run,
        why=word.note,
        confidence=word.confidence,
        status=word.status,
    )
