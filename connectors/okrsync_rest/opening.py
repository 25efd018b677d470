"""From settings to a signed-in door."""

from __future__ import annotations

from okrsync.contracts import Toolbox
from okrsync.http.account import key_params, sign_in
from okrsync_rest.settings import RestSettings
from okrsync_rest.source import RestSource


def opened(settings: RestSettings, toolbox: Toolbox) -> RestSource:
    reached = {"ca_file": settings.ca_file, "proxy": settings.proxy}
    door = toolbox.http(
        base_url=settings.url,
        headers=settings.headers,
        auth=sign_in(settings.auth, toolbox, reached),
        max_body=settings.max_size,
        per_request=settings.timeout,
        per_second=settings.per_second,
        **reached,
    )
    return RestSource(door, settings, toolbox, key_params(settings.auth, toolbox))
