"""CSV files as a source: local files, the newest of several, or a file behind an https address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from okrsync.contracts import Source, SourceSpec, Toolbox
from okrsync_csv.settings import CsvQuery, CsvSettings, check


@contextmanager
def _open(settings: CsvSettings, toolbox: Toolbox) -> Iterator[Source[CsvQuery]]:
    from okrsync_csv.source import CsvSource

    yield CsvSource(settings, toolbox)


SOURCE = SourceSpec(
    name="csv",
    settings=CsvSettings,
    query=CsvQuery,
    open=_open,
    answers_past=True,
    row_expressions=frozenset({"where"}),
    check=check,
)
