"""The local store keeps the contract, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from okrsync.contracts import DefiningStore
from okrsync.model import StoreRef
from okrsync.state.local import STORE, LocalSettings
from okrsync.state.local_store import LocalStore
from okrsync.state.state import open_state
from okrsync.testing import FakeToolbox, StoreContract, a_check_in, a_key_result, an_objective
from okrsync.testing.store_contract import Person

REFS = [StoreRef("store", "sample.reliable.bugs"), StoreRef("store", "sample.reliable.uptime")]


class TestLocalStore(StoreContract):
    @pytest.fixture
    def refs(self) -> Sequence[StoreRef]:
        return REFS

    @pytest.fixture
    def store(self, state_url: str, tmp_path: Path) -> Iterator[DefiningStore]:
        with open_state(state_url, tenant="acme") as state:
            toolbox = FakeToolbox(tmp_path, name="store", engine=state.engine)
            with STORE.open(LocalSettings(), toolbox) as store:
                assert isinstance(store, LocalStore)
                store.declare([an_objective()], [a_key_result(ref.id) for ref in REFS])
                yield store

    @pytest.fixture
    def person(self, store: LocalStore) -> Person:
        def write(ref: StoreRef, value: Decimal) -> None:
            store.edit(a_check_in(ref, value), by="team lead")

        return write
