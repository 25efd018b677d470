"""Any JSON API as a source, by config alone: a path, and where the number or the rows stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from okrsync.contracts import Source, SourceSpec, Toolbox
from okrsync_rest.settings import RestQuery, RestSettings, check


@contextmanager
def _open(settings: RestSettings, toolbox: Toolbox) -> Iterator[Source[RestQuery]]:
    from okrsync_rest.opening import opened

    yield opened(settings, toolbox)


SOURCE = SourceSpec(
    name="rest",
    settings=RestSettings,
    query=RestQuery,
    open=_open,
    answers_past=True,
    dates_itself=True,
    row_expressions=frozenset({"where"}),
    check=check,
)
