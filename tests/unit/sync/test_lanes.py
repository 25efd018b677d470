"""Stores side by side: what one of them may do to a run, and what it must not do to the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from okrsync.errors import (
    LeaseLost,
    OkrsyncError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SignInRefused,
    Unreachable,
)
from okrsync.model import Change, CheckIn, Receipt, StoreRef
from okrsync.state.state import State, open_state
from okrsync.sync.apply import Applier
from okrsync.sync.lanes import MOST_IN_VAIN, Lanes
from okrsync.testing import a_check_in, frozen_clock
from okrsync.testing.memory_store import MemoryStore
from okrsync.testing.samples import a_post

HOUR = timedelta(hours=1)


@dataclass
class Stubborn(MemoryStore):
    """Counts what it is asked to write; raises the first of ``refusals`` that is left."""

    refusals: list[OkrsyncError | None] = field(default_factory=list)
    asked: int = 0

    def post(self, check_in: CheckIn, /) -> Receipt:
        self.asked += 1
        refusal = self.refusals.pop(0) if self.refusals else None
        if refusal is not None:
            raise refusal
        return super().post(check_in)


@dataclass
class Hanging(MemoryStore):
    """Answers a post when ``opens`` is set, which is perhaps never."""

    begun: threading.Event = field(default_factory=threading.Event)
    opens: threading.Event = field(default_factory=threading.Event)

    def post(self, check_in: CheckIn, /) -> Receipt:
        self.begun.set()
        self.opens.wait()
        return super().post(check_in)


@pytest.fixture
def state() -> Iterator[State]:
    with open_state("sqlite://", tenant="acme") as state:
        yield state


def refs(store: str, count: int) -> list[StoreRef]:
    return [StoreRef(store, f"{store}-{number}") for number in range(count)]


def to_post(ref: StoreRef) -> Change:
    return a_post(a_check_in(ref))


def applier(state: State, lanes: Lanes | None = None, /, **stores: MemoryStore) -> Applier:
    lanes = lanes or Lanes(lambda: HOUR, HOUR)
    return Applier(state, stores.__getitem__, lanes, "run", frozen_clock())


def until_one_is_done() -> Lanes:
    """The run's time is over as soon as one store is done."""
    left = iter([HOUR])
    return Lanes(lambda: next(left, -HOUR), HOUR)


def written(going: Applier, changes: list[Change]) -> tuple[list[Receipt], list[Change]]:
    applied = going.apply(changes)
    return applied.receipts, applied.failures


def test_a_store_that_hangs_costs_no_other_store_its_check_ins(state: State) -> None:
    hanging, others = refs("hanging", 3), refs("others", 3)
    slow, quick = Hanging.of(*hanging), MemoryStore.of(*others)
    lanes = until_one_is_done()
    changes = [to_post(ref) for pair in zip(hanging, others, strict=True) for ref in pair]
    receipts, failures = written(applier(state, lanes, hanging=slow, others=quick), changes)
    assert [receipt.key for receipt in receipts] == quick.keys()
    assert [(c.key_result, c.code) for c in failures] == [
        ("hanging-0", "outcome-unknown"),
        ("hanging-1", "unreachable"),
        ("hanging-2", "unreachable"),
    ]
    assert [intent.check_in.key_result for intent in state.outbox.pending()] == ["hanging-0"]
    slow.opens.set()


def test_a_store_that_came_too_late_is_asked_nothing_more_in_this_run(state: State) -> None:
    late, more = refs("late", 2)
    (other,) = refs("other", 1)
    slow, quick = Hanging.of(late, more), MemoryStore.of(other)
    lanes = until_one_is_done()
    going = applier(state, lanes, late=slow, other=quick)
    written(going, [to_post(late), to_post(other)])
    slow.opens.set()
    _, failures = written(going, [to_post(more)])
    assert [failure.code for failure in failures] == ["unreachable"]
    assert "time was over" in failures[0].reason


def test_stores_are_written_at_the_same_time(state: State) -> None:
    """Neither answers before both have been asked."""
    (one,), (other,) = refs("one", 1), refs("other", 1)
    first, second = Hanging.of(one), Hanging.of(other)
    first.opens, second.opens = second.begun, first.begun
    receipts, failures = written(
        applier(state, one=first, other=second), [to_post(one), to_post(other)]
    )
    assert (len(receipts), failures) == (2, [])


def test_receipts_and_failures_are_in_the_order_of_the_plan(state: State) -> None:
    mixed = [ref for pair in zip(refs("b", 5), refs("a", 5), strict=True) for ref in pair]
    stores = {name: MemoryStore.of(*[r for r in mixed if r.store == name]) for name in "ab"}
    receipts, _ = written(applier(state, **stores), [to_post(ref) for ref in mixed])
    assert [receipt.key for receipt in receipts] == [a_check_in(ref).key for ref in mixed]


LOST = OutcomeUnknown("the answer was lost", silent=True)


@pytest.mark.parametrize("error", [Unreachable("no answer"), LOST])
def test_a_silent_store_is_left_alone_after_a_few_tries(state: State, error: OkrsyncError) -> None:
    those = refs("silent", 10)
    store = Stubborn.of(*those)
    store.refusals = [error] * 10
    _, failures = written(applier(state, silent=store), [to_post(ref) for ref in those])
    assert store.asked == MOST_IN_VAIN
    assert len(failures) == 10
    assert "not tried" in failures[-1].reason
    assert len(state.outbox.pending()) <= MOST_IN_VAIN


def test_a_store_that_answers_now_and_then_is_asked_to_the_end(state: State) -> None:
    those = refs("shaky", 9)
    store = Stubborn.of(*those)
    no = Refused("not this one")
    store.refusals = [LOST, LOST, None, LOST, LOST, no, LOST, LOST, None]
    receipts, failures = written(applier(state, shaky=store), [to_post(ref) for ref in those])
    assert store.asked == 9
    assert (len(receipts), len(failures)) == (2, 7)


def test_a_refused_sign_in_is_not_tried_for_ever_and_told_of_each_key_result(state: State) -> None:
    those = refs("locked", 5)
    store = Stubborn.of(*those)
    store.refusals = [SignInRefused("the token has expired", next_step="a new token")] * 5
    _, failures = written(applier(state, locked=store), [to_post(ref) for ref in those])
    assert store.asked == MOST_IN_VAIN
    assert {(failure.exit_code, failure.cure) for failure in failures} == {(4, "a new token")}
    assert state.outbox.pending() == []


def test_an_answer_that_leaves_the_outcome_open_is_no_silence(state: State) -> None:
    those = refs("half", 5)
    store = Stubborn.of(*those)
    store.refusals = [OutcomeUnknown("the number is there, its text was refused")] * 4
    receipts, failures = written(applier(state, half=store), [to_post(ref) for ref in those])
    assert (store.asked, len(receipts), len(failures)) == (5, 1, 4)


def test_a_store_that_was_silent_while_settling_is_written_no_more(state: State) -> None:
    those = refs("silent", 5)
    store = Stubborn.of(*those)
    store.refusals = [OutcomeUnknown("the answer was lost")] * 3
    written(applier(state, silent=store), [to_post(ref) for ref in those[:3]])
    store.broken = Unreachable("no answer")
    going = applier(state, silent=store)
    settled = going.settle(state.outbox.pending())
    assert [one.check_in.ref for one in settled.unknown] == those[:3]
    store.broken, store.asked = None, 0
    _, failures = written(going, [to_post(ref) for ref in those[3:]])
    assert (store.asked, len(failures)) == (0, 2)


def test_a_lost_lease_ends_the_run(state: State) -> None:
    (mine,), (other,) = refs("mine", 1), refs("other", 1)
    store = Stubborn.of(mine)
    store.refusals = [LeaseLost("this run's lease has ended")]
    with pytest.raises(LeaseLost):
        written(
            applier(state, mine=store, other=MemoryStore.of(other)), [to_post(mine), to_post(other)]
        )


@pytest.mark.parametrize("person", [False, True])
def test_asked_too_often_the_store_looks_again_before_it_sends_again(
    state: State, *, person: bool
) -> None:
    """By then a person may have checked in."""
    (ref,) = refs("busy", 1)
    store = Stubborn.of(ref)

    class Busy(Stubborn):
        def post(self, check_in: CheckIn, /) -> Receipt:
            try:
                return super().post(check_in)
            except RateLimited:
                if person:
                    self.edit(ref, 55)
                raise

    store = Busy.of(ref)
    store.refusals = [RateLimited("too often", wait=2.0)]
    receipts, failures = written(applier(state, busy=store), [to_post(ref)])
    shown = [str(entry.value) for entry in store.entries]
    if person:
        assert (shown, [one.code for one in failures]) == (["55"], ["moved-on"])
    else:
        assert (shown, len(receipts)) == (["31"], 1)
    assert state.outbox.pending() == []


def test_a_receipt_for_something_else_is_a_bug_that_leaves_the_outcome_open(state: State) -> None:
    (ref,) = refs("odd", 1)

    class Odd(MemoryStore):
        def post(self, check_in: CheckIn, /) -> Receipt:
            super().post(check_in)
            return None  # type: ignore[return-value]  # a plug-in's bug

    _, failures = written(applier(state, odd=Odd.of(ref)), [to_post(ref)])
    assert [failure.code for failure in failures] == ["outcome-unknown"]
    assert len(state.outbox.pending()) == 1


def test_a_settled_refusal_is_no_unknown_outcome(state: State) -> None:
    (ref,) = refs("closed", 1)
    store = Stubborn.of(ref)
    store.refusals = [OutcomeUnknown("the answer was lost"), Refused("the goal is closed there")]
    written(applier(state, closed=store), [to_post(ref)])
    settled = applier(state, closed=store).settle(state.outbox.pending())
    assert (settled.receipts, settled.unknown, list(state.outbox.pending())) == ([], [], [])


def test_definitions_that_take_for_ever_cost_no_other_store_its_check_ins(state: State) -> None:
    (slow,), (quick,) = refs("slow", 1), refs("quick", 1)
    store, opens = MemoryStore.of(quick), threading.Event()
    lanes = until_one_is_done()
    going = applier(state, lanes, slow=MemoryStore.of(slow), quick=store)
    applied = going.apply([to_post(slow), to_post(quick)], {"slow": opens.wait})
    assert [receipt.key for receipt in applied.receipts] == store.keys()
    assert [failure.key_result for failure in applied.failures] == ["slow-0"]
    opens.set()


def test_two_failures_do_not_cut_off_the_write_under_way_in_a_third_store(state: State) -> None:
    ones = [refs(name, 1)[0] for name in ("a", "b", "c")]
    broken = {name: Stubborn.of(ref) for name, ref in zip("ab", ones[:2], strict=True)}
    slow = Hanging.of(ones[2])
    for store in broken.values():
        store.refusals = [LeaseLost("this run's lease has ended")]
    threading.Timer(0.05, slow.opens.set).start()
    with pytest.raises(LeaseLost):
        written(applier(state, **broken, c=slow), [to_post(ref) for ref in ones])
    assert len(slow.entries) == slow.begun.is_set()
