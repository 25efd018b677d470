"""What every store must do, as a suite to inherit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from okrsync.contracts import Capabilities, Store, all_read
from okrsync.errors import MovedOn, OutsideError
from okrsync.model import StoredKeyResult, StoreRef
from okrsync.testing.samples import a_check_in

Person = Callable[[StoreRef, Decimal], object]
Spoil = Callable[[StoreRef], object]


class StoreContract:
    """Override ``store``, ``refs`` and ``person``; ``capabilities`` where it cannot hold all, and
    ``spoil`` where key results are read one by one or each has an answer of its own.

    Where the store keeps no numbers a check-in is told by its key, and a person's by having none.
    """

    @pytest.fixture
    def store(self) -> Store:
        """An open store that holds the key results of ``refs``, without check-ins."""
        raise NotImplementedError

    @pytest.fixture
    def refs(self) -> Sequence[StoreRef]:
        """At least two key results."""
        raise NotImplementedError

    @pytest.fixture
    def person(self, store: Store) -> Person | None:
        """A function by which a person writes a value into the store, past okrsync."""
        raise NotImplementedError

    @pytest.fixture
    def capabilities(self) -> Capabilities:
        return Capabilities()

    @pytest.fixture
    def spoil(self) -> Spoil | None:
        """A function after which the service answers nonsense for one key result."""
        return None

    @pytest.fixture
    def unknown(self, refs: Sequence[StoreRef]) -> StoreRef:
        """A key result that the store does not have."""
        return StoreRef(refs[0].store, "no-such-key-result")

    def test_before_the_first_check_in_there_is_no_value(
        self, store: Store, refs: Sequence[StoreRef]
    ) -> None:
        for stored in all_read(store.read(refs)).values():
            assert stored.value is None
            assert stored.revision == ""
            assert stored.key is None

    def test_what_was_posted_is_read(
        self, store: Store, refs: Sequence[StoreRef], capabilities: Capabilities
    ) -> None:
        check_in = a_check_in(refs[0], 31)
        receipt = store.post(check_in)
        assert receipt.key == check_in.key
        assert not receipt.already_there
        stored = _read(store, refs[0])
        assert stored.value == _shown(capabilities, 31)
        assert stored.key == check_in.key
        assert stored.revision == receipt.remote_id

    def test_a_post_changes_no_other_key_result(
        self, store: Store, refs: Sequence[StoreRef]
    ) -> None:
        store.post(a_check_in(refs[0], 31))
        assert _read(store, refs[1]).value is None

    def test_the_same_key_twice_changes_nothing(
        self, store: Store, refs: Sequence[StoreRef]
    ) -> None:
        check_in = a_check_in(refs[0], 31)
        store.post(check_in)
        after_one = _read(store, refs[0])
        again = store.post(check_in)
        assert again.already_there
        assert _read(store, refs[0]) == after_one

    def test_going_back_to_an_earlier_value_is_a_check_in_of_its_own(
        self, store: Store, refs: Sequence[StoreRef], capabilities: Capabilities
    ) -> None:
        revisions = [""]
        for value in (31, 30, 31):
            store.post(a_check_in(refs[0], value, base=revisions[-1]))
            assert _read(store, refs[0]).value == _shown(capabilities, value)
            revisions.append(_read(store, refs[0]).revision)
        assert len(set(revisions)) == len(revisions)

    def test_a_check_in_that_follows_an_older_one_is_refused(
        self, store: Store, refs: Sequence[StoreRef]
    ) -> None:
        store.post(a_check_in(refs[0], 31))
        before = _read(store, refs[0])
        with pytest.raises(MovedOn):
            store.post(a_check_in(refs[0], 29, base="", key="another"))
        assert _read(store, refs[0]) == before

    def test_find_tells_whether_a_check_in_is_there(
        self, store: Store, refs: Sequence[StoreRef]
    ) -> None:
        check_in = a_check_in(refs[0], 31)
        assert store.find(check_in) is None
        posted = store.post(check_in)
        found = store.find(check_in)
        assert found is not None
        assert (found.key, found.remote_id) == (posted.key, posted.remote_id)
        assert found.already_there

    def test_find_does_not_take_anothers_check_in_for_its_own(
        self, store: Store, refs: Sequence[StoreRef]
    ) -> None:
        store.post(a_check_in(refs[0], 31, key="one"))
        assert store.find(a_check_in(refs[0], 31, key="two")) is None

    def test_an_older_check_in_is_still_found_or_at_least_not_sent_again(
        self, store: Store, refs: Sequence[StoreRef], capabilities: Capabilities
    ) -> None:
        first = a_check_in(refs[0], 31)
        store.post(first)
        store.post(a_check_in(refs[0], 30, base=_read(store, refs[0]).revision))
        newer = _read(store, refs[0])
        if capabilities.keeps_history:
            assert store.find(first) is not None
        elif store.find(first) is None:
            with pytest.raises(MovedOn):
                store.post(first)
        assert _read(store, refs[0]) == newer

    @pytest.mark.parametrize("written", ["0.1", "-3.75", "0", "12345678901234.000001"])
    def test_numbers_are_exact(
        self,
        store: Store,
        refs: Sequence[StoreRef],
        capabilities: Capabilities,
        written: str,
    ) -> None:
        value = Decimal(written)
        if not _can_hold(capabilities, value):
            pytest.skip(f"the manifest says that this store cannot hold {written}")
        store.post(a_check_in(refs[0], value))
        assert _read(store, refs[0]).value == value

    def test_a_note_keeps_every_letter(
        self, store: Store, refs: Sequence[StoreRef], capabilities: Capabilities
    ) -> None:
        note = 'Åtgärdat: 31 → 30, "klart" 🎯\nsecond line'
        if capabilities.note_length is not None:
            note = note[: capabilities.note_length]
        store.post(a_check_in(refs[0], 31, note=note))
        assert _read(store, refs[0]).note == note

    def test_a_persons_check_in_is_seen_and_has_no_key(
        self,
        store: Store,
        refs: Sequence[StoreRef],
        person: Person | None,
        capabilities: Capabilities,
    ) -> None:
        if person is None:
            pytest.skip("nobody but okrsync writes to this store")
        store.post(a_check_in(refs[0], 31))
        ours = _read(store, refs[0])
        person(refs[0], Decimal(28))
        theirs = _read(store, refs[0])
        assert theirs.value == _shown(capabilities, 28)
        assert theirs.key is None
        assert theirs.revision not in ("", ours.revision)

    def test_a_check_in_over_a_persons_unseen_one_is_refused(
        self, store: Store, refs: Sequence[StoreRef], person: Person | None
    ) -> None:
        if person is None:
            pytest.skip("nobody but okrsync writes to this store")
        person(refs[0], Decimal(28))
        theirs = _read(store, refs[0])
        with pytest.raises(MovedOn):
            store.post(a_check_in(refs[0], 31))
        assert _read(store, refs[0]) == theirs

    def test_a_key_result_that_is_not_there_is_left_out(
        self, store: Store, refs: Sequence[StoreRef], unknown: StoreRef
    ) -> None:
        assert set(store.read([refs[0], unknown])) == {refs[0]}
        assert store.find(a_check_in(unknown)) is None

    def test_a_check_in_for_a_key_result_that_is_not_there_is_refused(
        self, store: Store, unknown: StoreRef
    ) -> None:
        with pytest.raises(OutsideError):
            store.post(a_check_in(unknown))

    def test_a_key_result_that_cannot_be_read_fails_alone(
        self, store: Store, refs: Sequence[StoreRef], spoil: Spoil | None
    ) -> None:
        if spoil is None:
            pytest.skip("nothing in this store can be unreadable for one key result alone")
        store.post(a_check_in(refs[1], 31))
        before = _read(store, refs[1])
        spoil(refs[0])
        shown = store.read(refs)
        assert isinstance(shown[refs[0]], OutsideError)
        assert shown[refs[1]] == before
        store.post(a_check_in(refs[1], 30, base=before.revision))

    def test_nothing_asked_is_nothing_read(self, store: Store) -> None:
        assert not store.read([])

    def test_browse_shows_every_key_result_as_read_does(
        self, store: Store, refs: Sequence[StoreRef]
    ) -> None:
        store.post(a_check_in(refs[0], 31))
        shown = {stored.ref: stored for stored in store.browse()}
        assert {ref: shown[ref] for ref in refs} == dict(store.read(refs))


def _read(store: Store, ref: StoreRef) -> StoredKeyResult:
    return all_read(store.read([ref]))[ref]


def _shown(capabilities: Capabilities, value: int) -> int | None:
    return None if capabilities.numbers == "none" else value


def _can_hold(capabilities: Capabilities, value: Decimal) -> bool:
    if capabilities.numbers == "none" or (value < 0 and not capabilities.negative):
        return False
    return capabilities.held(value) == value
