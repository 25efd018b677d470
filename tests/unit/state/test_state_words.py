"""Runs, outcomes, slots and what people said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from okrsync.model import Confidence, Outcome, Score, Status, Value, Verdict
from okrsync.state.records import Approval, ManualValue
from okrsync.state.state import State, open_state

AT = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HELD = Outcome("kr", "run-1", AT, Verdict.HELD, "a jump of 40 %", AT, code="max-step", cure="x")


def test_a_run_is_known_from_its_start(state: State) -> None:
    killed = state.runs.start("sync", AT)
    run = state.runs.start("sync --all", AT + HOUR)
    state.runs.finish(run, AT + 2 * HOUR, 3, {"post": 2, "held": 1})
    newest, older = state.runs.latest(5)
    assert (newest.id, newest.command, newest.exit_code) == (run, "sync --all", 3)
    assert newest.summary == {"post": 2, "held": 1}
    assert (newest.started, newest.finished) == (AT + HOUR, AT + 2 * HOUR)
    assert (older.id, older.finished, older.exit_code) == (killed, None, None)
    assert len(state.runs.latest(1)) == 1


def test_run_ids_are_unique_and_sort_by_time(state: State) -> None:
    ids = [state.runs.start("sync", AT + n * HOUR) for n in range(5)]
    assert ids == sorted(set(ids))
    assert state.runs.prune(AT + 3 * HOUR) == 3


def test_an_outcome_remembers_since_when_and_for_how_many_runs(state: State) -> None:
    for n in range(3):
        at = AT + n * HOUR
        state.outcomes.replace([replace(HELD, run=f"run-{n}", at=at, since=at)])
    outcome = state.outcomes.all()["kr"]
    assert (outcome.since, outcome.runs, outcome.at) == (AT, 3, AT + 2 * HOUR)


def test_another_verdict_or_code_begins_anew(state: State) -> None:
    state.outcomes.replace([HELD])
    later = replace(HELD, run="run-2", at=AT + HOUR, since=AT + HOUR, code="max-age")
    state.outcomes.replace([later])
    assert state.outcomes.all()["kr"] == later
    posted = replace(later, run="run-3", verdict=Verdict.POST, since=AT + 2 * HOUR)
    state.outcomes.replace([posted])
    assert state.outcomes.all()["kr"] == posted


def test_one_run_counts_once(state: State) -> None:
    state.outcomes.replace([HELD])
    state.outcomes.replace([HELD])
    assert state.outcomes.all()["kr"].runs == 1


def test_an_outcome_comes_back_as_it_was(state: State) -> None:
    value = Value(Decimal("0.10"), "%", AT, "manual", remark="counted by hand → 10 ‰")
    score = Score(
        progress=Decimal("-0.2"),
        score=Decimal(0),
        expected=None,
        pace=None,
        confidence=Confidence(0.25, "human", "gut"),
        status=Status.OFF_TRACK,
        reason="behind",
        forecast=((0.1, Decimal("1.50")), (0.9, Decimal(3))),
    )
    whole = replace(HELD, value=value, score=score, stored=Decimal("0.09"))
    bare = replace(HELD, subject="metric")
    state.outcomes.replace([whole, bare])
    state.outcomes.replace([])
    assert dict(state.outcomes.all()) == {"kr": whole, "metric": bare}


def test_an_approval_is_open_until_it_is_used(state: State) -> None:
    approval = Approval("kr", Decimal("31.50"), "d", "a known outage", "team lead", AT)
    other = replace(approval, key_result="other", at=AT + HOUR)
    state.words.approve(approval)
    state.words.approve(other)
    assert state.words.approvals() == [approval, other]
    state.words.use("kr", "run", AT + HOUR)
    assert state.words.approvals() == [other]
    again = replace(approval, at=AT + 2 * HOUR)
    state.words.approve(again)
    assert state.words.approvals() == [other, again]


def test_the_newest_word_on_a_value_counts(state: State) -> None:
    first = ManualValue("kr", Decimal(3), date(2026, 11, 9), "counted", "team lead", AT)
    second = replace(first, number=Decimal("4.0"), until=None, at=AT + HOUR)
    state.words.say(second)
    state.words.say(first)
    assert state.words.manual_values() == {"kr": second}


def test_a_slot_never_goes_back(state: State) -> None:
    state.slots.mark("kr", AT + HOUR)
    state.slots.mark("kr", AT)
    state.slots.mark_all({"other": AT})
    state.slots.mark_all({})
    assert state.slots.done() == {"kr": AT + HOUR, "other": AT}


def test_guarantee_33_tenants_do_not_see_each_others_words(state: State, state_url: str) -> None:
    run = state.runs.start("sync", AT)
    state.outcomes.replace([HELD])
    state.slots.mark("kr", AT)
    state.words.approve(Approval("kr", Decimal(3), "", "", "team lead", AT))
    state.words.say(ManualValue("kr", Decimal(3), None, "", "team lead", AT))
    with open_state(state_url, tenant="other") as other:
        other.runs.finish(run, AT, 0, {})
        other.words.use("kr", run, AT)
        assert other.runs.latest(9) == []
        assert not other.outcomes.all()
        assert other.slots.done() == {}
        assert other.words.approvals() == []
        assert other.words.manual_values() == {}
    assert state.runs.latest(1)[0].finished is None
    assert len(state.words.approvals()) == 1
