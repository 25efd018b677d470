"""``where`` and ``window`` over whole columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Protocol

from okrsync.mapping.cells import Unreadable
from okrsync.mapping.rows.blocks import Block, Table
from okrsync.mapping.rows.masks import (
    FALSE,
    TRUE,
    UNKNOWN,
    both,
    everywhere,
    from_bools,
    negated,
    where_known,
)
from okrsync.mapping.rows.scalars import ORDERS, Cells

_EXACT = Context(prec=200)


class Condition(Protocol):
    def over(self, block: Block) -> bytes:
        """The mask of the rows that meet it; ask ``Block.mask``, which remembers."""

    def why(self, block: Block, row: int) -> Unreadable:
        """What made it unknown in a row."""


class Always:
    def over(self, block: Block) -> bytes:
        return everywhere(block.size)

    def why(self, block: Block, row: int) -> Unreadable:
        raise LookupError(block, row)


class Joined:
    """All of the parts (``over`` joins by "and"), or, with ``join`` ``either``, any of them."""

    def __init__(
        self, parts: Sequence[Condition], join: Callable[[bytes, bytes], bytes] = both
    ) -> None:
        self.parts = tuple(parts)
        self._join = join

    def over(self, block: Block) -> bytes:
        first, *rest = self.parts
        mask = block.mask(first)
        for part in rest:
            mask = self._join(mask, block.mask(part))
        return mask

    def why(self, block: Block, row: int) -> Unreadable:
        unknown = next(part for part in self.parts if block.mask(part)[row] == UNKNOWN)
        return unknown.why(block, row)


class Negated:
    def __init__(self, part: Condition) -> None:
        self._part = part

    def over(self, block: Block) -> bytes:
        return negated(block.mask(self._part))

    def why(self, block: Block, row: int) -> Unreadable:
        return self._part.why(block, row)


class OneColumn:
    """A test of one column. Where the column has few texts, each text is tested once."""

    def __init__(self, column: int, holds: Callable[[Cells], bool]) -> None:
        self.column = column
        self._holds = holds
        self._verdicts: bytearray | None = None  # most of ten thousand are never asked for it
        self._tested = 0

    def over(self, block: Block) -> bytes:
        codes = block.codes(self.column)
        if codes is None:
            return self.over_texts(block)
        book = block.codebook(self.column)
        if self._verdicts is None:
            self._verdicts = bytearray(256)
        for code in range(self._tested, len(book.texts)):
            self._verdicts[code] = self.verdict(book.texts[code])
        self._tested = len(book.texts)
        return codes.translate(self._verdicts)

    def over_texts(self, block: Block) -> bytes:
        return bytes(map(self.verdict, block.texts(self.column)))

    def verdict(self, text: str) -> int:
        try:
            return TRUE if self._holds((text,)) else FALSE
        except Unreadable:
            return UNKNOWN

    def why(self, block: Block, row: int) -> Unreadable:
        return _trouble(self._holds, (block.texts(self.column)[row],), block, self.column)


class TextIs(OneColumn):
    """``column == 'text'``, the condition that ten thousand key results may differ in."""

    def __init__(self, column: int, text: str) -> None:
        super().__init__(column, lambda cells: cells[0] == text)
        self.text = text

    def over_texts(self, block: Block) -> bytes:
        text = self.text
        return from_bools([cell == text for cell in block.texts(self.column)])


class NumberIs(OneColumn):
    """A column against a number, on the column's scaled whole numbers."""

    def __init__(self, table: Table, column: int, sign: str, number: Decimal) -> None:
        read, holds = table.numbers(column).number, ORDERS[sign]
        super().__init__(
            column,
            lambda cells: (value := read(cells[0])) is not None and holds(value, number),
        )
        self._sign = sign
        self._number = number

    def over_texts(self, block: Block) -> bytes:
        numbers = block.numbers(self.column)
        truths = compared(numbers.values, self._sign, _EXACT.scaleb(self._number, numbers.scale))
        return where_known(from_bools(truths), numbers.present)


def compared(values: list[int], sign: str, bound: Decimal) -> list[bool]:
    """Whole numbers against a bound that may lie between two of them."""
    floor = int(bound.to_integral_value(ROUND_FLOOR))
    between = floor != bound
    match sign:
        case "<":
            floor += between
            return [value < floor for value in values]
        case "<=":
            return [value <= floor for value in values]
        case ">":
            return [value > floor for value in values]
        case ">=":
            floor += between
            return [value >= floor for value in values]
        case "==":
            return [not between and value == floor for value in values]
        case _:
            return [between or value != floor for value in values]


class Within(OneColumn):
    """A date from ``start`` on and before ``end``, in microseconds since 1970; None is no bound."""

    def __init__(self, table: Table, column: int, start: int | None, end: int | None) -> None:
        read = table.dates(column).instant
        self._start = start
        self._end = end
        super().__init__(column, lambda cells: self._holds_at(read(cells[0])))

    def _holds_at(self, when: int | None) -> bool:
        return (
            when is not None
            and (self._start is None or self._start <= when)
            and (self._end is None or when < self._end)
        )

    def over_texts(self, block: Block) -> bytes:
        instants, present = block.instants(self.column)
        start, end = self._start, self._end
        if start is not None and end is not None:
            truths = [start <= when < end for when in instants]
        elif end is not None:
            truths = [when < end for when in instants]
        elif start is not None:
            truths = [start <= when for when in instants]
        else:
            truths = [True] * len(instants)
        return where_known(from_bools(truths), present)


class Several:
    """A test of several columns together, row by row."""

    def __init__(self, columns: Sequence[int], holds: Callable[[Cells], bool]) -> None:
        self._columns = tuple(columns)
        self._holds = holds

    def over(self, block: Block) -> bytes:
        if not self._columns:
            return bytes((self._verdict(()),)) * block.size
        rows = zip(*(block.texts(column) for column in self._columns), strict=True)
        return bytes(map(self._verdict, rows))

    def _verdict(self, cells: Cells) -> int:
        try:
            return TRUE if self._holds(cells) else FALSE
        except Unreadable:
            return UNKNOWN

    def why(self, block: Block, row: int) -> Unreadable:
        cells = tuple(block.texts(column)[row] for column in self._columns)
        return _trouble(self._holds, cells, block, self._columns[0])


def _trouble(holds: Callable[[Cells], bool], cells: Cells, block: Block, column: int) -> Unreadable:
    """The test once more, for its words."""
    try:
        holds(cells)
    except Unreadable as trouble:
        trouble.column = trouble.column or block.table.name(column)
        return trouble
    raise LookupError(cells)
