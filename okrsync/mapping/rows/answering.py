"""Answer many questions in one pass over rows."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta, tzinfo
from decimal import Decimal

from okrsync.contracts import CellStyle, RowAnswer, RowBatch, RowQuestion
from okrsync.errors import BadAnswer, NoValue, OutsideError
from okrsync.mapping.cells.dates import from_microseconds
from okrsync.mapping.rows.blocks import Block, Table
from okrsync.mapping.rows.header import Header
from okrsync.mapping.rows.plan import Plan
from okrsync.mapping.rows.selections import Share
from okrsync.mapping.rows.spill import MOST_NUMBERS, MOST_TEXTS, Store
from okrsync.mapping.rows.tallies import Days, Stores

# How many blocks wait for the cell that shows a column's decimal mark before it is given up.
_MOST_WAITING = 32
_TRUE_ZERO = frozenset({"count", "distinct", "days_with", "days_without"})


def aggregate(
    questions: Sequence[RowQuestion],
    header: Sequence[str],
    batches: Iterable[RowBatch],
    style: CellStyle,
    zone: tzinfo,
) -> list[RowAnswer | OutsideError]:
    """One answer or error for each question, in order.

    Counts and numbers of different texts over no rows are 0, everything else over no rows is
    ``NoValue``. What ``batches`` raises is not caught: then none of the questions has an answer.
    """
    table = Table(Header(header), style, zone)
    with Store(MOST_NUMBERS) as numbers, Store(MOST_TEXTS) as texts:
        plan = Plan(table, Stores(numbers, texts))
        failed = _planned(plan, questions)
        with _few_to_collect():
            _fed(plan, table, batches)
        return [
            failed.get(index) or _answer(question, index, plan, table)
            for index, question in enumerate(questions)
        ]


def _planned(plan: Plan, questions: Sequence[RowQuestion]) -> dict[int, OutsideError]:
    failed: dict[int, OutsideError] = {}
    for index, question in enumerate(questions):
        try:
            plan.add(index, question)
        except OutsideError as error:
            failed[index] = error
    return failed


@contextmanager
def _few_to_collect() -> Iterator[None]:
    """Keep what is there before the pass out of the garbage collector's way.

    Every row is a new list, so a long pass makes the collector look at all living objects again
    and again. Beside ten thousand questions that is a third of the time.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _fed(plan: Plan, table: Table, batches: Iterable[RowBatch]) -> None:
    takers = plan.takers()
    blocks = (Block(table, batch) for batch in batches if batch.rows)
    for block in _settled(table, blocks):
        for taker in takers:
            taker.take(block)
    for taker in takers:
        taker.finish()


def _settled(table: Table, blocks: Iterable[Block]) -> Iterator[Block]:
    """The same blocks, held back for a while where a column's decimal mark is not shown yet."""
    waiting: list[Block] = []
    for block in blocks:
        waiting.append(block)
        open_columns = [column for column in table.number_columns if block.undecided(column)]
        if open_columns and len(waiting) < _MOST_WAITING:
            continue
        for column in open_columns:
            table.number_columns[column].given_up = True
        yield from waiting
        waiting.clear()
    yield from waiting


def _answer(
    question: RowQuestion, index: int, plan: Plan, table: Table
) -> RowAnswer | OutsideError:
    try:
        for column in plan.columns[index] & table.number_columns.keys():
            table.number_columns[column].check()
        return _value(question, plan.shares[index], table)
    except OutsideError as error:
        return error


def _value(question: RowQuestion, share: Share, table: Table) -> RowAnswer:
    if share.failed is not None:
        raise share.failed
    tally = share.tally
    if question.agg is None and tally.rows + share.skipped > 1:
        raise BadAnswer(
            f"{tally.rows + share.skipped} rows match, and exactly one was expected",
            next_step='narrow `where`, or say how to join them: agg = "sum", agg = "last", ...',
        )
    if not tally.rows and question.agg not in _TRUE_ZERO:
        raise _nothing(question, share)
    if isinstance(tally, Days):
        value, unit = _days(question, tally, table.zone), ""
    else:
        value, unit = tally.value(question.agg), tally.unit()
    newest = None if share.newest is None else from_microseconds(share.newest, table.zone)
    return RowAnswer(value, unit, tally.rows, newest, tuple(_notes(question, share)))


def _days(question: RowQuestion, tally: Days, zone: tzinfo) -> Decimal:
    """Days with a row; or without, of those that are over: today may still get one."""
    taken = tally.days(zone)
    if question.agg == "days_with":
        return Decimal(len(taken))
    start, end = question.window.start, question.window.end
    first = (start or question.as_of).astimezone(zone).date()
    # One microsecond later than the last instant of a day is the next day: that day is over.
    today = (question.as_of + timedelta(microseconds=1)).astimezone(zone).date()
    until = today if end is None else min(today, end.astimezone(zone).date())
    free = (until - first).days - sum(first <= day < until for day in taken)
    return Decimal(max(0, free))


def _nothing(question: RowQuestion, share: Share) -> NoValue:
    if share.skipped:
        return NoValue(
            f"all {share.skipped} rows that match have an empty {question.measure!r}",
            next_step="look whether the export fills this column",
        )
    where = f" where {question.where}" if question.where else ""
    window = question.window.label
    return NoValue(
        f"no row matches{where}" + (f" (window: {window})" if window else ""),
        next_step="look whether the rows are there yet, or widen `where` or `window`",
    )


def _notes(question: RowQuestion, share: Share) -> Iterator[str]:
    if share.skipped:
        yield f"left out {_rows(share.skipped)} with an empty cell in {question.measure!r}"
    if share.undated:
        yield f"left out {_rows(share.undated)} without a date in {question.on!r}"


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}"
