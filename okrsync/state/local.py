"""okrsync's own OKR store: objectives, key results and check-ins in the state database.

SQLAlchemy is loaded when the store is opened, so that naming it costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from okrsync.contracts import Capabilities, DefiningStore, Settings, StoreSpec, Toolbox


class LocalSettings(Settings):
    """The local store needs no settings: it lives where the state is."""


@contextmanager
def open_local(_settings: LocalSettings, toolbox: Toolbox) -> Iterator[DefiningStore]:
    # here and not at the top: they load SQLAlchemy
    from okrsync.state.database import Database
    from okrsync.state.local_store import LocalStore

    yield LocalStore(Database.behind(toolbox.database()), toolbox)


STORE = StoreSpec(
    name="local",
    settings=LocalSettings,
    open=open_local,
    capabilities=Capabilities(back_dating=True, keeps_definitions=True),
)
