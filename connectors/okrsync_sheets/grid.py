"""A sheet as it was answered: its header, and the rows below it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from okrsync.decimals import plain
from okrsync.errors import BadAnswer, Refused

_LETTERS: Final = 26


@dataclass(frozen=True, slots=True)
class Cell:
    """``value`` is None where the cell is empty; ``trouble`` is a formula's error: #REF!."""

    value: Decimal | str | bool | None = None
    formula: bool = False
    percent: bool = False
    trouble: bool = False

    @property
    def text(self) -> str:
        """What it shows, whatever its kind."""
        if isinstance(self.value, Decimal):
            return plain(self.value)
        return "" if self.value is None else str(self.value)


EMPTY: Final = Cell()


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` is its place in the sheet, from 1."""

    number: int
    cells: Sequence[Cell]

    def at(self, column: int | None) -> Cell:
        if column is None or column >= len(self.cells):
            return EMPTY
        return self.cells[column]

    @property
    def empty(self) -> bool:
        return all(cell.value is None and not cell.trouble for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Grid:
    """``places`` are the columns by the names that the settings give them; ``by_id`` the rows of
    each key result, from top to bottom."""

    title: str
    hidden: bool
    header: Row
    places: Mapping[str, int]
    rows: Sequence[Row]
    by_id: Mapping[str, Sequence[Row]]

    def cell(self, row: Row, name: str) -> Cell:
        return row.at(self.places.get(name))

    def address(self, row: int, name: str) -> str:
        """``'OKRs'!C7``"""
        return f"{quoted(self.title)}!{letters(self.places[name])}{row}"


def grid(
    said: Mapping[str, Any], columns: Mapping[str, str], header_row: int, needed: Sequence[str]
) -> Grid:
    """``columns`` are header texts by column. Raises ``Refused`` for a header that does not fit."""
    properties = said.get("properties", {})
    title = str(properties.get("title", ""))
    rows = list(_rows(said))
    header = next((row for row in rows if row.number == header_row), None)
    if header is None or header.empty:
        raise Refused(
            f"the sheet {title} has no header in row {header_row}",
            next_step="name the columns there, or say header_row",
        )
    places = _places(title, header, columns, needed)
    below = [row for row in rows if row.number > header_row]
    while below and below[-1].empty:
        below.pop()
    hidden = bool(properties.get("hidden"))
    return Grid(title, hidden, header, places, below, _by_id(below, places["id"]))


def quoted(title: str) -> str:
    doubled = title.replace("'", "''")
    return f"'{doubled}'"


def letters(column: int) -> str:
    """A, B, ... Z, AA for 0, 1, ... 25, 26."""
    above, last = divmod(column, _LETTERS)
    return (letters(above - 1) if above else "") + chr(ord("A") + last)


def _by_id(rows: Sequence[Row], column: int) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        id_ = row.at(column).text.strip()
        if id_:
            found.setdefault(id_, []).append(row)
    return found


def _places(
    title: str, header: Row, columns: Mapping[str, str], needed: Sequence[str]
) -> dict[str, int]:
    heads = [cell.text.strip().casefold() for cell in header.cells]
    places = {}
    for name, written in columns.items():
        head = written.strip().casefold()
        if not head:
            continue
        count = heads.count(head)
        if count > 1:
            raise Refused(
                f"the sheet {title} has {count} columns with the header {written}",
                next_step="give each column a header of its own",
            )
        if count:
            places[name] = heads.index(head)
        elif name in needed:
            raise Refused(
                f"the sheet {title} has no column with the header {written}",
                next_step=f"add it to row {header.number}, or say columns = {{ {name} = ... }}",
            )
    return places


def _rows(said: Mapping[str, Any]) -> Iterator[Row]:
    for part in said.get("data", ()):
        start = int(part.get("startRow", 0)) + 1
        before = int(part.get("startColumn", 0))
        for number, row in enumerate(part.get("rowData", ()), start=start):
            cells = [EMPTY] * before + [_cell(cell) for cell in (row or {}).get("values", ())]
            yield Row(number, cells)


def _cell(said: Any) -> Cell:
    if not isinstance(said, Mapping):
        return EMPTY
    shown = said.get("effectiveValue") or {}
    kind = (said.get("effectiveFormat") or {}).get("numberFormat", {}).get("type", "")
    return Cell(
        value=_value(shown),
        formula="formulaValue" in (said.get("userEnteredValue") or {}),
        percent=kind == "PERCENT",
        trouble="errorValue" in shown,
    )


def _value(shown: Mapping[str, Any]) -> Decimal | str | bool | None:
    if "numberValue" in shown:
        number = shown["numberValue"]
        if isinstance(number, bool) or not isinstance(number, int | Decimal):
            raise BadAnswer("Google Sheets answered a number that is none")
        return Decimal(number)
    if "stringValue" in shown:
        return str(shown["stringValue"]) or None
    return bool(shown["boolValue"]) if "boolValue" in shown else None
