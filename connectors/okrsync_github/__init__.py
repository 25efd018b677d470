"""GitHub as a source: github.com and Enterprise Server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from okrsync.contracts import Source, SourceSpec, Toolbox
from okrsync_github.checking import check, check_asking
from okrsync_github.settings import GithubQuery, GithubSettings


@contextmanager
def _open(settings: GithubSettings, toolbox: Toolbox) -> Iterator[Source[GithubQuery]]:
    from okrsync_github.source import GithubSource

    yield GithubSource(settings, toolbox)


SOURCE = SourceSpec(
    name="github",
    settings=GithubSettings,
    query=GithubQuery,
    open=_open,
    answers_past=True,
    check=check,
    check_asking=check_asking,
)
