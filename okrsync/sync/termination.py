"""SIGTERM and Ctrl-C: the writes under way are finished, nothing new is begun."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_Handler = Callable[[int, FrameType | None], object] | int | None


class Terminated(BaseException):
    """Asked to stop. Not an Exception: no connector may swallow it."""


@contextmanager
def listening_to_signals() -> Iterator[None]:
    """Inside, they raise ``Terminated``. They belong to the main thread; elsewhere this changes
    nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[signal.Signals, _Handler] = {}
    for number in (signal.SIGTERM, signal.SIGINT):
        before[number] = signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated
