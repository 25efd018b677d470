"""Crashes, full disks, editors and other programs: the JSON-lines file stays readable."""

from __future__ import annotations

import fcntl
import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from okrsync.errors import BadAnswer, LeaseLost, StoreError, Unreachable
from okrsync.model import StoreRef
from okrsync.testing import FakeToolbox, a_check_in, a_key_result
from okrsync_jsonl import STORE, JsonLinesSettings
from okrsync_jsonl.store import JsonLinesStore

REF = StoreRef("store", "sample.reliable.bugs")
FIRST = a_check_in(REF, 31)
SECOND = a_check_in(REF, 30, base="2", note="åtgärdat 🎯")


@pytest.fixture
def toolbox(tmp_path: Path) -> FakeToolbox:
    return FakeToolbox(tmp_path, name="store")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "check-ins.jsonl"


@contextmanager
def opened(toolbox: FakeToolbox) -> Iterator[JsonLinesStore]:
    with STORE.open(JsonLinesSettings(), toolbox) as store:
        assert isinstance(store, JsonLinesStore)
        store.declare([], [a_key_result(REF.id)])
        yield store


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_guarantee_7_cut_short_at_any_byte_the_next_post_finishes(
    toolbox: FakeToolbox, path: Path
) -> None:
    with opened(toolbox) as store:
        store.post(FIRST)
        before = path.read_bytes()
        store.post(SECOND)
    after = path.read_bytes()
    for end in range(len(before), len(after) - 1):
        path.write_bytes(after[:end])
        with opened(toolbox) as store:
            assert store.read([REF])[REF].value == 31
            assert store.find(SECOND) is None
            assert not store.post(SECOND).already_there
        assert path.read_bytes() == after


def test_a_check_in_that_only_lacks_the_lines_end_is_there(
    toolbox: FakeToolbox, path: Path
) -> None:
    with opened(toolbox) as store:
        store.post(FIRST)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    with opened(toolbox) as store:
        assert store.find(FIRST) is not None
        store.post(SECOND)
    assert [line.get("value") for line in lines(path)] == [None, "31", "30"]


def test_guarantee_7_a_full_disk_takes_back_half_a_line(toolbox: FakeToolbox, path: Path) -> None:
    with opened(toolbox) as store:
        store.post(FIRST)
        before = path.read_bytes()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, hard))
        try:
            with pytest.raises(StoreError, match="cannot be written") as error:
                store.post(SECOND)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert "space" in error.value.next_step
        assert path.read_bytes() == before
        store.post(SECOND)
        assert store.read([REF])[REF].value == 30


def test_a_line_that_is_no_object_is_named_and_nothing_is_guessed(
    toolbox: FakeToolbox, path: Path
) -> None:
    with opened(toolbox):
        pass
    with path.open("a", encoding="utf-8") as file:
        file.write("31, I think\n")
    with opened_quietly(toolbox) as store, pytest.raises(BadAnswer, match="JSON object"):
        store.read([REF])


@pytest.mark.parametrize("value", ['"NaN"', "null", '"many"', "[]", "1e400000000"])
def test_guarantee_21_a_value_that_is_no_number_is_never_zero(
    toolbox: FakeToolbox, path: Path, value: str
) -> None:
    with opened(toolbox) as store:
        with path.open("a", encoding="utf-8") as file:
            file.write(f'{{"ref": "{REF.id}", "value": {value}}}\n')
        with pytest.raises(BadAnswer) as error:
            store.read([REF])
    assert "check-ins.jsonl" in error.value.message
    assert error.value.next_step


@contextmanager
def opened_quietly(toolbox: FakeToolbox) -> Iterator[JsonLinesStore]:
    with STORE.open(JsonLinesSettings(), toolbox) as store:
        assert isinstance(store, JsonLinesStore)
        yield store


def test_another_programs_lock_is_told_and_not_waited_for(toolbox: FakeToolbox, path: Path) -> None:
    with opened(toolbox) as store, path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Unreachable, match="locked"):
            store.post(FIRST)
        fcntl.flock(other, fcntl.LOCK_UN)
        store.post(FIRST)


def test_guarantee_11_nothing_is_written_after_the_lease(toolbox: FakeToolbox, path: Path) -> None:
    with opened(toolbox) as store:
        before = path.read_bytes()
        toolbox.lease_lost = True
        with pytest.raises(LeaseLost):
            store.post(FIRST)
        assert path.read_bytes() == before


def test_a_file_rewritten_by_an_editor_is_read_anew(toolbox: FakeToolbox, path: Path) -> None:
    with opened(toolbox) as store:
        store.post(FIRST)
        store.post(SECOND)
        edited = path.with_suffix(".new")
        edited.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
        edited.replace(path)
        assert store.read([REF])[REF].value == 31
        assert store.find(SECOND) is None


def test_a_definition_is_written_once_and_again_when_it_changes(
    toolbox: FakeToolbox, path: Path
) -> None:
    with opened(toolbox) as store:
        store.post(FIRST)
        assert store.declare([], [a_key_result(REF.id)]) == 0
        assert store.declare([], [a_key_result(REF.id, title="Another title")]) == 1
        stored = store.read([REF])[REF]
    assert (stored.title, stored.key) == ("Another title", FIRST.key)
    assert len(lines(path)) == 3
