"""Asks a database; statements that are the same with the same values are sent once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, Engine, text

from okrsync.contracts import (
    CellStyle,
    Remark,
    RowAnswer,
    RowBatch,
    RowQuestion,
    Toolbox,
    check_dates,
    measurement,
    together,
)
from okrsync.errors import BadAnswer, NoValue, OutsideError, SourceError, Unreachable
from okrsync.model import Measurement, Question
from okrsync_sql.binding import Bound, bound, shown, values_of
from okrsync_sql.cells import Cell, cells_for, number
from okrsync_sql.connecting import address, backend_of, engine_for
from okrsync_sql.connecting import shown as shown_address
from okrsync_sql.examining import remarks
from okrsync_sql.failures import spoken
from okrsync_sql.reading import reading
from okrsync_sql.settings import SqlQuery, SqlSettings
from okrsync_sql.statement import names_in, problem_with, without_end

_BATCH = 2_000
_STYLE = CellStyle(decimal=".")

SqlQuestion = Question[SqlQuery]
Answer = Measurement | OutsideError


@contextmanager
def opened(settings: SqlSettings, toolbox: Toolbox) -> Iterator[SqlSource]:
    engine = engine_for(address(settings, toolbox), settings, toolbox)
    try:
        yield SqlSource(engine, settings, toolbox)
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement with its values; ``table`` when its rows are aggregated here."""

    sql: str
    values: tuple[tuple[str, Any], ...]
    table: bool


class SqlSource:
    def __init__(self, engine: Engine, settings: SqlSettings, toolbox: Toolbox) -> None:
        self._engine = engine
        self._settings = settings
        self._toolbox = toolbox
        self._keeps = ZoneInfo(settings.timezone)
        self._backend = backend_of(engine.url)
        self._name = shown_address(engine.url)

    def measure(self, questions: Sequence[SqlQuestion], /) -> Sequence[Answer]:
        """One statement after the other: a database has others to serve, too."""
        return together(self._toolbox, questions, self._asked, self._of_group, at_once=1)

    def examine(self) -> Iterable[Remark]:
        with spoken(self._name), reading(self._engine, self._settings) as connection:
            yield from remarks(connection, self._backend)

    def _asked(self, question: SqlQuestion) -> Asked:
        problem = problem_with(question.query.sql)
        if problem:
            raise SourceError(problem, next_step="write one SELECT")
        names = {name.removesuffix("_date") for name in names_in(question.query.sql)}
        check_dates(question, names, self._toolbox.clock(), into="the statement")
        values = values_of(question, self._toolbox.zone)
        table = any(part is not None for part in (question.measure, question.agg, question.on))
        return Asked(without_end(question.query.sql), tuple(values.items()), table)

    def _of_group(self, asked: Asked, questions: Sequence[SqlQuestion]) -> Sequence[Answer]:
        read_at = self._toolbox.clock()
        values = dict(asked.values)
        with self._sent(asked.sql, values) as result:
            answers = self._aggregated(result, questions) if asked.table else _only(result)
        told = list(answers) if asked.table else list(answers) * len(questions)
        pairs = zip(questions, told, strict=True)
        return [self._measurement(question, answer, values, read_at) for question, answer in pairs]

    @contextmanager
    def _sent(self, sql: str, values: Bound) -> Iterator[CursorResult[Any]]:
        """The answer as it arrives: no more of it is held than some thousand rows."""
        options: dict[str, Any] = {"stream_results": True, "max_row_buffer": _BATCH}
        with spoken(self._name), reading(self._engine, self._settings) as connection:
            statement = text(sql).execution_options(**options)
            result = connection.execute(statement, bound(values, self._backend, self._keeps))
            try:
                yield result
            finally:
                result.close()

    def _aggregated(
        self, result: CursorResult[Any], questions: Sequence[SqlQuestion]
    ) -> Sequence[RowAnswer | OutsideError]:
        header = list(result.keys())
        dated = frozenset(name.partition("#")[0] for q in questions if (name := q.on))
        batches = self._batches(result, cells_for(header, dated, self._keeps))
        asked = [RowQuestion.of(question) for question in questions]
        return self._toolbox.aggregate(asked, header, batches, _STYLE)

    def _batches(self, result: CursorResult[Any], cells: Sequence[Cell]) -> Iterator[RowBatch]:
        end = monotonic() + self._settings.timeout
        first = 1
        for rows in result.partitions(_BATCH):
            if monotonic() > end:
                raise Unreachable(
                    f"{self._name}: the statement's rows took longer than timeout allows",
                    next_step="narrow the statement, or raise timeout in its [source] table",
                )
            columns = zip(cells, zip(*rows, strict=True), strict=True)
            texts = [list(map(cell, column)) for cell, column in columns]
            yield RowBatch(list(zip(*texts, strict=True)), range(first, first + len(rows)))
            first += len(rows)
            if first > self._settings.max_rows + 1:
                raise BadAnswer(
                    f"{self._name}: more than {self._settings.max_rows:,} rows",
                    next_step="narrow the statement, or raise max_rows in its [source] table",
                )

    def _measurement(
        self,
        question: SqlQuestion,
        answer: RowAnswer | OutsideError,
        values: Bound,
        read_at: datetime,
    ) -> Answer:
        if isinstance(answer, OutsideError):
            return answer
        return measurement(
            question,
            answer,
            self._toolbox,
            query=_words(question),
            read_at=read_at,
            notes=shown(values),
        )


def _only(result: CursorResult[Any]) -> Sequence[RowAnswer]:
    """The one number of the one row."""
    columns = len(result.keys())
    if columns != 1:
        raise BadAnswer(
            f"the statement answers with {columns} columns, and one number was expected",
            next_step="select one number, or say measure = ... with the column's name",
        )
    rows = list(islice(result, 2))
    if not rows:
        raise NoValue("the statement answers with no row", next_step="look whether it is there yet")
    if len(rows) > 1:
        raise BadAnswer(
            "the statement answers with more than one row, and exactly one was expected",
            next_step="narrow it, or say how to join them: measure = ... and agg = ...",
        )
    value, unit = number(rows[0][0])
    return [RowAnswer(value, unit, 1)]


def _words(question: SqlQuestion) -> str:
    """The statement on one line, and what was made of its rows."""
    sql = " ".join(question.query.sql.split())
    if question.measure is None and question.agg is None:
        return sql
    return f"{question.asked_in_words()} over: {sql}"
