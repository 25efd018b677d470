"""What operators and teams do with okrsync, and what it says to them: command by command.

All runs are in process, on a clock that stands at Sunday, 15 November 2026, 12:00 in Stockholm.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from okrsync import errors
from okrsync.__main__ import run
from okrsync.model import CheckIn, HoldCode, StoreRef
from okrsync.report.codes import HELD, MEANINGS
from okrsync.state.local_store import LocalStore
from okrsync.state.process import this_process
from okrsync.state.state import open_state
from okrsync.testing import FakeToolbox
from tests.system.harness.in_process import NOON, Ended, InProcess
from tests.system.harness.project import Project

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ENVELOPE = ["okrsync", "command", "exit", "run_id", "at", "summary", "items", "diagnostics"]
NEXT_COMMAND = re.compile(r"next: \S|= help: \S|did you mean|Try 'okrsync|okrsync (explain|doctor)")


class Office(InProcess):
    """One team whose key results go from 0 to 100 and read the column of their own name."""

    def key_results(self, *, head: str = "", tail: str = "", **lines: str) -> None:
        tables = [
            f'[objective.grow.kr.{name}]\ntitle = "From 0 to 100: {name}"\n{text}\n'
            for name, text in lines.items()
        ]
        objective = f'{head}\n[objective.grow]\ntitle = "Människor hittar oss 日本語 🚀"\n'
        self.map(objective + "\n".join(tables) + tail)

    def numbers(self, **numbers: object) -> None:
        rows = ",".join(["day", *numbers]), ",".join(map(str, ["2026-11-01", *numbers.values()]))
        self.write("numbers.csv", "\n".join(rows) + "\n")

    def values_in_store(self, name: str) -> list[str]:
        lines = (self.folder / "check-ins.jsonl").read_text("utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
        return [entry["value"] for entry in entries if entry.get("ref") == f"t.grow.{name}"]

    def edit(self, name: str, value: str, by: str) -> None:
        """A person's own check-in."""
        entry = {"ref": f"t.grow.{name}", "value": value, "author": by, "at": self.now.isoformat()}
        with (self.folder / "check-ins.jsonl").open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(entry, ensure_ascii=False) + "\n")

    @property
    def state(self) -> str:
        return f"sqlite:///{self.folder / 'okrsync.sqlite'}"

    def later(self, span: timedelta) -> None:
        self.now += span


def read(name: str, more: str = "") -> str:
    return f'baseline = 0\ntarget = 100\nfrom = "sheet"\nmeasure = "{name}"\n{more}'


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path, more='mappings = ["mappings/*.toml"]\nstore.type = "jsonl"')
    office.source("sheet", 'path = "numbers.csv"')
    office.key_results(a=read("a"), b=read("b"))
    office.numbers(a=30, b=40)
    return office


# start


@pytest.mark.parametrize("template", ["starter", "engineering-csv", "sales-csv", "company"])
def test_a_template_goes_from_init_to_a_report_as_it_is(tmp_path: Path, template: str) -> None:
    office = Office(tmp_path, now=datetime.now(UTC))  # the files are written now
    (tmp_path / "config.toml").unlink()
    assert run(["init", str(tmp_path), "--template", template]) == 0
    saved = str(tmp_path / "p")
    for command in (["validate"], ["plan", "--out", saved], ["apply", saved], ["sync", "-q"]):
        ended = office.run(*command)
        assert ended.code == 0, ended
    assert ended.out == ended.err == ""
    for command in (["status"], ["report"], ["lint"], ["doctor"]):
        ended = office.run(*command)
        assert ended.code == 0, ended
        assert max(map(len, ended.out.splitlines())) <= 80


def test_validate_speaks_the_same_json_as_the_others(office: Office) -> None:
    good = office.run("validate", "--format", "json").json()
    assert list(good) == ENVELOPE
    assert good["summary"] == {"errors": 0, "warnings": 0, "key_results": 2}
    office.key_results(a=read("a", "traget = 3"))
    bad = office.run("validate", "--format", "json")
    (problem,) = bad.json()["diagnostics"]
    assert (bad.code, problem["code"], problem["line"]) == (2, "unknown-key", 13)


def test_a_mapping_in_place_of_the_config_is_recognised(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(office.folder)
    for words, cure in (
        (["validate", "mappings/t.toml"], "okrsync validate"),
        (["plan", "--config", "mappings/t.toml"], "okrsync validate"),
        (
            ["validate", str(office.folder / "mappings" / "t.toml")],
            f"okrsync validate --config {office.folder / 'config.toml'}",
        ),
    ):
        assert run([*words, "--format", "json"], clock=lambda: office.now) == 2
        (problem,) = json.loads(capsys.readouterr().out)["diagnostics"]
        assert "this is a mapping" in problem["message"]
        assert problem["help"] == [cure]


# failures


def wrong_name(office: Office) -> list[str]:
    return ["sync", "nothing"]


def wrong_flag(office: Office) -> list[str]:
    return ["sync", "--no-such-flag"]


def wrong_mapping(office: Office) -> list[str]:
    office.key_results(a="from = 'nowhere'")
    return ["plan"]


def not_a_plan(office: Office) -> list[str]:
    return ["apply", str(office.write("p", "{}"))]


def edited_plan(office: Office) -> list[str]:
    office.run("plan", "--out", str(office.folder / "p"))
    text = (office.folder / "p").read_text("utf-8")
    return ["apply", str(office.write("p", text.replace('"30"', '"31"')))]


def stale_plan(office: Office) -> list[str]:
    office.run("plan", "--out", str(office.folder / "p"))
    office.numbers(a=31, b=40)
    return ["apply", str(office.folder / "p")]


def damaged_state(office: Office) -> list[str]:
    office.write("okrsync.sqlite", b"not a database" * 100)
    return ["status"]


def nothing_held(office: Office) -> list[str]:
    return ["approve", "t.grow.a", "--reason", "x"]


def no_past(office: Office) -> list[str]:
    return ["backfill", "--from", "2026-12-24"]


FAILURES: dict[Callable[[Office], list[str]], tuple[int, str]] = {
    wrong_name: (2, "usage"),
    wrong_flag: (2, "usage"),
    wrong_mapping: (2, "kind-unclear"),
    not_a_plan: (2, "usage"),
    edited_plan: (2, "usage"),
    stale_plan: (5, "stale-plan"),
    damaged_state: (2, "state-damaged"),
    nothing_held: (2, "usage"),
    no_past: (2, "usage"),
}


@pytest.mark.parametrize("fail", FAILURES, ids=lambda fail: fail.__name__)
def test_a_failure_names_the_next_command_and_is_one_object_in_json(
    office: Office, fail: Callable[[Office], list[str]]
) -> None:
    command = fail(office)
    code, name = FAILURES[fail]
    spoken = office.run(*command)
    assert (spoken.code, spoken.out) == (code, "")
    assert NEXT_COMMAND.search(spoken.err), spoken.err
    written = office.run(*command, "--format", "json")
    assert (written.code, written.err) == (code, "")
    found = written.json()
    assert list(found) == ENVELOPE
    assert (found["command"], found["exit"]) == (command[0], code)
    assert found["diagnostics"][0]["code"] == name


def test_every_code_of_a_hold_and_of_a_failure_can_be_explained(office: Office) -> None:
    def all_below(kind: type[errors.OkrsyncError]) -> set[str]:
        return {kind.code}.union(*map(all_below, kind.__subclasses__()))

    assert all_below(errors.OkrsyncError) <= MEANINGS.keys()
    assert set(HELD) == set(HoldCode)
    for code in ("step-too-large", "checked-in-before", "automated", "period-closed"):
        assert MEANINGS[code] in office.run("explain", code).out
    item = office.run("explain", "busy", "--format", "json").json()["items"][0]
    assert item == {"code": "busy", "meaning": MEANINGS["busy"]}


def test_a_name_without_its_team_is_recognised(office: Office) -> None:
    assert "did you mean `t.grow.a`?" in office.run("explain", "a").err
    office.key_results(head='[metric.m]\nfrom = "sheet"\nmeasure = "a"', a='value = "m"\n' + KIND)
    assert "did you mean `t.m`?" in office.run("history", "m").err


KIND = "baseline = 0\ntarget = 100\n"


# the plan


def test_an_approved_plan_is_what_is_written(office: Office) -> None:
    saved = str(office.folder / "p")
    assert office.run("plan", "--out", saved, "--exit-code").code == 6
    office.later(2 * HOUR)
    assert office.run("apply", saved).code == 0
    assert office.values_in_store("a") == ["30"]
    assert office.run("plan", "--exit-code").code == 0


@pytest.mark.parametrize(("where", "code"), [("nowhere/p", 2), (".", 2), ("mappings", 2)])
def test_a_plan_that_cannot_be_saved_says_so(office: Office, where: str, code: int) -> None:
    ended = office.run("plan", "--out", str(office.folder / where))
    assert ended.code == code
    assert "next: name a file" in ended.err


# doctor


def test_doctor_tries_what_is_named_a_source_or_a_store(office: Office) -> None:
    def subjects(*names: str) -> list[str]:
        found = office.run("doctor", *names, "--format", "json")
        assert found.code == 0, found
        return [item["subject"] for item in found.json()["items"]]

    assert subjects("sheet") == ["config", "state", "sheet"]
    assert subjects("store") == ["config", "state", "store"]
    assert subjects() == ["config", "state", "sheet", "store"]
    unknown = office.run("doctor", "store.company")
    assert unknown.code == 2
    assert "next: name one of these: sheet, store" in unknown.err


# cron


def test_quiet_tells_of_a_trouble_when_it_is_new_and_then_once_a_day(office: Office) -> None:
    def tick(after: timedelta) -> Ended:
        office.later(after)
        ended = office.run("sync", "--quiet")
        assert ended.out == ""
        return ended

    assert tick(HOUR) == (0, "", "")
    office.numbers(a="n/a", b=41)
    first = tick(HOUR)
    assert first.code == 3
    assert first.err.count("failed  t.grow.a") == 1
    assert tick(HOUR) == (3, "", "")
    assert tick(22 * HOUR) == (3, "", "")
    assert "t.grow.a" in tick(HOUR).err
    assert tick(HOUR) == (3, "", "")
    office.numbers(a="n/a", b="n/a")
    assert "t.grow.b" in tick(HOUR).err
    office.numbers(a=42, b=43)
    assert tick(HOUR) == (0, "", "")


def test_an_overlap_is_no_news_to_cron(office: Office) -> None:
    office.run("sync")
    with (
        open_state(office.state, tenant="default") as state,
        state.leases.hold(holder=this_process("sync"), ttl=DAY),
    ):
        assert office.run("sync", "--quiet") == (75, "", "")
        assert "okrsync unlock" in office.run("sync").err
        assert "locked by process" in office.run("doctor").out


def test_fifty_key_results_of_a_dead_source_are_one_problem(office: Office) -> None:
    names = [f"k{number:02}" for number in range(50)]
    office.key_results(**{name: read(name) for name in names})
    (office.folder / "numbers.csv").unlink()
    told = office.run("sync", "--quiet").err
    assert all(f"t.grow.{name}" in told for name in names)
    assert told.count("see it:") == told.count("not there") == 1


def test_a_kpi_that_cannot_be_measured_shows_in_the_exit_code(office: Office) -> None:
    office.source("gone", 'path = "gone.csv"')
    kpi = '[metric.uptime]\nfrom = "gone"\nmeasure = "x"\nhealthy = { min = 3 }\n'
    office.key_results(head=kpi, a=read("a"))
    for command in (["plan"], ["plan", "--format", "md"], ["sync", "--dry-run"], ["sync"]):
        ended = office.run(*command)
        assert ended.code == 3
        assert "metric t.uptime has no value" in ended.words()
        assert "next: look at path in its" in ended.words()
    planned = json.loads(office.run("plan", "--format", "json").out)
    assert planned["exit"] == 3
    (warning,) = [one for one in planned["diagnostics"] if one["code"] == "warning"]
    assert "metric t.uptime has no value" in warning["message"]
    assert office.values_in_store("a") == ["30"]
    doctor = office.run("doctor")
    assert doctor.code == 3
    assert re.search(r"^fail +gone ", doctor.out, re.MULTILINE)
    assert re.search(r"^ok +sheet ", doctor.out, re.MULTILINE)


@pytest.mark.parametrize(
    ("ticks", "runs"),
    [
        (["2026-11-16 05:59", "2026-11-16 06:00", "2026-11-16 07:00"], [0, 1, 0]),
        (["2026-11-16 06:30", "2026-11-23 06:00", "2026-11-23 06:07"], [1, 1, 0]),
        (["2026-11-20 06:00", "2026-11-21 06:00", "2026-11-22 23:00"], [1, 0, 0]),
    ],
    ids=["once a slot", "missed slots are one run", "no slot at the weekend"],
)
def test_a_schedule_decides_what_is_due(office: Office, ticks: list[str], runs: list[int]) -> None:
    office.key_results(a=read("a", 'schedule = "weekdays 06:00"'))
    office.now = datetime(2026, 11, 13, 9, 0, tzinfo=UTC)
    office.numbers(a=30)
    assert office.run("sync").code == 0  # the slot of Friday morning is done
    done = []
    for tick in ticks:
        office.now = datetime.fromisoformat(f"{tick}+01:00")
        done.append(len(office.run("sync", "--format", "json").json()["items"]))
    assert done == runs
    assert len(office.run("sync", "--all", "--dry-run", "--format", "json").json()["items"]) == 1


def test_an_approved_value_is_written_at_once_when_its_key_result_is_named(office: Office) -> None:
    office.key_results(a=read("a", 'schedule = "monthly 1 06:00"\nguard = { max_step = "25 %" }'))
    assert office.run("sync").code == 0
    office.numbers(a=90)
    assert "No key result is due" not in office.run("sync", "t.grow.a").out
    assert "1 not due" in office.run("sync", "t.grow.*").out
    said = office.run("approve", "t.grow.a", "--reason", "x").err
    assert said.endswith(f"okrsync sync t.grow.a --config {office.folder / 'config.toml'}\n")
    assert office.run("sync", "t.grow.a").code == 0
    assert office.values_in_store("a") == ["30", "90"]


# a person's word


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["t.grow.a", "5"], "needs a last day"),
        (["t.grow.a", "5", "--until", "2026-12-01"], "needs a reason"),
        (["t.grow.a", "5", "--until", "2026-11-14", "--reason", "x"], "is over"),
        (["t.grow.a", "5 h", "--until", "2026-12-01", "--reason", "x"], "cannot be taken"),
        (["t.grow.a", "five", "--until", "2026-12-01", "--reason", "x"], "not a number"),
        (["t.grow.steps", "3", "--until", "2026-12-01", "--reason", "x"], "lies between 0 and 2"),
        (["t.grow.said", "5", "--until", "2026-12-01", "--reason", "x"], "own override"),
    ],
)
def test_a_word_that_could_not_count_is_refused(
    office: Office, words: list[str], complaint: str
) -> None:
    steps = 'milestones = [{ title = "x" }, { title = "y" }]'
    override = '[override."t.grow.said"]\nvalue = 7\nuntil = 2026-11-30\nreason = "r"\nby = "b"\n'
    office.key_results(a=read("a"), steps=steps, said=read("a"), tail=override)
    ended = office.run("set", *words)
    assert ended.code == 2
    assert complaint in ended.err
    assert NEXT_COMMAND.search(ended.err)


def test_a_value_kept_by_hand_is_said_and_checked_in(office: Office) -> None:
    office.key_results(a='baseline = "20 d"\ntarget = "10 d"\nmanual = true')
    assert "okrsync set t.grow.a VALUE" in office.run("sync").out
    assert (
        "t.grow.a is 15 d; next: okrsync sync t.grow.a" in office.run("set", "t.grow.a", "15").err
    )
    assert office.run("sync").code == 0
    assert office.values_in_store("a") == ["15"]


@pytest.mark.parametrize("where", ["set", "mapping"])
def test_an_override_is_shown_with_its_author_wherever_its_value_is(
    office: Office, where: str
) -> None:
    if where == "set":
        words = ["--until", "2026-11-20", "--reason", "tracker down", "--by", "sales-ops"]
        assert office.run("set", "t.grow.a", "70", *words).code == 0
    else:
        said = 'value = 70\nuntil = 2026-11-20\nreason = "tracker down"\nby = "sales-ops"\n'
        office.key_results(a=read("a"), b=read("b"), tail=f'[override."t.grow.a"]\n{said}')
    planned = [office.run("plan"), office.run("plan", "--format", "md")]
    planned += [office.run("sync")]
    for one in planned:
        assert one.code == 0
        lines = [line for line in one.out.splitlines() if "--config" not in line]
        assert one is planned[1] or max(map(len, lines)) <= 80
    journal = (office.folder / "check-ins.jsonl").read_text("utf-8")
    shown = [
        *planned,
        office.run("status"),
        office.run("explain", "t.grow.a"),
        office.run("report"),
    ]
    shown += [office.run("report", "--format", "md"), office.run("report", "--format", "json")]
    for text in (journal, *(one.words() for one in shown)):
        assert "70" in text
        for word in ("sales-ops", "tracker down", "2026-11-20"):
            assert word in text
    office.later(6 * DAY)
    assert office.run("sync").code == 0
    assert office.values_in_store("a") == ["70", "30"]


@pytest.mark.parametrize(
    ("policy", "code", "shown", "stored"),
    [
        ("hold", 3, Decimal(55), ["30", "55"]),
        ("theirs", 0, Decimal(55), ["30", "55"]),
        ("ours", 0, Decimal(31), ["30", "55", "31"]),
    ],
)
def test_a_persons_check_in_stands_as_the_mapping_says(
    office: Office, policy: str, code: int, shown: Decimal, stored: list[str]
) -> None:
    office.key_results(a=read("a", f'on_conflict = "{policy}"'))
    office.run("sync")
    office.edit("a", "55", by="Åsa")
    office.numbers(a=31)
    assert office.run("sync").code == code
    assert office.values_in_store("a") == stored
    assert office.items()["t.grow.a"]["value"] == shown
    if policy != "ours":
        assert "Åsa" in office.run("status").out


def test_no_approval_lets_a_persons_check_in_be_overwritten(office: Office) -> None:
    office.run("sync")
    office.edit("a", "55", by="Åsa")
    assert office.run("sync").code == 3
    ended = office.run("approve", "t.grow.a", "--reason", "ours is right")
    assert ended.code == 2
    assert 'write on_conflict = "ours" or "theirs" at mappings/t.toml:' in ended.err


def test_the_own_store_can_be_edited_by_a_person_as_well(office: Office) -> None:
    text = (office.folder / "config.toml").read_text("utf-8")
    office.write("config.toml", text.replace('store.type = "jsonl"', ""))
    assert office.run("sync").code == 0
    ref = StoreRef("store", "t.grow.a")
    theirs = CheckIn("", "t.grow.a", ref, "", Decimal(55), "", office.now)
    with open_state(office.state, tenant="default") as state:
        LocalStore(state.database, FakeToolbox(office.folder, name="store")).edit(theirs, by="Åsa")
    assert "Åsa wrote a newer value" in office.run("sync").out


# guards


@pytest.mark.parametrize(
    ("guard", "after", "code"),
    [
        ('guard = { max_step = "25 %" }', 56, "step-too-large"),
        ("", 0, "fell-to-zero"),
        ('agg = "sum"\non = "day"\nwindow = "period"', 29, "counter-fell"),
        ('guard = { max_age = "3d" }', 31, "data-too-old"),
    ],
)
def test_what_a_guard_holds_is_explained_approved_and_let_through_once(
    office: Office, guard: str, after: int, code: str
) -> None:
    office.key_results(a=read("a", guard))
    office.run("sync")
    office.numbers(a=after)
    if code == "data-too-old":
        office.later(4 * DAY)
    held = office.run("sync", "--format", "json")
    assert held.code == 3
    (found,) = held.json()["diagnostics"]
    assert found["code"] == code
    assert code in HELD
    assert found["next"] in office.run("explain", "t.grow.a").out
    words = ["--reason", "checked by hand", "--by", "lead"]
    assert office.run("approve", "t.grow.a", *words).code == 0
    explained = office.run("explain", "t.grow.a").words()
    assert f"approved {after} by lead" in explained
    assert "checked by hand" in explained
    assert "(not used yet)" in explained
    assert explained.rstrip().endswith("next okrsync sync t.grow.a")
    assert office.run("sync").code == 0
    assert office.values_in_store("a") == ["30", str(after)]


def test_who_approved_and_why_is_shown_after_the_approval_was_used(office: Office) -> None:
    office.key_results(a=read("a", 'guard = { max_step = "25 %" }'))
    office.run("sync")
    office.numbers(a=90)
    office.run("sync")
    words = ["--reason", "the campaign", "--by", "head of growth"]
    assert office.run("approve", "t.grow.a", *words).code == 0
    run_id = office.run("sync", "--format", "json").json()["run_id"]
    for command in ("explain", "history"):
        told = office.run(command, "t.grow.a")
        assert f"the campaign (used by run {run_id})" in told.words()
        assert "head of growth" in told.words()
        assert max(map(len, told.out.splitlines())) <= 80
    explained = office.run("explain", "t.grow.a", "--format", "json").json()["items"][0]
    listed = office.run("history", "t.grow.a", "--format", "json").json()["summary"]
    for (approval,) in (explained["approvals"], listed["approvals"]):
        assert (approval["by"], approval["reason"]) == ("head of growth", "the campaign")
        assert (approval["value"], approval["used_by_run"]) == (90, run_id)
    office.later(40 * DAY)
    assert "campaign" not in office.run("history", "t.grow.a", "--since", "2026-12-01").out


def test_an_approval_needs_a_reason_and_so_does_a_word_in_place_of_a_measured_value(
    office: Office,
) -> None:
    office.key_results(a=read("a", 'guard = { max_step = "25 %" }'))
    office.run("sync")
    office.numbers(a=90)
    office.run("sync")
    for reason in ("", "  "):
        refused = office.run("approve", "t.grow.a", "--reason", reason)
        assert refused.code == 2
        assert 'okrsync approve t.grow.a --reason "..."' in refused.err
        said = office.run("set", "t.grow.a", "1", "--until", "2026-12-01", "--reason", reason)
        assert said.code == 2
    assert office.run("sync").code == 3


def test_the_breaker_holds_a_whole_source_and_a_looked_at_plan_lets_it_through(
    office: Office,
) -> None:
    names = [f"k{number}" for number in range(10)]
    office.key_results(**{name: read(name) for name in names})
    office.numbers(**dict.fromkeys(names, 10))
    office.run("sync")
    office.numbers(**(dict.fromkeys(names, 10) | dict.fromkeys(names[:3], 20)))
    assert office.run("sync").code == 0
    office.numbers(**(dict.fromkeys(names, 10) | dict.fromkeys(names[:4], 30)))
    held = office.run("sync")
    assert held.code == 3
    assert "4 of 10 key results of source `sheet` would change at once" in held.words()
    plan = str(office.folder / "p")
    assert office.run("plan", "--out", plan).code == 3
    assert office.run("approve", plan, "--reason", "the tracker was moved").code == 0
    assert office.run("sync").code == 0
    assert office.values_in_store("k0") == ["10", "20", "30"]


# what is shown


def test_what_has_not_begun_and_what_is_over_is_left_alone_and_said(office: Office) -> None:
    office.key_results(a=read("a", 'period = "2027-Q1"'), b=read("b", 'period = "2026-Q3"'))
    assert "1 not begun, 1 of a period that is over" in office.run("sync").out
    for shown in (office.run("plan"), office.run("sync"), office.run("plan", "--format", "md")):
        assert "2026-Q3 is over. To freeze its scores: okrsync close 2026-Q3" in shown.words()
        assert "To write the next period's mappings: okrsync carry 2026-Q3" in shown.words()
    for command in ("plan", "sync"):
        said = office.run(command, "--format", "json").json()["summary"]
        assert said["periods_over"] == ["2026-Q3"]
    assert "not begun: 2027-Q1 starts on 2027-01-01" in office.run("status").out
    assert "never measured, and 2026-Q3 is over" in office.run("explain", "t.grow.b").out


def test_a_first_value_is_frozen_as_the_baseline_and_shown(office: Office) -> None:
    first = read("a", 'kind = "increase"').replace("baseline = 0", 'baseline = "first"')
    office.key_results(a=first)
    office.run("sync")
    office.numbers(a=65)
    office.later(DAY)
    office.run("sync")
    assert "100, from 30, the period's first value" in office.run("explain", "t.grow.a").out
    assert office.items()["t.grow.a"]["progress"] == Decimal("0.5")


def test_an_upper_key_result_is_made_of_the_scores_below(office: Office) -> None:
    above = '[objective.all]\ntitle = "All"\n[objective.all.kr.both]\ntitle = "Both"\n'
    office.key_results(
        a=read("a"),
        b=read("b", "weight = 3"),
        tail=f"{above}baseline = 0\ntarget = 1\nvalue = \"score('grow')\"\n",
    )
    assert office.run("sync").code == 0
    assert office.items()["t.all.both"]["value"] == Decimal("0.375")  # (30 + 3 * 40) / 4
    office.numbers(a=30, b="n/a")
    assert office.run("sync").code == 3
    assert "`t.grow.b` has no score" in office.run("status").words()


@pytest.mark.parametrize(("after", "said"), [(35, True), (45, False)])
def test_one_that_rises_while_its_pair_falls_is_said(
    office: Office, after: int, said: bool
) -> None:
    office.key_results(a=read("a", 'pair = "b"'), b=read("b"))
    office.run("sync")
    office.later(7 * DAY)
    office.numbers(a=50, b=after)
    office.run("sync")
    sentence = "t.grow.a got better while its pair t.grow.b got worse"
    for form in ("text", "md", "json"):
        assert (sentence in office.run("report", "--format", form).words()) is said, form


@pytest.mark.parametrize(
    "command",
    [
        "plan",
        "status",
        "report",
        "lint",
        "doctor",
        "explain t.grow.a",
        "history t.grow.a",
        "sync",
        "backfill --from 2026-11-01",
    ],
)
def test_everything_fits_80_columns_and_speaks_json(office: Office, command: str) -> None:
    words = command.split()
    office.key_results(a=read("a", 'on = "day"\nagg = "last"'), b=read("b"))
    office.write("numbers.csv", "day,a,b\n2026-11-02,20,40\n2026-11-14,n/a,40\n2026-11-14,30,40\n")
    office.run("sync")
    text = office.run(*words)
    assert text.code in {0, 3}, text
    assert [line for line in text.out.splitlines() if len(line) > 80] == []
    spoken = office.run(*words, "--format", "json").json()
    assert list(spoken) == ENVELOPE
    assert spoken["command"] == words[0]
    assert datetime.fromisoformat(spoken["at"]).tzinfo is not None


def test_explain_sends_a_metric_to_its_history(office: Office) -> None:
    metric = '[metric.rate]\nfrom = "sheet"\nmeasure = "b"\nhealthy = { min = 1 }\n'
    office.key_results(head=metric, a=read("a"))
    office.run("sync")
    refused = office.run("explain", "t.rate")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.endswith("next: okrsync history t.rate\n")
    assert office.run("history", "t.rate").code == 0


def test_backfilled_days_are_in_the_history_and_marked(office: Office) -> None:
    office.key_results(a=read("a", 'on = "day"\nagg = "last"'))
    rows = ["day,a", *(f"2026-11-{day:02},{day}" for day in range(1, 15))]
    office.write("numbers.csv", "\n".join(rows))
    assert office.run("backfill", "--from", "2026-11-01", "--every", "7d").code == 0
    history = office.run("history", "t.grow.a", "--format", "json").json()["items"]
    assert [(item["value"], item["origin"]) for item in history] == [
        (7, "backfill"),
        (14, "backfill"),
    ]
    assert not (office.folder / "check-ins.jsonl").exists()


# care


def test_history_past_its_keeping_is_let_go_and_what_counts_stays(office: Office) -> None:
    text = (office.folder / "config.toml").read_text("utf-8")
    office.write("config.toml", f'{text}[limits]\nkeep_history = "30d"\n')
    office.key_results(a=read("a", 'period = "2026"'), b=read("b", 'period = "2026"'))
    office.now = NOON - 60 * DAY
    office.run("sync")
    office.later(DAY)
    office.numbers(a=31, b=40)
    office.run("sync")
    office.now = NOON
    office.numbers(a=32, b="n/a")
    office.run("sync")

    def values(name: str) -> list[Any]:
        shown = office.run("history", f"t.grow.{name}", "--format", "json").json()
        return [item["value"] for item in shown["items"]]

    assert values("a") == [32]
    assert values("b") == [40]  # its newest
    with open_state(office.state, tenant="default", create=False) as state:
        assert len(state.runs.latest(9)) == 1
        assert state.outbox.last_sent().keys() == {"t.grow.a", "t.grow.b"}


def test_a_state_in_a_folder_of_others_can_be_looked_at(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.run("sync")
    before = sorted(path.name for path in office.folder.iterdir())
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    assert office.items()["t.grow.a"]["value"] == 30
    assert sorted(path.name for path in office.folder.iterdir()) == before


def test_closed_outputs_do_not_stop_a_run(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert run(["sync", "-c", str(office.folder / "config.toml")], clock=lambda: NOON) == 0
    assert office.values_in_store("a") == ["30"]


def test_a_locale_that_knows_few_letters_is_no_bug(
    project: Project,
) -> None:
    project.probe("signups", lines='owner = "Växt-laget"')
    project.script(signups="3")
    project.env |= {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert project.run_program("sync").code == 0
    shown = project.run_program("report")
    assert shown.code == 0
    assert "signups: 3" in shown.out


def test_all_of_it_works_on_either_database(
    office: Office, state_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKRSYNC_STATE_URL", state_url)
    office.key_results(a=read("a", 'guard = { max_step = "25 %" }'), b=read("b"))
    assert "no run yet" in office.run("doctor").out
    assert office.run("sync").code == 0
    office.numbers(a=90, b=41)
    assert office.run("sync").code == 3
    assert office.run("approve", "t.grow.a", "--reason", "x").code == 0
    words = ["--until", "2026-11-20", "--reason", "x"]
    assert office.run("set", "t.grow.b", "50", *words).code == 0
    office.later(DAY)
    assert office.run("sync").code == 0
    assert office.values_in_store("a") == ["30", "90"]
    assert office.values_in_store("b") == ["40", "41", "50"]
    for command in (["status"], ["report"], ["history", "t.grow.a"], ["explain", "t.grow.b"]):
        assert office.run(*command).code == 0
    assert not (office.folder / "okrsync.sqlite").exists()
