"""Text at a width: nothing is lost, links stay whole, names never become one another."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.config.config import Config
from okrsync.model import Outcome
from okrsync.report.lines import columns_of, cut, wrap
from okrsync.report.table import Column, Row, render
from okrsync.report.text import explain_text

LINK = "https://analytics.acme.example/q?" + "&".join(f"team-{n}=all.regions" for n in range(9))
NIGHT = "mean-time-to-restore-service-in-hours-of-the-night"
names = st.lists(
    st.text("abcdefgh-.", min_size=1, max_size=120).filter(lambda name: name.strip("-.")),
    min_size=2,
    max_size=5,
    unique=True,
)
COLUMNS = (Column(""), Column("key result", names=True), Column("target", right=True))


@given(names, st.integers(30, 80))
def test_no_name_in_a_table_is_cut(found: list[str], width: int) -> None:
    rows = [Row(["~", name, "20 000 SEK"]) for name in found]
    lines = render(COLUMNS, rows, width).splitlines()[2:]
    for name in found:
        said = "".join("".join(lines).split("20 000 SEK")).replace(" ", "").replace("~", "|")
        assert f"|{name}" in said


def test_a_long_name_stands_above_its_row_and_a_short_one_in_it() -> None:
    rows = [Row(["~", name, "180 to 240 ms"]) for name in ("latency", NIGHT)]
    assert render(COLUMNS, rows, 40).splitlines()[2:] == [
        "~  latency" + "180 to 240 ms".rjust(30),
        "~  mean-time-to-restore-service-in-",
        "   hours-of-the-night",
        "180 to 240 ms".rjust(40),
    ]


def test_an_id_longer_than_a_line_goes_on_after_a_point() -> None:
    id_ = f"customer-platform.reliable-checkout.{NIGHT}"
    assert wrap(f"so {id_} is", 60, "  ") == [
        "  so customer-platform.reliable-checkout.",
        f"  {NIGHT} is",
    ]


@pytest.mark.parametrize("width", [20, 80])
def test_a_link_is_never_broken(width: int) -> None:
    lines = wrap(f"see it there: {LINK} and so on", width)
    assert LINK in lines
    assert all(columns_of(line) <= width for line in lines if line != LINK)


def test_the_link_of_a_number_has_a_line_of_its_own_where_it_is_long(
    config: Config, outcomes: dict[str, Outcome], now: datetime
) -> None:
    outcome = outcomes["platform.reliable.fewer-bugs"]
    assert outcome.value is not None
    (operand,) = outcome.value.operands
    for link, alone in ((LINK, True), ("https://a.example", False)):
        evidence = replace(operand.measurement.evidence, link=link)
        one = replace(operand, measurement=replace(operand.measurement, evidence=evidence))
        told = replace(outcome, value=replace(outcome.value, operands=(one,)))
        text = explain_text(config.rules[outcome.subject], told, config, (), now)
        assert (link in [line.strip() for line in text.splitlines()]) == alone
        assert link in text


def test_a_number_keeps_its_unit_at_the_end_of_a_line() -> None:
    for amount in ("12 000 000 SEK", "13 MSEK", "40 %"):
        for width in range(20, 40):
            assert any(amount in line for line in wrap(f"a range of 6.81 to {amount} now", width))


def test_what_is_cut_is_marked() -> None:
    assert cut("180 to 240 ms", 20) == "180 to 240 ms"
    assert cut("180 to 240 ms", 9) == "180 to 2…"
