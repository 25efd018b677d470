"""Epics and versions as milestones; velocity and predictability of sprints."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from okrsync.errors import BadAnswer, NoValue, OutsideError, Refused, SourceError
from okrsync.model import Measurement, Window
from tests.standins.jira import DOING, DONE, POINTS, SPRINT, TO_DO, Jira, Ticket, said, stamp
from tests.unit.jira.asking import NOW, answers, ask, at, measured, refused

DAY = timedelta(days=1)


@pytest.fixture(params=[True, False], ids=["cloud", "data-center"])
def jira(request: pytest.FixtureRequest) -> Jira:
    """An epic, due in December, with one of four stories done."""
    made = Jira(cloud=request.param)
    epic = made.add(at("2026-09-01"), type="Epic", due="2026-12-01")
    for number in range(4):
        ticket = made.add(at("2026-10-01"), parent=epic.key, versions=("10100",))
        if number == 0:
            ticket.move(DOING, at("2026-10-02")).move(DONE, at("2026-10-05"))
    made.versions = [
        {"id": "10100", "name": "2.4", "released": False, "releaseDate": "2026-12-15"},
        {"id": "10099", "name": "2.3", "released": True, "releaseDate": "2026-09-15"},
    ]
    return made


def test_an_epic_is_as_far_as_its_issues_are_done(jira: Jira) -> None:
    answer = measured(jira, ask(epic="PLAT-1", agg=None))
    assert answer.value == 25
    assert (answer.unit, answer.rows, answer.approximate) == ("%", 4, False)
    assert (answer.due, answer.done_on) == (date(2026, 12, 1), None)
    assert "1 of 4 issues done" in answer.evidence.notes


def test_a_closed_epic_is_done_on_its_day_whatever_is_open_inside(jira: Jira) -> None:
    jira.tickets[0].move(DONE, at("2026-10-30T23:30"))
    answer = measured(jira, ask(epic="PLAT-1", agg=None, measure="progress"))
    assert answer.value == 100
    assert answer.done_on == date(2026, 10, 30)
    assert "closed with open issues inside" in answer.evidence.notes


def test_the_numbers_behind_an_epic(jira: Jira) -> None:
    found = answers(
        jira,
        ask(epic="PLAT-1", agg=None, measure="done"),
        ask(epic="PLAT-1", agg=None, measure="total"),
    )
    assert [answer.value for answer in found if isinstance(answer, Measurement)] == [1, 4]


def test_an_issue_without_children_is_done_or_not(jira: Jira) -> None:
    assert measured(jira, ask(epic="PLAT-3", agg=None)).value == 0
    assert measured(jira, ask(epic="PLAT-2", agg=None)).value == 100


def test_an_epic_that_is_not_there_is_an_error(jira: Jira) -> None:
    error = refused(jira, ask(epic="PLAT-99", agg=None))
    assert isinstance(error, Refused)
    assert "do not have permission" in error.message


def test_a_version_is_as_far_as_its_issues_are_done(jira: Jira) -> None:
    answer = measured(jira, ask(version="2.4", project="PLAT", agg=None))
    assert answer.value == 25
    assert (answer.due, answer.done_on) == (date(2026, 12, 15), None)


def test_a_released_version_is_done_on_its_day(jira: Jira) -> None:
    answer = measured(jira, ask(version="2.3", project="PLAT", agg=None))
    assert answer.value == 100
    assert answer.done_on == date(2026, 9, 15)


def test_a_version_without_issues_has_no_share(jira: Jira) -> None:
    jira.versions.append({"id": "7", "name": "3.0", "released": False})
    assert isinstance(refused(jira, ask(version="3.0", project="PLAT", agg=None)), NoValue)


def test_a_version_that_is_not_there_is_an_error(jira: Jira) -> None:
    assert "'9.9'" in refused(jira, ask(version="9.9", project="PLAT", agg=None)).message


@pytest.mark.parametrize(
    "question",
    [
        ask(epic="PLAT-1", agg="count"),
        ask(epic="PLAT-1", agg=None, measure="velocity"),
        ask(epic="PLAT-1", agg=None, on="created"),
    ],
)
def test_what_an_epic_cannot_answer_is_told(jira: Jira, question: Any) -> None:
    assert isinstance(refused(jira, question), SourceError)


@pytest.mark.parametrize("broken", [{"fields": {}}, {"fields": None}, {}, [], None])
def test_an_epic_that_cannot_be_read_is_no_value(jira: Jira, broken: object) -> None:
    jira.faults.append(
        lambda request: said(200, broken) if request.path.endswith("/issue/PLAT-1") else None
    )
    assert isinstance(refused(jira, ask(epic="PLAT-1", agg=None)), BadAnswer)


# Sprints

FIRST, SECOND = (at("2026-10-05"), at("2026-10-16")), (at("2026-10-19"), at("2026-10-30"))


@pytest.fixture
def board(jira: Jira) -> Jira:
    """Two closed sprints. The first: 8 points committed, 6 done, 3 of them added on the way.
    The second: the 5 that were left, all done."""
    for number, (start, end) in enumerate((FIRST, SECOND), start=1):
        jira.sprints.append(
            {"id": number, "name": f"Sprint {number}", "state": "closed"}
            | {"startDate": stamp(start), "completeDate": stamp(end)}
        )
    planned = sprint_issue(jira, 3, at("2026-10-01"), [(at("2026-10-03"), "", "1")])
    planned.move(DOING, FIRST[0] + DAY).move(DONE, FIRST[1] - DAY)
    left = sprint_issue(
        jira,
        5,
        at("2026-10-01"),
        [(at("2026-10-03"), "", "1"), (FIRST[1] + timedelta(minutes=1), "1", "1, 2")],
    )
    left.move(DOING, SECOND[0] + DAY).move(DONE, SECOND[1] - DAY)
    added = sprint_issue(jira, 3, at("2026-10-01"), [(FIRST[0] + 2 * DAY, "", "1")])
    added.move(DONE, FIRST[1] - DAY)
    return jira


def sprint_issue(
    jira: Jira, points: int, created: datetime, sprints: list[tuple[datetime, str, str]]
) -> Ticket:
    ticket = jira.add(created, status=TO_DO)
    ticket.extra[POINTS] = points
    for when, old, new in sprints:
        ticket.note(when, SPRINT, "Sprint", (old, old), (new, new))
        ticket.sprints = tuple(int(part) for part in new.split(","))
    return ticket


@pytest.mark.parametrize(
    ("measure", "agg", "value", "unit"),
    [
        ("velocity", None, "5.5", ""),
        ("velocity", "sum", "11", ""),
        ("velocity", "last", "5", ""),
        ("committed", None, "6.5", ""),
        ("committed", "first", "8", ""),
        ("predictability", "min", "75", "%"),
        ("predictability", "max", "100", "%"),
    ],
)
def test_velocity_and_predictability(
    board: Jira, measure: str, agg: str | None, value: str, unit: str
) -> None:
    answer = measured(board, ask(board=42, measure=measure, agg=agg))
    assert (f"{answer.value:f}", answer.unit, answer.rows) == (value, unit, 2)
    assert any("Sprint 1: 6 done of 8 committed" in note for note in answer.evidence.notes)


def test_predictability_over_sprints_is_all_done_by_all_committed(board: Jira) -> None:
    answer = measured(board, ask(board=42, measure="predictability", agg=None))
    assert answer.value == 100 * answer.value.__class__(11) / 13


def test_the_last_sprints_or_those_of_a_window(board: Jira) -> None:
    last = ask(board=42, measure="velocity", agg=None, sprints=1)
    assert measured(board, last).value == 5
    window = Window("w", at("2026-10-01"), at("2026-10-20"))
    of_window = ask(board=42, measure="velocity", agg=None, on="completed", window=window)
    assert measured(board, of_window).value == 6


def test_sprints_have_a_past(board: Jira) -> None:
    before = ask(board=42, measure="velocity", agg=None, as_of=at("2026-10-20"))
    assert measured(board, before).value == 6


def test_an_estimate_that_was_changed_later_counts_as_it_was(board: Jira) -> None:
    ticket = board.tickets[5]
    ticket.note(NOW - DAY, POINTS, "Story Points", ("", "3"), ("", "13"))
    ticket.extra[POINTS] = 13
    assert measured(board, ask(board=42, measure="velocity", agg="first")).value == 6


def test_a_board_without_estimates_counts_issues(board: Jira) -> None:
    board.estimation = None
    answer = measured(board, ask(board=42, measure="velocity", agg="sum"))
    assert answer.value == 3
    assert "counted in issues" in answer.evidence.notes


def test_a_board_without_closed_sprints_has_no_velocity(board: Jira) -> None:
    board.sprints.clear()
    assert isinstance(refused(board, ask(board=42, measure="velocity", agg=None)), NoValue)


def test_nothing_committed_is_no_predictability(board: Jira) -> None:
    board.sprints = [board.sprints[0] | {"startDate": stamp(at("2026-10-02"))}]
    assert isinstance(refused(board, ask(board=42, measure="predictability", agg=None)), NoValue)


@pytest.mark.parametrize(
    "broken",
    [{}, {"values": None}, {"values": [], "isLast": False}, {"values": [{"id": "x"}]}],
)
def test_sprints_that_cannot_be_read_are_no_value(board: Jira, broken: object) -> None:
    board.faults.append(
        lambda request: said(200, broken) if request.path.endswith("/sprint") else None
    )
    assert isinstance(refused(board, ask(board=42, measure="velocity", agg=None)), OutsideError)
