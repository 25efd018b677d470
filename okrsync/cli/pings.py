"""The dead man's switch around a sync: start, success, or the exit code. It can fail nothing.

A ping that did not get through is told once in a run. A quiet run leaves it to the watcher, which
alarms when nothing comes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from okrsync.contracts import Clock
from okrsync.errors import Busy, OkrsyncError

if TYPE_CHECKING:
    from okrsync.config.config import Config
    from okrsync.http.heartbeat import Kind

BUG = 1

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Ping:
    """``level`` is that of the next line about a ping that did not get through."""

    config: Config
    clock: Clock
    level: int
    exit_code: int = 0

    def send(self, what: Kind) -> None:
        from okrsync.sync.pinging import send_ping

        warning = send_ping(self.config, self.clock, what)
        if warning:
            _log.log(self.level, warning)
            self.level = logging.INFO


@contextmanager
def pinged(config: Config, clock: Clock, *, quiet: bool = False) -> Iterator[Ping]:
    """A run that found another one at work says nothing: the other one will."""
    ping = Ping(config, clock, logging.INFO if quiet else logging.WARNING)
    if config.notify.ping is None:
        yield ping
        return
    ping.send("start")
    try:
        yield ping
    except Busy:
        raise
    except OkrsyncError as error:
        ping.send(error.exit_code)
        raise
    except Exception:
        ping.send(BUG)
        raise
    ping.send(ping.exit_code or "success")
