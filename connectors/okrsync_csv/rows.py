"""From text to rows: separator, header, blank rows, footers, and what is no table at all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from itertools import chain, compress, islice
from operator import itemgetter

from okrsync.contracts import RowBatch
from okrsync.errors import BadAnswer
from okrsync_csv.settings import SEPARATORS, CsvSettings

_LONGEST = 4_000_000  # characters of one line, and of one record of several lines
_MOST_COLUMNS = 16_384
_CORRECT = "correct the row; if it is one of the last, say footer_rows = ..."
_NAMES_LOWER = "if the names of the columns stand lower, say header = ... (a row's number)"
_SAMPLE = 20  # rows that a separator must agree with
_TOTALS = frozenset(
    {"total", "totals", "totalt", "totale", "summa", "summe", "sum", "subtotal", "gesamt"}
    | {"grand total", "total:", "summa:", "summe:", "sum:"}
)


class Table:
    """A file's header and its rows; rows are numbered as a spreadsheet numbers them.

    Raises ``BadAnswer`` on the way for anything that is not surely a table.
    """

    def __init__(self, chunks: Iterable[str], settings: CsvSettings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._lines = Lines(chunks, name)
        self._reader = csv.reader(
            chain.from_iterable(self._lines),
            delimiter=self._separator(),
            skipinitialspace=True,
            strict=True,
        )
        self._read = 0
        self._rows = 0
        self.header = self._header()

    def _separator(self) -> str:
        if self._settings.separator is not None:
            return SEPARATORS[self._settings.separator]
        start = self._lines.start()
        said = start.partition("\n")[0].strip().lower()
        if said.startswith("sep=") and said[4:] in SEPARATORS:
            return said[4:]
        return _separator_of(start, self._settings.header, self._name)

    def _header(self) -> list[str]:
        rows = self._records(islice(self._reader, self._settings.header))
        if rows and len(rows[0]) and rows[0][0].lower().startswith("sep="):
            rows = [*rows[1:], *self._records(islice(self._reader, 1))]
        if len(rows) < self._settings.header or not any(map(str.strip, rows[-1])):
            raise BadAnswer(
                f"{self._name}: row {self._settings.header} holds no names of columns",
                next_step="look whether the export is empty, or say header = ... (a row's number)",
            )
        if len(rows[-1]) > _MOST_COLUMNS:
            raise BadAnswer(
                f"{self._name} has more than {_MOST_COLUMNS:,} columns",
                next_step='look at its first row, or say separator = "..." in its [source] table',
            )
        self._records(islice(self._reader, self._settings.skip_rows))
        return [_named(cell, self._settings.rename) for cell in rows[-1]]

    def _records(self, rows: Iterable[list[str]]) -> list[list[str]]:
        """Records read one by one, with csv's own words for what is broken."""
        records = []
        try:
            for row in rows:
                records.append(row)
                self._read += 1
                self._lines.taken()
        except csv.Error as error:
            raise self._broken(error) from None
        return records

    def _broken(self, error: csv.Error) -> BadAnswer:
        return BadAnswer(
            f"{self._name}, row {self._read + 1}: {_why_broken(error)}",
            next_step="look for a quote that is not closed or not doubled",
        )

    def batches(self) -> Iterator[RowBatch]:
        """Rows as wide as the header, without blank ones, some thousand at a time."""
        held: list[tuple[int, Sequence[str]]] = []
        last: Sequence[str] = ()
        for first, rows in self._raw():
            batch = self._without_blanks(first, rows)
            self._count(len(batch.rows))
            if self._settings.footer_rows:
                batch, held = _held_back(held, batch, self._settings.footer_rows)
            if batch.rows:
                batch = self._even(batch)
                last = batch.rows[-1]
                yield batch
        self._check_total(last)

    def _raw(self) -> Iterator[tuple[int, list[list[str]]]]:
        """All records of one piece of text, and the number of the first."""
        while True:
            first: int = self._read + 1
            rows: list[list[str]] = []
            lines, append = self._lines, rows.append
            lines.more = False
            try:
                for row in self._reader:
                    append(row)
                    if lines.more:
                        break
            except csv.Error as error:
                self._read += len(rows)
                raise self._broken(error) from None
            if not rows:
                return
            lines.taken()
            self._read += len(rows)
            yield first, rows

    def _without_blanks(self, first: int, rows: list[list[str]]) -> RowBatch:
        numbers: Sequence[int] = range(first, first + len(rows))
        if all(rows) and all(map(itemgetter(0), rows)):
            return RowBatch(rows, numbers)
        filled = [any(map(str.strip, row)) for row in rows]
        return RowBatch(list(compress(rows, filled)), list(compress(numbers, filled)))

    def _count(self, rows: int) -> None:
        self._rows += rows
        if self._rows > self._settings.max_rows:
            raise BadAnswer(
                f"{self._name} has more than {self._settings.max_rows:,} rows",
                next_step="raise max_rows in its [source] table if that is right",
            )

    def _even(self, batch: RowBatch) -> RowBatch:
        width = len(self.header)
        if set(map(len, batch.rows)) == {width}:
            return batch
        pairs = zip(batch.numbers, batch.rows, strict=True)
        return RowBatch([self._cut(number, row) for number, row in pairs], batch.numbers)

    def _cut(self, number: int, row: Sequence[str]) -> Sequence[str]:
        """Empty cells past the last column come from a separator at the row's end."""
        width = len(self.header)
        if len(row) < width or any(map(str.strip, row[width:])):
            lower = number == self._settings.header + 1 and len(row) > width
            raise BadAnswer(
                f"{self._name}, row {number} has {len(row)} cells, the header has {width}",
                next_step=_NAMES_LOWER if lower else _CORRECT,
            )
        return row[:width]

    def _check_total(self, last: Sequence[str]) -> None:
        if self._settings.footer_rows is not None:
            return
        first = next((cell.strip() for cell in last if cell.strip()), "")
        if first.lower() in _TOTALS:
            raise BadAnswer(
                f"{self._name}: the last row looks like a total of the others",
                next_step="say footer_rows = 1 to leave it out, or footer_rows = 0 to count it",
            )


class Lines:
    """Lines of bounded length, piece by piece; ``more`` is set whenever a new piece is begun."""

    def __init__(self, chunks: Iterable[str], name: str) -> None:
        self.more = False
        self._name = name
        self._pieces = self._split(chunks)
        self._begun: list[str] = []
        self._characters = 0

    def start(self) -> str:
        """The first piece, to look at; it will still be read."""
        self._begun = list(islice(self._pieces, 1))
        return self._begun[0] if self._begun else ""

    def taken(self) -> None:
        """A record is complete."""
        self._characters = 0

    def __iter__(self) -> Iterator[StringIO]:
        for piece in chain(self._begun, self._pieces):
            if self._characters > _LONGEST:
                raise BadAnswer(
                    f"{self._name} has a record of more than {_LONGEST:,} characters",
                    next_step="look for a quote that is not closed",
                )
            self._characters += len(piece)
            self.more = True
            yield StringIO(piece, newline="")

    def _split(self, chunks: Iterable[str]) -> Iterator[str]:
        rest: list[str] = []
        length = 0
        for chunk in _unmarked(chunks):
            head, newline, tail = chunk.rpartition("\n")
            if newline:
                yield "".join((*rest, head, newline))
                rest, length = [], 0
            rest.append(tail)
            length += len(tail)
            if length > _LONGEST:
                raise BadAnswer(
                    f"{self._name} has a line of more than {_LONGEST:,} characters",
                    next_step="look whether it is a CSV file at all",
                )
        if length:
            yield "".join(rest)


def _held_back(
    held: list[tuple[int, Sequence[str]]], batch: RowBatch, footers: int
) -> tuple[RowBatch, list[tuple[int, Sequence[str]]]]:
    """All but the last rows, which may turn out to be the file's last ones."""
    pairs = [*held, *zip(batch.numbers, batch.rows, strict=True)]
    kept = pairs[:-footers]
    return RowBatch([row for _, row in kept], [number for number, _ in kept]), pairs[-footers:]


def _unmarked(chunks: Iterable[str]) -> Iterator[str]:
    """The text without a byte order mark that an encoding given by name left in it."""
    chunks = iter(chunks)
    for first in chunks:
        yield first.removeprefix("\ufeff")
        yield from chunks


def _separator_of(start: str, header: int, name: str) -> str:
    """The separator that splits the header and the rows below it into equally many cells."""
    if start.lstrip()[:15].lower().startswith(("<!doctype", "<html", "<?xml")):
        raise BadAnswer(f"{name} is a web page, not a table", next_step="look at the address")
    widths = {separator: _width(start, separator, header) for separator in ",;\t|"}
    most = max(widths.values())
    best = [separator for separator, width in widths.items() if width == most]
    if most <= 1:
        return ","
    if len(best) > 1:
        raise BadAnswer(
            f"{name}: the rows can be split at {' or at '.join(map(repr, best))}",
            next_step='say separator = "..." in its [source] table',
        )
    return best[0]


def _width(start: str, separator: str, header: int) -> int:
    """How many cells the header has; 1 where the rows below it do not all have as many."""
    whole = start if len(start) < _LONGEST else start[:_LONGEST]
    reader = csv.reader(StringIO(whole, newline=""), delimiter=separator, skipinitialspace=True)
    try:
        rows = list(islice(reader, header - 1, header + _SAMPLE))
    except csv.Error:
        return 0
    filled = [row for row in rows if any(map(str.strip, row))]
    if not filled:
        return 0
    width = len(filled[0])
    return width if sum(len(row) >= width for row in filled) * 2 > len(filled) else 1


def _named(cell: str, rename: Mapping[str, str]) -> str:
    name = " ".join(cell.split())
    return rename.get(name, name)


def _why_broken(error: csv.Error) -> str:
    words = str(error)
    if "field limit" in words:
        return f"a cell of more than {csv.field_size_limit():,} characters"
    if "unexpected end" in words:
        return "a quote is opened and never closed"
    if "expected after" in words:
        return "text after a closing quote"
    return "cannot be split into cells"
