"""The one door to the network: every request of every connector goes through ``Door``.

Nothing here is loaded before it is used: a connector may import this package at its top and
``okrsync validate`` still loads no HTTP library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from okrsync.http.answer import Answer
    from okrsync.http.deadline import Deadline
    from okrsync.http.door import Door
    from okrsync.http.failures import RefusedAnswer
    from okrsync.http.heartbeat import ping
    from okrsync.http.oauth import ClientCredentials, JwtBearer, OAuth2
    from okrsync.http.requests_adapter import DoorAdapter
    from okrsync.http.sign_in import Basic, Bearer, SignIn

__all__ = [
    "Answer",
    "Basic",
    "Bearer",
    "ClientCredentials",
    "Deadline",
    "Door",
    "DoorAdapter",
    "JwtBearer",
    "OAuth2",
    "RefusedAnswer",
    "SignIn",
    "ping",
]

_HOME = {
    "Answer": "answer",
    "Basic": "sign_in",
    "Bearer": "sign_in",
    "ClientCredentials": "oauth",
    "Deadline": "deadline",
    "Door": "door",
    "DoorAdapter": "requests_adapter",
    "JwtBearer": "oauth",
    "OAuth2": "oauth",
    "RefusedAnswer": "failures",
    "SignIn": "sign_in",
    "ping": "heartbeat",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
