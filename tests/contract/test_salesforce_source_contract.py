"""Salesforce keeps the contract of a source, asked over real HTTP at the stand-in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from okrsync.contracts import FromEnvironment, Source
from okrsync.model import Question
from okrsync.testing import FakeToolbox, SourceContract, a_question, frozen_clock
from okrsync.testing.samples import NOON
from okrsync_salesforce import SOURCE
from okrsync_salesforce.settings import SalesforceQuery, SalesforceSettings
from tests.system.standins.salesforce import Org, a_deal, serve

pytestmark = pytest.mark.network

DEALS = [
    a_deal(1, amount="3.00", status="won", closed="2026-09-20T10:00:00+00:00"),
    a_deal(2, amount="4.50", status="won", closed="2026-10-05T10:00:00+00:00"),
    a_deal(3, amount="6.00", status="lost", closed="2026-10-25T10:00:00+00:00"),
    a_deal(4, amount="", status="open"),
]


def settings_for(org: Org, **more: Any) -> SalesforceSettings:
    return SalesforceSettings(
        login_url=org.address,
        client_id=org.CLIENT,
        client_secret=FromEnvironment(env="SF_SECRET"),
        **more,
    )


def asked(query: SalesforceQuery, **settings: Any) -> Question[SalesforceQuery]:
    return a_question(query, on="ClosedAt__c", **settings)


class TestSalesforce(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Iterator[Source[SalesforceQuery]]:
        with (
            serve(DEALS) as org,
            FakeToolbox(
                tmp_path, name="source", clock=frozen_clock(NOON), secrets={"SF_SECRET": org.SECRET}
            ) as toolbox,
            SOURCE.open(settings_for(org), toolbox) as source,
        ):
            yield source

    @pytest.fixture
    def questions(self) -> Sequence[Question[Any]]:
        won = SalesforceQuery(object="Opportunity", where="IsWon")
        return [
            asked(won),
            asked(won, measure="Amount", agg="sum"),
            asked(SalesforceQuery(object="Opportunity"), measure="Amount", agg="p90"),
            asked(SalesforceQuery(object="Opportunity"), measure="Amount", agg="last"),
            a_question(
                SalesforceQuery(soql="SELECT AVG(Amount) a FROM Opportunity WHERE IsWon = TRUE"),
                agg=None,
            ),
        ]

    @pytest.fixture
    def unanswerable(self) -> Question[Any]:
        return asked(SalesforceQuery(object="Opportunity"), measure="No_Such__c", agg="sum")

    @pytest.fixture
    def answers_past(self) -> bool:
        return SOURCE.answers_past
