"""Random tables and random questions, answered once by the engine and once row by row."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.contracts import CellStyle, RowAnswer, RowBatch, RowQuestion
from okrsync.errors import BadAnswer, NoValue, OutsideError
from okrsync.mapping.rows import aggregate, spill
from okrsync.mapping.rows import plan as plan_module
from okrsync.model import Window

HEADER = ["day", "team", "status", "amount", "size"]
ALL = Window("all")


@dataclass(frozen=True)
class Row:
    day: date | None
    team: str
    status: str
    amount: Decimal | None
    size: Decimal | None

    def cells(self) -> list[str]:
        return [
            self.day.isoformat() if self.day else "",
            self.team,
            self.status,
            "" if self.amount is None else str(self.amount),
            "" if self.size is None else str(self.size),
        ]


@dataclass(frozen=True)
class Test:
    """A condition as it is written, and the same in Python."""

    __test__ = False
    text: str
    holds: Callable[[Row], bool]


def _and(one: Test, two: Test) -> Test:
    return Test(f"({one.text}) and ({two.text})", lambda row: one.holds(row) and two.holds(row))


def _or(one: Test, two: Test) -> Test:
    return Test(f"({one.text}) or ({two.text})", lambda row: one.holds(row) or two.holds(row))


def _not(one: Test) -> Test:
    return Test(f"not ({one.text})", lambda row: not one.holds(row))


def _team_is(team: str) -> Test:
    return Test(f"team == '{team}'", lambda row: row.team == team)


def _amount_over(bound: Decimal) -> Test:
    return Test(f"amount > {bound}", lambda row: row.amount is not None and row.amount > bound)


def _amount_at_most(bound: Decimal) -> Test:
    return Test(f"{bound} >= amount", lambda row: row.amount is not None and row.amount <= bound)


def _until(day: date) -> Test:
    return Test(f"day <= '{day}'", lambda row: row.day is not None and row.day <= day)


def _weighted(bound: Decimal) -> Test:
    def holds(row: Row) -> bool:
        return row.amount is not None and row.size is not None and row.amount * row.size >= bound

    return Test(f"amount * size >= {bound}", holds)


FIXED = [
    Test("status in ['won', 'lost']", lambda row: row.status in {"won", "lost"}),
    Test("status != 'won'", lambda row: row.status != "won"),
    Test("contains(lower(team), 'b')", lambda row: "b" in row.team.lower()),
    Test("empty(amount)", lambda row: row.amount is None),
    Test("month(day) == 3", lambda row: row.day is not None and row.day.month == 3),
    Test("size == 2", lambda row: row.size == 2),
    Test("size != 2", lambda row: row.size is not None and row.size != 2),
    Test("amount > size", lambda row: None not in (row.amount, row.size) and row.amount > row.size),  # type: ignore[operator]
    Test("abs(amount) < 5", lambda row: row.amount is not None and abs(row.amount) < 5),
]

days = st.dates(date(2026, 1, 1), date(2026, 6, 30))
numbers = st.decimals(-1000, 1000, places=2, allow_nan=False)
bounds = st.decimals(0, 1000, places=1, allow_nan=False)
rows = st.builds(
    Row,
    day=st.none() | days,
    team=st.sampled_from(["a", "b", "B b", "c"]),
    status=st.sampled_from(["won", "lost", "open"]),
    amount=st.none() | numbers,
    size=st.none() | st.integers(0, 5).map(Decimal),
)
tests = st.recursive(
    st.one_of(
        st.sampled_from(FIXED),
        st.sampled_from(["a", "b", "zz"]).map(_team_is),
        bounds.map(_amount_over),
        bounds.map(_amount_at_most),
        bounds.map(_weighted),
        days.map(_until),
    ),
    lambda inner: st.one_of(
        st.builds(_and, inner, inner), st.builds(_or, inner, inner), st.builds(_not, inner)
    ),
    max_leaves=4,
)
aggs = st.sampled_from(
    ["count", "distinct", "sum", "avg", "median", "min", "max", "last", "first", "p10", "p85", None]
)


@dataclass(frozen=True)
class Asked:
    test: Test | None
    agg: str | None
    dated: bool
    start: date | None
    end: date | None
    as_of: date

    def question(self) -> RowQuestion:
        window = Window("w", _midnight(self.start), _midnight(self.end)) if self.dated else ALL
        return RowQuestion(
            where=self.test.text if self.test else None,
            measure=None if self.agg == "count" else "amount",
            agg=self.agg,
            on="day" if self.dated else None,
            window=window,
            as_of=datetime(self.as_of.year, self.as_of.month, self.as_of.day, 12, tzinfo=UTC),
        )

    def chooses(self, row: Row) -> bool:
        if self.test is not None and not self.test.holds(row):
            return False
        if not self.dated:
            return True
        return (
            row.day is not None
            and row.day <= self.as_of
            and (self.start is None or row.day >= self.start)
            and (self.end is None or row.day < self.end)
        )


asked = st.builds(
    Asked,
    test=st.none() | tests,
    agg=aggs,
    dated=st.booleans(),
    start=st.none() | days,
    end=st.none() | days,
    as_of=days,
)


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def reference(question: Asked, table: list[Row]) -> Fraction | type[OutsideError]:
    chosen = [row for row in table if question.chooses(row)]
    if question.agg == "count":
        return Fraction(len(chosen))
    filled = [row for row in chosen if row.amount is not None]
    if question.agg == "distinct":
        return Fraction(len({str(row.amount) for row in filled}))
    if question.agg is None and len(chosen) > 1:
        return BadAnswer
    if not filled:
        return NoValue
    if question.agg in {"first", "last", None}:
        order = sorted(filled, key=lambda row: row.day or date.min) if question.dated else filled
        return _exact(order[0 if question.agg == "first" else -1])
    return _of_all([_exact(row) for row in filled], question.agg)


def _exact(row: Row) -> Fraction:
    assert row.amount is not None
    return Fraction(row.amount)


def _of_all(values: list[Fraction], agg: str) -> Fraction:
    if agg.startswith("p"):
        ordered = sorted(values)
        place = Fraction(int(agg[1:]) * (len(values) - 1), 100)
        low = ordered[int(place)]
        high = ordered[min(int(place) + 1, len(ordered) - 1)]
        return low + (high - low) * (place - int(place))
    simple: dict[str, Callable[[list[Fraction]], Fraction]] = {
        "sum": lambda numbers: sum(numbers, Fraction(0)),
        "avg": lambda numbers: sum(numbers, Fraction(0)) / len(numbers),
        "median": statistics.median,
        "min": min,
        "max": max,
    }
    return simple[agg](values)


def answered(
    questions: list[Asked], table: list[Row], batch: int
) -> list[RowAnswer | OutsideError]:
    batches = [
        RowBatch([row.cells() for row in table[i : i + batch]], range(i + 2, i + 2 + batch))
        for i in range(0, len(table), batch)
    ]
    wanted = [question.question() for question in questions]
    return aggregate(wanted, HEADER, batches, CellStyle(decimal="."), UTC)


def check(answer: RowAnswer | OutsideError, expected: Fraction | type[OutsideError]) -> None:
    if not isinstance(expected, Fraction):
        assert isinstance(answer, expected)
        return
    assert isinstance(answer, RowAnswer), answer
    difference = abs(Fraction(answer.value) - expected)
    assert difference <= abs(expected) / 10**26, (answer, expected)


@settings(max_examples=150, deadline=None)
@given(
    table=st.lists(rows, max_size=25),
    questions=st.lists(asked, min_size=1, max_size=4),
    batch=st.integers(1, 9),
)
def test_guarantee_21_the_engine_agrees_with_reading_row_by_row(
    table: list[Row], questions: list[Asked], batch: int
) -> None:
    for question, answer in zip(questions, answered(questions, table, batch), strict=True):
        check(answer, reference(question, table))


@settings(max_examples=60, deadline=None)
@given(
    table=st.lists(rows, max_size=30),
    shape=asked,
    extra=st.none() | tests,
    batch=st.integers(1, 9),
    most=st.integers(1, 8),
)
def test_questions_that_differ_in_one_text_get_the_answers_of_each_alone(
    table: list[Row], shape: Asked, extra: Test | None, batch: int, most: int
) -> None:
    questions = []
    for team in ["a", "b", "B b", "c", "nobody"]:
        test = _team_is(team)
        both = test if extra is None else Test(
            f"{test.text} and ({extra.text})",
            lambda row, test=test: test.holds(row) and extra.holds(row),  # type: ignore[misc]
        )  # fmt: skip
        questions.append(Asked(both, shape.agg, shape.dated, shape.start, shape.end, shape.as_of))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan_module, "_WORTH_GROUPING", 2)
        patch.setattr("okrsync.mapping.rows.answering.MOST_NUMBERS", most)
        patch.setattr("okrsync.mapping.rows.answering.MOST_TEXTS", most)
        answers = answered(questions, table, batch)
    for question, answer in zip(questions, answers, strict=True):
        check(answer, reference(question, table))


def test_rankings_beyond_the_bound_of_memory_are_still_exact() -> None:
    with spill.Store(most=100) as store, spill.Store(most=100) as other:
        ranking = spill.Ranking(store)
        texts = spill.TextSet(other)
        for start in range(0, 2000, 50):
            ranking.add([(value * 7919) % 2003 for value in range(start, start + 50)])
            texts.add(f"line\n{value % 700}" for value in range(start, start + 50))
        runs = [(run, 1) for run in ranking.runs()]
        expected = sorted((value * 7919) % 2003 for value in range(2000))
        assert [spill.kth_smallest(runs, k) for k in (0, 999, 1999)] == [
            expected[k] for k in (0, 999, 1999)
        ]
        assert texts.count() == 700
        assert len(runs) > 5
