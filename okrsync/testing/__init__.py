"""For authors of connectors: contract suites to inherit, and memory fakes.

    from okrsync.testing import SourceContract

    class TestMySource(SourceContract):
        @pytest.fixture
        def source(self): ...

Only the two contract suites need pytest, and they load it when they are named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from okrsync.testing.clock import FrozenClock, frozen_clock
from okrsync.testing.memory_source import MemoryQuery, MemorySource
from okrsync.testing.memory_store import MemoryStore
from okrsync.testing.samples import a_check_in, a_key_result, a_question, an_objective
from okrsync.testing.toolbox import FakeToolbox

if TYPE_CHECKING:
    from okrsync.testing.source_contract import SourceContract
    from okrsync.testing.store_contract import StoreContract

__all__ = [
    "FakeToolbox",
    "FrozenClock",
    "MemoryQuery",
    "MemorySource",
    "MemoryStore",
    "SourceContract",
    "StoreContract",
    "a_check_in",
    "a_key_result",
    "a_question",
    "an_objective",
    "frozen_clock",
]

_NEEDS_PYTEST = {"SourceContract": "source_contract", "StoreContract": "store_contract"}


def __getattr__(name: str) -> Any:
    if name not in _NEEDS_PYTEST:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = f"{__name__}.{_NEEDS_PYTEST[name]}"
    import_module("pytest").register_assert_rewrite(module)  # asserts that show both sides
    return getattr(import_module(module), name)
