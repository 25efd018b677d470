"""Days of a window that have a row, and those that are over without one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from okrsync.contracts import CellStyle, RowAnswer, RowBatch, RowQuestion
from okrsync.errors import OutsideError
from okrsync.mapping.rows import aggregate
from okrsync.model import Window

ZONE = ZoneInfo("Europe/Stockholm")
NOVEMBER = Window("period", datetime(2026, 11, 1, tzinfo=ZONE), datetime(2026, 12, 1, tzinfo=ZONE))
NOON = datetime(2026, 11, 11, 12, tzinfo=ZONE)
INCIDENTS = [
    "2026-10-31T22:59:00Z",  # still October in Stockholm
    "2026-11-02",
    "2026-11-02T23:30:00",
    "2026-11-02T23:30:00Z",  # already the third in Stockholm
    "2026-11-11T08:00:00",
]


def ask(
    agg: str,
    cells: list[str],
    *,
    as_of: datetime = NOON,
    window: Window = NOVEMBER,
    where: str | None = None,
    on: str | None = "created",
) -> RowAnswer | OutsideError:
    question = RowQuestion(where, None, agg, on, window, as_of)
    batch = RowBatch([[cell] for cell in cells], range(2, len(cells) + 2))
    [answer] = aggregate([question], ["created"], [batch], CellStyle(), ZONE)
    return answer


def value(answer: RowAnswer | OutsideError) -> Decimal:
    assert isinstance(answer, RowAnswer), answer
    return answer.value


def test_days_with_a_row_are_days_of_the_zone() -> None:
    answer = ask("days_with", INCIDENTS)
    assert value(answer) == 3
    assert isinstance(answer, RowAnswer)
    assert answer.rows == 4


def test_only_days_that_are_over_can_be_without() -> None:
    assert value(ask("days_without", INCIDENTS)) == 8  # the first ten days, less the 2nd and 3rd


def test_the_last_day_counts_once_it_is_over() -> None:
    end = datetime(2026, 11, 30, 23, 59, 59, 999999, tzinfo=ZONE)
    assert value(ask("days_without", ["2026-11-30"], as_of=end)) == 29
    assert value(ask("days_without", [], as_of=end)) == 30
    assert value(ask("days_without", [], as_of=datetime(2027, 2, 1, tzinfo=ZONE))) == 30


def test_no_rows_are_no_days_with_one() -> None:
    assert value(ask("days_with", [])) == 0


@pytest.mark.parametrize("agg", ["days_with", "days_without"])
def test_days_need_a_window_and_a_date(agg: str) -> None:
    assert isinstance(ask(agg, INCIDENTS, window=Window("all")), OutsideError)
    assert isinstance(ask(agg, INCIDENTS, window=Window("now"), on=None), OutsideError)
