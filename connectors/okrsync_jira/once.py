"""What is found out once in a run, by the first thread that needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from okrsync.errors import OutsideError

FoundT = TypeVar("FoundT")


class Once(Generic[FoundT]):
    """Call it for the answer. A failure is kept too: what could not be found is not asked again."""

    def __init__(self, find: Callable[[], FoundT]) -> None:
        self._find = find
        self._lock = threading.Lock()
        self._found: list[FoundT] = []
        self._failure: OutsideError | None = None

    def __call__(self) -> FoundT:
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if not self._found:
                self._found.append(self._tried())
            return self._found[0]

    def _tried(self) -> FoundT:
        try:
            return self._find()
        except OutsideError as error:
            self._failure = error
            raise
