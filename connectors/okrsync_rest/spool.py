"""Rows on their way to the aggregation: in a temporary file once they are many.

They are read to the end before any is counted. Only then it is known that the list was whole, and
which columns there are: an API leaves out of a row what it has no value for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Self

from okrsync.contracts import RowBatch
from okrsync.errors import BadAnswer

_IN_MEMORY = 8_000_000  # bytes
_BATCH = 2_000
_MOST_COLUMNS = 16_384


class Spool:
    def __init__(self, most: int) -> None:
        self._most = most
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with this
        self._columns: dict[str, None] = {}
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    @property
    def header(self) -> list[str]:
        return list(self._columns)

    def add(self, rows: Sequence[dict[str, str]]) -> None:
        self.rows += len(rows)
        for row in rows:
            self._columns.update(dict.fromkeys(row))
            self._file.write(json.dumps(row).encode() + b"\n")
        if self.rows > self._most or len(self._columns) > _MOST_COLUMNS:
            raise BadAnswer(
                f"the list has more than {self._most:,} rows or {_MOST_COLUMNS:,} columns",
                next_step="narrow the query, or raise max_rows in its [source] table",
            )

    def batches(self) -> Iterator[RowBatch]:
        header = self.header
        self._file.seek(0)
        first = 1
        while lines := list(islice(self._file, _BATCH)):
            rows = [json.loads(line) for line in lines]
            cells = [[row.get(name, "") for name in header] for row in rows]
            yield RowBatch(cells, range(first, first + len(cells)))
            first += len(cells)
