"""What an operator scripts against: exit codes, what goes to which stream, and how it stops."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.system.harness.project import Project
from tests.system.harness.runner import Result

Reach = Callable[[Project], Result]


def done(project: Project) -> Result:
    return project.run("sync")


def nothing_due(project: Project) -> Result:
    assert project.run("sync").code == 0
    return project.run("sync")


def wrong_flag(project: Project) -> Result:
    return project.run("sync", "--no-such-flag")


def wrong_file(project: Project) -> Result:
    project.write("mappings/team.toml", "version = 1\nteem = 'x'\n")
    return project.run("sync")


def no_file(project: Project) -> Result:
    return project.run("sync", "--config", "nowhere.toml")


def unknown_key_result(project: Project) -> Result:
    return project.run("sync", "team.grow.nothing")


def no_state(project: Project) -> Result:
    project.state.write_bytes(b"this is not a database" * 100)
    return project.run("sync")


def one_failed(project: Project) -> Result:
    project.script(signups={"error": "Unreachable"}, visits="4")
    return project.run("sync")


def sign_in_refused(project: Project) -> Result:
    project.script(signups={"error": "SignInRefused"}, visits="4")
    return project.run("sync")


def stale_plan(project: Project) -> Result:
    assert project.run("plan", "--out", "p").code == 0
    project.script(signups="9", visits="4")
    return project.run("apply", "p")


def changes_pending(project: Project) -> Result:
    return project.run("plan", "--exit-code")


def no_changes_pending(project: Project) -> Result:
    assert project.run("sync").code == 0
    return project.run("plan", "--exit-code")


CODES: dict[Reach, int] = {
    done: 0,
    nothing_due: 0,
    no_changes_pending: 0,
    wrong_flag: 2,
    wrong_file: 2,
    no_file: 2,
    unknown_key_result: 2,
    no_state: 2,
    one_failed: 3,
    sign_in_refused: 4,
    stale_plan: 5,
    changes_pending: 6,
}


@pytest.fixture
def ready(project: Project) -> Project:
    project.probe("signups", "visits")
    project.script(signups="3", visits="4")
    return project


@pytest.mark.parametrize("reach", CODES, ids=lambda reach: reach.__name__)
def test_guarantee_34_every_exit_code_is_reached_by_what_it_stands_for(
    ready: Project, reach: Reach
) -> None:
    result = reach(ready)
    assert result.code == CODES[reach], result
    assert "Traceback" not in result.err
    if result.code in {2, 5}:
        assert result.out == ""
        assert result.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "--format", "json"],
        ["sync", "--format", "json"],
        ["sync", "--dry-run", "--format", "json"],
        ["status", "--format", "json"],
        ["report", "--format", "json"],
        ["lint", "--format", "json"],
        ["doctor", "--format", "json"],
        ["explain", "team.grow.visits", "--format", "json"],
        ["history", "team.grow.visits", "--format", "json"],
        ["schema"],
    ],
    ids=" ".join,
)
def test_guarantee_34_stdout_is_one_json_object_whatever_happens(
    ready: Project, arguments: list[str]
) -> None:
    ready.script(signups={"error": "Unreachable"}, visits="4")
    assert ready.run("sync").code == 3
    result = ready.run("--log-level", "debug", *arguments)
    assert isinstance(json.loads(result.out), dict)
    assert result.code in {0, 3}


def test_without_a_command_it_shows_its_help(project: Project) -> None:
    shown = project.run_program()
    assert "Usage: okrsync" in shown.out + shown.err
    assert "Traceback" not in shown.err


def test_guarantee_34_quiet_speaks_only_of_trouble_and_on_stderr(ready: Project) -> None:
    quiet = ready.run("sync", "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    ready.script(signups={"error": "Unreachable"}, visits="4")
    trouble = ready.run("sync", "--quiet")
    assert (trouble.code, trouble.out) == (3, "")
    assert "team.grow.signups" in trouble.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_guarantee_34_asked_to_stop_while_a_source_is_slow_it_leaves_and_frees_the_lease(
    ready: Project, number: signal.Signals
) -> None:
    ready.script(signups={"wait_for": "never", "value": "3"}, visits="4")
    running = ready.started_and_asking("sync", probe="signups")
    asked = time.monotonic()
    running.signal(number)
    stopped = running.wait()
    assert time.monotonic() - asked < 5  # the promise itself
    assert stopped.code == 3
    assert "Traceback" not in stopped.err
    assert "the next run does the rest" in stopped.err
    ready.script(signups="3", visits="4")
    assert ready.run("sync").code == 0
    assert ready.check_ins() == {"signups": ["3"], "visits": ["4"]}


def test_guarantee_34_stopped_between_two_writes_the_next_run_does_the_rest(
    project: Project,
) -> None:
    """The signal comes as soon as the first of many check-ins is there."""
    names = [f"kr{number:03}" for number in range(300)]
    project.store = "jsonl"
    project.probe(*names)
    project.script(**dict.fromkeys(names, "3"))
    running = project.start("sync")
    while not project.check_ins():
        time.sleep(0.001)
    running.signal(signal.SIGTERM)
    stopped = running.wait()
    assert stopped.code == 3
    assert 0 < len(project.check_ins()) < len(names)
    assert project.run("sync", "--quiet").code == 0
    assert project.check_ins() == {name: ["3"] for name in names}


def test_guarantee_34_a_reader_that_has_left_is_no_bug(ready: Project) -> None:
    command = f"{sys.executable} -m okrsync plan | true; exit ${{PIPESTATUS[0]}}"
    left = subprocess.run(
        ["bash", "-c", command],
        cwd=ready.folder,
        env=ready.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert left.returncode in {0, 3}
    assert left.stderr == ""
