"""What a key result stands at in its sheets. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Final

from okrsync.decimals import plain
from okrsync.marks import same
from okrsync.model import StoredDefinition, StoredKeyResult, StoreRef
from okrsync_sheets import marks
from okrsync_sheets.grid import EMPTY, Cell, Grid, Row
from okrsync_sheets.marks import Mark

_HUNDRED: Final = Decimal(100)
_DIGITS: Final = 15  # numbers are binary floats there


@dataclass(frozen=True, slots=True)
class Book:
    """``history`` is None where a check-in is written into its key result's own row."""

    listed: Grid
    history: Grid | None

    @property
    def written(self) -> Grid:
        """The sheet that check-ins are written to."""
        return self.listed if self.history is None else self.history

    def entries(self, id_: str) -> Sequence[Row]:
        """The rows of its check-ins, the newest last."""
        return self.written.by_id.get(id_, ())

    def marked(self, key: str) -> Iterator[tuple[Row, Mark]]:
        """Every row that okrsync wrote the check-in ``key`` into; more than one is trouble."""
        for row in self.written.rows:
            text = self.written.cell(row, "key").text
            mark = marks.read(text) if text.startswith(f"{key} ") else None
            if mark is not None:
                yield row, mark


@dataclass(frozen=True, slots=True)
class Standing:
    """``row`` holds the newest check-in, None where there is no row yet; ``problem`` says why its
    number can be neither taken nor written. ``place`` counts the check-ins so far."""

    listed: Row
    row: Row | None
    place: int
    number: Decimal | None
    mark: Mark | None
    key_text: str
    problem: str = ""

    @property
    def key(self) -> str | None:
        """okrsync's key, None where a person wrote the number."""
        if self.mark is None or self.number is None:
            return None
        return self.mark.key if same(self.mark.number, self.number, _DIGITS) else None

    @property
    def revision(self) -> str:
        return revision(self.place, self.number, self.key_text)


def standing(book: Book, id_: str) -> Standing | None:
    """None where the list has no such key result."""
    listed = book.listed.by_id.get(id_)
    if not listed:
        return None
    entries = book.entries(id_)
    row = entries[-1] if entries else None
    cell = EMPTY if row is None else book.written.cell(row, "value")
    key_text = "" if row is None else book.written.cell(row, "key").text.strip()
    problem = _twice(book.listed, listed) or _unusable(book, row, cell)
    return Standing(
        listed=listed[0],
        row=row,
        place=0 if book.history is None else len(entries),
        number=None if problem else shown_number(cell),
        mark=marks.read(key_text),
        key_text=key_text,
        problem=problem,
    )


def distorted(book: Book, id_: str, key: str) -> Row | None:
    """The row of the check-in ``key`` where it shows a hundredth or the hundredfold of its number.

    Only Sheets decides which format a new row gets: that of the row above, or of its column.
    """
    if book.history is None:
        return None
    rows = list(book.entries(id_))
    for row, mark in book.marked(key):
        number = shown_number(book.written.cell(row, "value"))
        if row in rows and number is not None and _hundredfold(number, mark.number):
            return row
    return None


def revision(place: int, number: Decimal | None, key_text: str) -> str:
    """Names a check-in: "" before the first one."""
    if number is None and not key_text and not place:
        return ""
    text = json.dumps([place, None if number is None else plain(number), key_text])
    return sha256(text.encode()).hexdigest()[:20]


def shown_number(cell: Cell) -> Decimal | None:
    """A percentage is kept as a fraction, and means its hundredfold."""
    if not isinstance(cell.value, Decimal):
        return None
    return cell.value * _HUNDRED if cell.percent else cell.value


def kept_number(value: Decimal, *, percent: bool) -> Decimal:
    return value / _HUNDRED if percent else value


def stored(ref: StoreRef, now: Standing, book: Book) -> StoredKeyResult:
    row = now.row or Row(0, ())
    percent = book.written.cell(row, "value").percent
    confidence = book.written.cell(row, "confidence").value
    return StoredKeyResult(
        ref=ref,
        title=_text(book.listed, now.listed, "title") or ref.id,
        value=now.number,
        revision=now.revision,
        key=now.key,
        unit="%" if percent else _text(book.listed, now.listed, "unit"),
        author="okrsync" if now.key else "",
        confidence=float(confidence) if isinstance(confidence, Decimal) else None,
        note=_text(book.written, row, "note"),
        status=_text(book.written, row, "status"),
        automated=now.problem,
        definition=_definition(book.listed, now.listed),
    )


def _definition(grid: Grid, row: Row) -> StoredDefinition:
    return StoredDefinition(
        objective=_text(grid, row, "objective"),
        team=_text(grid, row, "team"),
        owner=_text(grid, row, "owner"),
        baseline=shown_number(grid.cell(row, "baseline")),
        target=shown_number(grid.cell(row, "target")),
    )


def _text(grid: Grid, row: Row, name: str) -> str:
    return grid.cell(row, name).text


def _twice(grid: Grid, rows: Sequence[Row]) -> str:
    if len(rows) == 1:
        return ""
    where = " and ".join(grid.address(row.number, "id") for row in rows)
    return f"in more than one row, {where}: nobody can tell which one is meant"


def _unusable(book: Book, row: Row | None, cell: Cell) -> str:
    if row is None:
        return ""
    address = book.written.address(row.number, "value")
    if cell.trouble:
        return f"an error where a number should be, in {address}"
    if cell.formula and book.history is None:
        return f"computed by a formula in {address}, which a check-in would replace"
    if isinstance(cell.value, bool | str):
        return f"text where a number should be, in {address}"
    return ""


def _hundredfold(one: Decimal, other: Decimal) -> bool:
    """Either of the other."""
    if same(one, other, _DIGITS):
        return False
    return same(one * _HUNDRED, other, _DIGITS) or same(one, other * _HUNDRED, _DIGITS)
