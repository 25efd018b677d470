"""The stores of one run: each is opened when it is first needed, and fails for itself alone."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from okrsync.config.config import Connection
from okrsync.config.secrets import masked
from okrsync.contracts import Store
from okrsync.errors import (
    OkrsyncError,
    OutsideError,
    SignInRefused,
    StateError,
    StoreError,
    Unreachable,
)
from okrsync.model import StoredKeyResult, StoreRef
from okrsync.sync.lanes import READING, Lane, Lanes
from okrsync.sync.soundness import sound
from okrsync.sync.toolbox import Outfit

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the stores show now; by store why one could not be asked, and by key result why a store
    that could be asked did not tell of it."""

    stored: Mapping[StoreRef, StoredKeyResult]
    failures: Mapping[str, OutsideError]
    unread: Mapping[StoreRef, OutsideError]

    def failure(self, ref: StoreRef) -> OutsideError | None:
        return self.failures.get(ref.store) or self.unread.get(ref)


class Stores:
    """By name, as the config has them. What one of them raises costs no other one's part."""

    def __init__(
        self, connections: Mapping[str, Connection], outfit: Outfit, open_ones: ExitStack
    ) -> None:
        self._connections = connections
        self._outfit = outfit
        self._open_ones = open_ones
        self._opened: dict[str, Store | OutsideError] = {}
        self.lanes = Lanes(outfit.time_left, outfit.config.limits.deadline)

    def of(self, name: str) -> Store:
        """The open store. Raises OutsideError where it cannot be opened, and StateError."""
        if name not in self._opened:
            self._opened[name] = self._open(name)
        opened = self._opened[name]
        if isinstance(opened, OutsideError):
            raise opened
        return opened

    def read(self, refs: Iterable[StoreRef]) -> Shown:
        """What every store shows of its own key results. Raises StateError only."""
        by_store: defaultdict[str, list[StoreRef]] = defaultdict(list)
        for ref in refs:
            by_store[ref.store].append(ref)
        asking = {name: partial(self._read, name, own) for name, own in by_store.items()}
        answers: dict[StoreRef, StoredKeyResult | OutsideError] = {}
        failures: dict[str, OutsideError] = {}
        for name, shown in self.lanes.run(asking, until=READING).items():
            if isinstance(shown, OutsideError):
                failures[name] = shown
            else:
                answers.update(shown)
        unread = {ref: one for ref, one in answers.items() if isinstance(one, OutsideError)}
        stored = {ref: one for ref, one in answers.items() if not isinstance(one, OutsideError)}
        return Shown(stored, failures, unread)

    def _read(
        self, name: str, refs: Sequence[StoreRef], lane: Lane
    ) -> Mapping[StoreRef, StoredKeyResult | OutsideError]:
        def read() -> Mapping[StoreRef, StoredKeyResult | OutsideError]:
            store = self.of(name)
            with failing_alone(name):
                shown = {ref: sound(ref, one) for ref, one in store.read(refs).items()}
                return _of_an_open_store(shown)

        return lane.take(read)

    def _open(self, name: str) -> Store | OutsideError:
        try:
            with failing_alone(name):
                context = self._context(name)
                store = context.__enter__()
        except OutsideError as error:
            return error
        self._open_ones.callback(_closed, name, context)
        return store

    def _context(self, name: str) -> AbstractContextManager[Store]:
        connection = self._connections.get(name)
        if connection is None:
            raise StoreError(
                f"config.toml has no store `{name}` any more",
                next_step=f"write its table under this name again, [store.{name}], for one run",
            )
        if connection.broken:
            raise StoreError(connection.broken, next_step="okrsync doctor")
        toolbox = self._outfit.toolbox(name, store=True)
        return connection.store_spec().open(connection.settings, toolbox)


def _closed(name: str, context: AbstractContextManager[Store]) -> None:
    """All is written by then: what goes wrong now changes nothing of that."""
    try:
        context.__exit__(None, None, None)
    except Exception as error:  # noqa: BLE001
        _log.warning("store %s failed with %s while it was closed", name, type(error).__name__)


def _of_an_open_store(
    shown: Mapping[StoreRef, StoredKeyResult | OutsideError],
) -> Mapping[StoreRef, StoredKeyResult | OutsideError]:
    """Raises what is no key result's own: a sign-in that was refused, no answer for any."""
    unread = [one for one in shown.values() if isinstance(one, OutsideError)]
    none_told = len(unread) == len(shown)
    for why in unread:
        why.hide(masked)
        if isinstance(why, SignInRefused) or (none_told and isinstance(why, Unreachable)):
            raise why
    return shown


@contextmanager
def plugged_in(as_error: Callable[[str], OutsideError]) -> Iterator[None]:
    """Only OutsideError and StateError come out of a plug-in's call. ``as_error`` makes one of a
    bug, from the name of its kind alone: its text may hold anything, also a secret."""
    try:
        yield
    except OkrsyncError as error:
        error.hide(masked)
        if isinstance(error, OutsideError | StateError):
            raise
        # what it needs is not installed, or wrongly set
        raise StoreError(error.message, next_step=error.next_step) from error
    except (Exception, SystemExit) as error:  # noqa: BLE001
        raise as_error(type(error).__name__) from None


def failing_alone(name: str) -> AbstractContextManager[None]:
    """A plug-in's bug is its own store's failure."""
    return plugged_in(
        lambda kind: StoreError(
            f"the connector of store `{name}` failed with {kind}: a bug in it",
            next_step="report it to the connector's author",
        )
    )
