"""One ping to the dead man's switch; its failure is a sentence, never an error."""

from __future__ import annotations

from okrsync.addresses import is_web_address
from okrsync.config.config import Config
from okrsync.config.secrets import masked, remember, reveal
from okrsync.contracts import Clock
from okrsync.errors import OkrsyncError, UsageError
from okrsync.http.heartbeat import Kind, ping


def ping_address(config: Config) -> str | None:
    """Where to; None where nobody is to be told. Raises OkrsyncError when it is not an address."""
    address = config.notify.ping
    if address is None:
        return None
    url = address if isinstance(address, str) else reveal(address, config.root)
    remember(url)  # whoever knows it can say that all is well
    if not is_web_address(url):
        raise UsageError(
            "the address of the ping is not one of a page",
            next_step='it begins with "https://": [notify] in config.toml says where it is kept',
        )
    return url


def send_ping(config: Config, clock: Clock, what: Kind) -> str:
    """Tell ``config.notify.ping`` "start" or an exit code; returns a warning, "" when it worked."""
    try:
        url = ping_address(config)
    except OkrsyncError as error:
        return f"the ping was not sent: {error.message}"
    if url is None:
        return ""
    limits = config.limits
    return ping(
        url,
        what,
        clock=clock,
        network=limits.network,
        allow_hosts=limits.allow_hosts,
        mask=masked,
    )
