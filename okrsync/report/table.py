"""Tables of text that keep to a width.

No name is cut: one that is too long for its column stands in a line of its own above its row. Only
where that is not enough, other columns are cut, from the widest one on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from okrsync.report.lines import NARROWEST, columns_of, cut, wrap

GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """``names`` holds what must stay whole, ``shrinks`` what may be cut."""

    title: str
    right: bool = False
    names: bool = False
    shrinks: bool = False


Paint = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Row:
    """``beneath`` are lines that follow the row and take no part in the columns."""

    cells: Sequence[str]
    paint: Paint = str
    beneath: Sequence[str] = ()


def render(columns: Sequence[Column], rows: Sequence[Row], width: int, *, rule: bool = True) -> str:
    """Title line, a line under it, then the rows; trailing space is cut."""
    widths = _widths(columns, rows, width)
    lines = [_line([column.title for column in columns], columns, widths)]
    if rule:
        lines.append("-" * min(sum(widths) + len(GAP) * (len(widths) - 1), width))
    for row in rows:
        lines += [row.paint(line) for line in _lines(row.cells, columns, widths, width)]
        lines += row.beneath
    return "\n".join(lines)


def fits(columns: Sequence[Column], rows: Sequence[Row], width: int) -> bool:
    """Whether every row has its place in one line."""
    return sum(_natural(columns, rows)) + len(GAP) * (len(columns) - 1) <= width


def _natural(columns: Sequence[Column], rows: Sequence[Row]) -> list[int]:
    cells = [[column.title for column in columns], *(row.cells for row in rows)]
    return [max(columns_of(row[n]) for row in cells) for n in range(len(columns))]


def _widths(columns: Sequence[Column], rows: Sequence[Row], width: int) -> list[int]:
    widths = _natural(columns, rows)
    room = width - len(GAP) * (len(columns) - 1)
    while sum(widths) > room:
        wide = [n for n in range(len(columns)) if widths[n] > NARROWEST]
        able = [n for n in wide if columns[n].names] or [n for n in wide if columns[n].shrinks]
        if not able:
            break
        widths[max(able, key=widths.__getitem__)] -= 1
    return widths


def _lines(
    cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int], width: int
) -> list[str]:
    long = [n for n, cell in enumerate(cells) if columns[n].names and columns_of(cell) > widths[n]]
    if not long:
        return [_line(cells, columns, widths)]
    n = long[0]
    before = _padded(cells[:n], columns[:n], widths[:n])
    indent = " " * columns_of(before)
    name = wrap(cells[n], width, indent)
    rest = ["" if m <= n else cell for m, cell in enumerate(cells)]
    return [before + name[0].lstrip(), *name[1:], _line(rest, columns, widths)]


def _line(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    return _padded(cells, columns, widths).rstrip()


def _padded(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    """With a gap behind each cell."""
    padded = []
    for cell, column, room in zip(cells, columns, widths, strict=True):
        text = cut(cell, room)
        space = " " * (room - columns_of(text))
        padded.append(space + text if column.right else text + space)
    return "".join(f"{cell}{GAP}" for cell in padded)
