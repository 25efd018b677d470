"""From settings to a signed-in door."""

from __future__ import annotations

from typing import Any

from okrsync.contracts import Toolbox
from okrsync.http import Basic, Bearer, Budget, SignIn
from okrsync.http.oauth import ClientCredentials, OAuth2
from okrsync_rest.settings import Auth, RestSettings
from okrsync_rest.sign_in import KeyHeader
from okrsync_rest.source import RestSource


def opened(settings: RestSettings, toolbox: Toolbox) -> RestSource:
    reached = {"ca_file": settings.ca_file, "proxy": settings.proxy}
    door = toolbox.http(
        base_url=settings.url,
        headers=settings.headers,
        auth=_sign_in(settings.auth, toolbox, reached),
        max_body=settings.max_size,
        per_request=settings.timeout,
        **_budget(settings),
        **reached,
    )
    return RestSource(door, settings, toolbox, _key_params(settings.auth, toolbox))


def _budget(settings: RestSettings) -> dict[str, Any]:
    if settings.per_second is None:
        return {}
    return {"budget": Budget(per_second=settings.per_second, in_flight=settings.at_once)}


def _sign_in(auth: Auth | None, toolbox: Toolbox, reached: dict[str, Any]) -> SignIn | None:
    if auth is None:
        return None
    if auth.bearer is not None:
        return Bearer(toolbox.secret(auth.bearer))
    if auth.kind == "basic" and auth.password is not None:
        return Basic(auth.user, toolbox.secret(auth.password))
    if auth.kind == "header" and auth.key is not None:
        return KeyHeader(auth.header, f"{auth.prefix}{toolbox.secret(auth.key)}")
    if auth.client_secret is not None:
        return OAuth2(
            ClientCredentials(
                auth.client_id,
                toolbox.secret(auth.client_secret),
                scope=auth.scope,
                audience=auth.audience,
                client_auth=auth.client_auth,
            ),
            token_url=auth.token_url,
            door=toolbox.http(**reached),
            clock=toolbox.clock,
        )
    return None


def _key_params(auth: Auth | None, toolbox: Toolbox) -> dict[str, str]:
    """A key that travels in the address; no message of the door shows a parameter's value."""
    if auth is None or auth.kind != "param" or auth.key is None:
        return {}
    return {auth.param: toolbox.secret(auth.key)}
