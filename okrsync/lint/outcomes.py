"""What the first measurements say about where the bar was set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from decimal import Decimal

from okrsync.lint.finding import Finding
from okrsync.mapping.periods import elapsed
from okrsync.model import Ambition, KeyResult, Outcome
from okrsync.scoring.progress import is_threshold

AT_THE_START = Decimal("0.25")
CERTAIN, HOPELESS = 0.95, 0.05


def check_outcome(key_result: KeyResult, outcome: Outcome, zone: tzinfo) -> Iterator[Finding]:
    """In the first quarter of the period, an aspirational bar should be neither sure nor hopeless.

    A bound to keep and a commitment may be met from the first day."""
    score = outcome.score
    early = elapsed(key_result.period, outcome.at, zone) < AT_THE_START
    if score is None or not early or is_threshold(key_result):
        return
    chance = score.confidence.probability if score.confidence else None
    sure = score.score == 1 or (chance is not None and chance >= CERTAIN)
    if sure and key_result.ambition is Ambition.ASPIRATIONAL:
        yield Finding(
            key_result.place,
            "bar-too-low",
            f"{key_result.id} is met, or as good as met, at the start of its period",
            'raise the target, or write ambition = "committed" if it is a promise',
        )
    elif chance is not None and chance <= HOPELESS:
        yield Finding(
            key_result.place,
            "bar-too-high",
            f"{key_result.id} has next to no chance at the start of its period",
            "lower the target to one with about even odds",
        )
