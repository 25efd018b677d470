"""Ten thousand questions that each pick their rows by one column's text, answered together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import compress
from typing import Any

from okrsync.errors import OutsideError
from okrsync.mapping.rows.blocks import Block
from okrsync.mapping.rows.masks import TRUE, UNKNOWN, blank, both
from okrsync.mapping.rows.selections import (
    Selection,
    Share,
    by_unit,
    number_trouble,
    order,
    unreadable,
)

_BUFFERED = 50_000  # values; each share's tally is then fed many at once


class Grouped:
    """``shares`` has one share for each text of the column ``key``; all are measured alike.

    ``selection`` is what they have in common, without that column.
    """

    def __init__(
        self, selection: Selection, key: int, measure: int | None, shares: Mapping[str, Share]
    ) -> None:
        self._selection = selection
        self._key = key
        self._measure = measure
        self._shares = shares
        self._wants = next(iter(shares.values())).tally.wants
        self._buckets: dict[str, list[Any]] = {text: [] for text in shares}
        self._buffered = 0
        self._written = (0, "")  # scale and unit of what is in the buckets
        self._newest: dict[str, int] = {}

    def take(self, block: Block) -> None:
        mask = self._certain(block, block.mask(self._selection.chosen))
        self._note_undated(block)
        if TRUE not in mask:
            return
        self._note_newest(block, mask)
        if self._measure is None:
            self._count(block, mask)
        elif self._wants == "texts":
            self._fill(self._keys(block, mask), compress(block.texts(self._measure), mask))
        else:
            self._take_numbers(block, mask, self._measure)

    def finish(self) -> None:
        self._flush()
        for text, newest in self._newest.items():
            if text in self._shares:
                self._shares[text].dated(newest)

    def _certain(self, block: Block, mask: bytes) -> bytes:
        """The mask without its doubtful rows; the questions whose rows they are have failed."""
        row = mask.find(UNKNOWN)
        if row < 0:
            return mask
        while row >= 0:
            trouble = self._selection.chosen.why(block, row)
            self._fail(block.texts(self._key)[row], unreadable(block, row, trouble))
            row = mask.find(UNKNOWN, row + 1)
        return mask.replace(bytes((UNKNOWN,)), b"\0")

    def _fail(self, text: str, error: OutsideError) -> None:
        share = self._shares.get(text)
        if share is not None and share.failed is None:
            share.failed = error

    def _keys(self, block: Block, mask: bytes) -> Iterable[str]:
        return map(str.strip, compress(block.cells(self._key), mask))

    def _note_undated(self, block: Block) -> None:
        if self._selection.on is None:
            return
        present = block.instants(self._selection.on)[1]
        if present is None or 0 not in present:
            return
        mask = both(block.mask(self._selection.matched), blank(present))
        for text, count in Counter(self._keys(block, mask)).items():
            if text in self._shares:
                self._shares[text].undated += count

    def _note_newest(self, block: Block, mask: bytes) -> None:
        if self._selection.on is None:
            return
        newest = self._newest
        instants = compress(block.instants(self._selection.on)[0], mask)
        for text, when in zip(self._keys(block, mask), instants, strict=True):
            if text not in newest or when > newest[text]:
                newest[text] = when

    def _count(self, block: Block, mask: bytes) -> None:
        for text, count in Counter(self._keys(block, mask)).items():
            if text in self._shares:
                self._shares[text].tally.add_rows(count)

    def _take_numbers(self, block: Block, mask: bytes, measure: int) -> None:
        numbers = block.numbers(measure)
        filled = mask
        if numbers.present is not None:
            filled = self._readable(block, both(mask, numbers.present), measure)
            self._note_skipped(block, both(mask, blank(numbers.present)))
        for unit, part in by_unit(block, filled, measure):
            self._written_as(numbers.scale, unit)
            values: Iterable[object] = compress(numbers.values, part)
            if self._wants == "dated":
                values = zip(*order(block, part, self._selection.on), values, strict=True)
            self._fill(self._keys(block, part), values)

    def _readable(self, block: Block, filled: bytes, measure: int) -> bytes:
        row = filled.find(UNKNOWN)
        while row >= 0:
            trouble = number_trouble(block, row, measure)
            self._fail(block.texts(self._key)[row], unreadable(block, row, trouble))
            row = filled.find(UNKNOWN, row + 1)
        return filled.replace(bytes((UNKNOWN,)), b"\0")

    def _note_skipped(self, block: Block, empty: bytes) -> None:
        for text, count in Counter(self._keys(block, empty)).items():
            if text in self._shares:
                self._shares[text].skipped += count

    def _fill(self, keys: Iterable[str], values: Iterable[object]) -> None:
        bucket_of = self._buckets.get
        for text, value in zip(keys, values, strict=True):
            bucket = bucket_of(text)
            if bucket is not None:
                bucket.append(value)
                self._buffered += 1
        if self._buffered > _BUFFERED:
            self._flush()

    def _written_as(self, scale: int, unit: str) -> None:
        if (scale, unit) != self._written:
            self._flush()
            self._written = scale, unit

    def _flush(self) -> None:
        for text, bucket in self._buckets.items():
            if bucket:
                self._feed(self._shares[text], bucket)
                bucket.clear()
        self._buffered = 0

    def _feed(self, share: Share, bucket: list[Any]) -> None:
        scale, unit = self._written
        tally = share.tally
        try:
            if self._wants == "texts":
                texts = [text for text in bucket if text]
                share.skipped += len(bucket) - len(texts)
                tally.add_texts(texts)
            elif self._wants == "dated":
                tally.add_dated(bucket, scale, unit)
            else:
                tally.units.add(unit)
                tally.add_numbers(bucket, scale)
        except OutsideError as error:
            share.failed = share.failed or error
