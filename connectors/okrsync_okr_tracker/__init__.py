"""OKR Tracker, Oslo municipality's open OKR store: its HTTP API of key results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from okrsync.contracts import Capabilities, Store, StoreSpec, Toolbox
from okrsync_okr_tracker.settings import OkrTrackerSettings


@contextmanager
def _open(settings: OkrTrackerSettings, toolbox: Toolbox) -> Iterator[Store]:
    from okrsync_okr_tracker.opening import opened

    yield opened(settings, toolbox)


STORE = StoreSpec(
    name="okr-tracker",
    settings=OkrTrackerSettings,
    open=_open,
    capabilities=Capabilities(
        negative=False,
        digits=15,
        confidence=False,
        keeps_history=False,  # the API shows the newest value alone
    ),
)
