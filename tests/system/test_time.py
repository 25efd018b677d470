"""Schedules and the age of data, on a clock that stands where the test puts it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.system.harness.project import Project

MONDAY = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)


def at(project: Project, moment: datetime) -> Project:
    project.clock = moment.isoformat()
    return project


def runs_with_work(project: Project) -> int:
    rows = project.query("SELECT count(DISTINCT recorded) FROM measurement")
    return int(rows[0][0])


def test_guarantee_23_fifty_missed_slots_are_one_run(project: Project) -> None:
    project.probe("signups", lines='schedule = "hourly"')
    project.script(signups="3")
    assert at(project, MONDAY).run("sync").code == 0
    later = MONDAY + timedelta(hours=50, minutes=1)
    (project.folder / "asked.signups").unlink()
    assert at(project, later).run("sync").code == 0
    assert runs_with_work(project) == 2
    (project.folder / "asked.signups").unlink()
    assert at(project, later + timedelta(minutes=1)).run("sync").code == 0
    assert not (project.folder / "asked.signups").exists()


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Stockholm", datetime(2026, 10, 25, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 8, tzinfo=UTC)),
    ],
)
def test_guarantee_23_a_clock_change_neither_skips_nor_doubles_a_day(
    project: Project, zone: str, day: datetime
) -> None:
    project.probe("signups", lines='schedule = "daily 02:30"')
    config = project.folder / "config.toml"
    config.write_text(config.read_text().replace('timezone = "UTC"', f'timezone = "{zone}"'))
    asked = project.folder / "asked.signups"
    begin, answered = day - timedelta(days=1), 0
    for step in range(3 * 12):  # every other hour of three days around the change
        project.script(signups=str(step + 3))
        asked.unlink(missing_ok=True)
        assert at(project, begin + timedelta(hours=2 * step, minutes=45)).run("sync").code == 0
        answered += asked.exists()
    # a first run is due at once, for the slot before it; then each of the days has its own
    assert answered in {3, 4}


def test_guarantee_23_a_clock_that_steps_back_repeats_nothing(project: Project) -> None:
    project.probe("signups", lines='schedule = "daily 06:00"')
    project.script(signups="3")
    assert at(project, MONDAY).run("sync").code == 0
    (project.folder / "asked.signups").unlink()
    project.script(signups="4")
    assert at(project, MONDAY - timedelta(hours=1)).run("sync").code == 0
    assert at(project, MONDAY + timedelta(hours=1)).run("sync").code == 0
    assert project.check_ins() == {"signups": ["3"]}
    assert at(project, MONDAY + timedelta(days=1)).run("sync").code == 0
    assert project.check_ins() == {"signups": ["3", "4"]}


@pytest.fixture
def sheet(project: Project) -> Path:
    """A file of Monday's, and the key result that reads it and takes nothing older than 3 days."""
    project.configure('[source.sheet]\ntype = "csv"\npath = "sheet.csv"\n')
    lines = 'from = "sheet"\nmeasure = "n"\nagg = "sum"\nguard = { max_age = "3d" }'
    project.map({"signups": lines})
    path = project.write("sheet.csv", "n\n3\n")
    _renewed(path, MONDAY)
    return path


def test_guarantee_22_a_file_that_nobody_renewed_is_held(project: Project, sheet: Path) -> None:
    assert at(project, MONDAY + timedelta(hours=1)).run("sync").code == 0
    sheet.write_text("n\n4\n")
    _renewed(sheet, MONDAY)
    held = at(project, MONDAY + timedelta(days=5)).run("sync")
    assert held.code == 3
    assert "the data is 5 d old, 3 d is allowed" in " ".join(held.out.split())
    assert project.check_ins() == {"signups": ["3"]}


@pytest.mark.usefixtures("sheet")
def test_guarantee_22_old_data_is_shown_as_old_and_has_no_confidence(project: Project) -> None:
    assert at(project, MONDAY + timedelta(hours=1)).run("sync").code == 0
    at(project, MONDAY + timedelta(days=5))
    (item,) = project.run("status", "--format", "json").json()["items"]
    assert item["status"] == "stale"
    assert item["confidence"] is None


def _renewed(sheet: Path, moment: datetime) -> None:
    os.utime(sheet, (moment.timestamp(), moment.timestamp()))
