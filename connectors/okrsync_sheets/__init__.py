"""Google Sheets as a store: one row for each key result, or one for each check-in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from okrsync.contracts import Capabilities, Store, StoreSpec, Toolbox
from okrsync_sheets.settings import SheetsSettings


@contextmanager
def _open(settings: SheetsSettings, toolbox: Toolbox) -> Iterator[Store]:
    from okrsync_sheets.opening import opened

    yield opened(settings, toolbox)


def _capabilities(settings: SheetsSettings) -> Capabilities:
    return Capabilities(
        digits=15,
        note_length=50_000,  # what a cell holds
        keeps_history=bool(settings.history),
    )


STORE = StoreSpec(name="sheets", settings=SheetsSettings, open=_open, capabilities_of=_capabilities)
