"""How the number behind a key result moves: said by the mapping, else read from how it is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from okrsync.config.asks import ADDING, COUNTING
from okrsync.mapping.expression import Name
from okrsync.mapping.rules import Ask, Formula, Metric
from okrsync.model import MetricSort

if TYPE_CHECKING:
    from okrsync.config.shapes import Shape
    from okrsync.config.tables import KeyResultTable
    from okrsync.mapping.rules import ValueRule

WordT = TypeVar("WordT")
LONGEST_CHAIN: Final = 8
FULL: Final = 100


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Nature:
    """``whole`` says that it only takes whole numbers."""

    sort: MetricSort
    whole: bool


def nature_of(
    written: KeyResultTable, value: ValueRule, metrics: Mapping[str, Metric], shape: Shape
) -> Nature:
    """The key result's own word first, then that of the metric it shows, then what can be read
    from the question: things counted or added up since the period began only grow; a share in
    percent stays between 0 and 100; the rest moves both ways."""
    shown, asked = _behind(value, metrics)
    sort = MetricSort(written.sort) if written.sort else _said(one.sort for one in shown)
    whole = _said(one.whole for one in shown) if written.whole is None else written.whole
    return Nature(
        _sort(asked, shape) if sort is None else sort,
        _is_counted(asked) if whole is None else whole,
    )


def _said(words: Iterable[WordT | None]) -> WordT | None:
    return next((word for word in words if word is not None), None)


def _behind(value: ValueRule, metrics: Mapping[str, Metric]) -> tuple[list[Metric], Ask | None]:
    """The metrics whose number the value is, unchanged, and the question that is behind them."""
    shown: list[Metric] = []
    for _ in range(LONGEST_CHAIN):  # a metric may name a metric; circles are found elsewhere
        if not isinstance(value, Formula):
            break
        if not isinstance(value.expression.root, Name) or not value.names:
            return shown, None
        metric = metrics.get(value.names[0][1])
        if metric is None:
            return shown, None
        shown.append(metric)
        value = metric.rule
    return shown, value if isinstance(value, Ask) else None


def _sort(asked: Ask | None, shape: Shape) -> MetricSort:
    if asked is not None and asked.agg in ADDING and _since_the_start(asked.window):
        return MetricSort.CUMULATIVE
    if shape.unit != "%":
        return MetricSort.LEVEL
    bounds = [shape.baseline, shape.target, shape.low, shape.high]
    inside = all(0 <= bound <= FULL for bound in bounds if bound is not None)
    return MetricSort.PERCENT if inside else MetricSort.LEVEL


def _since_the_start(window: str) -> bool:
    return window == "period" or window.startswith("this_")


def _is_counted(asked: Ask | None) -> bool:
    return asked is not None and asked.agg in COUNTING
