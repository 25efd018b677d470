"""One ping to the dead man's switch; its failure is a sentence, never an error."""

from __future__ import annotations

from okrsync.config.config import Config
from okrsync.config.secrets import masked, remember, reveal
from okrsync.contracts import Clock
from okrsync.errors import OkrsyncError
from okrsync.http.heartbeat import Kind, ping


def send_ping(config: Config, clock: Clock, what: Kind) -> str:
    """Tell ``config.notify.ping`` "start" or an exit code; returns a warning, "" when it worked."""
    address = config.notify.ping
    if address is None:
        return ""
    try:
        url = address if isinstance(address, str) else reveal(address, config.root)
    except OkrsyncError as error:
        return f"the ping was not sent: {error.message}"
    remember(url)  # whoever knows it can say that all is well
    limits = config.limits
    return ping(
        url,
        what,
        clock=clock,
        network=limits.network,
        allow_hosts=limits.allow_hosts,
        mask=masked,
    )
