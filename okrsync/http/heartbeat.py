"""Dead man's switch: tell a watcher that a run began and how it ended.

The addresses are those of healthchecks.io and what speaks like it: ``/start``, nothing for success,
and ``/<exit code>``. The watcher alarms when nothing comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from okrsync.errors import OkrsyncError

if TYPE_CHECKING:
    from okrsync.http.door import Door

MOST_SECONDS = 5.0

Kind = Literal["start", "success"] | int


def ping(door: Door, url: str, kind: Kind, *, run: str = "", seconds: float = MOST_SECONDS) -> str:
    """Send one ping; returns a warning, empty when all is well. Never raises for a failed ping.

    ``run`` is a UUID that ties a start to its end. ``door`` is to have a deadline of its own,
    ``Deadline(MOST_SECONDS)``: a slow watcher must not use up the run's time, nor be skipped when
    the run has used it up.
    """
    end = "" if kind == "success" else f"/{kind}"
    try:
        door.request(
            "HEAD",
            f"{url.rstrip('/')}{end}",
            params={"rid": run} if run else None,
            expect="bytes",
            seconds=seconds,
        )
    except OkrsyncError as problem:
        # The address itself is the secret here, so not even its path is shown.
        return f"the ping that says {kind!r} did not get through ({problem.code})"
    return ""
