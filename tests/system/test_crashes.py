"""A sync that is killed, or whose disk fails, at each of its system calls in turn.

Each case counts on until a run passes without meeting its fault, as SQLite is tested. What must
hold after every single point: the state is whole, the next run finishes the work, no check-in is
lost and none is there twice.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.system.harness.project import CheckIns, Project
from tests.system.harness.runner import EIO, ENOSPC, EVERY_POINT, KILL, Result

SHARES = 2
"""Each case is split, so that it can run on two cores."""

OF_THE_FIRST = SHARES if EVERY_POINT else 4 * SHARES
"""The tables of a new state are made in many calls that are all alike: every fourth is tried."""

OF_A_MOVING_SOURCE = SHARES if EVERY_POINT else 2 * SHARES
"""Every point of a sync whose source stands still is tried anyway: every second is."""

OF_A_DISK = SHARES if EVERY_POINT else 3 * SHARES
"""A call that fails leaves less behind than one that never came: every third is tried."""

ONE_MORE_RUN = 11
"""After every so many points a third run shows that nothing is left to do."""

ProjectMaker = Callable[[str], Project]
STORES = ("local", "jsonl")


@dataclass(frozen=True, slots=True)
class Point:
    """What a run that met its fault at its ``at``-th system call left behind."""

    at: int
    result: Result


@pytest.fixture(params=range(SHARES), ids=lambda share: f"share{share + 1}")
def share(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


def every_point(
    project: Project, before: Path, fault: int, share: int, step: int = SHARES
) -> Iterator[Point]:
    """Bring the project back to ``before`` and sync it into the fault, one point after the other.

    A run with more points than the one before it did not meet the fault: that was the last.
    """
    at = share + 1
    while True:
        bring_back(project, before)
        result = project.run("sync", fault=fault, at=at)
        if result.points < at:
            assert result.code == 0, result
            assert at > SHARES, "no point was met: the faults are not in effect"
            return
        yield Point(at, result)
        at += step


def set_aside(project: Project) -> Path:
    before = project.folder.with_suffix(".before")
    shutil.copytree(project.folder, before)
    return before


def bring_back(project: Project, before: Path) -> None:
    shutil.rmtree(project.folder)
    shutil.copytree(before, project.folder)


def assert_whole(project: Project) -> None:
    with project.copy_of_state() as state:
        assert state.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def assert_finishes(project: Project, point: Point, expected: CheckIns) -> None:
    """The next run does the rest; the one after it, tried now and then, has nothing to do."""
    again = project.run("sync")
    assert again.code == 0, (point, again)
    assert project.check_ins() == expected, point
    if point.at % ONE_MORE_RUN:
        return
    after = project.run("sync", "--quiet")
    assert (after.code, after.out, after.err) == (0, "", ""), (point, after)
    assert project.check_ins() == expected, point


def frozen(project: Project) -> set[str]:
    """Key results whose newest value was written down before it was sent."""
    with project.copy_of_state() as state:
        return {
            name.rpartition(".")[2]
            for (name,) in state.execute(
                'SELECT key_result FROM intent WHERE check_in LIKE \'%"value":"5%\''
            )
        }


def first_is_there(project: Project) -> bool:
    with project.copy_of_state() as state:
        (tables,) = state.execute(
            "SELECT count(*) FROM sqlite_schema WHERE name = 'local_check_in'"
        )
        return bool(tables[0]) and bool(state.execute("SELECT 1 FROM local_check_in").fetchall())


def two_synced_values(project: Project) -> Path:
    project.probe("signups", "visits")
    project.script(signups="3", visits="4")
    assert project.run("sync").code == 0
    project.script(signups="51", visits="52")
    return set_aside(project)


def nothing_but_files(project: Project) -> Path:
    project.probe("signups", "visits")
    project.script(signups="3", visits="4")
    return set_aside(project)


def a_fresh_state(project: Project) -> Path:
    project.probe("signups", "visits")
    project.script(signups="3", visits="4")
    assert project.run("doctor").code == 0
    return set_aside(project)


def test_guarantees_01_07_killed_at_every_point_of_the_very_first_sync(
    faulty_project: ProjectMaker, share: int
) -> None:
    """As far as to the first check-in: from there on the next test's points are the same."""
    project = faulty_project("local")
    before = nothing_but_files(project)
    for point in every_point(project, before, KILL, share, OF_THE_FIRST):
        assert point.result.code == -signal.SIGKILL
        if project.state.exists():
            assert_whole(project)
        if first_is_there(project):
            break
        assert_finishes(project, point, {"signups": ["3"], "visits": ["4"]})


def test_guarantees_01_07_killed_at_every_point_of_the_first_sync_to_a_file(
    faulty_project: ProjectMaker, share: int
) -> None:
    project = faulty_project("jsonl")
    for point in every_point(project, a_fresh_state(project), KILL, share):
        assert point.result.code == -signal.SIGKILL
        assert_whole(project)
        assert_finishes(project, point, {"signups": ["3"], "visits": ["4"]})


@pytest.mark.parametrize("store", STORES)
def test_guarantees_01_02_killed_at_every_point_while_the_source_moves_on(
    faulty_project: ProjectMaker, store: str, share: int
) -> None:
    """What was frozen is sent as it was frozen; the newer value is the next check-in."""
    project = faulty_project(store)
    for point in every_point(project, two_synced_values(project), KILL, share, OF_A_MOVING_SOURCE):
        assert point.result.code == -signal.SIGKILL
        assert_whole(project)
        written_down = frozen(project)
        project.script(signups="61", visits="62")
        expected = {
            name: [*values[: 2 if name in written_down else 1], values[2]]
            for name, values in {"signups": ["3", "51", "61"], "visits": ["4", "52", "62"]}.items()
        }
        assert_finishes(project, point, expected)


@pytest.mark.parametrize("fault", [EIO, ENOSPC], ids=["EIO", "ENOSPC"])
@pytest.mark.parametrize("store", STORES)
def test_guarantees_01_07_a_failing_disk_at_every_point(
    faulty_project: ProjectMaker, store: str, fault: int, share: int
) -> None:
    project = faulty_project(store)
    before = two_synced_values(project)
    for point in every_point(project, before, fault, share, OF_A_DISK):
        assert point.result.code in {0, 3, 75}, point
        for unclean in ("Traceback", "a bug", "Exception ignored"):
            assert unclean not in point.result.err, point
        assert_whole(project)
        assert_finishes(project, point, {"signups": ["3", "51"], "visits": ["4", "52"]})


SAMPLE = (1, 9, 23)
"""strace counts the calls of each thread for itself, and a store is written in one of its own."""
TRACED = "write,pwrite64,fsync,fdatasync,ftruncate,unlink,connect,sendto"


@pytest.mark.parametrize("store", STORES)
def test_guarantees_01_07_the_same_with_strace_as_the_killer(project: Project, store: str) -> None:
    """A cross-check of the library of faults, at a few points, on a process of its own."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    project.store = store
    before = two_synced_values(project)
    killed = 0
    for at in SAMPLE:
        bring_back(project, before)
        inject = f"inject={TRACED}:signal=SIGKILL:when={at}"
        options = [strace, "-f", "-qq", "--seccomp-bpf", "-o", os.devnull, "-e", inject]
        result = project.run_program("sync", before=options)
        if "ptrace" in result.err:
            pytest.skip("this machine does not let strace trace")
        killed += result.code == -signal.SIGKILL
        assert_whole(project)
        assert_finishes(project, Point(at, result), {"signups": ["3", "51"], "visits": ["4", "52"]})
    assert killed >= len(SAMPLE) - 1
