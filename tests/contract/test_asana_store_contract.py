"""Asana keeps the contract of a store, over HTTP, with status updates and without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from okrsync.contracts import Capabilities, Store
from okrsync.model import StoreRef
from okrsync.testing import FakeToolbox, StoreContract
from okrsync.testing.store_contract import Person, Spoil
from okrsync_asana import STORE
from okrsync_asana.settings import AsanaSettings
from tests.system.standins.asana import TOKEN, Asana

pytestmark = pytest.mark.network

REFS = [StoreRef("store", "1201"), StoreRef("store", "1202")]


@pytest.fixture(scope="module")
def server() -> Iterator[Asana]:
    with Asana().start() as asana:
        yield asana


class TestWithStatusUpdates(StoreContract):
    updates = "always"

    @pytest.fixture
    def asana(self, server: Asana) -> Asana:
        for ref in REFS:
            server.goal(ref.id)
        return server

    @pytest.fixture
    def settings(self, asana: Asana) -> AsanaSettings:
        token = {"env": "ASANA_TOKEN"}
        return AsanaSettings.model_validate(
            {"token": token, "address": asana.url, "updates": self.updates}
        )

    @pytest.fixture
    def store(self, tmp_path: Path, settings: AsanaSettings) -> Iterator[Store]:
        secrets = {"ASANA_TOKEN": TOKEN}
        with (
            FakeToolbox(tmp_path, name="store", secrets=secrets) as toolbox,
            STORE.open(settings, toolbox) as store,
        ):
            yield store

    @pytest.fixture
    def refs(self) -> Sequence[StoreRef]:
        return REFS

    @pytest.fixture
    def capabilities(self, settings: AsanaSettings) -> Capabilities:
        assert STORE.capabilities_of is not None
        return STORE.capabilities_of(settings)

    @pytest.fixture
    def person(self, asana: Asana) -> Person:
        return lambda ref, value: asana.person(ref.id, float(value))

    @pytest.fixture
    def spoil(self, asana: Asana) -> Spoil:
        return lambda ref: asana.goal(ref.id, initial="about 30")  # type: ignore[arg-type]


class TestNumbersAlone(TestWithStatusUpdates):
    updates = "never"


class TestAPersonWhoWritesAStatusUpdate(TestWithStatusUpdates):
    updates = "status"

    @pytest.fixture
    def person(self, asana: Asana) -> Person:
        def write(ref: StoreRef, value: Decimal) -> None:
            asana.person(ref.id, float(value), text="Better than it looks", status="at_risk")

        return write
