"""Values that must all be kept, in memory up to a bound and in one temporary file past it."""

from __future__ import annotations

import json
import mmap
import os
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from heapq import merge
from itertools import groupby
from tempfile import TemporaryFile
from typing import IO, Protocol, Self

MOST_NUMBERS = 1_000_000  # 8 bytes each
MOST_TEXTS = 200_000  # some 100 bytes each
_CHUNK = 65_536
_SAMPLE = 1_000

Span = tuple[int, int]


class Holder(Protocol):
    def spill(self) -> None:
        """Move what is held in memory to the store's file."""


class Store:
    """The bound that all holders of one pass share, and their temporary file."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._holders: dict[Holder, None] = {}
        self._opened = ExitStack()
        self._file: IO[bytes] | None = None
        self._view: memoryview[int] | None = None
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def grown(self, holder: Holder, count: int) -> None:
        self._holders[holder] = None
        self._held += count
        if self._held > self._most:
            for each in self._holders:
                each.spill()
            self._holders.clear()
            self._held = 0

    def write(self, data: bytes) -> Span:
        """Append to the file; returns from where to where."""
        if self._file is None:
            file = TemporaryFile()  # noqa: SIM115 - closed with the store
            self._file = self._opened.enter_context(file)
        self._file.write(data)
        start, self._size = self._size, self._size + len(data)
        return start, self._size

    def lines(self, span: Span) -> Iterator[bytes]:
        """The lines of one span; several may be read by turns."""
        assert self._file is not None, "nothing was written"  # noqa: S101 - our own order
        self._file.flush()
        start, end = span
        rest = b""
        while start < end:
            chunk = os.pread(self._file.fileno(), min(_CHUNK, end - start), start)
            start += len(chunk)
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole

    def numbers(self, spans: Sequence[Span]) -> list[Sequence[int]]:
        """Spans of 8-byte numbers, read where they are touched. Write no more after this."""
        if spans and self._view is None:
            self._view = self._opened.enter_context(self._mapped())
        view = self._view
        if view is None:
            return []
        return [self._opened.enter_context(view[start // 8 : end // 8]) for start, end in spans]

    @contextmanager
    def _mapped(self) -> Iterator[memoryview[int]]:
        assert self._file is not None, "nothing was written"  # noqa: S101 - our own order
        self._file.flush()
        with (
            mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as whole,
            whole.cast("q") as view,
        ):
            yield view


class Ranking:
    """Whole numbers at one scale, to be asked for the k-th smallest."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held = array("q")
        self._spilled: list[Span] = []

    def add(self, values: Sequence[int]) -> None:
        """Raises ``OverflowError`` for a number of more than 18 digits."""
        self._held.extend(values)
        self._store.grown(self, len(values))

    def spill(self) -> None:
        if self._held:
            self._spilled.append(self._store.write(_sorted(self._held).tobytes()))
            self._held = array("q")

    def runs(self) -> list[Sequence[int]]:
        """Everything, as sorted runs."""
        runs = self._store.numbers(self._spilled)
        if self._held:
            runs.append(_sorted(self._held))
        return runs


def _sorted(numbers: array[int]) -> array[int]:
    """Few different values, such as days, are counted instead of compared."""
    if len(set(numbers[:_SAMPLE])) > _SAMPLE // 2:
        return array("q", sorted(numbers))
    ordered = array("q")
    for number, count in sorted(Counter(numbers).items()):
        ordered.extend(array("q", (number,)) * count)
    return ordered


def kth_smallest(runs: Sequence[tuple[Sequence[int], int]], k: int) -> int:
    """The k-th smallest (from 0) of runs of (sorted values, factor), by halving the span.

    A value times its run's factor is the number; nothing is merged, so nothing is read but what
    the searches touch.
    """
    low = min(run[0] * factor for run, factor in runs)
    high = max(run[-1] * factor for run, factor in runs)
    while low < high:
        middle = (low + high) // 2
        if sum(bisect_right(run, middle // factor) for run, factor in runs) > k:
            high = middle
        else:
            low = middle + 1
    return low


class TextSet:
    """Texts, to be asked how many different ones there were."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: set[str] = set()
        self._spilled: list[Span] = []

    def add(self, texts: Iterable[str]) -> None:
        before = len(self._held)
        self._held.update(texts)
        self._store.grown(self, len(self._held) - before)

    def spill(self) -> None:
        if self._held:
            self._spilled.append(self._store.write(b"".join(_lines(self._held))))
            self._held = set()

    def count(self) -> int:
        if not self._spilled:
            return len(self._held)
        held = (line[:-1] for line in _lines(self._held))
        runs = [*map(self._store.lines, self._spilled), held]
        return sum(1 for _ in groupby(merge(*runs)))


def _lines(texts: Iterable[str]) -> list[bytes]:
    """Sorted as they are written, a text with line breaks still on one line."""
    return sorted(json.dumps(text).encode() + b"\n" for text in texts)
