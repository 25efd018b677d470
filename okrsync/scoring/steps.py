"""The steps of a history: what a number moved by from one value to the next.

Three things look like a step and are none:

- A restart. A running count that gives back more than half of all that it had gained began anew:
  the fall says nothing about its pace, and is left out.
- A glitch. One value far away from both its neighbours, which agree with each other, was wrong:
  the step goes from neighbour to neighbour.
- A wild last value. Far away from everything before it, and nothing after it to confirm it: no
  forecast can tell whether it is wrong, so ``is_wild`` lets the guard hold it.

Far away means many times the mean of the other steps. All rules look at differences alone, so they
depend neither on the unit nor on where zero lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

Step = tuple[float, float, float]
"""Middle of the gap, gap, and step: times in periods, the step in ways."""

GLITCH: Final = 8.0  # times the mean of the other steps
RETURN: Final = 0.5  # of the way out is at most missing on the way back
GLITCH_FROM: Final = 4
WILD: Final = 7.0
WILD_BEYOND: Final = 2.0  # times the longest step there ever was
WILD_FROM: Final = 3  # other steps
GIVEN_BACK: Final = 0.5


def steps_of(times: Sequence[float], places: Sequence[float], *, falls: bool) -> list[Step]:
    """The steps between the places, oldest first; ``falls`` says whether the number may fall."""
    if len(places) > GLITCH_FROM:
        times, places = without_glitches(times, places)
    gaps = zip(pairwise(times), pairwise(places), strict=True)
    steps = [
        ((before + after) / 2, after - before, there - here)
        for (before, after), (here, there) in gaps
        if after > before
    ]
    return steps if falls else _without_restarts(steps)


def _without_restarts(steps: list[Step]) -> list[Step]:
    if min([step for _, _, step in steps], default=0.0) >= 0:
        return steps
    kept, gained = [], 0.0
    for step in steps:
        if step[2] < 0 and -step[2] > GIVEN_BACK * gained:
            gained = 0.0
            continue
        gained += step[2]
        kept.append(step)
    return kept


def without_glitches(
    times: Sequence[float], places: Sequence[float]
) -> tuple[Sequence[float], Sequence[float]]:
    """Without the single values that both neighbours contradict; the newest one always stays."""
    moves = [there - here for here, there in pairwise(places)]
    lengths = [abs(move) for move in moves]
    total, others = sum(lengths), len(lengths) - 2
    # out and back together are at most 2.5 times the shorter: below this no move can be a glitch's
    if max(lengths) * (others + (2 + RETURN) * GLITCH) <= GLITCH * total:
        return times, places
    wrong = [
        n + 1
        for n, (out, back) in enumerate(pairwise(moves))
        if out * back < 0 and _is_glitch(abs(out), abs(back), total, others)
    ]
    if not wrong:
        return times, places
    kept = [n for n in range(len(places)) if n not in wrong]
    return [times[n] for n in kept], [places[n] for n in kept]


def _is_glitch(out: float, back: float, total: float, others: int) -> bool:
    shorter = min(out, back)
    usual = max(total - out - back, 0.0) / others
    return shorter > GLITCH * usual and abs(out - back) <= RETURN * shorter


def is_wild(times: Sequence[float], values: Sequence[float], *, falls: bool) -> bool:
    """Whether the last value lies far away from everything before it; a step over a longer gap
    may be longer. Too few values are never wild, and neither is one after a number that never
    moved: it begins to move at some time. Values in any unit."""
    *steps, (_, gap, last) = steps_of(times, values, falls=True) or [(0.0, 1.0, 0.0)]
    if not falls:
        if last < 0:  # a restart, which is another guard's matter
            return False
        steps = _without_restarts(steps)
    lengths = [abs(step) for _, _, step in steps]
    if len(lengths) < WILD_FROM or not any(lengths):
        return False
    longer = max(gap * len(steps) / sum(step[1] for step in steps), 1.0)
    usual = sum(lengths) / len(lengths)
    return abs(last) > longer * max(WILD * usual, WILD_BEYOND * max(lengths))
