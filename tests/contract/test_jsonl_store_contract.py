"""The JSON-lines store keeps the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from okrsync.contracts import Store
from okrsync.model import StoreRef
from okrsync.testing import FakeToolbox, StoreContract, a_key_result
from okrsync.testing.store_contract import Person
from okrsync_jsonl import STORE, JsonLinesSettings
from okrsync_jsonl.store import JsonLinesStore

REFS = [StoreRef("store", "sample.reliable.bugs"), StoreRef("store", "sample.reliable.uptime")]


class TestJsonLinesStore(StoreContract):
    @pytest.fixture
    def refs(self) -> Sequence[StoreRef]:
        return REFS

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        toolbox = FakeToolbox(tmp_path, name="store")
        with STORE.open(JsonLinesSettings(), toolbox) as store:
            assert isinstance(store, JsonLinesStore)
            store.declare([], [a_key_result(ref.id) for ref in REFS])
            yield store

    @pytest.fixture
    def person(self, tmp_path: Path) -> Person:
        def write(ref: StoreRef, value: Decimal) -> None:
            with (tmp_path / "check-ins.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps({"ref": ref.id, "value": str(value), "author": "lead"}))

        return write
