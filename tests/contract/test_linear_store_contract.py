"""Linear keeps the contract of a store without numbers, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from okrsync.contracts import Capabilities, Store
from okrsync.model import StoreRef
from okrsync.testing import FakeToolbox, StoreContract
from okrsync.testing.store_contract import Person
from okrsync_linear import STORE
from okrsync_linear.settings import LinearSettings
from tests.system.standins.linear import TOKEN, Linear

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def server() -> Iterator[Linear]:
    with Linear().start() as linear:
        yield linear


class TestLinear(StoreContract):
    @pytest.fixture
    def linear(self, server: Linear) -> Linear:
        server.items.clear()
        server.add("initiative", "Reliable")
        server.add("project", "Checkout")
        return server

    @pytest.fixture
    def store(self, tmp_path: Path, linear: Linear) -> Iterator[Store]:
        settings = LinearSettings.model_validate(
            {"token": {"env": "LINEAR_KEY"}, "address": f"{linear.url}/graphql"}
        )
        secrets = {"LINEAR_KEY": TOKEN}
        with (
            FakeToolbox(tmp_path, name="store", secrets=secrets) as toolbox,
            STORE.open(settings, toolbox) as store,
        ):
            yield store

    @pytest.fixture
    def refs(self, linear: Linear) -> Sequence[StoreRef]:
        named = [linear.ref("initiative", "Reliable"), linear.ref("project", "Checkout")]
        return [StoreRef("store", id_) for id_ in named]

    @pytest.fixture
    def capabilities(self) -> Capabilities:
        return STORE.capabilities

    @pytest.fixture
    def person(self, linear: Linear) -> Person:
        return lambda ref, value: linear.person(ref.id, float(value))
