"""How true the confidence is: predicts the windows of a folder, for the folder's own score.py.

    python -m benchmarks.confidence FOLDER predictions.csv [--prior even] [--fault restart]
    python FOLDER/score.py predictions.csv

Reads windows.csv and observations.csv only. A fault damages each window's observations as such
faults do, the same way in each run; what comes out shows what it costs.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

from benchmarks.confidence.faults import FAULTS
from benchmarks.confidence.windows import Window, read
from okrsync.model import Prior
from okrsync.scoring.forecast import forecast
from okrsync.scoring.prior import prior_drift

HEADER = ("window_id", "probability", "q10", "q50", "q90")


def predict(window: Window, prior: Prior) -> list[str]:
    aim = window.aim
    drift = prior_drift(aim, prior, window.days)
    made = forecast(window.days, window.values, aim, drift)
    quantiles = (made.quantile(share) + window.shift for share in (0.1, 0.5, 0.9))
    return [window.id, f"{made.reaches(aim.target):.6f}", *map(repr, quantiles)]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("predictions", type=Path)
    parser.add_argument("--prior", type=Prior, default=Prior.FITTED, choices=list(Prior))
    parser.add_argument("--fault", choices=FAULTS)
    asked = parser.parse_args()
    windows = read(asked.folder)
    if asked.fault:
        windows = FAULTS[asked.fault](windows)
    with asked.predictions.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(predict(window, asked.prior) for window in windows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
