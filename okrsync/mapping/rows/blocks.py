"""Some thousand rows at a time, as columns. Whatever is worked out of a column is kept for the
block, so that twenty questions about one column read it once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from operator import itemgetter
from typing import TYPE_CHECKING, cast

from okrsync.contracts import CellStyle, RowBatch
from okrsync.mapping.cells import Unreadable
from okrsync.mapping.rows.columns import Codebook, DateColumn, NumberColumn, Numbers
from okrsync.mapping.rows.header import Header
from okrsync.mapping.rows.masks import FALSE, TRUE, UNKNOWN

if TYPE_CHECKING:
    from okrsync.mapping.rows.conditions import Condition


_NARROW = 16


class Table:
    """The columns that questions use, with what is known of them over all blocks."""

    def __init__(self, header: Header, style: CellStyle, zone: tzinfo) -> None:
        self.header = header
        self.style = style
        self.zone = zone
        self.number_columns: dict[int, NumberColumn] = {}
        self.date_columns: dict[int, DateColumn] = {}
        self.codebooks: dict[int, Codebook | None] = {}

    def name(self, column: int) -> str:
        return self.header.names[column]

    def numbers(self, column: int) -> NumberColumn:
        if column not in self.number_columns:
            self.number_columns[column] = NumberColumn(self.name(column), self.style)
        return self.number_columns[column]

    def dates(self, column: int) -> DateColumn:
        if column not in self.date_columns:
            self.date_columns[column] = DateColumn(self.name(column), self.style, self.zone)
        return self.date_columns[column]


class Block:
    def __init__(self, table: Table, batch: RowBatch) -> None:
        self.table = table
        self.row_numbers = batch.numbers
        self.size = len(batch.rows)
        self._rows = batch.rows
        self._cells: dict[int, Sequence[str]] = {}
        self._texts: dict[int, list[str]] = {}
        self._codes: dict[int, bytes | None] = {}
        self._numbers: dict[int, Numbers] = {}
        self._instants: dict[int, tuple[list[int], bytes | None]] = {}
        self._masks: dict[int, bytes] = {}

    def cells(self, column: int) -> Sequence[str]:
        """The column's cells as they stand in the file; narrow tables are turned at once."""
        if not self._cells and len(self.table.header.names) <= _NARROW:
            self._cells = dict(enumerate(zip(*self._rows, strict=True)))
        if column not in self._cells:
            self._cells[column] = list(map(itemgetter(column), self._rows))
        return self._cells[column]

    def texts(self, column: int) -> list[str]:
        """The column's cells without the spaces around them."""
        if column not in self._texts:
            self._texts[column] = list(map(str.strip, self.cells(column)))
        return self._texts[column]

    def codes(self, column: int) -> bytes | None:
        """Each cell as its number in the column's codebook; None for a column of many texts."""
        if column not in self._codes:
            self._codes[column] = self._coded(column)
        return self._codes[column]

    def codebook(self, column: int) -> Codebook:
        book = self.table.codebooks.get(column)
        assert book is not None, "asked after codes() gave some"  # noqa: S101 - our own order
        return book

    def _coded(self, column: int) -> bytes | None:
        book = self.table.codebooks.setdefault(column, Codebook())
        if book is None:
            return None
        codes = list(map(book.__getitem__, self.cells(column)))
        if book.full:
            self.table.codebooks[column] = None
            return None
        return bytes(codes)

    def numbers(self, column: int) -> Numbers:
        if column not in self._numbers:
            known = self.table.numbers(column)
            self._numbers[column] = (
                known.in_bulk(self.cells(column))
                or known.in_bulk(self.texts(column))
                or known.one_by_one(self.texts(column))
            )
        return self._numbers[column]

    def undecided(self, column: int) -> bool:
        """Whether this block alone does not show how the column's numbers are to be read."""
        known = self.table.numbers(column)
        if not known.open:
            return False
        in_bulk = known.in_bulk(self.cells(column))
        if in_bulk is None:
            return known.undecided(self.texts(column))
        self._numbers[column] = in_bulk
        return False

    def instants(self, column: int) -> tuple[list[int], bytes | None]:
        """Microseconds since 1970 (0 where there is none), and the mask of those that are dates."""
        if column not in self._instants:
            self._instants[column] = self._dated(column)
        return self._instants[column]

    def _dated(self, column: int) -> tuple[list[int], bytes | None]:
        found = list(map(self.table.dates(column).__getitem__, self.cells(column)))
        if set(map(type, found)) <= {int}:
            return cast("list[int]", found), None
        whens = [when if isinstance(when, int) else 0 for when in found]
        return whens, bytes(map(_presence, found))

    def mask(self, condition: Condition) -> bytes:
        """Which rows meet a condition. Equal conditions are one object, so they are met once."""
        known = self._masks.get(id(condition))
        if known is None:
            known = self._masks[id(condition)] = condition.over(self)
        return known


def _presence(found: int | Unreadable | None) -> int:
    if found is None:
        return FALSE
    return TRUE if isinstance(found, int) else UNKNOWN
