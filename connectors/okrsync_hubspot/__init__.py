"""HubSpot as a source: deals, contacts, companies, tickets and custom objects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from okrsync.contracts import Source, SourceSpec, Toolbox
from okrsync_hubspot.offline import check_where
from okrsync_hubspot.settings import HubSpotQuery, HubSpotSettings


@contextmanager
def _open(settings: HubSpotSettings, toolbox: Toolbox) -> Iterator[Source[HubSpotQuery]]:
    from okrsync_hubspot.source import opened

    with opened(settings, toolbox) as source:
        yield source


SOURCE = SourceSpec(
    name="hubspot",
    settings=HubSpotSettings,
    query=HubSpotQuery,
    open=_open,
    answers_past=True,
    row_expressions=frozenset({"where"}),
    check_conditions={"where": check_where},
)
