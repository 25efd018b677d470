"""One of twenty sources fails, each time in another way: the others are none the wiser."""

from __future__ import annotations

from typing import Any

import pytest

from tests.system.harness.project import Project

NAMES = [f"s{number}" for number in range(20)]
ILL = "s7"

ILLNESSES: dict[str, dict[str, Any]] = {
    "a refused sign-in": {"error": "SignInRefused"},
    "a refusal": {"error": "Refused"},
    "no answer": {"error": "Unreachable"},
    "a bad answer": {"raises": "BadAnswer"},
    "no value": {"error": "NoValue"},
    "its own error, raised": {"raises": "SourceError"},
    "a bug": {"bug": True},
    "not a number": {"value": "NaN"},
    "infinity": {"value": "Infinity"},
    "text": {"answers_with": "3"},
    "null": {"answers_with": None},
    "no answer in the list": {"drop": True, "value": "3"},
    "a time without a zone": {"value": "3", "as_of": "2026-11-22T06:00:00"},
    "hangs": {"wait_for": "never", "value": "3"},
}


def connect(project: Project, table: str = 'type = "probe"', *, more: str = "") -> None:
    tables = [
        f"[source.{name}]\n{table}\n"
        if name == ILL
        else f'[source.{name}]\ntype = "probe"\nscript = "others.json"\n'
        for name in NAMES
    ]
    project.configure("\n".join(tables), more=more)
    project.map({name: f'from = "{name}"\nprobe = "{name}"' for name in NAMES})
    project.script(**dict.fromkeys(NAMES, "3"))
    (project.folder / "script.json").rename(project.folder / "others.json")


def assert_only_that_one_failed(project: Project, code: int = 3) -> None:
    result = project.run("sync")
    assert result.code == code, result
    assert project.check_ins() == {name: ["3"] for name in NAMES if name != ILL}
    failed = [
        item["kr"]
        for item in project.run("status", "--format", "json").json()["items"]
        if item["value"] is None
    ]
    assert failed == [f"team.grow.{ILL}"]
    assert f"team.grow.{ILL}" in result.out
    assert "Traceback" not in result.err


@pytest.mark.parametrize("illness", ILLNESSES)
def test_guarantee_14_nineteen_of_twenty_finish(project: Project, illness: str) -> None:
    connect(project, more='limits.deadline = "2 s"' if illness == "hangs" else "")
    project.script(**{ILL: ILLNESSES[illness]})
    assert_only_that_one_failed(project, 4 if illness == "a refused sign-in" else 3)


@pytest.mark.parametrize("plugin", ["broken", "missing", "no-manifest"])
def test_guarantee_14_a_broken_plug_in_breaks_only_what_uses_it(
    project: Project, plugin: str
) -> None:
    connect(project, f'type = "{plugin}"')
    assert_only_that_one_failed(project)


def test_guarantee_14_a_plug_in_that_cannot_open_its_source(project: Project) -> None:
    connect(project, 'type = "probe"\nopen_fails = true')
    project.script(**{ILL: "3"})
    assert_only_that_one_failed(project)


def test_guarantee_14_what_failed_is_written_as_soon_as_it_is_well_again(project: Project) -> None:
    connect(project)
    project.script(**{ILL: {"error": "Unreachable"}})
    assert_only_that_one_failed(project)
    project.script(**{ILL: "3"})
    assert project.run("sync").code == 0
    assert project.check_ins() == {name: ["3"] for name in NAMES}


def test_guarantees_14_15_a_process_with_a_source_that_hangs_ends_by_its_deadline(
    project: Project,
) -> None:
    """A process of its own: the thread that hangs must not keep it alive."""
    project.probe("signups", more='limits.deadline = "1 s"')
    project.script(signups={"wait_for": "never", "value": "3"})
    result = project.run_program("sync")
    assert result.code == 3
    assert "deadline" in result.out
    assert result.err == ""
