"""Dead man's switch: tell a watcher that a run began and how it ended.

The addresses are those of healthchecks.io and what speaks like it: ``/start``, nothing for success,
and ``/<exit code>``. The watcher alarms when nothing comes.
"""

from __future__ import annotations

import time
from typing import Any, Literal

from okrsync.contracts import Clock
from okrsync.errors import OkrsyncError
from okrsync.http.deadline import Deadline, Monotonic
from okrsync.http.door import Door

MOST_SECONDS = 5.0

Kind = Literal["start", "success"] | int
"""What to tell; a number is the run's exit code."""


def ping(
    url: str,
    kind: Kind,
    *,
    clock: Clock,
    run: str = "",
    seconds: float = MOST_SECONDS,
    monotonic: Monotonic = time.monotonic,
    **settings: Any,
) -> str:
    """Send one ping; returns a warning, empty when all is well. Never raises for a failed ping.

    ``run`` is a UUID that ties a start to its end, ``settings`` are further ones of ``Door``. The
    ping has ``seconds`` of its own: a slow watcher does not use up the run's time, and a run that
    has used up its time can still say so.
    """
    end = "" if kind == "success" else f"/{kind}"
    try:
        with Door(clock=clock, deadline=Deadline(seconds, monotonic), **settings) as door:
            params = {"rid": run} if run else None
            door.get(f"{url.rstrip('/')}{end}", params=params, expect="bytes")
    except OkrsyncError as problem:
        # The address itself is the secret here, so not even its path is shown.
        return f"the ping that says {kind!r} did not get through ({problem.code})"
    return ""
