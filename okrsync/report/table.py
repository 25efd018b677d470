"""Tables of text that keep to a width: columns shrink from the widest one that may."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

GAP = "  "
NARROWEST = 8
_INSIDE = re.compile(r"(?<=\d) (?=%|\d{3}\b)")  # a number keeps its groups and its % together


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    right: bool = False
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
        lines.append(row.paint(_line(row.cells, columns, widths)))
        lines += row.beneath
    return "\n".join(lines)


def columns_of(text: str) -> int:
    """How many columns of a terminal ``text`` takes."""
    return sum(_columns(sign) for sign in text)


def cut(text: str, width: int) -> str:
    """``text`` in at most ``width`` columns; a cut is marked with … at its end."""
    if columns_of(text) <= width:
        return text
    kept = text
    while kept and columns_of(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept}…" if width > 0 else ""


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most ``width`` columns; words longer than that (links) stay in one piece."""
    lines = textwrap.wrap(
        _INSIDE.sub("\u00a0", text),
        max(width, len(indent) + NARROWEST),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\u00a0", " ") for line in lines]


def advice(text: str, width: int, indent: str = "", *, label: str = "") -> list[str]:
    """What to do next, behind a label: a sentence is wrapped, a command stays in one piece."""
    if "okrsync " in text:
        return [f"{indent}{label}{text}"]
    lines = wrap(text, width, indent + " " * len(label))
    return [f"{indent}{label}{lines[0].lstrip()}", *lines[1:]] if lines else []


def fits(columns: Sequence[Column], rows: Sequence[Row], width: int) -> bool:
    """Whether the table needs no cut."""
    return sum(_natural(columns, rows)) + len(GAP) * (len(columns) - 1) <= width


def _natural(columns: Sequence[Column], rows: Sequence[Row]) -> list[int]:
    cells = [[column.title for column in columns], *(row.cells for row in rows)]
    return [max(columns_of(row[n]) for row in cells) for n in range(len(columns))]


def _widths(columns: Sequence[Column], rows: Sequence[Row], width: int) -> list[int]:
    widths = _natural(columns, rows)
    room = width - len(GAP) * (len(columns) - 1)
    while sum(widths) > room:
        able = [n for n, one in enumerate(columns) if one.shrinks and widths[n] > NARROWEST]
        if not able:
            break
        widths[max(able, key=widths.__getitem__)] -= 1
    return widths


def _line(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    padded = []
    for cell, column, room in zip(cells, columns, widths, strict=True):
        text = cut(cell, room)
        space = " " * (room - columns_of(text))
        padded.append(space + text if column.right else text + space)
    return GAP.join(padded).rstrip()


def _columns(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1
