"""A sync into a store behind HTTP that is killed at its system calls, one after the other.

The same must hold as beside a store on this machine: none lost, none doubled, what was frozen is
sent as it was frozen; also when the answer to a check-in was lost on the wire before the kill.
Continuous integration takes a sample of the points. The whole enumeration, an hour:

    OKRSYNC_EVERY_POINT=1 python -m pytest tests/system/test_crashes_over_http.py
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.system.harness.places import Place, asana, linear, okr_tracker, operately, sheets
from tests.system.harness.project import Project
from tests.system.harness.runner import EVERY_POINT, KILL
from tests.system.test_crashes import Point, assert_whole, bring_back, frozen, set_aside

pytestmark = pytest.mark.network

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NAMES = ("signups", "visits")
STEP, SPARSE = (1, 1) if EVERY_POINT else (13, 17)
"""Every so many points are tried; the second is of the places in SAMPLED."""

ProjectMaker = Callable[[str], Project]


def clock() -> datetime:
    return NOON


PLACES: dict[str, Callable[[], AbstractContextManager[Place]]] = {
    "appending": lambda: operately(NAMES, clock),
    "setting": lambda: okr_tracker(NAMES, clock),
    "adding rows": lambda: sheets(NAMES, clock, history=True),
    "own row": lambda: sheets(NAMES, clock, history=False),
    "numbers alone": lambda: asana(NAMES, clock, updates="never"),
    "number, then text": lambda: asana(NAMES, clock, updates="always"),
    "texts alone": lambda: linear(NAMES, clock),
}
LOST = {0: "answers arrive", 1: "first lost", 2: "second lost"}
SAMPLED = {
    "adding rows": 1,
    "own row": 2,
    "numbers alone": 2,
    "number, then text": 1,
    "texts alone": 1,
}
"""The one of LOST that continuous integration tries."""

CASES = [
    pytest.param(kind, lost, id=f"{kind}-{words}")
    for kind in PLACES
    for lost, words in LOST.items()
    if EVERY_POINT or SAMPLED.get(kind, lost) == lost
]


@pytest.fixture
def place(kind: str) -> Iterator[Place]:
    with PLACES[kind]() as found:
        yield found


@pytest.fixture
def project(faulty_project: ProjectMaker, place: Place) -> Project:
    """A store and a source that have agreed once, on 3 and 4; now the source says 51 and 52."""
    project = faulty_project("http")
    project.clock = NOON.isoformat()
    project.env.update(place.env)
    project.configure('[source.probe]\ntype = "probe"\n')
    config = project.folder / "config.toml"
    text = config.read_text("utf-8")
    config.write_text(text.replace('type = "http"\n', place.table, 1), "utf-8")
    project.map(
        {
            name: f'from = "probe"\nprobe = "{name}"\nstore_id = "{place.ids[name]}"'
            for name in NAMES
        }
    )
    project.script(signups="3", visits="4")
    first = project.run("sync")
    assert first.code == 0, first
    project.script(signups="51", visits="52")
    return project


def killed(
    project: Project, place: Place, before: Path, there: Any, lost: int, step: int
) -> Iterator[Point]:
    """A sync from the same beginning, killed at one point after the other."""
    at = 1
    while True:
        bring_back(project, before)
        place.server.restore(there)
        if lost:
            place.server.lose("answer", write=lost)
        result = project.run("sync", fault=KILL, at=at)
        place.server.lose_nothing()
        if result.points < at:
            assert result.code == (3 if lost else 0), result
            assert at > step, "no point was met: the faults are not in effect"
            return
        assert result.code == -signal.SIGKILL
        yield Point(at, result)
        at += step


def stands(project: Project, place: Place) -> tuple[Any, ...]:
    """All that the next run can find: two points with the same need only one next run."""
    with project.copy_of_state() as state:
        rows = [
            state.execute(query).fetchall()
            for query in (
                "SELECT key, state, remote_id FROM intent ORDER BY key",
                "SELECT subject, verdict, code FROM outcome ORDER BY subject",
                "SELECT schedule, slot FROM slot ORDER BY schedule",
                "SELECT count(*) FROM measurement",
                "SELECT count(*) FROM run WHERE finished IS NULL",
                "SELECT connector, key, content FROM memory ORDER BY connector, key",
                "SELECT count(*) FROM lease",
            )
        ]
    return str(rows), str(place.check_ins())


@pytest.mark.parametrize(("kind", "lost"), CASES)
def test_guarantees_01_02_03_killed_at_its_points_while_the_source_moves_on(
    project: Project, place: Place, kind: str, lost: int
) -> None:
    before, there = set_aside(project), place.server.snapshot()
    step = SPARSE if kind in SAMPLED else STEP
    seen = set()
    for point in killed(project, place, before, there, lost, step):
        assert_whole(project)
        standing = stands(project, place)
        if standing in seen and not EVERY_POINT:
            continue
        seen.add(standing)
        written_down = frozen(project)
        project.script(signups="61", visits="62")
        again = project.run("sync")
        assert again.code == 0, (point, again)
        values = {
            name: [*values[: 2 if name in written_down else 1], values[2]]
            for name, values in {"signups": ["3", "51", "61"], "visits": ["4", "52", "62"]}.items()
        }
        expected = dict.fromkeys(place.kinds, values)
        assert place.check_ins() == expected, point
        after = project.run("sync", "--quiet")
        assert (after.code, after.out, after.err) == (0, "", ""), (point, after)
        assert place.check_ins() == expected, point
    assert len(seen) > 3
