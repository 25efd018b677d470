"""Plan, dry run, apply and approve: what is shown is what is done, and looking changes nothing."""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.system.harness.project import Project
from tests.system.harness.runner import Result

TEN = [f"kr{number}" for number in range(10)]


def contents(folder: Path) -> dict[str, str]:
    """Every file but the probe's own, by a digest; SQLite's shared memory is no content."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("asked.") and path.suffix != ".sqlite-shm"
    }


def actions(result: Result) -> dict[str, tuple[str, Any]]:
    return {item["kr"]: (item["action"], item["new"]) for item in result.json()["items"]}


@pytest.fixture(params=["local", "jsonl"])
def either(project: Project, request: pytest.FixtureRequest) -> Project:
    project.store = request.param
    project.probe("signups", "visits")
    project.script(signups="3", visits="4")
    return project


@pytest.mark.parametrize("command", [["plan"], ["sync", "--dry-run"], ["plan", "--format", "json"]])
def test_guarantee_05_looking_at_a_new_project_makes_no_file(
    either: Project, command: list[str]
) -> None:
    before = contents(either.folder)
    assert either.run(*command).code == 0
    assert contents(either.folder) == before


@pytest.mark.parametrize("command", [["plan"], ["sync", "--dry-run"]])
def test_guarantee_05_looking_leaves_state_and_store_as_they_are(
    either: Project, command: list[str]
) -> None:
    assert either.run("sync").code == 0
    either.script(signups="5", visits={"error": "BadAnswer"})
    before = contents(either.folder)
    assert either.run(*command).code == 3
    assert contents(either.folder) == before


@pytest.mark.parametrize(
    ("looking", "writing"),
    [
        (["plan"], "okrsync apply"),
        (["plan", "team.grow.signups"], "okrsync sync --all team.grow.signups"),
        (["sync", "--dry-run", "*.visits"], "okrsync sync '*.visits'"),
    ],
)
def test_guarantee_05_the_command_that_is_offered_writes_what_was_shown(
    project: Project, looking: list[str], writing: str
) -> None:
    project.probe("signups", "visits")
    project.script(signups="3", visits="4")
    shown = project.run(*looking)
    assert shown.out.rstrip().endswith(f": {writing}")
    planned = {item["kr"] for item in project.run(*looking, "--format", "json").json()["items"]}
    assert project.run(*shlex.split(writing)[1:]).code == 0
    assert {f"team.grow.{name}" for name in project.check_ins()} == planned


def test_guarantee_05_a_plan_is_what_apply_then_does(either: Project) -> None:
    assert either.run("sync").code == 0
    either.script(signups="5", visits={"error": "NoValue"})
    planned = either.run("plan", "--out", "p", "--format", "json")
    shown = either.run("plan").out
    applied = either.run("apply", "p", "--format", "json")
    assert actions(planned) == actions(applied)
    assert (planned.code, applied.code) == (3, 3)
    assert either.check_ins() == {"signups": ["3", "5"], "visits": ["4"]}
    assert "signups" in shown
    assert "visits" in shown


def test_guarantee_05_an_approved_plan_is_refused_once_the_world_has_moved(either: Project) -> None:
    assert either.run("plan", "--out", "p").code == 0
    either.script(signups="3", visits="5")
    refused = either.run("apply", "p")
    assert refused.code == 5
    assert "team.grow.visits" in refused.err
    assert "team.grow.signups" not in refused.err
    assert either.check_ins() == {}


def test_guarantee_05_a_plan_changed_by_hand_is_not_applied(either: Project) -> None:
    assert either.run("plan", "--out", "p").code == 0
    plan = either.folder / "p"
    document = json.loads(plan.read_text())
    document["plan"]["changes"][0]["value"]["number"] = "999"
    plan.write_text(json.dumps(document))
    assert either.run("apply", "p").code == 2
    assert either.check_ins() == {}


def test_guarantee_04_the_same_inputs_and_clock_give_the_same_plan(either: Project) -> None:
    either.clock = "2026-11-22T06:00:00+00:00"
    one, two = (either.run("plan", "--format", "json").out for _ in range(2))
    assert one == two


def test_guarantee_06_a_persons_newer_check_in_is_held_and_all_three_values_shown(
    project: Project,
) -> None:
    project.store = "jsonl"
    project.probe("signups")
    project.script(signups="3")
    assert project.run("sync").code == 0
    by_hand = {"ref": "team.grow.signups", "value": "7", "author": "sales-lead"}
    with project.journal.open("a") as journal:
        journal.write(json.dumps(by_hand) + "\n")
    project.script(signups="5")
    held = project.run("sync", "--format", "json")
    (item,) = held.json()["items"]
    assert held.code == 3
    assert [str(item[key]) for key in ("action", "old", "last_sent", "new")] == [
        "held", "7", "3", "5",
    ]  # fmt: skip
    assert project.check_ins() == {"signups": ["3", "7"]}


@pytest.mark.parametrize(("word", "values"), [("ours", ["3", "7", "5"]), ("theirs", ["3", "7"])])
def test_guarantee_06_unless_the_mapping_says_whose_word_counts(
    project: Project, word: str, values: list[str]
) -> None:
    project.store = "jsonl"
    project.probe("signups", lines=f'on_conflict = "{word}"')
    project.script(signups="3")
    assert project.run("sync").code == 0
    with project.journal.open("a") as journal:
        journal.write('{"ref": "team.grow.signups", "value": "7"}\n')
    project.script(signups="5")
    assert project.run("sync").code == 0
    assert project.check_ins() == {"signups": values}


def test_guarantee_10_a_restored_old_state_doubles_nothing(project: Project) -> None:
    project.store = "jsonl"
    project.probe("signups", "visits")
    project.script(signups="3", visits="4")
    assert project.run("sync").code == 0
    backup = project.folder / "backup"
    shutil.copy(project.state, backup)
    project.script(signups="5", visits="6")
    assert project.run("sync").code == 0
    for file in project.folder.glob("okrsync.sqlite*"):
        file.unlink()
    shutil.copy(backup, project.state)
    assert project.run("sync", "--quiet").code == 0
    assert project.check_ins() == {"signups": ["3", "5"], "visits": ["4", "6"]}
    project.script(signups="7", visits="6")
    assert project.run("sync", "--quiet").code == 0
    assert project.check_ins() == {"signups": ["3", "5", "7"], "visits": ["4", "6"]}


def test_guarantee_10_a_lost_state_doubles_nothing(project: Project) -> None:
    project.store = "jsonl"
    project.probe("signups")
    project.script(signups="3")
    assert project.run("sync").code == 0
    for file in project.folder.glob("okrsync.sqlite*"):
        file.unlink()
    assert project.run("sync").code == 0
    assert project.check_ins() == {"signups": ["3"]}


@pytest.mark.parametrize(("changing", "code"), [(3, 0), (4, 3)])
def test_guarantee_20_more_than_30_percent_of_ten_key_results_at_once_are_held(
    project: Project, changing: int, code: int
) -> None:
    project.probe(*TEN)
    project.script(**dict.fromkeys(TEN, "3"))
    assert project.run("sync").code == 0
    project.script(**dict.fromkeys(TEN, "3") | dict.fromkeys(TEN[:changing], "4"))
    assert project.run("sync").code == code
    written = sum(values == ["3", "4"] for values in project.check_ins().values())
    assert written == (changing if code == 0 else 0)


def test_guarantee_20_nine_key_results_may_all_change(project: Project) -> None:
    project.probe(*TEN[:9])
    for value in ("3", "4"):
        project.script(**dict.fromkeys(TEN[:9], value))
        assert project.run("sync").code == 0
    assert project.check_ins() == {name: ["3", "4"] for name in TEN[:9]}


def test_guarantee_20_an_approved_plan_of_held_values_is_applied_exactly(project: Project) -> None:
    project.probe(*TEN)
    project.script(**dict.fromkeys(TEN, "3"))
    assert project.run("sync").code == 0
    project.script(**dict.fromkeys(TEN, "4"))
    assert project.run("plan", "--out", "p").code == 3
    assert project.run("approve", "p", "--reason", "the count was corrected").code == 0
    assert project.run("sync").code == 0
    assert set(map(tuple, project.check_ins().values())) == {("3", "4")}


def held_by_a_step(project: Project) -> None:
    project.probe("signups", lines='guard = { max_step = "10 %" }')
    project.script(signups="3")
    assert project.run("sync").code == 0
    project.script(signups="500")
    held = project.run("sync")
    assert held.code == 3
    assert "okrsync approve team.grow.signups" in held.out


def test_guarantee_20_an_approval_lets_exactly_that_value_through_once(project: Project) -> None:
    held_by_a_step(project)
    assert project.run("approve", "team.grow.signups", "--reason", "a campaign").code == 0
    assert project.run("sync").code == 0
    assert project.check_ins() == {"signups": ["3", "500"]}
    for value in ("3", "500"):
        project.script(signups=value)
        assert project.run("sync").code == (0 if value == "500" else 3)
    assert project.check_ins() == {"signups": ["3", "500"]}


def test_guarantee_20_an_approval_is_not_for_what_the_data_became_since(project: Project) -> None:
    held_by_a_step(project)
    assert project.run("approve", "team.grow.signups", "--reason", "a campaign").code == 0
    project.script(signups="501")
    assert project.run("sync").code == 3
    assert project.check_ins() == {"signups": ["3"]}


def test_guarantee_20_nothing_is_approved_that_is_not_held(project: Project) -> None:
    project.probe("signups")
    project.script(signups="3")
    assert project.run("approve", "team.grow.signups", "--reason", "why not").code == 2
    assert project.run("approve", "team.grow.nothing", "--reason", "why not").code == 2


@pytest.mark.parametrize(
    ("lines", "first", "second"),
    [
        ("", "30", "0"),
        ('agg = "count"\nwindow = "period"\non = "day"', "30", "29"),
        ('guard = { max_step = "25 %" }', "30", "281"),
    ],
)
def test_guarantee_20_doubtful_values_are_held_never_altered(
    project: Project, lines: str, first: str, second: str
) -> None:
    project.probe("signups", lines=lines)
    for value, code in ((first, 0), (second, 3)):
        project.script(signups=value)
        assert project.run("sync").code == code
    assert project.check_ins() == {"signups": [first]}
