"""Pipedrive's spans, totals, tokens and requests, without a server."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.contracts import FromEnvironment
from okrsync.errors import BadAnswer, NoValue, SourceError
from okrsync.model import Window
from okrsync.testing import FakeToolbox, frozen_clock
from okrsync_pipedrive.settings import PipedriveQuery, PipedriveSettings, check
from okrsync_pipedrive.spans import check_zone, spans_of
from okrsync_pipedrive.tokens import Tokens
from okrsync_pipedrive.totals import Totals, counted, of_summary, of_timeline, summed

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TOKEN = FromEnvironment(env="T")


def window(start: str, end: str) -> Window:
    first, last = (datetime.fromisoformat(day).replace(tzinfo=STOCKHOLM) for day in (start, end))
    return Window("w", first, last)


@pytest.mark.parametrize(
    ("start", "end", "interval", "amount", "last"),
    [
        ("2026-10-01", "2027-01-01", "quarter", 1, "2026-10-01"),
        ("2026-01-01", "2027-01-01", "quarter", 4, "2026-10-01"),
        ("2026-11-01", "2027-01-01", "month", 2, "2026-12-01"),
        ("2026-10-05", "2026-10-19", "week", 2, "2026-10-12"),
        ("2026-10-05", "2026-11-02", "week", 4, "2026-10-26"),
        ("2026-10-20", "2026-10-30", "day", 10, "2026-10-29"),
    ],
)
def test_a_window_is_as_few_spans_as_it_can_be(
    start: str, end: str, interval: str, amount: int, last: str
) -> None:
    spans = spans_of(window(start, end), STOCKHOLM)
    assert (spans.interval, spans.amount) == (interval, amount)
    starts = tuple(spans.starts())
    assert (starts[0], starts[-1]) == (start, last)


@pytest.mark.parametrize(
    "odd",
    [
        Window("all"),
        Window("w", datetime(2026, 10, 1, tzinfo=STOCKHOLM)),
        Window("w", datetime(2026, 10, 1, 9, tzinfo=STOCKHOLM), datetime(2026, 11, 1, tzinfo=UTC)),
    ],
)
def test_another_window_needs_the_deals_themselves(odd: Window) -> None:
    with pytest.raises(SourceError) as refused:
        spans_of(odd, STOCKHOLM)
    assert "rows = true" in refused.value.next_step


def test_zones_that_agree_at_both_ends_of_a_window_are_one() -> None:
    check_zone("Europe/Berlin", STOCKHOLM, window("2026-10-01", "2027-01-01"))
    for other in ("UTC", "", "Nowhere/Land"):
        with pytest.raises(SourceError):
            check_zone(other, STOCKHOLM, window("2026-10-01", "2027-01-01"))


SUMMARY: dict[str, Any] = {
    "values_total": {
        "EUR": {"value": 10, "count": 2},
        "SEK": {"value": Decimal("30.5"), "count": 3},
    },
    "weighted_values_total": {"EUR": {"value": 4, "count": 2}, "SEK": {"value": 12, "count": 3}},
    "total_count": 5,
    "total_currency_converted_value": Decimal("12.7"),
}


def test_a_summary_holds_every_currency_by_itself() -> None:
    totals = of_summary(SUMMARY, "value")
    assert counted(totals, None) == 5
    assert counted(totals, "SEK") == 3
    assert summed(totals, "SEK") == (Decimal("30.5"), "SEK")
    assert summed(of_summary(SUMMARY, "weighted_value"), "SEK") == (Decimal(12), "SEK")
    with pytest.raises(BadAnswer, match="EUR, SEK"):
        summed(totals, None)
    with pytest.raises(NoValue):
        summed(totals, "USD")


def test_sums_over_no_deals_are_no_value_and_counts_are_zero() -> None:
    empty = of_summary({"values_total": [], "weighted_values_total": [], "total_count": 0}, "value")
    assert counted(empty, None) == 0
    with pytest.raises(NoValue):
        summed(empty, None)


def test_totals_of_several_spans_and_of_archived_deals_add_up() -> None:
    span = {"won_count": 2, "won_values": {"EUR": 7}}
    data = [
        {"period_start": "2026-10-01 00:00:00", "totals": span},
        {"period_start": "2026-11-01 00:00:00", "totals": {"won_count": 0, "won_values": []}},
    ]
    totals = Totals()
    for _ in range(2):
        totals.add(of_timeline(data, ["2026-10-01", "2026-11-01"], "won", "value"))
    assert totals.count == 4
    assert summed(totals, None) == (Decimal(14), "EUR")


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"where": "value > 5"}, "where"),
        ({"filter_id": 4, "user": 7}, "user"),
        ({"convert": True, "rows": True}, "convert"),
        ({"convert": True, "currency": "EUR"}, "convert"),
        ({"object": "activities"}, "object"),
        ({"object": "persons", "rows": True, "status": "won"}, "status"),
    ],
)
def test_validate_tells_what_does_not_go_together(said: dict[str, Any], key: str) -> None:
    [(where, message)] = check(PipedriveSettings(token=TOKEN), PipedriveQuery(**said))
    assert where == key
    assert message


@pytest.mark.parametrize("said", [{}, {"token": TOKEN, "oauth_token": TOKEN}])
def test_there_is_one_sign_in(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="either token or oauth_token"):
        PipedriveSettings(**said)


# -- tokens ----------------------------------------------------------------------------------------


def tokens(toolbox: FakeToolbox, daily: int = 100) -> Tokens:
    return Tokens(daily, toolbox.memory, toolbox.clock)


def test_what_was_spent_today_is_remembered_and_tomorrow_is_new(tmp_path: Path) -> None:
    toolbox = FakeToolbox(tmp_path, clock=frozen_clock(datetime(2026, 11, 2, 23, tzinfo=UTC)))
    tokens(toolbox).spend(60)
    assert tokens(toolbox).left() == 40
    with pytest.raises(NoValue, match="40 of today's 100 are left"):
        tokens(toolbox).spend(41)
    toolbox.clock = frozen_clock(datetime(2026, 11, 3, 0, tzinfo=UTC))
    assert tokens(toolbox).left() == 100


@given(st.text())
def test_a_damaged_memory_is_none(text: str) -> None:
    toolbox = FakeToolbox(Path())
    toolbox.remember("tokens", text)
    assert 0 <= tokens(toolbox).left() <= 100


@given(st.lists(st.integers(1, 30), max_size=20))
def test_never_more_is_spent_than_a_day_has(costs: list[int]) -> None:
    budget = tokens(FakeToolbox(Path()))
    spent = 0
    for cost in costs:
        try:
            budget.spend(cost)
        except NoValue:
            assert spent + cost > 100
        else:
            spent += cost
    assert budget.spent == spent <= 100
