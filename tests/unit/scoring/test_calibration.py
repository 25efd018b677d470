"""Whether what was said to be likely came true."""

from __future__ import annotations

import pytest

from okrsync.scoring.calibration import Stated, by_pace, calibration


def stated(confidence: float, *, came_true: bool, progress: float = 0.5) -> Stated:
    return Stated("shop.grow.orders", "2026-Q3", confidence, progress, 0.5, came_true)


def test_bands_hold_what_was_said_beside_what_came_true() -> None:
    said = [stated(0.75, came_true=n < 3) for n in range(4)] + [stated(1.0, came_true=True)]
    (band,) = calibration(said[:4]).bands
    assert (band.low, band.high, band.count) == (0.6, 0.8, 4)
    assert band.said == pytest.approx(0.75)
    assert band.came_true == pytest.approx(0.75)
    assert calibration(said).bands[-1].count == 1


def test_the_brier_score_of_facts_is_0_and_of_coins_a_quarter() -> None:
    facts = [stated(1.0, came_true=True), stated(0.0, came_true=False)]
    coins = [stated(0.5, came_true=True), stated(0.5, came_true=False)]
    assert calibration(facts).brier == 0
    assert calibration(coins).brier == 0.25


def test_the_pace_rule_is_even_at_pace_and_sure_far_ahead() -> None:
    assert by_pace(stated(0.1, came_true=True)) == 0.5
    assert by_pace(stated(0.1, came_true=True, progress=1e9)) == pytest.approx(1)


def test_without_check_ins_there_is_no_score() -> None:
    nothing = calibration([])
    assert nothing.brier is None
    assert nothing.bands == ()
    assert not nothing.enough
