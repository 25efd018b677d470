"""Text that comes from outside, made harmless for the place where it is shown."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

Cell = str | Decimal | int | None

# What a spreadsheet takes for the start of a formula (OWASP, CSV Injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_MARKDOWN = re.compile(r"[\\`*_\[\]#|~$]")
# A list, a rule or an underlined heading begins so; numbered lists have the sign after the number.
_BLOCK_START = re.compile(r"^[-+=](?=[-=\s]|$)|(?<=^\d)[.)](?=\s|$)")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A CSV table (comma, UTF-8, one line a row) in which no cell can be read as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([csv_cell(name) for name in header])
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def csv_cell(cell: Cell) -> str:
    """A real number stays a number; a text that could start a formula gets ``'`` in front."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, int):
        return str(cell)
    # a lone CR would end the row, because the writer quotes only what its line ends hold
    text = cell.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def markdown(text: str) -> str:
    """One line of Markdown that shows ``text`` as it is: no markup, HTML, list or table cell."""
    line = plain(text)
    escaped = _MARKDOWN.sub(r"\\\g<0>", line)
    for sign, entity in _HTML.items():
        escaped = escaped.replace(sign, entity)
    return _BLOCK_START.sub(r"\\\g<0>", escaped)


def plain(text: str) -> str:
    """One line without control characters, so that no text can steer a terminal or a table."""
    line = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in line)
