"""Work that is done side by side, in threads of which none can keep the process alive."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
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
        self._work = work
        self._begun: set[str] = set()
        self._told: dict[str, Callable[[], AnswerT]] = {}
        # A simple one: a signal's exception, which comes wherever the main thread waits, cannot
        # leave it half locked.
        self._news: queue.SimpleQueue[None] = queue.SimpleQueue()

    def start(self) -> None:
        for name in self._work:
            self._begun.add(name)
            threading.Thread(target=self._do, args=(name,), name=name, daemon=True).start()

    def wait(self, left: Callable[[], float]) -> dict[str, AnswerT]:
        """Wait until all are done or no seconds are ``left``; what those gave that are done.

        Raises what one of them raised, as soon as it did.
        """
        done = self._done()
        while len(done) < len(self._begun) and (seconds := left()) > 0:
            self._hear(seconds)
            done = self._done()
        return done

    def settle(self, seconds: float) -> None:
        """Wait until all are done or the time is over, whatever they raise."""
        ends = monotonic() + seconds
        while len(self._told) < len(self._begun) and (left := ends - monotonic()) > 0:
            self._hear(left)

    def _hear(self, seconds: float) -> None:
        with suppress(queue.Empty):
            self._news.get(timeout=seconds)

    def _done(self) -> dict[str, AnswerT]:
        return {name: told() for name, told in dict(self._told).items()}

    def _do(self, name: str) -> None:
        try:
            answer = self._work[name]()
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._told[name] = partial(_raise, error)
        else:
            self._told[name] = lambda: answer
        self._news.put(None)


def _raise(error: BaseException) -> NoReturn:
    raise error


def each(
    ask: Callable[[ItemT], AnswerT], items: Sequence[ItemT], *, at_once: int
) -> list[AnswerT | OutsideError]:
    """Many small questions in a few threads, their answers in the order of the questions.

    That is what ``ask`` says of each item, or the ``OutsideError`` that it raised. Any other
    exception is a bug: it ends the asking and is raised here. The caller's own thread works, too.
    """
    asking = _Asking(ask, items)
    others = [
        threading.Thread(target=asking.work, daemon=True)
        for _ in range(1, min(at_once, len(items)))
    ]
    for thread in others:
        thread.start()
    asking.work()
    for thread in others:
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
