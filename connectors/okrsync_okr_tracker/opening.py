"""From settings to a signed-in store."""

from __future__ import annotations

from okrsync.contracts import FromEnvironment, FromFile, FromKeyring, Toolbox
from okrsync_okr_tracker.client import BURST, PER_SECOND, ApiClient, OkrTracker
from okrsync_okr_tracker.settings import OkrTrackerSettings
from okrsync_okr_tracker.store import OkrTrackerStore


def opened(settings: OkrTrackerSettings, toolbox: Toolbox) -> OkrTrackerStore:
    client_id = settings.client_id
    if isinstance(client_id, FromEnvironment | FromFile | FromKeyring):
        client_id = toolbox.secret(client_id)
    api_key = "" if settings.api_key is None else toolbox.secret(settings.api_key)
    door = toolbox.http(
        base_url=settings.url,
        auth=ApiClient(api_key, client_id, toolbox.secret(settings.client_secret)),
        per_second=PER_SECOND,
        burst=BURST,
        ca_file=settings.ca_file,
        proxy=settings.proxy,
    )
    return OkrTrackerStore(OkrTracker(door), settings.key_results, toolbox)
