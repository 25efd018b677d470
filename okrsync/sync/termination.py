"""SIGTERM and Ctrl-C: the write under way is finished, nothing new is begun."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_Handler = Callable[[int, FrameType | None], object] | int | None


class Terminated(BaseException):
    """Asked to stop. Not an Exception: no connector may swallow it."""


class Termination:
    """Turns the signals into ``Terminated``, at once or, inside ``finishing``, right after it."""

    def __init__(self) -> None:
        self._finishing = False
        self._asked = False

    @contextmanager
    def listening(self) -> Iterator[Termination]:
        """Signals belong to the main thread; elsewhere this changes nothing."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        before: dict[signal.Signals, _Handler] = {}
        for number in (signal.SIGTERM, signal.SIGINT):
            before[number] = signal.signal(number, self._on_signal)
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def finishing(self) -> Iterator[None]:
        self._finishing = True
        try:
            yield
        finally:
            self._finishing = False
        if self._asked:
            raise Terminated

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        if not self._finishing:
            raise Terminated
