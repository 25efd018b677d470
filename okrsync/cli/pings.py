"""The dead man's switch around a sync: start, success, or the exit code. It can fail nothing."""

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
    exit_code: int = 0


@contextmanager
def pinged(config: Config, clock: Clock) -> Iterator[Ping]:
    """A run that found another one at work says nothing: the other one will."""
    ping = Ping()
    if config.notify.ping is None:
        yield ping
        return
    _send(config, clock, "start")
    try:
        yield ping
    except Busy:
        raise
    except OkrsyncError as error:
        _send(config, clock, error.exit_code)
        raise
    except Exception:
        _send(config, clock, BUG)
        raise
    _send(config, clock, ping.exit_code or "success")


def _send(config: Config, clock: Clock, what: Kind) -> None:
    from okrsync.sync.pinging import send_ping

    warning = send_ping(config, clock, what)
    if warning:
        _log.warning(warning)
