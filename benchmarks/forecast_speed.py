"""How long 10,000 forecasts take, against what Python needs to parse their points from CSV.

    python -m benchmarks.forecast_speed

Each forecast is made of 60 weekly values; parsing is csv.reader with each day and number read.
Both in one process, the quickest of five. Exits with 1 above the bar.
"""

from __future__ import annotations

import csv
import io
import random
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta

from okrsync.model import MetricSort, Prior
from okrsync.scoring.forecast import Aim, forecast
from okrsync.scoring.prior import prior_drift

BAR = 3.0
SERIES = 10_000
POINTS = 60
FIRST = date(2025, 1, 6)

Series = tuple[list[float], list[float]]


def make() -> str:
    dice = random.Random(7)  # noqa: S311 - the same series every time
    file = io.StringIO()
    writer = csv.writer(file)
    for series in range(SERIES):
        value = dice.uniform(50, 500)
        for week in range(POINTS):
            value += dice.gauss(1, 5)
            writer.writerow([series, FIRST + timedelta(weeks=week), f"{value:.2f}"])
    return file.getvalue()


def parse(text: str) -> list[Series]:
    found: list[Series] = [([], []) for _ in range(SERIES)]
    for series, day, value in csv.reader(io.StringIO(text)):
        days, values = found[int(series)]
        days.append(date.fromisoformat(day).toordinal())
        values.append(float(value))
    return found


def forecast_all(found: list[Series]) -> float:
    """Confidence and the fan of each; returns the sum, so that no work is left out."""
    total, sorts = 0.0, list(MetricSort)
    for number, (days, values) in enumerate(found):
        start = days[-13]
        sort = sorts[number % len(sorts)]
        aim = Aim(values[-13], values[-13] + 40, start, start + 91, sort, lower=0, upper=1000)
        made = forecast(days, values, aim, prior_drift(aim, Prior.FITTED, days))
        total += made.reaches(aim.target)
        total += sum(made.quantile(share) for share in (0.1, 0.25, 0.5, 0.75, 0.9)) * 1e-9
    return total


def best(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(5):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def main() -> int:
    text = make()
    found = parse(text)
    parsing, forecasting = best(lambda: parse(text)), best(lambda: forecast_all(found))
    ratio = forecasting / parsing
    print(f"parsing {SERIES * POINTS:,} points      {parsing:6.2f} s")
    print(f"{SERIES:,} forecasts of {POINTS}     {forecasting:6.2f} s")
    print(f"ratio                      {ratio:6.2f}   bar {BAR}")
    return 0 if ratio <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
