"""From settings to a signed-in store."""

from __future__ import annotations

from okrsync.contracts import Store, Toolbox
from okrsync.http.account import key_params, sign_in
from okrsync_http.asking import Asker
from okrsync_http.settings import HttpSettings
from okrsync_http.store import HttpStore
from okrsync_http.unread import UnreadStore


def opened(settings: HttpSettings, toolbox: Toolbox) -> Store:
    way = {"ca_file": settings.ca_file, "proxy": settings.proxy}
    door = toolbox.http(
        base_url=settings.url,
        headers=settings.headers,
        auth=sign_in(settings.auth, toolbox, way),
        per_request=settings.timeout,
        per_second=settings.per_second,
        **way,
    )
    secrets = {name: toolbox.secret(where) for name, where in settings.secrets.items()}
    asker = Asker(door, secrets, key_params(settings.auth, toolbox))
    if settings.show is None:
        return UnreadStore(asker, settings, toolbox)
    return HttpStore(asker, settings, settings.show, toolbox)
