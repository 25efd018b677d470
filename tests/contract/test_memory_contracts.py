"""The fakes keep the contracts too: a test that uses them proves what a real one would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from okrsync.contracts import all_read
from okrsync.errors import BadAnswer, OutcomeUnknown
from okrsync.model import Question, StoreRef
from okrsync.testing import (
    MemoryQuery,
    MemorySource,
    MemoryStore,
    SourceContract,
    StoreContract,
    a_check_in,
    a_question,
    frozen_clock,
)
from okrsync.testing.samples import NOON
from okrsync.testing.store_contract import Person, Spoil

REFS = [StoreRef("store", "one"), StoreRef("store", "two")]


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def refs(self) -> Sequence[StoreRef]:
        return REFS

    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore.of(*REFS)

    @pytest.fixture
    def person(self, store: MemoryStore) -> Person:
        return store.edit

    @pytest.fixture
    def spoil(self, store: MemoryStore) -> Spoil:
        return lambda ref: store.unread.update({ref: BadAnswer("no number")})


class TestMemorySource(SourceContract):
    @pytest.fixture
    def source(self) -> MemorySource:
        return MemorySource({"one": 1, "two": 2}, clock=frozen_clock(NOON))

    @pytest.fixture
    def questions(self) -> Sequence[Question[Any]]:
        return [a_question(MemoryQuery(name="one")), a_question(MemoryQuery(name="two"))]

    @pytest.fixture
    def unanswerable(self) -> Question[Any]:
        return a_question(MemoryQuery(name="three"))


def test_a_lost_request_leaves_nothing_and_a_lost_answer_leaves_the_check_in() -> None:
    store = MemoryStore.of(*REFS)
    store.losses = ["request", "answer"]
    with pytest.raises(OutcomeUnknown):
        store.post(a_check_in(REFS[0]))
    assert store.keys() == []
    with pytest.raises(OutcomeUnknown):
        store.post(a_check_in(REFS[0]))
    assert store.find(a_check_in(REFS[0])) is not None


def test_a_store_that_ignores_keys_shows_the_duplicate() -> None:
    store = MemoryStore.of(*REFS)
    store.honours_keys = False
    first = a_check_in(REFS[0])
    store.post(first)
    second = a_check_in(REFS[0], key=first.key, base=all_read(store.read(REFS))[REFS[0]].revision)
    store.post(second)
    assert store.keys() == [first.key, first.key]
