"""Confidence over many runs of the real command line."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.system.harness.in_process import NOON, InProcess

WEEK = timedelta(weeks=1)
WAY = """\
[objective.o]
title = "Where to"
[objective.o.kr.a]
title = "A"
baseline = {baseline}
target = {target}
from = "sheet"
measure = "a"
{more}
"""


@pytest.fixture
def project(tmp_path: Path) -> InProcess:
    project = InProcess(tmp_path)
    project.source("sheet", 'path = "rows.csv"')
    return project


def mapped(project: InProcess, more: str = "", baseline: int = 0, target: int = 100) -> None:
    project.map(WAY.format(baseline=baseline, target=target, more=more))


def synced(project: InProcess, value: float, at: datetime) -> dict[str, Any]:
    project.now = at
    project.write("rows.csv", f"a\n{value}\n")
    project.run("sync")
    return project.items()["t.o.a"]


def weeks(project: InProcess, *values: float) -> dict[str, Any]:
    """A sync a week, the last one now."""
    item: dict[str, Any] = {}
    for n, value in enumerate(values):
        item = synced(project, value, NOON - WEEK * (len(values) - 1 - n))
    return item


def test_the_history_makes_the_confidence(tmp_path: Path) -> None:
    odds = []
    for name, values in (("rising", (8, 17, 25, 34, 42)), ("stuck", (42, 42, 42, 42, 42))):
        project = InProcess(tmp_path / name)
        project.source("sheet", 'path = "rows.csv"')
        mapped(project)
        odds.append(weeks(project, *values)["confidence"])
    rising, stuck = odds
    assert rising > stuck


def test_status_and_explain_show_confidence_forecast_and_pace(project: InProcess) -> None:
    mapped(project, 'unit = "orders"')
    weeks(project, 8, 17, 25, 34, 42)
    status = project.run("status").words()
    assert "points" in status
    assert "forecast" in status
    assert "range" in status
    explained = project.run("explain", "t.o.a").words()
    assert "from 5 values since" in explained
    assert "half of what may come in" in explained
    assert "a week, lately" in explained


def test_a_wild_value_waits_for_a_second_one(project: InProcess) -> None:
    mapped(project)
    weeks(project, 20, 22, 25, 26, 29)
    first = synced(project, 290, NOON + timedelta(days=1))
    assert (first["action"], first["value"]) == ("held", 29)
    again = synced(project, 290, NOON + timedelta(days=1, minutes=10))
    assert (again["action"], again["value"]) == ("held", 29)
    confirmed = synced(project, 291, NOON + timedelta(days=2))
    assert (confirmed["action"], confirmed["value"]) == ("post", 291)


def test_an_approval_is_the_way_past(project: InProcess) -> None:
    mapped(project)
    weeks(project, 20, 22, 25, 26, 29)
    synced(project, 290, NOON + timedelta(days=1))
    project.run("approve", "t.o.a", "--reason", "a new market")
    assert synced(project, 290, NOON + timedelta(days=1, minutes=5))["value"] == 290


def test_a_target_moved_away_inside_the_period_is_never_likelier(project: InProcess) -> None:
    mapped(project)
    before = weeks(project, 8, 17, 25, 34, 42)["confidence"]
    mapped(project, target=120)
    farther = synced(project, 42, NOON)["confidence"]
    assert farther < before


def test_calibrate_counts_what_came_true(project: InProcess) -> None:
    mapped(project)
    assert "No period with check-ins is over yet" in project.run("calibrate").words()
    weeks(project, 20, 45, 70)
    synced(project, 104, datetime(2026, 12, 30, 12, tzinfo=NOON.tzinfo))
    project.now = datetime(2027, 1, 4, 12, tzinfo=NOON.tzinfo)
    ended = project.run("calibrate", "--format", "json")
    found = json.loads(ended.out)
    assert found["summary"]["check_ins"] == 4
    assert found["summary"]["periods"] == 1
    assert all(band["came_true"] == 1 for band in found["items"])
    assert "4 check-ins of 1 key result in 1 closed period" in project.run("calibrate").words()
