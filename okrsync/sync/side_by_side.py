"""Many small questions in a few threads, their answers in the order of the questions."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from okrsync.errors import OutsideError

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")


def each(
    ask: Callable[[ItemT], AnswerT], items: Sequence[ItemT], *, at_once: int
) -> list[AnswerT | OutsideError]:
    """What ``ask`` says of each item, or the ``OutsideError`` that it raised.

    Any other exception is a bug: it ends the asking and is raised here. Threads are daemons, as
    those of the sources are, so that one that hangs does not keep the process alive.
    """
    asking = _Asking(ask, items)
    threads = [
        threading.Thread(target=asking.work, daemon=True) for _ in range(min(at_once, len(items)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if asking.bug is not None:
        raise asking.bug
    return [asking.answers[place] for place in range(len(items))]


class _Asking(Generic[ItemT, AnswerT]):
    def __init__(self, ask: Callable[[ItemT], AnswerT], items: Sequence[ItemT]) -> None:
        self._ask = ask
        self._waiting: queue.SimpleQueue[tuple[int, ItemT]] = queue.SimpleQueue()
        for pair in enumerate(items):
            self._waiting.put(pair)
        self.answers: dict[int, AnswerT | OutsideError] = {}
        self.bug: Exception | None = None

    def work(self) -> None:
        while self.bug is None:
            try:
                place, item = self._waiting.get_nowait()
            except queue.Empty:
                return
            try:
                self.answers[place] = self._ask(item)
            except OutsideError as error:
                self.answers[place] = error
            except Exception as error:  # noqa: BLE001 - raised again by ``each``, in its own thread
                self.bug = error
