"""Counts and durations of GitHub, before a local server that answers after 50 ms.

    python -m benchmarks.github_speed

How many requests 100 different counts take (bar: 5), and how much more memory the 85th percentile
of the time to merge takes over 100,000 pull requests than over 1,000 (bar: 30 MB). Exits with 1
above a bar.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from okrsync.contracts import FromEnvironment
from okrsync.http import Deadline, Door
from okrsync.model import Measurement, Question
from okrsync.testing import FakeToolbox, a_question, frozen_clock
from okrsync_github import SOURCE
from okrsync_github.settings import GithubQuery, GithubSettings

COUNTS, LATENCY = 100, 0.05
MOST_REQUESTS, MOST_MEGABYTES = 5, 30.0
FEW, MANY = 1_000, 100_000
SERVED = "--served"
BEGIN = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
NOW = datetime.fromisoformat("2026-11-02T06:00:00+00:00")
_RANGE = re.compile(r"created:(\S+?)\.\.(\S+)")

Answering = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def main() -> int:
    requests = counting()
    growth = memory(MANY) - memory(FEW)
    print(f"memory    {growth:6.1f} MB more for {MANY:,} pull requests than for {FEW:,}")
    return int(requests > MOST_REQUESTS or growth > MOST_MEGABYTES)


def counting() -> int:
    """How many requests 100 counts take."""
    with separate("counts") as address:
        searches = [f"repo:acme/shop is:issue label:n{number}" for number in range(COUNTS)]
        took, asked = _measured(address, [_question(search) for search in searches])
    print(f"requests  {asked:6d} for {COUNTS} counts, in {took:.2f} s")
    return asked


def memory(pulls: int) -> float:
    """Peak memory in MB of a process of its own."""
    with separate(str(pulls)) as address:
        command = [sys.executable, "-m", "benchmarks.github_speed", address]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    print(f"p85       {pulls:6d} pull requests: {done.stdout.strip()}")
    return float(done.stdout.split()[0])


def percentile(address: str) -> None:
    question = _question("repo:acme/shop is:pr", measure="time_to_merge", agg="p85")
    took, asked = _measured(address, [question])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{peak:.1f} MB, {took:.1f} s, {asked} requests")


def _question(search: str, **more: Any) -> Question[GithubQuery]:
    return a_question(GithubQuery(search=search), as_of=NOW, **more)


def _measured(address: str, questions: list[Question[GithubQuery]]) -> tuple[float, int]:
    settings = GithubSettings(api=address, token=FromEnvironment(env="GITHUB_TOKEN"))
    toolbox = _Toolbox(Path(), secrets={"GITHUB_TOKEN": "ghp_local"}, clock=frozen_clock(NOW))
    with toolbox, SOURCE.open(settings, toolbox) as source:
        begun = time.perf_counter()
        answers = source.measure(questions)
        took = time.perf_counter() - begun
    assert all(isinstance(answer, Measurement) for answer in answers), answers[0]
    return took, sum(door.requests for door in toolbox.opened)


class _Toolbox(FakeToolbox):
    """With doors that are not closed after half a minute, and counted."""

    opened: list[Door] = []  # noqa: RUF012  (one toolbox in a process)

    def http(self, **settings: Any) -> Door:
        door = Door(clock=self.clock, deadline=Deadline(3600), **settings)
        self.opened.append(door)
        return self._doors.enter_context(door)


@contextmanager
def separate(what: str) -> Iterator[str]:
    """A server in a process of its own, so that it does not take the measured one's time."""
    command = [sys.executable, "-m", "benchmarks.github_speed", SERVED, what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as it:
        assert it.stdout is not None
        try:
            yield it.stdout.readline().strip()
        finally:
            it.kill()


def serve(what: str) -> None:
    answering = _counts if what == "counts" else _Many(int(what))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, answering)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        sys.stdin.read()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else each answer waits for the other side to acknowledge the one before.
    disable_nagle_algorithm = True

    def __init__(self, answering: Answering, *given: Any) -> None:
        self._answering = answering
        super().__init__(*given)

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self._answering is _counts:
            time.sleep(LATENCY)
        body = json.dumps({"data": self._answering(asked["variables"])}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _counts(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    aliases = (name for name in variables if name.startswith("k"))
    return {"r0": {"nameWithOwner": "acme/shop"}} | {name: {"issueCount": 7} for name in aliases}


class _Many:
    """Pull requests that are made when they are asked for, evenly over ten months."""

    def __init__(self, pulls: int) -> None:
        self._pulls = pulls
        self._step = (NOW - BEGIN) / (pulls + 1)

    def __call__(self, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        if "q" in variables:
            return {"search": self._page(variables)}
        named = {"r0": {"nameWithOwner": "acme/shop"}}
        searches = {name: text for name, text in variables.items() if name.startswith("k")}
        return named | {
            name: {"issueCount": len(self._in(text))} for name, text in searches.items()
        }

    def _page(self, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        inside = self._in(variables["q"])
        start = int(variables["after"] or 0)
        end = min(start + variables["first"], len(inside))
        return {
            "issueCount": len(inside),
            "pageInfo": {"hasNextPage": end < len(inside), "endCursor": str(end)},
            "nodes": [self._pull(number) for number in inside[start:end]],
        }

    def _pull(self, number: int) -> Mapping[str, Any]:
        created = BEGIN + number * self._step
        merged = created + timedelta(minutes=number % 5000)
        said = {"createdAt": created, "closedAt": merged, "mergedAt": merged, "updatedAt": merged}
        return {"id": f"PR_{number}"} | {name: when.isoformat() for name, when in said.items()}

    def _in(self, search: str) -> range:
        """The numbers of those that were created in a search's span of whole seconds."""
        found = _RANGE.search(search)
        if found is None:
            return range(self._pulls)
        first, last = (datetime.fromisoformat(text) for text in found.groups())
        start = -((BEGIN - first) // self._step) if first > BEGIN else 0
        end = -((BEGIN - last - timedelta(seconds=1)) // self._step)
        return range(min(start, self._pulls), max(0, min(end, self._pulls)))


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            sys.exit(main())
        case [option, what] if option == SERVED:
            serve(what)
        case [address]:
            percentile(address)
