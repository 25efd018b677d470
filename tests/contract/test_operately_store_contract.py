"""Operately keeps the contract of a store, over HTTP, with check-ins and without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from okrsync.contracts import Capabilities, Store
from okrsync.model import StoreRef
from okrsync.testing import FakeToolbox, StoreContract
from okrsync.testing.store_contract import Person
from okrsync_operately import STORE
from okrsync_operately.settings import OperatelySettings
from tests.system.standins.operately import TOKEN, Operately

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def server() -> Iterator[Operately]:
    with Operately().start() as operately:
        yield operately


class TestCheckIns(StoreContract):
    check_ins = True

    @pytest.fixture
    def operately(self, server: Operately) -> Operately:
        server.goal("Fewer bugs", "Open bugs", "Old bugs")
        return server

    @pytest.fixture
    def settings(self, operately: Operately) -> OperatelySettings:
        said = {"address": operately.url, "check_ins": self.check_ins}
        return OperatelySettings.model_validate({"token": {"env": "OPERATELY_TOKEN"}, **said})

    @pytest.fixture
    def store(self, tmp_path: Path, settings: OperatelySettings) -> Iterator[Store]:
        secrets = {"OPERATELY_TOKEN": TOKEN}
        with (
            FakeToolbox(tmp_path, name="store", secrets=secrets) as toolbox,
            STORE.open(settings, toolbox) as store,
        ):
            yield store

    @pytest.fixture
    def refs(self, operately: Operately) -> Sequence[StoreRef]:
        """Two targets of one goal: check-ins are the goal's, and each is about one of them."""
        names = ("Open bugs", "Old bugs")
        return [StoreRef("store", operately.ref("Fewer bugs", name)) for name in names]

    @pytest.fixture
    def capabilities(self, settings: OperatelySettings) -> Capabilities:
        assert STORE.capabilities_of is not None
        return STORE.capabilities_of(settings)

    @pytest.fixture
    def person(self, operately: Operately) -> Person:
        return lambda ref, value: operately.person(ref.id, float(value))


class TestValuesAlone(TestCheckIns):
    check_ins = False


class TestAPersonWhoChecksIn(TestCheckIns):
    @pytest.fixture
    def person(self, operately: Operately) -> Person:
        def write(ref: StoreRef, value: Decimal) -> None:
            operately.person(ref.id, float(value), text="Better than it looks", status="caution")

        return write
