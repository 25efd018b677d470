"""One ping to the dead man's switch; its failure is a sentence, never an error."""

from __future__ import annotations

from okrsync.config.config import Config
from okrsync.config.secrets import masked, reveal
from okrsync.contracts import Clock
from okrsync.errors import OkrsyncError

_SECONDS = 5.0


def send_ping(config: Config, clock: Clock, what: str | int) -> str:
    """Tell ``config.notify.ping`` "start" or an exit code; returns a warning, "" when it worked."""
    from okrsync.http import Door
    from okrsync.http.deadline import Deadline
    from okrsync.http.ping import ping

    address = config.notify.ping
    if address is None:
        return ""
    try:
        url = address if isinstance(address, str) else reveal(address, config.root)
        limits = config.limits
        with Door(
            clock=clock,
            deadline=Deadline(_SECONDS),
            network=limits.network,
            allow_hosts=limits.allow_hosts,
            mask=masked,
        ) as door:
            return ping(door, url, what)
    except OkrsyncError as error:
        return f"the ping was not sent: {error.message}"
