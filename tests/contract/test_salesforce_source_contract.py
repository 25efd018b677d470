"""Salesforce keeps the contract of a source, asked over real HTTP at the stand-in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from okrsync.contracts import Source
from okrsync.model import Question
from okrsync.testing import SourceContract
from okrsync_salesforce import SOURCE
from okrsync_salesforce.settings import SalesforceQuery
from tests.system.harness.salesforce import asking, deals, soql
from tests.system.standins.salesforce import a_deal, serve

pytestmark = pytest.mark.network

DEALS = [
    a_deal(1, amount="3.00", status="won", closed="2026-09-20T10:00:00+00:00"),
    a_deal(2, amount="4.50", status="won", closed="2026-10-05T10:00:00+00:00"),
    a_deal(3, amount="6.00", status="lost", closed="2026-10-25T10:00:00+00:00"),
    a_deal(4, amount="", status="open"),
]


class TestSalesforce(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Iterator[Source[SalesforceQuery]]:
        with serve(DEALS) as org, asking(org, tmp_path) as there:
            yield there.source

    @pytest.fixture
    def questions(self) -> Sequence[Question[Any]]:
        return [
            deals("IsWon", on="ClosedAt__c"),
            deals("IsWon", "sum", "Amount", on="ClosedAt__c"),
            deals(None, "p90", "Amount", on="ClosedAt__c"),
            deals(None, "last", "Amount", on="ClosedAt__c"),
            deals(None, "min", "Amount"),
            soql("SELECT AVG(Amount) a FROM Opportunity WHERE IsWon = TRUE"),
        ]

    @pytest.fixture
    def unanswerable(self) -> Question[Any]:
        return deals(None, "sum", "No_Such__c", on="ClosedAt__c")

    @pytest.fixture
    def answers_past(self) -> bool:
        return SOURCE.answers_past
