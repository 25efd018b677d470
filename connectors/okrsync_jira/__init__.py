"""Jira as a source: Cloud and Data Center; counts, fields, durations, epics, versions, sprints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from okrsync.contracts import Source, SourceSpec, Toolbox
from okrsync_jira.offline import check, check_asking
from okrsync_jira.settings import JiraQuery, JiraSettings


@contextmanager
def _open(settings: JiraSettings, toolbox: Toolbox) -> Iterator[Source[JiraQuery]]:
    from okrsync_jira.site import opened
    from okrsync_jira.source import JiraSource

    with opened(settings, toolbox) as site:
        yield JiraSource(settings, toolbox, site)


SOURCE = SourceSpec(
    name="jira",
    settings=JiraSettings,
    query=JiraQuery,
    open=_open,
    answers_past=True,
    check=check,
    check_asking=check_asking,
)
