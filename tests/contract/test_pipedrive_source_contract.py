"""Pipedrive keeps the contract of a source, over HTTP and within Pipedrive's limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from okrsync.contracts import FromEnvironment, Source
from okrsync.model import Question
from okrsync.testing import SourceContract, a_question, frozen_clock
from okrsync.testing.samples import NOON
from okrsync_pipedrive import SOURCE
from okrsync_pipedrive.settings import PipedriveQuery, PipedriveSettings
from tests.system.standins import pipedrive
from tests.system.standins.deals import some_deals
from tests.system.standins.pace import Pace, PacedToolbox

pytestmark = pytest.mark.network


class TestPipedrive(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Iterator[Source[Any]]:
        pace = Pace()
        secrets = {"PIPEDRIVE_TOKEN": pipedrive.TOKEN}
        with (
            pipedrive.serve(some_deals(300), rates={"SEK": "0.09"}, clock=pace.monotonic) as server,
            PacedToolbox(
                tmp_path, "source", clock=frozen_clock(NOON), secrets=secrets, pace=pace
            ) as toolbox,
            SOURCE.open(
                PipedriveSettings(token=FromEnvironment(env="PIPEDRIVE_TOKEN"), address=server.url),
                toolbox,
            ) as source,
        ):
            yield source
            assert 429 not in server.statuses

    @pytest.fixture
    def questions(self) -> Sequence[Question[Any]]:
        return [
            a_question(PipedriveQuery(status="won", rows=True), on="won_time"),
            a_question(PipedriveQuery(status="won", currency="SEK"), measure="value", agg="sum"),
            a_question(PipedriveQuery(stage="Offer", archived=True)),
        ]

    @pytest.fixture
    def unanswerable(self) -> Question[Any]:
        return a_question(PipedriveQuery(stage="No such stage"))

    @pytest.fixture
    def answers_past(self) -> bool:
        return SOURCE.answers_past
