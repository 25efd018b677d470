"""100 key results on each CRM, against the time that the vendor's limits leave.

    python -m benchmarks.crm_speed

Local stand-ins hold 50,000 deals, take 0.2 s for an answer, and answer 429 beyond the limits. The
floor is 100 requests at the rate that an account may keep up: 3 searches a second for HubSpot,
whose 5 are shared with all other apps, and 10 requests a second for Pipedrive's smallest plan.
Exits with 1 above 1.2 times the floor, or when a request was refused.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from okrsync.contracts import AnySourceSpec, FromEnvironment, Toolbox
from okrsync.http import Deadline, Door
from okrsync.model import Measurement, Question, Window
from okrsync.testing import FakeToolbox, frozen_clock
from okrsync_hubspot import SOURCE as HUBSPOT
from okrsync_hubspot.settings import HubSpotQuery, HubSpotSettings
from okrsync_pipedrive import SOURCE as PIPEDRIVE
from okrsync_pipedrive.settings import PipedriveQuery, PipedriveSettings
from tests.system.standins import hubspot, pipedrive
from tests.system.standins.deals import OWNERS, PIPELINES, some_deals

BAR: Final = 1.2
QUESTIONS: Final = 100
HUBSPOT_FLOOR: Final = QUESTIONS / 3
PIPEDRIVE_FLOOR: Final = QUESTIONS / 10
LATENCY: Final = 0.2
NOW: Final = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
TOKEN: Final = FromEnvironment(env="CRM_TOKEN")
RATES: Final = {"SEK": "0.09"}

Clock = Callable[[], float]
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Result:
    """``statuses`` are those of all requests."""

    answered: int
    statuses: Sequence[int]
    seconds: float
    tokens: int = 0


def hubspot_sync(
    toolbox: FakeToolbox,
    *,
    deals: int,
    clock: Clock = time.monotonic,
    sleep: Sleep = time.sleep,
) -> Result:
    """100 different counts by stage, owner and amount."""
    toolbox.secrets = {TOKEN.env: hubspot.TOKEN}
    stages = [stage for stages in PIPELINES.values() for stage in stages]
    asked = [
        _question(HubSpotQuery(where=f"stage == '{stages[n % len(stages)]}' and amount > {n}"))
        for n in range(QUESTIONS)
    ]
    with hubspot.serve(
        some_deals(deals), rates=RATES, latency=LATENCY, clock=clock, sleep=sleep
    ) as server:
        settings = HubSpotSettings(token=TOKEN, address=server.url)
        answered, seconds = _timed(HUBSPOT, settings, toolbox, asked, clock)
        return Result(answered, server.statuses, seconds)


def pipedrive_sync(
    toolbox: FakeToolbox,
    *,
    deals: int,
    clock: Clock = time.monotonic,
    sleep: Sleep = time.sleep,
) -> Result:
    """100 different summaries by stage, owner and status."""
    toolbox.secrets = {TOKEN.env: pipedrive.TOKEN}
    with pipedrive.serve(
        some_deals(deals), rates=RATES, latency=LATENCY, clock=clock, sleep=sleep
    ) as server:
        settings = PipedriveSettings(token=TOKEN, address=server.url)
        answered, seconds = _timed(PIPEDRIVE, settings, toolbox, _summaries(), clock)
        return Result(answered, server.statuses, seconds, server.spent)


def _summaries() -> list[Question[Any]]:
    queries = [
        PipedriveQuery(pipeline=pipeline, stage=stage, user=user, status=status)
        for pipeline, stages in PIPELINES.items()
        for stage in stages
        for user in (*OWNERS[:2], None)
        for status in ("open", "won", "lost", None)
    ]
    return [_question(query) for query in queries[:QUESTIONS]]


def _question(query: Any) -> Question[Any]:
    return Question(
        source="crm",
        query=query,
        measure=None,
        agg="count",
        on=None,
        window=Window("all"),
        as_of=NOW,
    )


def _timed(
    spec: AnySourceSpec,
    settings: Any,
    toolbox: Toolbox,
    asked: Sequence[Question[Any]],
    clock: Clock,
) -> tuple[int, float]:
    with spec.open(settings, toolbox) as source:
        started = clock()
        answers = source.measure(asked)
        seconds = clock() - started
    return sum(isinstance(answer, Measurement) for answer in answers), seconds


class _RealTime(FakeToolbox):
    """A toolbox whose doors wait for real."""

    def http(self, **settings: Any) -> Door:
        door = Door(clock=self.clock, deadline=Deadline(600), **settings)
        return self._doors.enter_context(door)


def _show(name: str, result: Result, floor: float) -> bool:
    refused = sum(status != 200 for status in result.statuses)
    times = result.seconds / floor
    tokens = f", {result.tokens:,} tokens" if result.tokens else ""
    print(
        f"{name:<10} {result.answered} answers in {len(result.statuses)} requests{tokens}, "
        f"{result.seconds:.1f} s: {times:.2f} of the floor of {floor:.1f} s, {refused} refused"
    )
    return times <= BAR and not refused and result.answered == QUESTIONS


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        fine = []
        for name, sync, floor in (
            ("HubSpot", hubspot_sync, HUBSPOT_FLOOR),
            ("Pipedrive", pipedrive_sync, PIPEDRIVE_FLOOR),
        ):
            with _RealTime(Path(folder), clock=frozen_clock(NOW)) as toolbox:
                fine.append(_show(name, sync(toolbox, deals=50_000), floor))
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
