"""The neutral tree says the same of a row as the row language itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.conditions import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Not,
    comparisons,
    span,
    without_not,
)
from okrsync.contracts import CellStyle, RowAnswer, RowBatch, RowQuestion
from okrsync.errors import SourceError
from okrsync.mapping.neutral import neutral
from okrsync.mapping.rows import aggregate
from okrsync.model import Window

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("stage == 'won'", Comparison("stage", "==", ("won",))),
        ("100 < amount", Comparison("amount", ">", (Decimal(100),))),
        ("amount >= -1.5", Comparison("amount", ">=", (Decimal("-1.5"),))),
        ("closed <= '2026-12-31'", Comparison("closed", "<=", (date(2026, 12, 31),))),
        ("date(closed) == '2026-12-31'", Comparison("closed", "==", (date(2026, 12, 31),))),
        ("closed == date('2026-12-31')", Comparison("closed", "==", (date(2026, 12, 31),))),
        ("row['Deal stage'] in ['a', 'b']", Comparison("Deal stage", "in", ("a", "b"))),
        ("stage not in ['a']", Comparison("stage", "not in", ("a",))),
        ("contains(name, 'x')", Comparison("name", "contains", ("x",))),
        ("name == ''", Comparison("name", "empty")),
        ("name != ''", Not(Comparison("name", "empty"))),
        ("name in ['']", Comparison("name", "empty")),
        ("archived", Comparison("archived", "==", (True,))),
        ("archived == false", Comparison("archived", "==", (False,))),
        ("true", AllOf(())),
        (
            "a == 'x' or b == 'y' or not empty(c)",
            AnyOf(
                (
                    Comparison("a", "==", ("x",)),
                    Comparison("b", "==", ("y",)),
                    Not(Comparison("c", "empty")),
                )
            ),
        ),
    ],
)
def test_a_condition_becomes_a_tree(text: str, tree: Condition) -> None:
    assert neutral(text, UTC) == tree


def test_an_instant_without_an_offset_is_in_the_configs_zone() -> None:
    tree = neutral("closed > '2026-10-01T00:00'", STOCKHOLM)
    assert tree == Comparison("closed", ">", (datetime(2026, 10, 1, tzinfo=STOCKHOLM),))


@pytest.mark.parametrize(
    "text",
    [
        "amount > cost",
        "amount * 2 > 10",
        "lower(stage) == 'won'",
        "lower(stage) in ['won']",
        "year(closed) == 2026",
        "contains(name, stage)",
        "contains('abc', 'b')",
        "'a' == 'a'",
        "stage == 'x' if archived else stage == 'y'",
    ],
)
def test_what_the_tree_cannot_say_is_refused_with_a_cure(text: str) -> None:
    with pytest.raises(SourceError, match="cannot be asked of this source") as refused:
        neutral(text, UTC)
    assert refused.value.next_step


def test_a_broken_condition_is_refused_in_the_parsers_words() -> None:
    with pytest.raises(SourceError, match="where: this expression ends too early"):
        neutral("stage ==", UTC)


@pytest.mark.parametrize(
    ("operator", "start", "end"),
    [
        ("==", datetime(2026, 10, 1, tzinfo=STOCKHOLM), datetime(2026, 10, 2, tzinfo=STOCKHOLM)),
        ("<", None, datetime(2026, 10, 1, tzinfo=STOCKHOLM)),
        ("<=", None, datetime(2026, 10, 2, tzinfo=STOCKHOLM)),
        (">", datetime(2026, 10, 2, tzinfo=STOCKHOLM), None),
        (">=", datetime(2026, 10, 1, tzinfo=STOCKHOLM), None),
    ],
)
def test_a_day_is_a_span_in_the_zone(
    operator: str, start: datetime | None, end: datetime | None
) -> None:
    comparison = neutral(f"closed {operator} date('2026-10-01')", STOCKHOLM)
    assert isinstance(comparison, Comparison)
    assert span(comparison, STOCKHOLM) == (start, end)


# -- the meaning, against the row language itself --------------------------------------------------

TESTS = st.sampled_from(
    [
        "stage == 'won'",
        "stage != 'won'",
        "stage in ['won', '']",
        "stage not in ['lost', '']",
        "stage not in ['lost']",
        "empty(stage)",
        "stage == ''",
        "starts_with(stage, 'w')",
        "ends_with(stage, 't')",
        "contains(stage, 'o')",
        "amount == 10",
        "amount != 10",
        "10 <= amount",
        "amount in [10, 20]",
        "amount not in [10]",
        "empty(amount)",
        "closed < '2026-10-02'",
        "closed <= '2026-10-01'",
        "closed > '2026-10-01'",
        "closed >= '2026-10-01T12:00:00+02:00'",
        "closed == date('2026-10-01')",
        "closed != date('2026-10-01')",
        "true",
        "false",
    ]
)
TEXTS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
    ),
    max_leaves=6,
)
ROWS = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(["won", "lost", "Won", ""]),
        "amount": st.sampled_from(["10", "10.0", "20", "5", ""]),
        "closed": st.sampled_from(
            ["2026-09-30T22:30:00Z", "2026-10-01T21:59:59Z", "2026-10-01T22:00:00Z", ""]
        ),
    }
)


@given(TEXTS, ROWS)
def test_the_tree_means_what_the_text_means(text: str, row: Mapping[str, str]) -> None:
    tree = neutral(text, STOCKHOLM)
    expected = _by_the_row_language(text, row)
    assert meets(tree, row) == expected
    assert meets(without_not(tree), row) == expected


@given(TEXTS)
def test_no_negation_is_left_but_where_there_is_no_opposite(text: str) -> None:
    for part in _nots(without_not(neutral(text, UTC))):
        assert isinstance(part, Comparison)
        assert part.operator in {"empty", "contains", "starts_with", "ends_with"}


def test_all_comparisons_are_found() -> None:
    tree = neutral("a == 'x' and not (b > 1 or empty(c))", UTC)
    assert [part.column for part in comparisons(tree)] == ["a", "b", "c"]


def _by_the_row_language(text: str, row: Mapping[str, str]) -> bool:
    question = RowQuestion(
        where=text,
        measure=None,
        agg="count",
        on=None,
        window=Window("all"),
        as_of=datetime(2026, 11, 2, tzinfo=UTC),
    )
    batch = RowBatch([tuple(row.values())], [2])
    [answer] = aggregate([question], tuple(row), [batch], CellStyle(), STOCKHOLM)
    assert isinstance(answer, RowAnswer)
    return bool(answer.value)


def meets(tree: Condition, row: Mapping[str, str]) -> bool:
    match tree:
        case AllOf(parts):
            return all(meets(part, row) for part in parts)
        case AnyOf(parts):
            return any(meets(part, row) for part in parts)
        case Not(part):
            return not meets(part, row)
        case Comparison():
            return _compares(tree, row[tree.column])


def _compares(comparison: Comparison, cell: str) -> bool:
    if comparison.operator == "empty":
        return not cell
    if comparison.operator == "in":
        return any(_equals(value, cell) for value in comparison.values)
    if comparison.operator == "not in":
        return not any(_equals(value, cell) for value in comparison.values)
    value = comparison.value
    if isinstance(value, str):
        return {
            "==": cell == value,
            "!=": cell != value,
            "contains": value in cell,
            "starts_with": cell.startswith(value),
            "ends_with": cell.endswith(value),
        }[comparison.operator]
    if not cell:
        return False
    if isinstance(value, Decimal):
        return _ordered(Decimal(cell), comparison.operator, value)
    start, end = span(comparison, STOCKHOLM)
    when = datetime.fromisoformat(cell)
    inside = (start is None or start <= when) and (end is None or when < end)
    return inside != (comparison.operator == "!=")


def _equals(value: object, cell: str) -> bool:
    if isinstance(value, Decimal):
        return bool(cell) and Decimal(cell) == value
    return cell == value


def _ordered(number: Decimal, operator: str, value: Decimal) -> bool:
    return {
        "==": number == value,
        "!=": number != value,
        "<": number < value,
        "<=": number <= value,
        ">": number > value,
        ">=": number >= value,
    }[operator]


def _nots(tree: Condition) -> list[Condition]:
    match tree:
        case Not(part):
            return [part]
        case AllOf(parts) | AnyOf(parts):
            return [found for part in parts for found in _nots(part)]
        case _:
            return []
