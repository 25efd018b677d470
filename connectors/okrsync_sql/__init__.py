"""A database as a source: one SELECT for one number, or for a table that okrsync aggregates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from okrsync.contracts import Source, SourceSpec, Toolbox
from okrsync_sql.settings import SqlQuery, SqlSettings, check


@contextmanager
def _open(settings: SqlSettings, toolbox: Toolbox) -> Iterator[Source[SqlQuery]]:
    from okrsync_sql.source import opened

    with opened(settings, toolbox) as source:
        yield source


SOURCE = SourceSpec(
    name="sql",
    settings=SqlSettings,
    query=SqlQuery,
    open=_open,
    answers_past=True,
    dates_itself=True,
    check=check,
)
