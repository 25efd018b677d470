"""The windows of a folder: windows.csv and observations.csv, and nothing of how they ended."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from okrsync.model import MetricSort
from okrsync.scoring.forecast import Aim


@dataclass(frozen=True, slots=True)
class Window:
    """A key result as it was known on ``as_of``; ``shift`` was taken off all its numbers."""

    id: str
    aim: Aim
    as_of: float
    days: list[float]
    values: list[float]
    shift: float = 0.0

    def seen(self, days: list[float], values: list[float]) -> Window:
        return replace(self, days=days, values=values)


def read(folder: Path) -> list[Window]:
    seen: dict[str, tuple[list[float], list[float]]] = {}
    with (folder / "observations.csv").open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        for id_, day, value in rows:
            days, values = seen.setdefault(id_, ([], []))
            days.append(_day(day))
            values.append(float(value))
    with (folder / "windows.csv").open(newline="", encoding="utf-8") as file:
        return [
            Window(row["window_id"], _aim(row), _day(row["as_of"]), *seen[row["window_id"]])
            for row in csv.DictReader(file)
        ]


def _aim(row: dict[str, str]) -> Aim:
    return Aim(
        baseline=float(row["baseline"]),
        target=float(row["target"]),
        start=_day(row["start"]),
        deadline=_day(row["deadline"]),
        sort=MetricSort(row["kind"]),
        whole=row["integer"] == "1",
        lower=float(row["lower"]) if row["lower"] else None,
        upper=float(row["upper"]) if row["upper"] else None,
    )


def _day(text: str) -> float:
    return float(date.fromisoformat(text).toordinal())
