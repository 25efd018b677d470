"""CSV files keep the contract of a source, also for the past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from okrsync.contracts import Source
from okrsync.model import Question
from okrsync.testing import FakeToolbox, SourceContract, a_question, frozen_clock
from okrsync.testing.samples import NOON
from okrsync_csv import SOURCE
from okrsync_csv.settings import CsvQuery, CsvSettings

BUGS = """\
id,closed,days
1,2026-09-20,3
2,2026-10-05,4.5
3,2026-10-25,6
"""


def asked(query: CsvQuery, **settings: Any) -> Question[CsvQuery]:
    return a_question(query, on="closed", **settings)


class TestCsv(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Iterator[Source[CsvQuery]]:
        (tmp_path / "bugs.csv").write_text(BUGS, encoding="utf-8")
        toolbox = FakeToolbox(tmp_path, name="source", clock=frozen_clock(NOON))
        with SOURCE.open(CsvSettings(path="bugs.csv"), toolbox) as source:
            yield source

    @pytest.fixture
    def questions(self) -> Sequence[Question[Any]]:
        return [asked(CsvQuery()), asked(CsvQuery(), measure="days", agg="sum")]

    @pytest.fixture
    def unanswerable(self) -> Question[Any]:
        return asked(CsvQuery(), measure="no-such-column", agg="sum")

    @pytest.fixture
    def answers_past(self) -> bool:
        return SOURCE.answers_past
