"""Intent, receipt, giving up: over whole histories."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.model import CheckIn, Receipt, StoreRef
from okrsync.state.state import State, open_state
from okrsync.testing import a_check_in

AT = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
REF = StoreRef("store", "kr")


def pending_keys(state: State) -> list[str]:
    return [intent.check_in.key for intent in state.outbox.pending()]


def test_guarantee_2_the_payload_is_frozen_before_the_first_send(state: State) -> None:
    first = a_check_in(REF, 31, key="k", note="31 → 30 🎯")
    assert state.outbox.intend("run-1", AT, first).check_in == first
    later = state.outbox.intend("run-2", AT + HOUR, replace(first, note="another"))
    assert (later.check_in, later.run, later.at) == (first, "run-1", AT)
    [pending] = state.outbox.pending()
    assert pending == later


def test_a_receipt_settles_the_intent_and_is_what_was_last_sent(state: State) -> None:
    check_in = a_check_in(REF, 31, key="k")
    state.outbox.intend("run", AT, check_in)
    assert "kr" not in state.outbox.last_sent()
    state.outbox.receive(Receipt("k", "remote-7", already_there=True), AT + HOUR)
    sent = state.outbox.last_sent()["kr"]
    assert sent.check_in == check_in
    assert sent.receipt == Receipt("k", "remote-7", already_there=True)
    assert (sent.run, sent.at) == ("run", AT + HOUR)
    assert pending_keys(state) == []


def test_guarantee_6_a_late_receipt_does_not_hide_a_newer_check_in(state: State) -> None:
    state.outbox.intend("run-1", AT, a_check_in(REF, 31, key="old"))
    state.outbox.intend("run-2", AT + HOUR, a_check_in(REF, 30, key="new"))
    state.outbox.receive(Receipt("new", "2"), AT + 2 * HOUR)
    state.outbox.receive(Receipt("old", "1"), AT + 3 * HOUR)
    assert state.outbox.last_sent()["kr"].check_in.key == "new"
    assert pending_keys(state) == []


def test_a_check_in_meant_on_a_clock_that_was_put_back_is_the_newest_all_the_same(
    state: State,
) -> None:
    state.outbox.intend("run-1", AT, a_check_in(REF, 31, key="a"))
    state.outbox.receive(Receipt("a", "1"), AT)
    ours, other = a_check_in(REF, 30, key="b"), a_check_in(StoreRef("store", "kr-2"), 7, key="c")
    state.outbox.intend_all("run-2", AT - HOUR, [ours, other])
    for key in ("b", "c", "a"):
        state.outbox.receive(Receipt(key, key), AT - HOUR)
    sent = state.outbox.last_sent()
    assert sent["kr"].check_in == ours
    assert sent["kr"].intended > AT
    assert sent["kr-2"].intended == AT - HOUR


def test_a_key_that_was_given_up_can_be_meant_again(state: State) -> None:
    first = a_check_in(REF, 31, key="k")
    state.outbox.intend("run-1", AT, first)
    state.outbox.give_up("k", "the store refused it", AT)
    assert pending_keys(state) == []
    second = replace(first, note="the second try")
    assert state.outbox.intend("run-2", AT + HOUR, second).check_in == second
    assert pending_keys(state) == ["k"]


def test_many_at_once_come_back_in_order(state: State) -> None:
    check_ins = [a_check_in(REF, n, key=f"k-{n}") for n in range(1100)]
    intents = state.outbox.intend_all("run", AT, check_ins[::-1])
    assert [intent.check_in for intent in intents] == check_ins[::-1]
    assert len(state.outbox.pending()) == 1100
    assert state.outbox.intend_all("run", AT, []) == []


def test_prune_keeps_what_is_pending_and_what_was_sent_last(state: State) -> None:
    for hour, key in enumerate(("a", "b", "c", "d")):
        state.outbox.intend("run", AT + hour * HOUR, a_check_in(REF, hour, key=key))
    for key in ("a", "b"):
        state.outbox.receive(Receipt(key, key), AT + 4 * HOUR)
    state.outbox.give_up("c", "superseded", AT + 4 * HOUR)
    assert state.outbox.prune(AT + 4 * HOUR) == 0
    assert state.outbox.prune(AT + 5 * HOUR) == 2
    assert state.outbox.last_sent()["kr"].check_in.key == "b"
    assert pending_keys(state) == ["d"]


def test_guarantee_33_tenants_do_not_see_each_others_outbox(state: State, state_url: str) -> None:
    state.outbox.intend("run", AT, a_check_in(REF, 31, key="k"))
    with open_state(state_url, tenant="other") as other:
        other.outbox.receive(Receipt("k", "stolen"), AT)
        other.outbox.give_up("k", "not theirs", AT)
        assert pending_keys(other) == []
        assert not other.outbox.last_sent()
    assert pending_keys(state) == ["k"]


@dataclass
class Entry:
    check_in: CheckIn
    at: datetime
    standing: str = "pending"


@dataclass(frozen=True)
class Step:
    verb: str
    key: str
    value: int


KEYS = {"a1": "a", "a2": "a", "b1": "b"}
STEPS = st.lists(
    st.builds(
        Step,
        verb=st.sampled_from(["intend", "receive", "give_up"]),
        key=st.sampled_from(sorted(KEYS)),
        value=st.integers(0, 3),
    ),
    max_size=10,
)


class Model:
    """What the outbox promises, in a dict."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.last: dict[str, str] = {}

    def intend(self, check_in: CheckIn, at: datetime) -> None:
        known = self.entries.get(check_in.key)
        if known is None or known.standing == "given up":
            self.entries[check_in.key] = Entry(check_in, at)

    def receive(self, key: str) -> None:
        entry = self.entries.get(key)
        if entry is None:
            return
        entry.standing = "sent"
        last = self.last.get(KEYS[key])
        if last is None or self.entries[last].at <= entry.at:
            self.last[KEYS[key]] = key

    def give_up(self, key: str) -> None:
        entry = self.entries.get(key)
        if entry is not None and entry.standing == "pending":
            entry.standing = "given up"

    def pending(self) -> list[CheckIn]:
        waiting = [entry for entry in self.entries.values() if entry.standing == "pending"]
        return [entry.check_in for entry in sorted(waiting, key=lambda entry: entry.at)]


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_guarantee_1_no_history_loses_or_doubles_an_intent(steps: list[Step]) -> None:
    model = Model()
    with open_state("sqlite://", tenant="acme") as state:
        for hour, step in enumerate(steps):
            at = AT + hour * HOUR
            if step.verb == "intend":
                ref = StoreRef("store", KEYS[step.key])
                check_in = a_check_in(ref, step.value, key=step.key)
                stands = state.outbox.intend("run", at, check_in)
                model.intend(check_in, at)
                assert stands.check_in == model.entries[step.key].check_in
            elif step.verb == "receive":
                state.outbox.receive(Receipt(step.key, "r"), at)
                model.receive(step.key)
            else:
                state.outbox.give_up(step.key, "superseded", at)
                model.give_up(step.key)
            assert [intent.check_in for intent in state.outbox.pending()] == model.pending()
            sent = {name: s.check_in for name, s in state.outbox.last_sent().items()}
            assert sent == {n: model.entries[key].check_in for n, key in model.last.items()}
