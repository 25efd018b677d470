"""What a hundred key results cost at Salesforce, against the fewest calls that they can be.

    python -m benchmarks.salesforce_speed [--deals 50000]

Asks 100 different counts and sums of a local stand-in that enforces the limits of calls and of
queries in one call. The floor is one call for each 5 queries, or for each 25 where the org takes
as many. Prints calls and time, of the first run (which learns the fields of the object) and of the
next ones, and the same for 10 medians, which are read record by record. Exits with 1 above 1.2
times the floor, or when a call was refused.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from okrsync.model import Measurement, Question
from tests.system.harness.salesforce import QUARTER, asking, deals
from tests.system.standins.salesforce import Org, a_deal, serve

BAR = 1.2
PAGE = 2_000


def make(count: int) -> list[dict[str, Any]]:
    dice = random.Random(3)  # noqa: S311 - the same deals every time
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        a_deal(
            number,
            amount=f"{dice.lognormvariate(10, 1.5):.2f}",
            status=dice.choice(["open", "won", "lost"]),
            stage=f"Stage {dice.randrange(50)}",
            closed=(start + timedelta(minutes=dice.randrange(525_600))).isoformat(),
        )
        for number in range(count)
    ]


def hundred() -> list[Question[Any]]:
    """50 stages, how many deals and how much of each."""
    return [
        deals(f"StageName == 'Stage {stage}'", agg, measure, on="ClosedAt__c", window=QUARTER)
        for stage in range(50)
        for agg, measure in (("count", None), ("sum", "Amount"))
    ]


def measured(
    org: Org, remembered: dict[str, str], per_call: int, asked: list[Question[Any]]
) -> tuple[int, float]:
    before, begun = org.calls, time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        asking(org, Path(folder), remembered=remembered, queries_per_call=per_call) as there,
    ):
        answers = there.source.measure(asked)
    assert all(isinstance(answer, Measurement) for answer in answers), answers
    return org.calls - before, time.perf_counter() - begun


def shown(what: str, calls: int, seconds: float, floor: int) -> bool:
    ratio = calls / floor
    verdict = "" if ratio <= BAR else f"  above {BAR}"
    print(f"{what:<46}{calls:>4} calls, floor {floor:>3}: {ratio:4.2f}x  {seconds:6.2f} s{verdict}")
    return ratio <= BAR


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--deals", type=int, default=50_000)
    made = make(options.parse_args().deals)
    fine = []
    for per_call in (5, 25):
        with serve(made, queries_per_call=per_call) as org:
            remembered: dict[str, str] = {}
            floor = 100 // per_call
            first = measured(org, remembered, per_call, hundred())
            print(f"{'first run, fields learnt in one call more':<46}{first[0]:>4} calls")
            then = measured(org, remembered, per_call, hundred())
            fine.append(shown(f"100 key results, {per_call} queries in a call", *then, floor))
            fine.append(org.refused == 0)
    with serve(made) as org:
        remembered = {}
        medians = [deals(f"StageName == 'Stage {n}'", "median", "Amount") for n in range(10)]
        measured(org, remembered, 5, [deals("IsWon")])
        fine.append(shown("10 medians of a stage each", *measured(org, remembered, 5, medians), 10))
        everything = [deals(None, "median", "Amount")]
        pages = -(-len(made) // PAGE)
        fine.append(shown("1 median of all", *measured(org, remembered, 5, everything), pages))
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
