"""100 key results on each CRM: the requests and the time that the vendors' limits leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.crm_speed import (
    HUBSPOT_FLOOR,
    PIPEDRIVE_FLOOR,
    Result,
    hubspot_sync,
    pipedrive_sync,
)
from okrsync.testing import frozen_clock
from tests.system.standins.pace import Pace, PacedToolbox

pytestmark = pytest.mark.network


@pytest.fixture
def toolbox(tmp_path: Path) -> Iterator[PacedToolbox]:
    noon = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    with PacedToolbox(tmp_path, clock=frozen_clock(noon), pace=Pace()) as toolbox:
        yield toolbox


def test_hubspot_keeps_within_a_fifth_of_the_floor(toolbox: PacedToolbox) -> None:
    result = hubspot_sync(toolbox, deals=400, clock=toolbox.pace.monotonic, sleep=_side_by_side)
    check(result, HUBSPOT_FLOOR, most_requests=103)


def test_pipedrive_keeps_within_a_fifth_of_the_floor(toolbox: PacedToolbox) -> None:
    result = pipedrive_sync(toolbox, deals=400, clock=toolbox.pace.monotonic, sleep=_side_by_side)
    check(result, PIPEDRIVE_FLOOR, most_requests=103)
    assert result.tokens == 100 * 40 + 5 + 5 + 20


def check(result: Result, floor: float, most_requests: int) -> None:
    assert result.answered == 100
    assert Counter(result.statuses) == {200: len(result.statuses)}, "never asked too often"
    assert len(result.statuses) <= most_requests
    assert result.seconds <= 1.2 * floor


def _side_by_side(_: float) -> None:
    """Answers take no time here: while one is on its way, the pace of the next already runs."""
