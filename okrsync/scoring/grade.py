"""What a score is worth, by the ambition that it was set with.

Bands are half-open and read the score as it is shown (in steps of 0.0001): for an aspirational
key result 0.7 and more is green, 0.4 and more yellow, less is red (Doerr, Measure What Matters,
with its gaps closed); for a committed one only 1 is green, 0.7 and more is yellow, less is red.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from okrsync.model import Ambition


class Grade(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


GREEN_FROM = {Ambition.ASPIRATIONAL: Decimal("0.7"), Ambition.COMMITTED: Decimal(1)}
YELLOW_FROM = {Ambition.ASPIRATIONAL: Decimal("0.4"), Ambition.COMMITTED: Decimal("0.7")}


def grade(score: Decimal, ambition: Ambition) -> Grade:
    """The band of a score of 0-1."""
    if score >= GREEN_FROM[ambition]:
        return Grade.GREEN
    return Grade.YELLOW if score >= YELLOW_FROM[ambition] else Grade.RED


def bands(ambition: Ambition) -> str:
    """The bands in words, for the report."""
    green, yellow = GREEN_FROM[ambition], YELLOW_FROM[ambition]
    reached = f"{green} is green" if green == 1 else f"{green} and more is green"
    return f"{ambition}: {reached}, {yellow} and more is yellow, less is red"
