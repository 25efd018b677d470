"""How fast CSV files are read, against a bare pass of Python's own csv.reader over the same file.

    python -m benchmarks.csv_speed [--rows 1000000] [--keep FOLDER]

Two shapes of work, each in a process of its own, so that its peak memory is its own:

    a   20 different questions over one file
    b   10,000 key results that each pick their rows by one column's value

Both must take at most 6 times the bare pass, and less than 200 MB. Exits with 1 above the bars.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from okrsync.errors import NoValue
from okrsync.model import Measurement, Question, Window
from okrsync.testing.toolbox import FakeToolbox
from okrsync_csv import SOURCE
from okrsync_csv.settings import CsvQuery, CsvSettings

BAR = 6.0
MEMORY = 200.0  # MB
KEYS = 10_000
_NOW = datetime(2030, 1, 1, tzinfo=UTC)
_QUARTER = Window("period", datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
_ALL = Window("all")


def make(path: Path, rows: int) -> None:
    dice = random.Random(7)  # noqa: S311 - the same file every time
    days = [date(2026, 1, 1) + timedelta(days=day) for day in range(365)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "key", "status", "amount", "region", "days"])
        for _ in range(rows):
            writer.writerow(
                [
                    dice.choice(days),
                    f"kr-{dice.randrange(KEYS):05d}",
                    dice.choice(["won", "lost", "open", "new"]),
                    f"{dice.lognormvariate(10, 1.5):.2f}",
                    dice.choice(["north", "south", "east", "west"]),
                    dice.randrange(1, 90),
                ]
            )


def bare(path: Path) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        for _ in csv.reader(file):
            pass


def question(
    where: str | None, agg: str, measure: str | None = None, window: Window = _ALL
) -> Question[CsvQuery]:
    on = "date" if window is not _ALL else None
    return Question("sales", CsvQuery(where=where), measure, agg, on, window, _NOW)


def twenty() -> list[Question[CsvQuery]]:
    return [
        question(None, "count"),
        question("status == 'won'", "count"),
        question("status == 'won'", "sum", "amount"),
        question("status == 'won'", "avg", "amount", _QUARTER),
        question("status == 'lost'", "sum", "amount", _QUARTER),
        question("status in ['won', 'lost']", "median", "days"),
        question("region == 'north' and status == 'won'", "sum", "amount"),
        question("region == 'south' and status == 'won'", "max", "amount", _QUARTER),
        question("amount > 100000", "count"),
        question("amount > 1000000 and status == 'won'", "count", None, _QUARTER),
        question("amount >= 500 and amount < 5000", "avg", "days"),
        question("status == 'won'", "p85", "days", _QUARTER),
        question("region != 'west'", "min", "amount"),
        question("status == 'new'", "distinct", "key"),
        question("date >= '2026-07-01' and status == 'open'", "count"),
        question("contains(region, 'th')", "sum", "days"),
        question("not (status == 'won' or region == 'east')", "count"),
        question("days > 30 and days <= 60", "sum", "amount", _QUARTER),
        question("status == 'won' and region == 'east'", "last", "amount", _QUARTER),
        question("lower(status) == 'won'", "p95", "amount"),
    ]


def ten_thousand() -> list[Question[CsvQuery]]:
    return [
        question(f"key == 'kr-{key:05d}' and status == 'won'", "sum", "amount", _QUARTER)
        for key in range(KEYS)
    ]


WORK: dict[str, Callable[[], list[Question[CsvQuery]]]] = {"a": twenty, "b": ten_thousand}


def measure(path: Path, work: str) -> None:
    """One shape of work in this process: seconds and peak MB on stdout."""
    questions = WORK[work]()
    toolbox = FakeToolbox(path.parent, name="sales", clock=lambda: _NOW)
    started = time.process_time()
    with SOURCE.open(CsvSettings(path=path.name), toolbox) as source:
        answers = source.measure(questions)
    seconds = time.process_time() - started
    assert all(isinstance(answer, Measurement | NoValue) for answer in answers), answers[:3]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds} {peak}")


def compare(path: Path) -> bool:
    """Three times each: the quickest is the least disturbed one."""
    bare_seconds = min(_timed(lambda: bare(path)) for _ in range(3))
    print(f"bare csv.reader    {bare_seconds:6.2f} s   ({path.stat().st_size / 1e6:.0f} MB)")
    results = [
        _judged(work, min(_child(path, work) for _ in range(3)), bare_seconds) for work in WORK
    ]
    return all(results)


def _child(path: Path, work: str) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.csv_speed", "--work", work, "--file", str(path)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, peak = map(float, out.split())
    return seconds, peak


def _judged(work: str, measured: tuple[float, float], bare_seconds: float) -> bool:
    seconds, peak = measured
    ratio = seconds / bare_seconds
    good = ratio <= BAR and peak < MEMORY
    names = {"a": "20 questions", "b": f"{KEYS:,} key results"}
    print(
        f"{names[work]:18} {seconds:6.2f} s   {ratio:4.1f}x (bar {BAR:.0f}x)   "
        f"{peak:4.0f} MB (bar {MEMORY:.0f} MB)   {'good' if good else 'TOO MUCH'}"
    )
    return good


def _timed(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--work", choices=WORK, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help="use this file, and make it where it is missing")
    asked = parser.parse_args()
    if asked.work:
        measure(asked.file, asked.work)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = asked.file or Path(folder) / "sales.csv"
        if not path.exists():
            make(path, asked.rows)
        return 0 if compare(path) else 1


if __name__ == "__main__":
    sys.exit(main())
