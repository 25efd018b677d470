"""Linear as a store: status updates of initiatives and projects, with the number in the text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from okrsync.contracts import Capabilities, Store, StoreSpec, Toolbox
from okrsync_linear.settings import LinearSettings


@contextmanager
def _open(settings: LinearSettings, toolbox: Toolbox) -> Iterator[Store]:
    from okrsync_linear.store import opened

    yield opened(settings, toolbox)


STORE = StoreSpec(
    name="linear",
    settings=LinearSettings,
    open=_open,
    capabilities=Capabilities(
        numbers="none",
        statuses=("on_track", "at_risk", "off_track"),
        confidence=False,
        markup="markdown",
        notifies=True,
    ),
)
