"""What is believed of a key result before its own values say more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from okrsync.model import MetricSort, Prior
from okrsync.scoring.forecast import Aim
from okrsync.scoring.prior import LEVEL_DRIFT, prior_drift

START, DEADLINE = 100.0, 200.0
FALLING = Aim(24, 10, START, DEADLINE, MetricSort.LEVEL, whole=True, lower=0.0)
BASE_RATE = LEVEL_DRIFT[True, False]
EVEN = prior_drift(FALLING, Prior.EVEN, [])


def fitted(*days: float) -> float:
    return prior_drift(FALLING, Prior.FITTED, days)


@pytest.mark.parametrize("day", [60.0, START, START + 1])
def test_a_metric_that_was_seen_when_the_period_began_has_the_base_rate(day: float) -> None:
    assert fitted(day) == BASE_RATE
    assert fitted(day, 150.0) == BASE_RATE


def test_without_a_history_half_of_all_targets_are_met() -> None:
    assert fitted() == fitted(150.0) == EVEN
    assert 0.95 < EVEN <= 1


def test_what_was_first_seen_later_nears_the_base_rate_without_a_jump() -> None:
    nearing = [fitted(120.0, 120.0 + days) for days in (0, 1, 12.5, 25, 60)]
    assert nearing == sorted(nearing, reverse=True)
    assert nearing[0] - nearing[1] < 0.05
    assert nearing[2] == pytest.approx((EVEN + BASE_RATE) / 2)
    assert nearing[3] == nearing[4] == pytest.approx(BASE_RATE)


def test_the_even_prior_does_not_ask_for_the_history() -> None:
    rising = replace(FALLING, baseline=10, target=24)
    for days in ([], [60.0], [60.0, 150.0]):
        assert prior_drift(FALLING, Prior.EVEN, days) == EVEN
        assert prior_drift(rising, Prior.EVEN, days) == EVEN
