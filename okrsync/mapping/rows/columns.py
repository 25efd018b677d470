"""What is known of a column over the whole table: its few texts, its decimal mark, its dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Context, Decimal

from okrsync.contracts import CellStyle
from okrsync.errors import BadAnswer
from okrsync.mapping.cells import NumberCell, Unreadable, instant, read_number
from okrsync.mapping.rows import bulk
from okrsync.mapping.rows.masks import FALSE, TRUE, UNKNOWN

_SAY_MARK = 'say decimal = "," or decimal = "." in its [source] table'
_REMEMBERED = 50_000  # texts of one column; then the memory starts anew


class Codebook(dict[str, int]):
    """Numbers the texts of a column in order of appearance, for columns of few texts.

    A condition is then looked at once for each text instead of once for each row. Keys are cells
    as they stand in the file, ``texts`` are without the spaces around them.
    """

    most = 256

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._codes: dict[str, int] = {}

    def __missing__(self, cell: str) -> int:
        text = cell.strip()
        if text not in self._codes:
            self._codes[text] = len(self.texts)
            self.texts.append(text)
        code = self[cell] = self._codes[text]
        return code

    @property
    def full(self) -> bool:
        return len(self) > self.most


@dataclass(frozen=True, slots=True)
class Numbers:
    """A block's column of numbers, exact: each value is ``values[i] / 10**scale``.

    ``present`` is a mask: false where the cell is empty, unknown where it cannot be read; None when
    all are numbers. ``units`` is one unit for all rows, or one for each.
    """

    values: list[int]
    scale: int
    present: bytes | None
    units: str | list[str]


class NumberColumn:
    """Reads a column's cells as numbers, and finds out which decimal mark it is written with.

    One cell that can only be read one way settles it for the column; cells for both ways are a
    mistake of the file. Until it is settled, a cell like "1.234" is ``ambiguous``.
    """

    def __init__(self, name: str, style: CellStyle) -> None:
        self.name = name
        self.mark: str | None = style.decimal
        self.mixed = False
        self.given_up = False
        self._given = style.decimal is not None
        self._read: dict[str, NumberCell | Unreadable] = {}

    @property
    def open(self) -> bool:
        return self.mark is None and not self.given_up

    def saw(self, mark: str | None) -> None:
        """Take note of a cell that can only be written with this decimal mark."""
        if mark is None or self._given:
            return
        if self.mark is None:
            self.mark = mark
        self.mixed = self.mixed or mark != self.mark

    def undecided(self, texts: list[str]) -> bool:
        """Whether these cells need a decimal mark that nothing in the column has shown yet."""
        cells = [self.cell(text) for text in set(texts) if text]
        return self.open and any(isinstance(c, NumberCell) and c.ambiguous for c in cells)

    def cell(self, text: str) -> NumberCell | Unreadable:
        known = self._read.get(text)
        if known is None:
            known = self._fresh(text)
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            self._read[text] = known
        return known

    def _fresh(self, text: str) -> NumberCell | Unreadable:
        try:
            cell = read_number(text)
        except Unreadable as reason:
            reason.column = self.name
            return reason
        self.saw(cell.mark)
        return cell

    def number(self, text: str) -> Decimal | None:
        """The number in a cell, None when it is empty. Raises ``Unreadable``."""
        return self.quantity(text)[0]

    def quantity(self, text: str) -> tuple[Decimal | None, str]:
        if not text:
            return None, ""
        cell = self.cell(text)
        if isinstance(cell, Unreadable):
            raise cell.again()
        if cell.ambiguous and self.mark is None:
            raise self._trouble("is a number that can be read two ways", _SAY_MARK)
        if not self._given and not cell.ambiguous:
            return _either(cell), cell.unit
        value = cell.under(self.mark or ".")
        if value is None:
            raise self._trouble(f"is no number with the decimal mark {self.mark!r}")
        return value, cell.unit

    def _trouble(self, reason: str, cure: str = "") -> Unreadable:
        trouble = Unreadable(reason, cure)
        trouble.column = self.name
        return trouble

    def in_bulk(self, texts: Sequence[str]) -> Numbers | None:
        """The whole block's cells, where they are written alike enough."""
        written = bulk.alike(texts, self.mark) or bulk.ragged(texts, self.mark)
        if written is None:
            return None
        self.saw(written.mark)
        return Numbers(written.values, written.scale, written.present, written.unit)

    def one_by_one(self, texts: list[str]) -> Numbers:
        values: list[Decimal] = []
        units: list[str] = []
        present = bytearray()
        for text in texts:
            try:
                value, unit = self.quantity(text)
            except Unreadable:
                value, unit, known = None, "", UNKNOWN
            else:
                known = FALSE if value is None else TRUE
            values.append(_ZERO if value is None else value)
            units.append(unit)
            present.append(known)
        scale = max((_decimals(value) for value in values), default=0)
        return Numbers(
            [int(_EXACT.scaleb(value, scale)) for value in values], scale, bytes(present), units
        )

    def check(self) -> None:
        """Raises ``BadAnswer`` for a column written with both decimal marks, known at the end."""
        if self.mixed:
            raise BadAnswer(
                f"column {self.name!r} has numbers with a decimal point and with a decimal comma",
                next_step=f"correct the file, or {_SAY_MARK}",
            )


_ZERO = Decimal(0)
_EXACT = Context(prec=200)


def _either(cell: NumberCell) -> Decimal:
    value = cell.point if cell.point is not None else cell.comma
    return _ZERO if value is None else value


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


class DateColumn(dict[str, "int | Unreadable | None"]):
    """Reads a column's cells as instants: microseconds since 1970, None for an empty cell."""

    def __init__(self, name: str, style: CellStyle, zone: tzinfo) -> None:
        super().__init__()
        self.name = name
        self.zone = zone
        self._order = style.dates

    def __missing__(self, cell: str) -> int | Unreadable | None:
        if len(self) >= _REMEMBERED:
            self.clear()
        text = cell.strip()
        found: int | Unreadable | None
        try:
            found = instant(text, self._order, self.zone) if text else None
        except Unreadable as reason:
            reason.column = self.name
            found = reason
        self[cell] = found
        return found

    def instant(self, text: str) -> int | None:
        """Raises ``Unreadable``."""
        found = self[text]
        if isinstance(found, Unreadable):
            raise found.again()
        return found
