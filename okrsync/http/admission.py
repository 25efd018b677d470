"""The guard for connections that are not the door's own: a database driver's."""

from __future__ import annotations

from collections.abc import Sequence

from okrsync.errors import Refused
from okrsync.http.guard import Network, host_allowed, refusal
from okrsync.http.network import Resolver, resolve


def admit(
    host: str,
    port: int,
    *,
    network: Network = "own",
    allow_hosts: Sequence[str] = (),
    resolver: Resolver = resolve,
) -> None:
    """Raise ``Refused`` unless every address of ``host`` may be connected to.

    The driver resolves the name again, so this guards against settings that name a wrong place,
    not against a name service that changes its mind in between.
    """
    if not host_allowed(host, allow_hosts):
        raise _refused(host, "it is not one of the allowed hosts")
    for address in _addresses(host, port, resolver):
        reason = refusal(address, network)
        if reason:
            raise _refused(host, f"it is {reason}")


def _addresses(host: str, port: int, resolver: Resolver) -> Sequence[str]:
    """None where there is no such host: to say so is the driver's, which may read it otherwise."""
    try:
        return resolver(host, port)
    except (OSError, UnicodeError):
        return ()


def _refused(host: str, reason: str) -> Refused:
    return Refused(
        f"{host}: {reason}, okrsync does not connect there",
        next_step="check the host in the settings, or allow it in [limits]",
    )
