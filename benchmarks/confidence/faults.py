"""Faults as they happen to numbers, put into the observations of every window.

restart  A running count begins at 0 again on some day. Baseline and target are in the numbers of
         the counter as it is now, so what was seen before the restart stands too high.
glitch   One value inside the history, never the newest, is wrong: 0, ten times as much, or off by
         three ways up or down.
stale    Nothing was seen for the last 14 days.
last     The newest value is wrong in the same ways. Where a guard holds it (wild, or a running
         count that falls), the forecast is made without it; how many is told on stderr.

Each is the same in every run: the dice are seeded with the window's id.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.confidence.windows import Window
from okrsync.model import MetricSort
from okrsync.scoring.steps import is_wild

STALE_DAYS = 14
FEWEST = 3


def restart(windows: Sequence[Window]) -> list[Window]:
    return [_restarted(window) for window in windows]


def glitch(windows: Sequence[Window]) -> list[Window]:
    return [_spoilt(window, inside=True) for window in windows]


def stale(windows: Sequence[Window]) -> list[Window]:
    return [_stale(window) for window in windows]


def last(windows: Sequence[Window]) -> list[Window]:
    """With the guards that the engine has: a doubtful value waits."""
    spoilt = [_spoilt(window, inside=False) for window in windows]
    held = [_held(before, after) for before, after in zip(windows, spoilt, strict=True)]
    changed = [
        (before, kept)
        for before, after, kept in zip(windows, spoilt, held, strict=True)
        if before.values != after.values
    ]
    found = sum(len(kept.values) < len(before.values) for before, kept in changed)
    alarms = sum(_doubtful(window) for window in windows)
    print(f"held {found} of {len(changed)} wrong last values", file=sys.stderr)
    print(f"would have held {alarms} of {len(windows)} right ones", file=sys.stderr)
    return held


FAULTS: dict[str, Callable[[Sequence[Window]], list[Window]]] = {
    "restart": restart,
    "glitch": glitch,
    "stale": stale,
    "last": last,
}


def _restarted(window: Window) -> Window:
    if window.aim.sort is not MetricSort.CUMULATIVE or len(window.values) < FEWEST:
        return window
    day = _dice(window).randrange(1, len(window.values))
    stood, aim = window.values[day - 1], window.aim
    now = [value - stood for value in window.values[day:]]
    lowered = replace(aim, baseline=aim.baseline - stood, target=aim.target - stood, lower=None)
    return replace(window, aim=lowered, values=[*window.values[:day], *now], shift=stood)


def _spoilt(window: Window, *, inside: bool) -> Window:
    if len(window.values) < FEWEST:
        return window
    dice = _dice(window)
    day = dice.randrange(1, len(window.values) - 1) if inside else len(window.values) - 1
    values = [*window.values]
    values[day] = dice.choice(_wrong(window, values[day]))
    return window.seen(window.days, values)


def _wrong(window: Window, value: float) -> list[float]:
    """What a wrong answer could be, within the metric's bounds, and not the right one."""
    aim = window.aim
    off = 3 * (aim.target - aim.baseline)
    low = -float("inf") if aim.lower is None else aim.lower
    high = float("inf") if aim.upper is None else aim.upper
    wrong = [min(max(one, low), high) for one in (0.0, 10 * value, value + off, value - off)]
    return [one for one in wrong if one != value] or [value]


def _stale(window: Window) -> Window:
    count = max(sum(day <= window.as_of - STALE_DAYS for day in window.days), 1)
    return window.seen(window.days[:count], window.values[:count])


def _held(before: Window, after: Window) -> Window:
    if before.values == after.values or not _doubtful(after):
        return after
    return after.seen(after.days[:-1], after.values[:-1])


def _doubtful(window: Window) -> bool:
    counted = window.aim.sort is MetricSort.CUMULATIVE
    fell = counted and len(window.values) > 1 and window.values[-1] < window.values[-2]
    return fell or is_wild(window.days, window.values, falls=not counted)


def _dice(window: Window) -> random.Random:
    return random.Random(window.id)  # noqa: S311 - the same faults every time
