"""The stores as these commands need them: one by its name, and everything that it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from okrsync.config.config import Config, Connection
from okrsync.contracts import Capabilities, Clock
from okrsync.errors import OkrsyncError, StateError, StoreError, UsageError
from okrsync.model import StoredKeyResult, StoreRef
from okrsync.sync.session import Session, open_store, reading


@dataclass(frozen=True, slots=True)
class Shown:
    """What the stores show, and by name of a store why it shows nothing."""

    stored: Mapping[StoreRef, StoredKeyResult] = field(default_factory=dict)
    failures: Mapping[str, OkrsyncError] = field(default_factory=dict)


def store_of(config: Config, name: str | None) -> Connection:
    """The store with this name, or the only one. Raises UsageError."""
    if name not in (None, config.store.name):
        raise UsageError(
            f"config.toml has no store called `{name}`",
            next_step=f"leave --store out: there is one store, `{config.store.name}`",
        )
    return config.store


def capabilities_of(config: Config, ref: StoreRef) -> Capabilities:
    """What the store of ``ref`` can hold; of a broken one nothing is known."""
    connection = store_of(config, ref.store)
    return Capabilities() if connection.spec is None else connection.store_spec().capabilities


def browse(config: Config, clock: Clock, connection: Connection) -> Sequence[StoredKeyResult]:
    """Every key result that the store lists. Raises OutsideError."""
    with reading(config, clock) as session, open_store(session) as store:
        try:
            return list(store.browse())
        except (OkrsyncError, NotImplementedError):
            raise
        except Exception as error:  # noqa: BLE001 - a plug-in's bug, whose text may hold a secret
            raise _bug(connection.name, error) from None


def look(session: Session, refs: Sequence[StoreRef]) -> Shown:
    """What each of ``refs`` stands at; a store that fails leaves its own out."""
    try:
        with open_store(session) as store:
            return Shown(store.read(refs))
    except StateError:
        raise
    except OkrsyncError as error:
        return Shown(failures={session.config.store.name: error})
    except Exception as error:  # noqa: BLE001 - as above
        name = session.config.store.name
        return Shown(failures={name: _bug(name, error)})


def _bug(name: str, error: Exception) -> StoreError:
    return StoreError(
        f"the connector of `{name}` failed with {type(error).__name__}: a bug in it",
        next_step="report it to the connector's author",
    )
