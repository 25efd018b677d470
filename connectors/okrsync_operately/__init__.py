"""Operately as a store: a goal's target is a key result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from okrsync.contracts import Capabilities, Store, StoreSpec, Toolbox
from okrsync_operately.settings import OperatelySettings

_DIGITS: Final = 15  # numbers are binary floats there
_STATUSES: Final = ("on_track", "at_risk", "off_track")


def _capabilities(settings: OperatelySettings) -> Capabilities:
    if not settings.check_ins:
        return Capabilities(digits=_DIGITS, confidence=False, note_length=0, keeps_history=False)
    return Capabilities(
        digits=_DIGITS, statuses=_STATUSES, confidence=False, notifies=settings.notify
    )


@contextmanager
def _open(settings: OperatelySettings, toolbox: Toolbox) -> Iterator[Store]:
    from okrsync_operately.store import opened

    yield opened(settings, toolbox)


STORE = StoreSpec(
    name="operately",
    settings=OperatelySettings,
    open=_open,
    capabilities=Capabilities(digits=_DIGITS, statuses=_STATUSES, confidence=False),
    capabilities_of=_capabilities,
)
