"""The functions that each dialect of the expression language knows: the whole list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Dialect = Literal["metrics", "rows"]
Sort = Literal["number", "text", "truth", "date", "list", "unknown"]


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments it takes (``most`` None: any number), what they are, what it gives.

    ``takes`` is for each argument; the last one stands for all that follow.
    """

    least: int
    most: int | None
    takes: tuple[Sort, ...]
    gives: Sort
    usage: str

    def accepts(self, count: int) -> bool:
        return self.least <= count and (self.most is None or count <= self.most)

    def argument(self, index: int) -> Sort:
        return self.takes[min(index, len(self.takes) - 1)]


def _of_numbers(name: str, least: int, most: int | None, usage: str = "") -> Function:
    return Function(least, most, ("number",), "number", usage or f"{name}(a, b, ...)")


def _of_texts(name: str, gives: Sort, count: int) -> Function:
    usage = f"{name}(column)" if count == 1 else f"{name}(column, 'text')"
    return Function(count, count, ("text",), gives, usage)


_METRICS = {
    "pct": _of_numbers("pct", 2, 2, "pct(part, whole)"),
    "ratio": _of_numbers("ratio", 2, 2, "ratio(a, b)"),
    "mean": _of_numbers("mean", 1, None),
    "min": _of_numbers("min", 1, None),
    "max": _of_numbers("max", 1, None),
    "sum": _of_numbers("sum", 1, None),
    "abs": _of_numbers("abs", 1, 1, "abs(a)"),
    "round": _of_numbers("round", 1, 2, "round(a) or round(a, 2)"),
    "score": Function(1, 1, ("text",), "number", "score('team.objective')"),
}
_ROWS = {
    "lower": _of_texts("lower", "text", 1),
    "upper": _of_texts("upper", "text", 1),
    "contains": _of_texts("contains", "truth", 2),
    "starts_with": _of_texts("starts_with", "truth", 2),
    "ends_with": _of_texts("ends_with", "truth", 2),
    "empty": Function(1, 1, ("unknown",), "truth", "empty(column)"),
    "abs": _of_numbers("abs", 1, 1, "abs(column)"),
    "round": _of_numbers("round", 1, 2, "round(column) or round(column, 2)"),
    "date": Function(1, 1, ("unknown",), "date", "date('2026-10-01')"),
    "year": Function(1, 1, ("date",), "number", "year(column)"),
    "month": Function(1, 1, ("date",), "number", "month(column)"),
}

FUNCTIONS: dict[Dialect, dict[str, Function]] = {"metrics": _METRICS, "rows": _ROWS}
