"""What connectors keep from run to run, asked for by many threads at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from okrsync.state.state import open_state

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _threads_change_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.parametrize("there", [False, True], ids=["no state yet", "a state"])
def test_sources_threads_may_all_recall_at_once(tmp_path: Path, *, there: bool) -> None:
    """Also before the first sync, when a plan reads a state that is only in memory."""
    url = f"sqlite:///{tmp_path / 'okrsync.sqlite'}"
    kept = {("github", str(number)): f"answer {number}" for number in range(200)}
    if there:
        with open_state(url, tenant="default") as state:
            state.memories.keep(kept, NOON)
    with (
        open_state(url, tenant="default", create=False) as state,
        ThreadPoolExecutor(16) as threads,
    ):
        found = list(threads.map(lambda key: state.memories.recall(*key), kept))
    assert found == (list(kept.values()) if there else [None] * len(kept))
