"""Counts and cycle times of Jira, before a local server that answers after 50 ms.

    python -m benchmarks.jira_speed

Wall time of 100 different counts against requests x latency / concurrency (bar: 1.3 times), and
how much more memory the 85th percentile of cycle time takes over 100,000 issues than over 1,000
(bar: 30 MB). Exits with 1 above a bar.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from okrsync.contracts import FromEnvironment
from okrsync.http import Deadline, Door
from okrsync.model import Measurement, Question
from okrsync.testing import FakeToolbox, a_question
from okrsync_jira import SOURCE
from okrsync_jira.settings import JiraQuery, JiraSettings
from tests.standins.jira import Jira, Reply, Request, said, serving
from tests.unit.jira.asking import NOW

COUNTS, LATENCY, AT_ONCE = 100, 0.05, 8
MOST_TIMES, MOST_MEGABYTES = 1.3, 30.0
FEW, MANY = 1_000, 100_000
SERVED = "--served"


def main() -> int:
    times = counting()
    growth = memory(MANY) - memory(FEW)
    print(f"memory    {growth:6.1f} MB more for {MANY:,} issues than for {FEW:,}")
    return int(times > MOST_TIMES or growth > MOST_MEGABYTES)


def counting() -> float:
    """How many times the ideal 100 counts take."""
    with separate("counts") as site:
        questions = [_question(f"project = P{number}") for number in range(COUNTS)]
        _measured(site, questions[:1])  # what is loaded late is loaded now
        took, asked = _measured(site, questions)
    ideal = asked * LATENCY / AT_ONCE
    print(f"requests  {asked:6d} for {COUNTS} counts")
    print(f"time      {took:6.2f} s, {took / ideal:.2f} times {asked} x 50 ms / {AT_ONCE}")
    return took / ideal


def memory(issues: int) -> float:
    """Peak memory in MB of a process of its own."""
    with separate(str(issues)) as site:
        command = [sys.executable, "-m", "benchmarks.jira_speed", site]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    print(f"p85       {issues:6d} issues: {done.stdout.strip()}")
    return float(done.stdout.split()[0])


def percentile(site: str) -> None:
    took, asked = _measured(site, [_question("project = PLAT", measure="cycle_time", agg="p85")])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{peak:.1f} MB, {took:.1f} s, {asked} requests")


@contextmanager
def separate(what: str) -> Iterator[str]:
    """A server in a process of its own, so that it does not take the measured one's time."""
    command = [sys.executable, "-m", "benchmarks.jira_speed", SERVED, what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as it:
        assert it.stdout is not None
        try:
            yield it.stdout.readline().strip()
        finally:
            it.kill()


def serve(what: str) -> None:
    jira = Jira()
    if what == "counts":
        jira.latency = LATENCY
        jira.faults.append(_counted)
    else:
        jira.faults.append(_Many(int(what)))
    with serving(jira) as address:
        print(address, flush=True)
        sys.stdin.read()


def _counted(request: Request) -> Reply | None:
    return said(200, {"count": 7}) if request.path.endswith("approximate-count") else None


class _Many:
    """Issues that are made when they are asked for, each with two moves."""

    def __init__(self, issues: int) -> None:
        self._issues = issues

    def __call__(self, request: Request) -> Reply | None:
        if request.path.endswith("search/jql"):
            return self._page(request)
        return self._histories(request) if request.path.endswith("bulkfetch") else None

    def _page(self, request: Request) -> Reply:
        start = int(request.body.get("nextPageToken", "0"))
        end = min(start + request.body["maxResults"], self._issues)
        page = [self._issue(number) for number in range(start, end)]
        last = end == self._issues
        return said(200, {"issues": page, "isLast": last, "nextPageToken": str(end)})

    def _issue(self, number: int) -> dict[str, object]:
        fields = {"created": _day(0), "status": {"id": "10002"}, "resolutiondate": None}
        return {"id": str(number + 1), "fields": fields}

    def _histories(self, request: Request) -> Reply:
        logs = [
            {
                "issueId": id_,
                "changeHistories": [_move(1, "10000", "3"), _move(2 + int(id_) % 30, "3", "10002")],
            }
            for id_ in request.body["issueIdsOrKeys"]
        ]
        return said(200, {"issueChangeLogs": logs})


def _move(day: int, old: str, new: str) -> dict[str, object]:
    item = {"field": "status", "fieldId": "status", "from": old, "to": new}
    return {"id": str(day), "created": _day(day), "items": [item]}


def _day(number: int) -> str:
    return (NOW - timedelta(days=60 - number)).isoformat()


def _question(jql: str, measure: str | None = None, agg: str = "count") -> Question[JiraQuery]:
    return a_question(JiraQuery(jql=jql), source="jira", measure=measure, agg=agg, as_of=NOW)


class _Toolbox(FakeToolbox):
    """Keeps its doors, to count their requests; they have all the time they need."""

    def http(self, **settings: Any) -> Door:
        self.doors = [Door(clock=self.clock, deadline=Deadline(3_600), **settings)]
        return self._doors.enter_context(self.doors[0])


def _measured(site: str, questions: list[Question[JiraQuery]]) -> tuple[float, int]:
    """Asks, and returns how long that took and how many requests."""
    toolbox = _Toolbox(Path(), name="jira", secrets={"JIRA_TOKEN": Jira().token})
    toolbox.remember(f"deployment of {site}", "cloud")
    settings = JiraSettings(
        site=site, email="a@b.example", token=FromEnvironment(env="JIRA_TOKEN"), at_once=AT_ONCE
    )
    with toolbox, SOURCE.open(settings, toolbox) as source:
        begun = time.perf_counter()
        answers = source.measure(questions)
        took = time.perf_counter() - begun
    wrong = [answer for answer in answers if not isinstance(answer, Measurement)]
    assert not wrong, wrong[0]
    return took, sum(door.requests for door in toolbox.doors)


if __name__ == "__main__":
    if sys.argv[1:2] == [SERVED]:
        serve(sys.argv[2])
    elif sys.argv[1:]:
        percentile(sys.argv[1])
    else:
        sys.exit(main())
