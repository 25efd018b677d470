"""The rows of one question, or of many that differ in one text only, on their way to tallies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

from okrsync.errors import BadAnswer, OutsideError
from okrsync.mapping.cells import Unreadable
from okrsync.mapping.rows.blocks import Block
from okrsync.mapping.rows.conditions import Condition
from okrsync.mapping.rows.masks import TRUE, UNKNOWN, blank, both, from_bools
from okrsync.mapping.rows.tallies import Tally


@dataclass(eq=False)
class Share:
    """What the questions about one set of rows and one column have in common.

    ``newest`` is the latest date among the rows, in microseconds since 1970; ``undated`` counts
    rows that met ``where`` and have no date, ``skipped`` those whose measured cell is empty.
    """

    tally: Tally
    newest: int | None = None
    undated: int = 0
    skipped: int = 0
    failed: OutsideError | None = None

    def dated(self, newest: int) -> None:
        if self.newest is None or newest > self.newest:
            self.newest = newest


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows: ``chosen`` by where and window, ``matched`` by where alone."""

    chosen: Condition
    matched: Condition
    on: int | None


class Single:
    """One set of rows and one column."""

    def __init__(self, selection: Selection, measure: int | None, share: Share) -> None:
        self._selection = selection
        self._measure = measure
        self._share = share

    def take(self, block: Block) -> None:
        if self._share.failed is None:
            try:
                self._take(block)
            except OutsideError as error:
                self._share.failed = error

    def finish(self) -> None:
        """Nothing is held back."""

    def _take(self, block: Block) -> None:
        mask = certain(block, self._selection.chosen)
        self._share.undated += undated(block, self._selection)
        if TRUE not in mask:
            return
        if self._selection.on is not None:
            self._share.dated(max(compress(block.instants(self._selection.on)[0], mask)))
        feed(self._share, block, mask, self._measure, self._selection.on)


def certain(block: Block, condition: Condition) -> bytes:
    """The mask of a condition without doubt. Raises ``BadAnswer`` at the first doubtful row."""
    mask = block.mask(condition)
    doubtful = mask.find(UNKNOWN)
    if doubtful >= 0:
        raise unreadable(block, doubtful, condition.why(block, doubtful))
    return mask


def unreadable(block: Block, row: int, trouble: Unreadable) -> BadAnswer:
    place = f"row {block.row_numbers[row]}, column {trouble.column!r}"
    return BadAnswer(
        f"{place}: the cell {trouble.reason}",
        next_step=trouble.cure or "correct the cell, or leave the row out with `where`",
    )


def undated(block: Block, selection: Selection) -> int:
    """How many rows meet ``where`` and can lie in no window, because their date is empty."""
    if selection.on is None:
        return 0
    present = block.instants(selection.on)[1]
    if present is None or 0 not in present:
        return 0
    return both(block.mask(selection.matched), blank(present)).count(TRUE)


def feed(share: Share, block: Block, mask: bytes, measure: int | None, on: int | None) -> None:
    """Give the rows of ``mask`` to the tally, in the form that it wants."""
    tally = share.tally
    if tally.wants == "days" and on is not None:
        tally.add_instants(compress(block.instants(on)[0], mask))
    elif measure is None:
        tally.add_rows(mask.count(TRUE))
    elif tally.wants == "texts":
        texts = [text for text in compress(block.texts(measure), mask) if text]
        share.skipped += mask.count(TRUE) - len(texts)
        tally.add_texts(texts)
    else:
        filled, empty = readable(block, mask, measure)
        share.skipped += empty
        for unit, part in by_unit(block, filled, measure):
            _feed_numbers(tally, block, part, measure, on=on, unit=unit)


def _feed_numbers(
    tally: Tally, block: Block, mask: bytes, measure: int, *, on: int | None, unit: str
) -> None:
    numbers = block.numbers(measure)
    tally.units.add(unit)
    values = compress(numbers.values, mask)
    if tally.wants == "numbers":
        tally.add_numbers(list(values), numbers.scale)
        return
    tally.add_dated(zip(*order(block, mask, on), values, strict=True), numbers.scale, unit)


def order(block: Block, mask: bytes, on: int | None) -> tuple[Sequence[int], Sequence[int]]:
    """By what rows are first and last: their instants (all alike without ``on``) and places."""
    places = list(compress(block.row_numbers, mask))
    if on is None:
        return [0] * len(places), places
    return list(compress(block.instants(on)[0], mask)), places


def readable(block: Block, mask: bytes, measure: int) -> tuple[bytes, int]:
    """The rows with a number, and how many have an empty cell. Raises ``BadAnswer``."""
    present = block.numbers(measure).present
    if present is None:
        return mask, 0
    filled = both(mask, present)
    doubtful = filled.find(UNKNOWN)
    if doubtful >= 0:
        raise unreadable(block, doubtful, number_trouble(block, doubtful, measure))
    return filled, mask.count(TRUE) - filled.count(TRUE)


def number_trouble(block: Block, row: int, measure: int) -> Unreadable:
    try:
        block.table.numbers(measure).number(block.texts(measure)[row])
    except Unreadable as trouble:
        return trouble
    raise LookupError(row)


def by_unit(block: Block, mask: bytes, measure: int) -> Iterator[tuple[str, bytes]]:
    """The rows of a mask, parted by the unit of the measured cell."""
    if TRUE not in mask:
        return
    units = block.numbers(measure).units
    if isinstance(units, str):
        yield units, mask
        return
    for unit in sorted(set(compress(units, mask))):
        yield unit, both(mask, from_bools([each == unit for each in units]))
