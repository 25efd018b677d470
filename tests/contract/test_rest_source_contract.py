"""JSON APIs keep the contract of a source, also for the past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from okrsync.contracts import Source
from okrsync.model import Question
from okrsync.testing import SourceContract, a_question, frozen_clock
from okrsync.testing.samples import NOON
from okrsync_rest import SOURCE
from okrsync_rest.settings import RestQuery, RestSettings
from tests.unit.rest.conftest import BASE, ApiToolbox, json_answer

BUGS = {
    "total": 17,
    "bugs": [
        {"id": 1, "closed": "2026-09-20", "days": 3},
        {"id": 2, "closed": "2026-10-05", "days": 4.5},
        {"id": 3, "closed": "2026-10-25", "days": 6},
    ],
}
LIST = RestQuery(path="bugs", rows="bugs")


class TestRest(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Iterator[Source[RestQuery]]:
        toolbox = ApiToolbox(
            tmp_path, name="source", clock=frozen_clock(NOON), handler=lambda _: json_answer(BUGS)
        )
        with toolbox, SOURCE.open(RestSettings(url=BASE), toolbox) as source:
            yield source

    @pytest.fixture
    def questions(self) -> Sequence[Question[Any]]:
        return [
            a_question(LIST, on="closed"),
            a_question(LIST, measure="days", agg="sum", on="closed"),
            a_question(RestQuery(path="bugs", number="total"), agg=None),
        ]

    @pytest.fixture
    def unanswerable(self) -> Question[Any]:
        return a_question(RestQuery(path="bugs", number="no.such"), agg=None)

    @pytest.fixture
    def answers_past(self) -> bool:
        return SOURCE.answers_past
