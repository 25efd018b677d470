"""Pipedrive as a source: deals by summary, by timeline, or one by one; other records one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from okrsync.contracts import Source, SourceSpec, Toolbox
from okrsync_pipedrive.settings import PipedriveQuery, PipedriveSettings, check


@contextmanager
def _open(settings: PipedriveSettings, toolbox: Toolbox) -> Iterator[Source[PipedriveQuery]]:
    from okrsync_pipedrive.source import opened

    with opened(settings, toolbox) as source:
        yield source


SOURCE = SourceSpec(
    name="pipedrive",
    settings=PipedriveSettings,
    query=PipedriveQuery,
    open=_open,
    answers_past=True,
    row_expressions=frozenset({"where"}),
    check=check,
)
