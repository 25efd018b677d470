"""What may still be checked in when a period is over: nothing, or for a while what came late."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.system.harness.in_process import Ended, InProcess

LAST_DAY = datetime(2026, 12, 31, 11, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 1, 8, tzinfo=UTC)
FOURTH = datetime(2027, 1, 4, 8, tzinfo=UTC)
EIGHTH = datetime(2027, 1, 8, 8, tzinfo=UTC)
MIDNIGHT = "2026-12-31T22:59:59.999999+00:00"  # the last instant of the year in Stockholm
ORDERS = "day,amount\n2026-10-05,10\n2026-12-30,20\n"
LATE = "2026-12-31,5\n2027-01-02,100\n"
ASK = """\
[objective.sell]
title = "Customers buy"
[objective.sell.kr.orders]
title = "Orders from 0 to 100"
baseline = 0
target = 100
from = "orders"
measure = "amount"
agg = "sum"
on = "day"
window = "period"
"""
NOW = '[objective.sell.kr.open]\ntitle = "At most 50"\nat_most = 50\nfrom = "open"\nmeasure = "n"\n'
SAID = '[objective.sell.kr.said]\ntitle = "From 0 to 9"\nbaseline = 0\ntarget = 9\nmanual = true\n'
STEPS = """\
[objective.sell.kr.steps]
title = "Two steps"
milestones = [
    { title = "in time", done = 2026-12-30 },
    { title = "too late", done = 2027-01-02 },
]
"""

Quarter = Callable[..., InProcess]


@pytest.fixture
def quarter(tmp_path: Path) -> Quarter:
    """A quarter of two teams' worth of key results, synced on its last day."""

    def begin(grace: str = 'grace = "7d"', *, store: str = "local") -> InProcess:
        project = InProcess(tmp_path, more=f'[store]\ntype = "{store}"\n', now=LAST_DAY)
        project.source("orders", 'path = "orders.csv"')
        project.source("open", 'path = "open.csv"')
        project.write("orders.csv", ORDERS)
        project.write("open.csv", "n\n40\n")
        defaults = f"[defaults]\n{grace}\n" if grace else ""
        project.map(f"{defaults}{ASK}{NOW}{SAID}{STEPS}")
        assert project.run("set", "t.sell.said", "5").code == 0
        assert project.run("sync").code == 0
        return project

    return begin


def come_late(project: InProcess, at: datetime) -> Ended:
    project.now = at
    project.write("orders.csv", ORDERS + LATE)
    project.write("open.csv", "n\n60\n")
    return project.run("sync")


def check_ins(project: InProcess) -> dict[str, list[tuple[str, str]]]:
    """(value, as of) of each check-in, by the key result's own name."""
    with closing(sqlite3.connect(project.folder / "okrsync.sqlite")) as state:
        rows = state.execute(
            "SELECT key_result, value, as_of FROM local_check_in ORDER BY key_result, number"
        ).fetchall()
    found: dict[str, list[tuple[str, str]]] = {}
    for name, value, as_of in rows:
        found.setdefault(name.rpartition(".")[2], []).append((value, as_of))
    return found


def values(project: InProcess) -> dict[str, list[str]]:
    return {name: [value for value, _ in rows] for name, rows in check_ins(project).items()}


IN_TIME = {"orders": ["30"], "open": ["40"], "said": ["5"], "steps": ["1"]}


def test_without_grace_nothing_is_checked_in_after_the_last_day(quarter: Quarter) -> None:
    project = quarter(grace="")
    ended = come_late(project, NEW_YEAR)
    assert ended.code == 0
    assert "4 of a period that is over" in ended.words()
    assert values(project) == IN_TIME


def test_within_grace_late_data_counts_as_of_the_periods_end_and_later_data_never(
    quarter: Quarter,
) -> None:
    project = quarter()
    assert come_late(project, FOURTH).code == 0
    assert values(project) == {**IN_TIME, "orders": ["30", "35"]}
    (_, as_of) = check_ins(project)["orders"][-1]
    assert as_of <= MIDNIGHT
    assert project.run("sync", "--quiet") == Ended(0, "", "")


def test_the_last_words_after_grace_are_those_of_before(quarter: Quarter) -> None:
    project = quarter()
    ended = come_late(project, EIGHTH)
    assert "4 of a period that is over" in ended.words()
    assert values(project) == IN_TIME


def test_a_person_may_say_the_last_number_within_grace(quarter: Quarter) -> None:
    project = quarter()
    project.now = FOURTH
    assert project.run("set", "t.sell.said", "9").code == 0
    assert project.run("sync").code == 0
    assert check_ins(project)["said"][-1] == ("9", MIDNIGHT)
    assert project.items()["t.sell.said"]["status"] == "achieved"


def test_what_can_only_be_asked_of_now_is_closed_at_the_periods_end(quarter: Quarter) -> None:
    """A file of today's open cases says nothing of the last day any more."""
    project = quarter()
    ended = come_late(project, FOURTH)
    assert "1 of a period that is over" in ended.words()


def test_grace_of_one_key_result_is_its_own(quarter: Quarter) -> None:
    project = quarter(grace="")
    project.map(ASK + 'grace = "3d"\n' + SAID)
    come_late(project, NEW_YEAR)
    assert values(project)["orders"] == ["30", "35"]


def test_a_closed_key_result_that_somebody_names_is_held_with_the_cure(quarter: Quarter) -> None:
    project = quarter(grace="")
    before = project.items()["t.sell.orders"]
    project.now = NEW_YEAR
    ended = project.run("sync", "t.sell.orders")
    assert ended.code == 3
    assert "2026-Q4 ended on 2026-12-31" in ended.words()
    assert 'grace = "7d"' in ended.words()
    after: dict[str, Any] = project.items()["t.sell.orders"]
    assert (after["value"], after["action"]) == (before["value"], before["action"])
