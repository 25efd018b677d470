"""The local store beyond the contract: definitions, and one transaction with the lease."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from okrsync.errors import LeaseLost, StateError
from okrsync.model import Place, StoreRef
from okrsync.state.database import Database
from okrsync.state.local_store import LocalStore
from okrsync.state.process import this_process
from okrsync.state.state import State, open_state
from okrsync.testing import FakeToolbox, a_check_in, a_key_result, an_objective

REF = StoreRef("store", "sample.reliable.bugs")


@pytest.fixture
def toolbox(state: State, tmp_path: Path) -> FakeToolbox:
    return FakeToolbox(tmp_path, name="store", engine=state.engine)


@pytest.fixture
def store(state: State, toolbox: FakeToolbox) -> LocalStore:
    store = LocalStore(state.database, toolbox)
    store.declare([an_objective()], [a_key_result(REF.id)])
    return store


def test_only_what_changed_is_declared_again(store: LocalStore, toolbox: FakeToolbox) -> None:
    writes = toolbox.fences
    assert store.declare([an_objective()], [a_key_result(REF.id)]) == 0
    moved = replace(a_key_result(REF.id), place=Place("mappings/other.toml", 99))
    assert store.declare([], [moved]) == 0
    assert toolbox.fences == writes
    assert store.declare([an_objective(title="New")], [a_key_result(REF.id, title="New")]) == 2
    assert store.read([REF])[REF].title == "New"


def test_a_new_definition_leaves_the_check_ins(store: LocalStore) -> None:
    store.post(a_check_in(REF, 31))
    store.declare([], [a_key_result(REF.id, title="New")])
    stored = store.read([REF])[REF]
    assert (stored.revision, stored.title) == ("1", "New")


def test_many_key_results_at_once(store: LocalStore) -> None:
    many = [a_key_result(f"sample.many.kr-{n}") for n in range(1200)]
    assert store.declare([], many) == 1200
    assert store.declare([], many) == 0
    assert len(store.read([entry.store_ref for entry in many])) == 1200
    assert len(list(store.browse())) == 1201


def test_guarantee_11_a_check_in_needs_the_lease_until_it_is_written(
    state: State, store: LocalStore
) -> None:
    with state.leases.hold(holder=this_process("sync"), ttl=timedelta(hours=1)):
        store.post(a_check_in(REF, 31))
        with state.engine.begin() as connection:
            connection.execute(text("UPDATE lease SET expires = 0"))
        with pytest.raises(LeaseLost):
            store.post(a_check_in(REF, 30, base="1"))
    assert store.read([REF])[REF].value == 31


def test_guarantee_11_the_fence_is_asked_first(store: LocalStore, toolbox: FakeToolbox) -> None:
    toolbox.lease_lost = True
    with pytest.raises(LeaseLost):
        store.post(a_check_in(REF, 31))
    assert store.read([REF])[REF].value is None


def test_guarantee_33_tenants_have_key_results_of_the_same_name(
    store: LocalStore, state_url: str, tmp_path: Path
) -> None:
    store.post(a_check_in(REF, 31, key="k"))
    with open_state(state_url, tenant="other") as other:
        theirs = LocalStore(other.database, FakeToolbox(tmp_path, name="store"))
        assert theirs.find(a_check_in(REF, 31, key="k")) is None
        assert not theirs.read([REF])
        theirs.declare([], [a_key_result(REF.id)])
        assert not theirs.post(a_check_in(REF, 7, key="k")).already_there
    assert store.read([REF])[REF].value == 31


def test_an_engine_from_elsewhere_is_refused() -> None:
    with pytest.raises(StateError, match="open_state"):
        Database.behind(create_engine("sqlite://"))


@pytest.mark.parametrize(
    ("program", "absent"),
    [
        ("import okrsync.state.local, okrsync_jsonl", "sqlalchemy"),
        ("import okrsync.testing", "pytest"),
        ("import okrsync.testing", "sqlalchemy"),
        ("import okrsync.testing", "httpx"),
    ],
)
def test_naming_it_loads_nothing_heavy(program: str, absent: str) -> None:
    check = f"{program}; import sys; sys.exit({absent!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
