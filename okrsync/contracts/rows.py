"""Questions over rows, for sources that can only list them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeVar

from okrsync.conditions import NO_VALUES, Constant
from okrsync.model import Question, Window

QueryT = TypeVar("QueryT", bound=Hashable)


@dataclass(frozen=True, slots=True)
class CellStyle:
    """How the cells of a table are written; None means: only what is beyond doubt."""

    decimal: Literal[".", ","] | None = None
    dates: Literal["day-first", "month-first"] | None = None


@dataclass(frozen=True, slots=True)
class RowQuestion:
    """A question over rows, in okrsync's own words; the same meaning for every source of rows.

    ``vars`` are what stands for :name in ``where``.
    """

    where: str | None
    measure: str | None
    agg: str | None
    on: str | None
    window: Window
    as_of: datetime
    vars: Mapping[str, Constant] = NO_VALUES

    @classmethod
    def of(
        cls,
        question: Question[Any],
        where: str | None = None,
        vars: Mapping[str, Constant] = NO_VALUES,  # noqa: A002 - as the field is named
    ) -> RowQuestion:
        """``question`` as it stands, over the rows that meet ``where``."""
        return cls(
            where,
            question.measure,
            question.agg,
            question.on,
            question.window,
            question.as_of,
            vars,
        )


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """``rows`` is how many rows the value was made of, ``newest`` their latest ``on`` date.

    ``notes`` say which rows are not behind the value although they matched.
    """

    value: Decimal
    unit: str
    rows: int
    newest: datetime | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Consecutive rows of text cells; ``numbers`` are their places in the file, for errors."""

    rows: Sequence[Sequence[str]]
    numbers: Sequence[int]
