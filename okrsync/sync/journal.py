"""Who wrote what into a key result's store, when and why: okrsync's check-ins and people's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

from okrsync.model import Written
from okrsync.state.heard import HeardWord
from okrsync.state.records import Sent
from okrsync.state.state import State


def journal(state: State, key_result: str, since: datetime | None) -> Sequence[Written]:
    """All that is known of, oldest first."""
    ours = [(sent.intended, 1, _ours(sent)) for sent in state.outbox.sent(key_result)]
    theirs = [(heard.seen, 0, _theirs(heard)) for heard in state.heard.of(key_result)]
    # In the order in which okrsync met them: a service's clock may be wrong, and what a run finds
    # there is older than what it writes.
    in_order = sorted((*ours, *theirs), key=itemgetter(0, 1))
    return [entry for known, _, entry in in_order if since is None or known >= since]


def _ours(sent: Sent) -> Written:
    check_in = sent.check_in
    return Written(
        at=min(sent.intended, sent.at),  # an intent is dated later where the clock was put back
        by="okrsync",
        number=check_in.value,
        unit=check_in.unit,
        store=check_in.ref.store,
        run=sent.run,
        why=check_in.note,
        confidence=check_in.confidence,
        status=check_in.status.value,
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
