"""Any JSON API as a store, by config alone: what is sent for a check-in, and where it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from okrsync.contracts import Capabilities, Store, StoreSpec, Toolbox
from okrsync_http.settings import HttpSettings


@contextmanager
def _open(settings: HttpSettings, toolbox: Toolbox) -> Iterator[Store]:
    from okrsync_http.opening import opened

    yield opened(settings, toolbox)


def _capabilities(settings: HttpSettings) -> Capabilities:
    holds = settings.holds
    return Capabilities(
        numbers=holds.numbers,
        negative=holds.negative,
        decimals=holds.decimals,
        digits=holds.digits,
        percent=holds.percent,
        statuses=tuple(sorted(holds.statuses)),
        confidence=holds.confidence != "none",
        note_length=settings.note_length,
        back_dating=holds.back_dating,
        keeps_history=settings.show is not None and settings.show.of_check_ins,
        notifies=holds.notifies,
    )


STORE = StoreSpec(name="http", settings=HttpSettings, open=_open, capabilities_of=_capabilities)
