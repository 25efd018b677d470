"""Values of a mapping's [vars] in conditions: bound, never pasted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.conditions import AnyOf, Comparison, Constant, Values
from okrsync.contracts import CellStyle, RowAnswer, RowBatch, RowQuestion
from okrsync.errors import SourceError
from okrsync.mapping.binding import bind
from okrsync.mapping.neutral import neutral
from okrsync.mapping.parser import parse
from okrsync.mapping.problems import ExpressionError
from okrsync.mapping.rows import aggregate
from okrsync.model import Window

NASTY = st.text(min_size=1) | st.sampled_from(
    ["' or true or '", "\\'", '"', ":x", "]", "--", "é😀"]
)


@given(NASTY)
def test_a_text_is_bound_as_it_is(text: str) -> None:
    assert neutral("name == :it", UTC, {"it": text}) == Comparison("name", "==", (text,))


@given(NASTY.map(str.strip).filter(bool))
def test_no_text_changes_what_a_condition_over_rows_asks(text: str) -> None:
    question = RowQuestion(
        where="name == :it",
        measure=None,
        agg="count",
        on=None,
        window=Window("all"),
        as_of=datetime(2026, 11, 2, tzinfo=UTC),
        vars={"it": text},
    )
    rows = RowBatch([[text], ["another" + text]], [2, 3])
    [answer] = aggregate([question], ["name"], [rows], CellStyle(), UTC)
    assert isinstance(answer, RowAnswer)
    assert answer.value == 1


@pytest.mark.parametrize(
    ("text", "value", "column_value"),
    [
        ("a >= :it", Decimal("1.5"), Decimal("1.5")),
        ("a == :it", True, True),
        ("a == :it", date(2026, 10, 1), date(2026, 10, 1)),
        ("a < :it", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)),
        ("a < :it", "2026-10-01", date(2026, 10, 1)),
    ],
)
def test_a_value_keeps_its_type(text: str, value: Constant, column_value: Constant) -> None:
    tree = neutral(text, UTC, {"it": value})
    assert isinstance(tree, Comparison)
    assert tree.value == column_value


def test_values_stand_in_lists_and_deep_inside() -> None:
    tree = neutral("a in [:x, 'c'] or a == :y", UTC, {"x": "b", "y": "d"})
    assert tree == AnyOf((Comparison("a", "in", ("b", "c")), Comparison("a", "==", ("d",))))


def test_an_unknown_value_is_refused_with_the_near_one() -> None:
    with pytest.raises(ExpressionError, match="this value is not defined") as refused:
        bind(parse("a == :regoin", "rows"), {"region": "EMEA"})
    assert (refused.value.offset, refused.value.width) == (5, 7)
    assert refused.value.suggestion == ":region"


def test_a_text_has_no_order() -> None:
    with pytest.raises(SourceError, match="only dates and numbers have an order"):
        neutral("a >= :floor", UTC, {"floor": "EMEA"})


def test_arithmetic_over_metrics_knows_no_values() -> None:
    with pytest.raises(ExpressionError):
        parse("bugs + :x", "metrics")


def test_values_are_equal_and_hash_alike_by_what_they_hold() -> None:
    one, same = Values({"a": Decimal(1), "b": "x"}), Values({"b": "x", "a": Decimal(1)})
    assert one == same
    assert hash(one) == hash(same)
    assert one != Values({"a": Decimal(1)})
