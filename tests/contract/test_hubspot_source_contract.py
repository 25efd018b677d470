"""HubSpot keeps the contract of a source, over HTTP and within HubSpot's limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from okrsync.contracts import FromEnvironment, Source
from okrsync.model import Question
from okrsync.testing import SourceContract, a_question, frozen_clock
from okrsync.testing.samples import NOON
from okrsync_hubspot import SOURCE
from okrsync_hubspot.settings import HubSpotQuery, HubSpotSettings
from tests.system.standins import hubspot
from tests.system.standins.deals import some_deals
from tests.system.standins.pace import Pace, PacedToolbox

pytestmark = pytest.mark.network


class TestHubSpot(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Iterator[Source[Any]]:
        pace = Pace()
        secrets = {"HUBSPOT_TOKEN": hubspot.TOKEN}
        with (
            hubspot.serve(some_deals(300), rates={"SEK": "0.09"}, clock=pace.monotonic) as server,
            PacedToolbox(
                tmp_path, "source", clock=frozen_clock(NOON), secrets=secrets, pace=pace
            ) as toolbox,
            SOURCE.open(
                HubSpotSettings(token=FromEnvironment(env="HUBSPOT_TOKEN"), address=server.url),
                toolbox,
            ) as source,
        ):
            yield source
            assert 429 not in server.statuses

    @pytest.fixture
    def questions(self) -> Sequence[Question[Any]]:
        return [
            a_question(HubSpotQuery(where="hs_is_closed_won == true"), on="closedate"),
            a_question(HubSpotQuery(), measure="amount", agg="sum", on="closedate"),
            a_question(HubSpotQuery(where="contains(dealname, '7')", rows=True), on="closedate"),
            a_question(HubSpotQuery(where="stage == 'Offer'")),
        ]

    @pytest.fixture
    def unanswerable(self) -> Question[Any]:
        return a_question(HubSpotQuery(where="no_such_property == 'x'"), on="closedate")

    @pytest.fixture
    def answers_past(self) -> bool:
        return SOURCE.answers_past
