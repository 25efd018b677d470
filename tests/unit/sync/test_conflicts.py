"""People check in too: their word is kept and shown, and the mapping says whose counts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from okrsync.config.load import load
from okrsync.contracts import Capabilities
from okrsync.model import (
    Change,
    RunReport,
    Status,
    StoredDefinition,
    StoredKeyResult,
    StoreRef,
    Verdict,
)
from okrsync.report import json as as_json
from okrsync.report import text as as_text
from okrsync.report.history import history_json, history_text
from okrsync.sync import persons, plan_file, run, seeing
from okrsync.testing.clock import frozen_clock
from okrsync.testing.memory_source import MemorySource
from okrsync.testing.memory_store import MemoryStore

REF = StoreRef("store", "KR-1")
ID = "web.grow.signups"
CONFIG = """\
version = 1
timezone = "UTC"
mappings = ["team.toml"]
[store]
type = "memory"
[source.memory]
type = "memory"
"""
MAPPING = f"""\
version = 1
team = "web"
period = "2026-Q4"
[objective.grow]
title = "People find us"
[objective.grow.kr.signups]
title = "Sign-ups from 0 to 100"
baseline = 0
target = 100
from = "memory"
name = "signups"
store_id = "{REF.id}"
"""
PLAIN = Capabilities(back_dating=True)
STATUS_ONLY = Capabilities(numbers="none", back_dating=True)


class Talkative(MemoryStore):
    """Shows words beside numbers, and no key or no number where the capabilities say so."""

    capabilities = PLAIN
    keyless = False
    automated = ""
    period_ends: date | None = None

    def _stored(self, ref: StoreRef) -> StoredKeyResult:
        stored = super()._stored(ref)
        if self.capabilities.numbers == "none":
            stored = replace(stored, value=None)
        if self.keyless:
            stored = replace(stored, key=None)
        definition = StoredDefinition(end=self.period_ends)
        return replace(stored, status="amber", automated=self.automated, definition=definition)


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, frozen_clock()
        self.numbers: dict[str, Any] = {"signups": 40}
        self.source = MemorySource(self.numbers, clock=self.clock)
        self.store = Talkative(clock=self.clock)
        self.store.titles[REF] = "Sign-ups"
        self.write()

    def write(self, more: str = "", capabilities: Capabilities | None = None) -> None:
        if capabilities is not None:
            self.store.capabilities = capabilities
        specs: dict[str, Any] = {
            "okrsync.sources": self.source.spec(),
            "okrsync.stores": self.store.spec(capabilities=self.store.capabilities),
        }
        (self.folder / "config.toml").write_text(CONFIG)
        (self.folder / "team.toml").write_text(MAPPING + more)
        self.config = load(
            self.folder / "config.toml", clock=self.clock, find=lambda group, _type: specs[group]
        )

    def sync(self, number: int | None = None, *, later: int = 1) -> RunReport:
        self.clock.forward(hours=later)
        if number is not None:
            self.numbers["signups"] = number
        return run.sync(self.config, self.clock)[0]

    def change(self, number: int | None = None, *, later: int = 1) -> Change:
        (change,) = self.sync(number, later=later).plan.changes
        return change

    def says(self, number: int, *, note: str = "", confidence: float | None = None) -> None:
        """The team lead checks in."""
        self.clock.forward(minutes=1)
        self.store.edit(REF, number)
        self.store.entries[-1] = replace(self.store.entries[-1], note=note, confidence=confidence)

    @property
    def values(self) -> list[Decimal]:
        return [entry.value for entry in self.store.entries]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


# whose word counts

POLICIES = [
    ("", Verdict.HELD, [40, 55]),
    ('on_conflict = "hold"\n', Verdict.HELD, [40, 55]),
    ('on_conflict = "theirs"\n', Verdict.UNCHANGED, [40, 55]),
    ('on_conflict = "ours"\n', Verdict.POST, [40, 55, 42]),
]


@pytest.mark.parametrize("capabilities", [PLAIN, STATUS_ONLY], ids=["numbers", "status only"])
@pytest.mark.parametrize(("policy", "verdict", "left"), POLICIES)
def test_a_persons_newer_check_in_stands_as_the_mapping_says(
    project: Project, policy: str, verdict: Verdict, left: list[int], capabilities: Capabilities
) -> None:
    project.write(policy, capabilities)
    project.sync(40)
    project.says(55)
    assert project.change(42).verdict is verdict
    assert project.values == left


@pytest.mark.parametrize(("policy", "verdict", "left"), POLICIES)
def test_words_without_a_new_number_are_a_check_in_of_a_person_too(
    project: Project, policy: str, verdict: Verdict, left: list[int]
) -> None:
    project.write(policy)
    project.sync(40)
    project.says(40, note="two people are ill", confidence=0.3)
    assert project.change(40).verdict is Verdict.UNCHANGED
    change = project.change(42)
    assert change.verdict is verdict
    assert project.values == [40, *(number if number != 55 else 40 for number in left[1:])]
    if verdict is Verdict.HELD:
        assert "without a new number" in change.reason
        assert 'on_conflict = "ours" or "theirs" at team.toml:6' in change.cure


def test_a_persons_words_are_shown_beside_what_was_computed(project: Project) -> None:
    project.sync(40)
    project.says(40, note="two people are ill", confidence=0.3)
    report = project.sync(40)
    now = project.clock()
    plan = as_text.plan_text(report.plan, project.config)
    known = seeing.last_known(project.config, project.clock, [])
    status = as_text.status_text(project.config, known.outcomes, now)
    one = seeing.one_known(project.config, project.clock, ID)
    explained = as_text.explain_text(one.rule, one.outcome, project.config, one.history, now)
    (computed,) = [c.score.confidence for c in report.plan.changes if c.score is not None]
    assert computed is not None
    for shown in (plan, status, explained):
        said = " ".join(shown.split())
        assert (
            f"team lead checked in 40, confidence 0.30 (computed {computed.probability:.2f})"
            in said
        )
        assert "amber" in said
        assert "two people are ill" in said
    assert '"author": "team lead"' in as_json.status_json(project.config, known.outcomes, now)


def test_history_tells_who_wrote_what_and_why(project: Project) -> None:
    project.write('on_conflict = "ours"\n')
    first = project.sync(40)
    project.says(55, note="I counted again")
    second = project.sync(42)
    told = seeing.past(project.config, project.clock, ID, None)
    assert [(one.by, str(one.number), one.run) for one in told.written] == [
        ("okrsync", "40", first.run),
        ("team lead", "55", second.run),
        ("okrsync", "42", second.run),
    ]
    shown = " ".join(history_text(told.readings, project.clock().tzinfo, told.written).split())  # type: ignore[arg-type]
    assert "I counted again" in shown
    assert "42 (was 55, target 100)" in shown


def test_half_an_emoji_in_a_persons_note_is_kept_and_read_again(
    project: Project, tmp_path: Path
) -> None:
    """A service that cuts texts by length may cut one in two."""
    half = "we are late \ud83d"
    project.sync(40)
    project.says(55, note=half)
    for _ in range(2):
        change = project.change(42)
        assert change.verdict is Verdict.HELD
        assert change.word is not None
        assert change.word.note == half
    known = seeing.one_known(project.config, project.clock, ID)
    assert known.outcome is not None
    assert known.outcome.word == change.word
    told = seeing.past(project.config, project.clock, ID, None)
    assert told.written[-1].why == half
    planned = run.rehearse(project.config, project.clock).plan
    plan_file.save(planned, tmp_path / "plan.json")
    assert plan_file.load(tmp_path / "plan.json") == planned


def test_history_names_a_status_as_every_other_output_does(project: Project) -> None:
    report = project.sync(3)
    told = seeing.past(project.config, project.clock, ID, None)
    now = project.clock()
    (planned,) = json.loads(as_json.plan_json(report.plan, project.config))["items"]
    (kept,) = json.loads(history_json(ID, told.readings, now, told.written))["summary"]["check_ins"]
    assert kept["status"] == planned["status"] == "off_track"
    assert "off track" in history_text(told.readings, UTC, told.written)


def test_history_keeps_the_order_of_events_where_a_services_clock_is_wrong(
    project: Project,
) -> None:
    project.write('on_conflict = "ours"\n')
    project.sync(40)
    project.says(55)
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    project.store.entries[-1] = replace(project.store.entries[-1], at=long_ago)
    project.sync(42)
    told = seeing.past(project.config, project.clock, ID, None)
    assert [str(one.number) for one in told.written] == ["40", "55", "42"]


def test_what_a_person_wrote_is_known_although_the_run_that_replaced_it_was_killed(
    project: Project,
) -> None:
    project.write('on_conflict = "ours"\n')
    project.sync(40)
    project.says(55)

    def killed(*_: object) -> Any:
        raise KeyboardInterrupt

    project.store.post, post = killed, project.store.post  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        project.sync(42)
    project.store.post = post  # type: ignore[method-assign]
    told = seeing.past(project.config, project.clock, ID, None)
    assert [one.number for one in told.written] == [40, 55]


# the first link, in the middle of a quarter


def test_at_the_first_link_a_persons_check_in_is_held_until_somebody_approves(
    project: Project,
) -> None:
    project.says(55)
    change = project.change(40)
    assert (change.verdict, change.code) == (Verdict.HELD, "checked-in-before")
    assert "before okrsync ever did" in change.reason
    assert f"okrsync approve {ID}" in change.cure
    assert "on_conflict" in change.cure
    persons.approve(project.config, project.clock, [ID], reason="agreed", by="ceo")
    assert project.change().verdict is Verdict.POST
    assert project.change(43).verdict is Verdict.POST
    assert project.values == [55, 40, 43]


def test_an_approval_covers_nothing_that_a_person_wrote_after_it(project: Project) -> None:
    project.says(55)
    project.sync(40)
    persons.approve(project.config, project.clock, [ID], reason="agreed", by="ceo")
    project.says(56)
    assert project.change().code == "checked-in-before"
    assert project.values == [55, 56]


def test_the_value_that_a_person_checked_in_before_is_simply_taken_over(project: Project) -> None:
    project.says(40)
    assert project.change(40).verdict is Verdict.UNCHANGED


# stores that say less


def test_a_store_that_keeps_no_number_is_posted_to_when_value_or_status_changed(
    project: Project,
) -> None:
    project.write(capabilities=STATUS_ONLY)
    first = project.change(40)
    assert first.warnings == ("the store keeps no numbers: its text begins with 40",)
    assert project.store.entries[-1].note.startswith("40 (was -, target 100)")
    assert project.change(40).verdict is Verdict.UNCHANGED
    assert project.change(42).verdict is Verdict.POST
    assert project.change(42).verdict is Verdict.UNCHANGED
    assert project.values == [40, 42]


def test_a_new_status_alone_is_a_new_check_in_where_the_store_keeps_nothing_else(
    project: Project,
) -> None:
    project.write(capabilities=STATUS_ONLY)
    on_track = project.change(60)
    late = project.change(60, later=24 * 40)
    assert on_track.score is not None
    assert late.score is not None
    assert on_track.score.status is Status.ON_TRACK is not late.score.status
    assert late.verdict is Verdict.POST
    assert len(project.values) == 2


def test_a_note_of_ones_own_still_begins_with_the_number(project: Project) -> None:
    project.write('note = "see the board"\n', STATUS_ONLY)
    project.sync(40)
    assert project.store.entries[-1].note == "40\nsee the board"


@pytest.mark.parametrize("capabilities", [PLAIN, STATUS_ONLY], ids=["numbers", "status only"])
def test_an_older_state_that_was_restored_doubles_nothing(
    project: Project, capabilities: Capabilities
) -> None:
    project.write(capabilities=capabilities)
    project.sync(40)
    state = project.folder / "okrsync.sqlite"
    before = state.read_bytes()
    project.sync(42)
    state.write_bytes(before)
    assert project.change(42).verdict is Verdict.UNCHANGED
    assert project.values == [40, 42]


def test_a_store_without_keys_is_known_by_its_receipt(project: Project) -> None:
    project.store.keyless = True
    project.sync(40)
    assert project.change(42).verdict is Verdict.POST
    project.says(43)
    assert project.change(44).code == "edited-by-person"


def test_what_the_store_computes_itself_is_held_with_its_reason_and_no_approval_helps(
    project: Project,
) -> None:
    project.store.automated = "computed from its tasks"
    change = project.change(40)
    assert (change.verdict, change.code) == (Verdict.HELD, "automated")
    assert "computed from its tasks" in change.reason
    assert project.values == []
    with pytest.raises(Exception, match="no approval"):
        persons.approve(project.config, project.clock, [ID], reason="x", by="ceo")


@pytest.mark.parametrize(
    ("ends", "grace", "verdict"),
    [
        (date(2026, 11, 2), "", Verdict.HELD),
        (date(2026, 11, 3), "", Verdict.POST),
        (date(2026, 11, 1), 'grace = "2d"\n', Verdict.POST),
    ],
)
def test_a_key_result_whose_period_is_over_in_the_store_is_held(
    project: Project, ends: date, grace: str, verdict: Verdict
) -> None:
    project.write(grace)
    project.store.period_ends = ends
    change = project.change(40)
    assert change.verdict is verdict
    if verdict is Verdict.HELD:
        assert change.code == "period-closed"
        assert "ended on 2026-11-01" in change.reason
        assert "store_id" in change.cure
