"""Many small questions in a few threads."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from okrsync.errors import NoValue
from okrsync.side_by_side import each
from okrsync.testing import FakeToolbox


def test_answers_come_in_the_order_of_the_questions() -> None:
    assert each(lambda n: n * n, range(100), at_once=8) == [n * n for n in range(100)]


def test_what_cannot_be_answered_stands_in_its_place() -> None:
    def ask(number: int) -> int:
        if number == 2:
            raise NoValue("two has no value")
        return number

    one, two, three = each(ask, [1, 2, 3], at_once=2)
    assert (one, three) == (1, 3)
    assert isinstance(two, NoValue)


def test_no_more_are_asked_at_once_than_allowed() -> None:
    together = threading.Barrier(3, timeout=30)
    open_now, most, lock = 0, 0, threading.Lock()

    def ask(_: int) -> None:
        nonlocal open_now, most
        with lock:
            open_now += 1
            most = max(most, open_now)
        together.wait()
        with lock:
            open_now -= 1

    each(ask, range(9), at_once=3)
    assert most == 3


def test_a_bug_is_no_answer() -> None:
    with pytest.raises(ZeroDivisionError):
        each(lambda n: 1 // n, [1, 0, 2], at_once=2)


def test_a_bug_ends_the_asking() -> None:
    asked: list[int] = []

    def ask(number: int) -> float:
        asked.append(number)
        return 1 / number

    with pytest.raises(ZeroDivisionError):
        FakeToolbox(Path()).each(ask, [0, 1, 2], at_once=1)
    assert asked == [0]


def test_nothing_to_ask() -> None:
    assert each(str, [], at_once=4) == []
