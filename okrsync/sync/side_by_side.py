"""Work that is done side by side, in threads of which none can keep the process alive."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Generic, NoReturn, TypeVar

from okrsync.errors import OutsideError

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")


class SideBySide(Generic[AnswerT]):
    """Named work, each in a thread of its own.

    Threads are daemons: one that hangs where no deadline reaches is no longer waited for, and ends
    with the process.
    """

    def __init__(self, work: Mapping[str, Callable[[], AnswerT]]) -> None:
        self._arrivals: queue.Queue[tuple[str, Callable[[], AnswerT]]] = queue.Queue()
        self._work = work
        self._waiting: set[str] = set()
        self.answers: dict[str, AnswerT] = {}

    def start(self) -> None:
        for name, one in self._work.items():
            self._waiting.add(name)
            threading.Thread(target=self._do, args=(name, one), name=name, daemon=True).start()

    def wait(self, left: Callable[[], float]) -> set[str]:
        """Wait until all are done or no seconds are ``left``; returns who is still at it.

        Raises what one of them raised; it can be called again for the others.
        """
        while self._waiting:
            try:
                name, told = self._arrivals.get(timeout=left())
            except queue.Empty:
                break
            self._waiting.discard(name)
            self.answers[name] = told()
        return set(self._waiting)

    def _do(self, name: str, work: Callable[[], AnswerT]) -> None:
        try:
            answer = work()
        except BaseException as error:  # noqa: BLE001 - raised again by ``wait``, in its own thread
            self._arrivals.put((name, partial(_raise, error)))
        else:
            self._arrivals.put((name, lambda: answer))


def _raise(error: BaseException) -> NoReturn:
    raise error


def each(
    ask: Callable[[ItemT], AnswerT], items: Sequence[ItemT], *, at_once: int
) -> list[AnswerT | OutsideError]:
    """Many small questions in a few threads, their answers in the order of the questions.

    That is what ``ask`` says of each item, or the ``OutsideError`` that it raised. Any other
    exception is a bug: it ends the asking and is raised here.
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
