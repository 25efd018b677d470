"""Salesforce as a source: SOQL as it is, or an object, a condition and an aggregation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from okrsync.contracts import Source, SourceSpec, Toolbox
from okrsync_salesforce.checking import check, check_where
from okrsync_salesforce.settings import SalesforceQuery, SalesforceSettings


@contextmanager
def _open(settings: SalesforceSettings, toolbox: Toolbox) -> Iterator[Source[SalesforceQuery]]:
    from okrsync_salesforce.source import SalesforceSource

    yield SalesforceSource(settings, toolbox)


SOURCE = SourceSpec(
    name="salesforce",
    settings=SalesforceSettings,
    query=SalesforceQuery,
    open=_open,
    answers_past=True,
    dates_itself=True,
    row_expressions=frozenset({"where"}),
    check=check,
    check_conditions={"where": check_where},
)
