"""At a period's end its numbers are frozen: nothing that happens later changes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from okrsync.model import CheckIn, StoreRef
from okrsync.state.local_store import LocalStore
from okrsync.state.state import open_state
from okrsync.testing import FakeToolbox
from tests.system.harness.in_process import InProcess

LAST_DAY = datetime(2026, 12, 31, 11, 0, tzinfo=UTC)
AFTER = datetime(2027, 1, 5, 8, 0, tzinfo=UTC)
BUGS = """
[objective.o]
title = "Customers trust us"
[objective.o.kr.bugs]
title = "Open bugs from 42 to 10"
baseline = 42
target = 10
from = "sheet"
measure = "n"
agg = "sum"
"""
HAND = """
[objective.o.kr.hand]
title = "5 talks"
baseline = 0
target = 5
manual = true
"""


@pytest.fixture
def house(tmp_path: Path) -> InProcess:
    """Synced on the last day: 12 open bugs are checked in."""
    made = InProcess(tmp_path, now=LAST_DAY)
    made.source("sheet", 'path = "n.csv"')
    made.write("n.csv", "n\n12\n")
    made.map(BUGS)
    assert made.run("sync").code == 0
    made.now = AFTER
    return made


def frozen(house: InProcess, *arguments: str) -> dict[str, Any]:
    ended = house.run("close", "2026-Q4", "--by", "ops", *arguments, "--format", "json")
    assert ended.code == 0, ended
    items: dict[str, Any] = {item["kr"]: item for item in ended.json()["items"]}
    return items


def test_a_closed_number_keeps_its_evidence_and_what_was_believed(house: InProcess) -> None:
    item = frozen(house)["t.o.bugs"]
    assert (item["value"], item["score"], item["status"]) == (12, Decimal("0.9375"), "achieved")
    (operand,) = item["provenance"]["operands"]
    assert (operand["source"], operand["query"], operand["rows"]) == ("sheet", "n.csv, sum of n", 1)
    assert item["provenance"]["as_of"].startswith("2026-12-31T11:00")
    closed = item["frozen"]
    assert (closed["by"], closed["author"], closed["came_true"]) == ("ops", "okrsync", False)
    assert closed["believed"] is not None
    assert closed["believed_at"].startswith("2026-12-31T11:00")


def test_later_edits_of_mapping_and_data_change_no_frozen_number(house: InProcess) -> None:
    frozen(house)
    house.write("n.csv", "n\n98765\n")
    house.map(BUGS.replace("target = 10", "target = 1").replace("42\n", "40\n"))
    assert house.run("sync", "--all").code == 0
    shown = house.items()["t.o.bugs"]
    assert (shown["value"], shown["target"], shown["score"]) == (12, 10, Decimal("0.9375"))
    assert shown["frozen"]["by"] == "ops"
    for command in ("status", "report", "explain t.o.bugs", "history t.o.bugs"):
        told = house.run(*command.split()).words()
        assert "12" in told
        assert "2027-01-05 09:00 CET by ops" in told
        assert "98 765" not in told  # which no run is called
    report = house.run("report", "--format", "json").json()
    assert report["items"][0]["score"] == Decimal("0.9375")
    assert report["diagnostics"] == []


def test_a_second_close_changes_nothing_and_says_so(house: InProcess) -> None:
    first = frozen(house)
    house.write("n.csv", "n\n3\n")
    house.now = datetime(2027, 2, 1, 8, 0, tzinfo=UTC)
    again = house.run("close", "--by", "somebody")
    assert again.code == 0
    assert "closed already: 1 key result frozen 2027-01-05 09:00 CET by ops" in again.words()
    assert frozen(house) == first
    assert all(len(line) <= 80 for line in again.out.splitlines())


def test_frozen_numbers_outlive_their_mapping(house: InProcess) -> None:
    first = frozen(house)
    house.map(BUGS.replace("o.kr.bugs", "o.kr.other"))
    assert frozen(house) == first
    assert "2026-Q4 closed at 12" in house.run("history", "t.o.bugs").words()


def test_it_is_refused_before_the_end_and_can_be_had_early(house: InProcess) -> None:
    house.now = LAST_DAY
    refused = house.run("close", "2026-Q4")
    assert refused.code == 2
    assert "can be closed from 2027-01-01 00:00 CET on" in refused.words()
    assert house.run("close").code == 2
    item = frozen(house, "--early")["t.o.bugs"]
    assert item["status"] == "achieved"  # as it will be when it is over, not "on track"
    house.write("n.csv", "n\n11\n")
    synced = house.run("sync", "--all")
    assert synced.code == 0
    assert "1 of a period that is over" in synced.out
    assert house.run("plan", "--exit-code").code == 0
    assert house.items()["t.o.bugs"]["value"] == 12


@pytest.mark.parametrize("command", [("set", "t.o.hand", "3"), ("approve", "t.o.hand")])
def test_no_word_of_a_person_counts_in_a_closed_period(
    house: InProcess, command: tuple[str, ...]
) -> None:
    house.map(BUGS + HAND)
    frozen(house, "--anyway", "t.o.hand")
    said = house.run(*command, "--reason", "late")
    assert said.code == 2
    assert "2026-Q4, which is closed" in said.words()


def test_what_is_held_failed_or_never_measured_must_be_named(house: InProcess) -> None:
    house.now = LAST_DAY
    house.map(BUGS + HAND + HAND.replace("hand", "later"))
    house.write("n.csv", "n\n0\n")
    assert house.run("sync", "t.o.bugs", "t.o.hand").code == 3
    house.now = AFTER
    refused = house.run("close", "2026-Q4", "--anyway", "t.o.hand", "--format", "json")
    assert refused.code == 3
    found = {one["kr"]: one["code"] for one in refused.json()["diagnostics"]}
    assert found == {"t.o.bugs": "held", "t.o.later": "pending"}
    text = house.run("close", "2026-Q4")
    assert (
        "okrsync close 2026-Q4 --anyway t.o.bugs --anyway t.o.hand --anyway t.o.later" in text.out
    )
    assert house.run("close", "2026-Q4", "--anyway", "t.o.typo").code == 2
    named = ["--anyway", "t.o.bugs", "--anyway", "t.o.hand", "--anyway", "t.o.later"]
    items = frozen(house, *named)
    held = items["t.o.bugs"]  # the held 0 does not count: 12 is what the store shows
    assert (held["action"], held["value"], held["score"]) == ("held", 12, Decimal("0.9375"))
    assert (items["t.o.hand"]["action"], items["t.o.hand"]["value"]) == ("failed", None)
    assert (items["t.o.later"]["score"], items["t.o.later"]["status"]) == (None, "unknown")


def test_a_person_who_wrote_after_the_last_run_is_not_overlooked(house: InProcess) -> None:
    with open_state(f"sqlite:///{house.folder / 'okrsync.sqlite'}", tenant="default") as state:
        toolbox = FakeToolbox(house.folder, name="store", engine=state.engine)
        said = CheckIn("", "", StoreRef("store", "t.o.bugs"), "", Decimal(9), "", AFTER)
        LocalStore(state.database, toolbox).edit(said, by="head of support")
    refused = house.run("close", "2026-Q4")
    assert refused.code == 3
    assert "the store shows 9, by head of support; the last run had 12" in refused.words()
    item = frozen(house, "--anyway", "t.o.bugs")["t.o.bugs"]
    assert (item["value"], item["frozen"]["author"]) == (9, "head of support")
    assert item["frozen"]["came_true"] is True


def test_a_check_in_whose_outcome_is_unknown_is_never_sent_into_a_closed_period(
    house: InProcess,
) -> None:
    with open_state(f"sqlite:///{house.folder / 'okrsync.sqlite'}", tenant="default") as state:
        lost = CheckIn("k9", "t.o.bugs", StoreRef("store", "t.o.bugs"), "1", Decimal(11), "", AFTER)
        state.outbox.intend("killed", AFTER, lost)
    refused = house.run("close", "2026-Q4")
    assert refused.code == 3
    assert "a check-in was sent and its outcome is unknown" in refused.words()
    frozen(house, "--anyway", "t.o.bugs")
    assert house.run("sync", "--all").code == 0
    with open_state(f"sqlite:///{house.folder / 'okrsync.sqlite'}", tenant="default") as state:
        toolbox = FakeToolbox(house.folder, name="store", engine=state.engine)
        (stored,) = LocalStore(state.database, toolbox).browse()
        assert stored.value == 12
        assert state.outbox.pending() == []


def test_a_check_in_that_had_arrived_is_found_and_counts(house: InProcess) -> None:
    """The run was killed after its post: nothing but the intent and the store knows of it."""
    with open_state(f"sqlite:///{house.folder / 'okrsync.sqlite'}", tenant="default") as state:
        toolbox = FakeToolbox(house.folder, name="store", engine=state.engine)
        sent = CheckIn("k9", "t.o.bugs", StoreRef("store", "t.o.bugs"), "1", Decimal(11), "", AFTER)
        state.outbox.intend("killed", AFTER, sent)
        LocalStore(state.database, toolbox).post(sent)
    refused = house.run("close", "2026-Q4")
    assert "the store shows 11, by okrsync; the last run had 12" in refused.words()
    item = frozen(house, "--anyway", "t.o.bugs")["t.o.bugs"]
    assert (item["value"], item["frozen"]["author"]) == (11, "okrsync")


def test_a_value_of_the_next_period_is_not_taken_for_this_one(house: InProcess) -> None:
    house.map(BUGS, head='period = "this_quarter"')
    house.write("n.csv", "n\n30\n")
    assert house.run("sync").code == 0
    house.map(BUGS)  # pinned too late
    refused = house.run("close", "2026-Q4")
    assert refused.code == 3
    assert "its last value is of 2027-01-05, after the period" in refused.words()


def test_runs_that_ended_long_before_the_period_are_told(house: InProcess) -> None:
    house.now = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)
    house.write("n.csv", "n\n12\n")
    monthly = BUGS.replace("o.kr.bugs", "o.kr.monthly") + 'schedule = "0 6 1 * *"\n'
    house.map(BUGS.replace("o.kr.bugs", "o.kr.hourly") + monthly.partition('us"\n')[2])
    assert house.run("sync", "--all").code == 0
    house.now = AFTER
    refused = house.run("close", "2026-Q4")
    assert refused.code == 3
    assert "stale t.o.hourly: its last run was on 2026-12-02, 29 days before the end" in (
        refused.words()
    )
    assert "t.o.monthly" not in refused.words()
    item = frozen(house, "--anyway", "t.o.hourly")["t.o.hourly"]
    assert (item["value"], item["status"]) == (12, "achieved")


def test_late_data_is_waited_for_as_long_as_it_counts(house: InProcess) -> None:
    house.map(BUGS + 'grace = "7d"\n')
    waiting = house.run("close", "2026-Q4")
    assert waiting.code == 2
    assert "can be closed from 2027-01-08 00:00 CET on" in waiting.words()
    house.now = datetime(2027, 1, 8, 8, 0, tzinfo=UTC)
    assert frozen(house)["t.o.bugs"]["value"] == 12


def test_a_period_that_nobody_has_is_refused_with_those_there_are(house: InProcess) -> None:
    refused = house.run("close", "2026-Q3")
    assert refused.code == 2
    assert "there are: 2026-Q4" in refused.words()
    assert house.run("close", "soon").code == 2
