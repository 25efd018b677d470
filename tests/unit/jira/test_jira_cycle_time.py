"""Cycle time: from the first start to the last done that still holds."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync_jira.cycle import (
    Life,
    Move,
    Stage,
    Status,
    cycle_time,
    done_at,
    lead_time,
    started_at,
    time_in,
)
from okrsync_jira.statuses import Statuses
from tests.standins.jira import DOING, DONE, RELEASED, REVIEW, STATES, TO_DO, State
from tests.unit.jira.asking import at

CREATED = at("2026-10-01T08:00")
LEGACY = State("99", "Abgeschlossen (alt)", "done")


def status(state: State) -> Status:
    return Status(state.id, state.name)


def stage_of(one: Status) -> Stage | None:
    for state in STATES:
        if state.id == one.id:
            stages: dict[str, Stage] = {"indeterminate": "start", "done": "done"}
            return stages.get(state.category, "other")
    return None


def life(*steps: tuple[str, State], resolved: str | None = None, first: State = TO_DO) -> Life:
    moves, before = [], first
    for order, (when, state) in enumerate(steps):
        moves.append(Move(at(when), status(before), status(state), order))
        before = state
    return Life.of(CREATED, status(before), moves, None if resolved is None else at(resolved))


def clock(start: datetime, end: datetime) -> timedelta:
    return end - start


def days(one: Life) -> float | None:
    took = cycle_time(one, stage_of, clock)
    return None if took is None else took / timedelta(days=1)


def test_from_the_first_start_to_done() -> None:
    assert days(life(("2026-10-02T08:00", DOING), ("2026-10-05T08:00", DONE))) == 3


def test_review_and_back_is_one_cycle() -> None:
    steps = [("2026-10-02", DOING), ("2026-10-03", REVIEW), ("2026-10-04", DOING)]
    assert days(life(*steps, ("2026-10-07", DONE))) == 5


def test_a_reopened_issue_counts_to_the_done_that_still_holds() -> None:
    steps = [("2026-10-02", DOING), ("2026-10-03", DONE), ("2026-10-06", DOING)]
    assert days(life(*steps, ("2026-10-10", DONE))) == 8


def test_an_issue_that_was_reopened_and_is_open_has_no_cycle_time() -> None:
    steps = [("2026-10-02", DOING), ("2026-10-03", DONE), ("2026-10-06", DOING)]
    assert days(life(*steps)) is None


def test_moving_on_from_done_to_released_is_no_second_done() -> None:
    steps = [("2026-10-02", DOING), ("2026-10-04", DONE), ("2026-12-24", RELEASED)]
    assert days(life(*steps)) == 2


def test_an_issue_that_never_started_has_no_cycle_time_but_a_lead_time() -> None:
    one = life(("2026-10-03T08:00", DONE))
    assert days(one) is None
    assert lead_time(one, stage_of, clock) == timedelta(days=2)


def test_an_issue_made_in_a_start_status_started_when_it_was_made() -> None:
    assert days(life(("2026-10-03T08:00", DONE), first=DOING)) == 2


def test_an_issue_without_any_history_is_open_or_was_made_done() -> None:
    assert days(life()) is None
    assert done_at(life(first=DONE), stage_of) == CREATED


def test_a_deleted_status_that_resolved_the_issue_was_done() -> None:
    """Years later a migration moved it on to today's Done: that is no second done."""
    steps = [("2023-05-02", DOING), ("2023-05-06", LEGACY), ("2026-01-10", DONE)]
    assert days(life(*steps, resolved="2023-05-06")) == 4


def test_a_migration_that_wrote_the_only_done_years_later_does_not_count() -> None:
    """The import kept the resolution's date and recorded the transition on its own day."""
    steps = [("2023-05-02", DOING), ("2026-01-10", DONE)]
    assert days(life(*steps, resolved="2023-05-06")) == 4


def test_an_issue_that_was_really_taken_up_again_years_later_counts_to_its_last_done() -> None:
    steps = [("2023-05-02", DOING), ("2023-05-06", DONE), ("2026-01-03", DOING)]
    one = life(*steps, ("2026-01-10", DONE), resolved="2023-05-06")
    assert done_at(one, stage_of) == at("2026-01-10")


def test_two_moves_at_one_instant_stay_in_the_order_of_their_numbers() -> None:
    one = life(("2026-10-02", DOING), ("2026-10-05", REVIEW), ("2026-10-05", DONE))
    assert days(one) == 3


@given(st.permutations(range(5)))
def test_histories_may_come_in_any_order(order: list[int]) -> None:
    steps = [
        ("2026-10-02", DOING),
        ("2026-10-04", DONE),
        ("2026-10-06", DOING),
        ("2026-10-07", REVIEW),
        ("2026-10-12", DONE),
    ]
    straight = life(*steps)
    mixed = Life.of(CREATED, straight.status, [straight.moves[place] for place in order])
    assert days(mixed) == days(straight) == 10


def test_as_of_an_earlier_day_only_what_had_happened_counts() -> None:
    one = life(("2026-10-02", DOING), ("2026-10-05", DONE), ("2026-10-08", DOING))
    before = one.until(at("2026-10-06"))
    assert (days(before), before.status) == (3, status(DONE))
    assert started_at(one.until(at("2026-10-01T12:00")), stage_of) is None


def test_time_in_a_status_adds_up_every_stay_and_the_one_that_lasts() -> None:
    one = life(("2026-10-02", DOING), ("2026-10-03", REVIEW), ("2026-10-06", DOING))
    took = time_in(one, lambda each: each.id == DOING.id, at("2026-10-10"), clock)
    assert took == timedelta(days=1 + 4)


@pytest.mark.parametrize("written", ["Erledigt", "done", "3", "Done"])
def test_categories_are_known_by_their_key_whatever_language_they_are_shown_in(
    written: str,
) -> None:
    german = Statuses(
        [
            {
                "id": "10002",
                "name": "Fertig",
                "statusCategory": {"id": 3, "key": "done", "name": "Erledigt"},
            }
        ]
    )
    assert german.category(Status("10002", "Done")) == "done"
    assert german.key_of_category(written) == "done"
    assert german.of_category("done") == ("Fertig",)
