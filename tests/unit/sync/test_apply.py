"""Intent, post, receipt: what is sent is what the plan says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from okrsync.model import Receipt, StoreRef, Verdict
from okrsync.state.state import State, open_state
from okrsync.sync.apply import Applier
from okrsync.sync.lanes import Lanes
from okrsync.testing import a_check_in, frozen_clock
from okrsync.testing.memory_store import MemoryStore
from okrsync.testing.samples import a_post

REF = StoreRef("store", "kr")
HOUR = timedelta(hours=1)


@pytest.fixture
def state() -> Iterator[State]:
    with open_state("sqlite://", tenant="acme") as state:
        yield state


@pytest.mark.parametrize("settled", [True, False])
def test_what_an_earlier_run_froze_under_the_same_key_is_never_sent_in_its_place(
    state: State, settled: bool
) -> None:
    clock, store = frozen_clock(), MemoryStore.of(REF)
    before = a_check_in(REF, 12, key="k")
    state.outbox.intend("an earlier run", clock(), before)
    if settled:
        state.outbox.receive(Receipt("k", "1"), clock())
    lanes = Lanes(lambda: HOUR, HOUR)
    applier = Applier(state, {"store": store}.__getitem__, lanes, "this run", clock)
    applied = applier.apply([a_post(replace(before, value=before.value + 2))])
    (failure,) = applied.failures
    assert (applied.receipts, store.posts) == ([], 0)
    assert (failure.verdict, failure.code) == (Verdict.FAILED, "refused")
    assert failure.cure == "okrsync history kr"
    assert len(state.outbox.pending()) == (0 if settled else 1)
