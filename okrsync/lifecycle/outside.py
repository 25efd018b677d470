"""The stores as these commands need them: one by its name, and everything that it holds."""

from __future__ import annotations

from collections.abc import Sequence

from okrsync.config.config import Config, Connection
from okrsync.contracts import Capabilities, Clock
from okrsync.errors import StoreError, UsageError
from okrsync.model import StoredKeyResult, StoreRef
from okrsync.sync.session import open_stores, reading
from okrsync.sync.stores import failing_alone


def store_of(config: Config, name: str | None) -> Connection:
    """The store with this name, or the only one. Raises UsageError."""
    names = ", ".join(f"`{one}`" for one in config.stores)
    if name is None and len(config.stores) == 1:
        return next(iter(config.stores.values()))
    if name is None:
        raise UsageError(
            f"config.toml has several stores: {names}", next_step="name one of them with --store"
        )
    if name not in config.stores:
        raise UsageError(
            f"config.toml has no store called `{name}`", next_step=f"name one of these: {names}"
        )
    return config.stores[name]


def capabilities_of(config: Config, ref: StoreRef) -> Capabilities:
    """What the store of ``ref`` can hold."""
    return config.stores[ref.store].capabilities


def browse(config: Config, clock: Clock, connection: Connection) -> Sequence[StoredKeyResult]:
    """Every key result that the store lists. Raises OutsideError."""
    name = connection.name
    with reading(config, clock) as session, open_stores(session) as stores:
        store = stores.of(name)
        with failing_alone(name):
            try:
                return list(store.browse())
            except NotImplementedError:  # a service without a list, as the contract says it
                raise StoreError(
                    f"the store `{name}` ({connection.type}) cannot list what it holds",
                    next_step='write each id by hand: store_id = "..." at its key result',
                ) from None
