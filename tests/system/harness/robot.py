"""One key result's way into a store, with okrsync's own state, outbox and settling, without files.

A run settles what is pending, reads the store, compares (by the rules of ``okrsync.sync.compare``,
in their simplest form) and writes. One that is killed keeps no
memories, and nothing else is lost that a killed process would have kept: the state is real.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from okrsync.contracts import Settings, Store, StoreSpec, all_read
from okrsync.model import (
    CheckIn,
    OnConflict,
    Status,
    StoredKeyResult,
    StoreRef,
)
from okrsync.state.state import State, open_state
from okrsync.sync.apply import Applier
from okrsync.sync.fingerprint import check_in_key
from okrsync.sync.lanes import Lanes
from okrsync.testing import FakeToolbox, frozen_clock
from okrsync.testing.samples import a_post

KEY_RESULT = "team.grow.signups"
HOUR = timedelta(hours=1)


@dataclass
class Robot:
    """``run`` returns the verdict: post, unchanged, held, failed or unknown."""

    folder: Path
    spec: StoreSpec[Any]
    settings: Settings
    secrets: Mapping[str, str]
    ref: StoreRef
    unit: str = ""
    memories: dict[str, str] = field(default_factory=dict)
    clock: Any = field(default_factory=frozen_clock)

    def run(
        self,
        value: Decimal | int | str,
        *,
        killed: bool = False,
        between: Callable[[], object] = lambda: None,
        on_conflict: OnConflict = OnConflict.HOLD,
        **parts: Any,
    ) -> str:
        """``between`` happens between plan and write; ``parts`` are of the check-in."""
        self.clock.forward(minutes=5)
        url = f"sqlite:///{self.folder / 'state.sqlite'}"
        with open_state(url, tenant="acme") as state, self._store(state, killed=killed) as store:
            applier = Applier(state, lambda _: store, Lanes(lambda: HOUR, HOUR), "run", self.clock)
            if applier.settle(state.outbox.pending()).unknown:
                return "unknown"
            stored = all_read(store.read([self.ref]))[self.ref]
            check_in = self._decided(state, stored, Decimal(value), on_conflict, parts)
            if not isinstance(check_in, CheckIn):
                return check_in
            between()
            applied = applier.apply([a_post(check_in)])
            return "failed" if applied.failures else "post"

    def look(self) -> StoredKeyResult:
        """What the store shows, by a run that keeps nothing."""
        url = f"sqlite:///{self.folder / 'state.sqlite'}"
        with open_state(url, tenant="acme") as state, self._store(state, killed=True) as store:
            return all_read(store.read([self.ref]))[self.ref]

    @contextmanager
    def _store(self, state: State, *, killed: bool) -> Iterator[Store]:
        kept = dict(self.memories)
        sent = state.outbox.last_sent().values()
        with (
            FakeToolbox(
                self.folder,
                name="store",
                secrets=self.secrets,
                clock=self.clock,
                remembered=kept,
                receipts={one.check_in.ref: (one.check_in, one.receipt) for one in sent},
            ) as toolbox,
            self.spec.open(self.settings, toolbox) as store,
        ):
            yield store
        if not killed:
            self.memories = kept

    def _decided(
        self,
        state: State,
        stored: StoredKeyResult,
        value: Decimal,
        on_conflict: OnConflict,
        parts: Mapping[str, Any],
    ) -> CheckIn | str:
        if stored.automated:
            return "held"
        sent = state.outbox.last_sent().get(KEY_RESULT)
        last = sent if sent is not None and sent.receipt.remote_id == stored.revision else None
        shown = last.number if stored.value is None and last is not None else stored.value
        if stored.revision and shown is not None and _rounded(value, stored) == shown:
            return "unchanged"
        ours = not stored.revision or stored.key is not None or last is not None
        if not ours and on_conflict is not OnConflict.OURS:
            return "held"
        return CheckIn(
            key=check_in_key(
                "acme",
                self.ref,
                stored.revision,
                "" if sent is None else sent.receipt.key,
                number=value,
                as_of=self.clock() - timedelta(hours=1),
            ),
            key_result=KEY_RESULT,
            ref=self.ref,
            base=stored.revision,
            value=value,
            unit=self.unit,
            as_of=self.clock() - timedelta(hours=1),
            **{"status": Status.ON_TRACK, "note": f"now {value}", **parts},
        )


def _rounded(value: Decimal, stored: StoredKeyResult) -> Decimal:
    return value if stored.decimals is None else round(value, stored.decimals)
