"""Asana Goals as a store: a goal's metric is a key result's number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from okrsync.contracts import Capabilities, Store, StoreSpec, Toolbox
from okrsync_asana.settings import AsanaSettings

_NUMBERS: Final = Capabilities(
    decimals=6,
    digits=15,
    percent="0-1",
    confidence=False,
    note_length=0,
    keeps_history=False,
)
_WORDS: Final = Capabilities(
    decimals=6,
    digits=15,
    percent="0-1",
    statuses=("on_track", "at_risk", "off_track"),
    confidence=False,
    keeps_history=False,
    notifies=True,
)


def _capabilities(settings: AsanaSettings) -> Capabilities:
    return _NUMBERS if settings.updates == "never" else _WORDS


@contextmanager
def _open(settings: AsanaSettings, toolbox: Toolbox) -> Iterator[Store]:
    from okrsync_asana.store import opened

    yield opened(settings, toolbox)


STORE = StoreSpec(
    name="asana",
    settings=AsanaSettings,
    open=_open,
    capabilities=_WORDS,
    capabilities_of=_capabilities,
)
