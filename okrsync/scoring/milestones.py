"""How likely dated steps are all reached by the deadline.

- Dates are believed as far as dates have held: of k steps whose day has come or that are done,
  h were done by their day, and the next one holds with the probability (h + 1) / (k + 2) (the rule
  of succession). Without any, that is a half.
- One that slips is late by a while that is forgotten as it passes: it is still done by the deadline
  with 1 - exp(-(time from its day, or from now, to the deadline) / D). The delay D is all the time
  by which steps were or are late so far, over the number of late ones that are done (what is still
  late may take long yet), with one of a quarter of the period thrown in.
- The steps of one plan slip together, so the chance is that of the weakest step.
- Steps without a day are counted: they are a running count on its way to their number, forecast
  like any other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from okrsync.model import KeyResult, MetricSort, Milestone, Prior
from okrsync.scoring.forecast import Aim, forecast
from okrsync.scoring.history import Series, midnight
from okrsync.scoring.prior import prior_drift

USUAL_DELAY: Final = 0.25  # of the period


@dataclass(frozen=True, slots=True)
class Dates:
    """How the dates have fared: how many ``held``, by how many days others slipped that are done,
    and by how many days those are late that are still to be done."""

    held: int
    slipped: tuple[float, ...]
    late: tuple[float, ...]

    @property
    def known(self) -> int:
        return self.held + len(self.slipped) + len(self.late)

    @property
    def trust(self) -> float:
        """The probability (0-1) that the next date holds."""
        return (self.held + 1) / (self.known + 2)

    def delay(self, usual: float) -> float:
        """D in days."""
        return (usual + sum(self.slipped) + sum(self.late)) / (1 + len(self.slipped))

    def words(self) -> str:
        known = self.known
        if not known:
            return "no date has come yet"
        return f"{self.held} of {known} date{'' if known == 1 else 's'} held so far"


def dates_of(key_result: KeyResult, now: float, zone: tzinfo) -> Dates:
    """A step that is done and whose day has not been written down is taken to have held if its
    day is still to come, and else not counted: nobody knows."""
    held = 0
    slipped, late = [], []
    for step in key_result.milestones:
        if step.due is None:
            continue
        due = midnight(step.due, zone) + 1
        done = midnight(step.done_on, zone) if step.done_on is not None else None
        if done is not None and done >= due:
            slipped.append(done + 1 - due)
        elif done is not None or (step.done and now < due):
            held += 1
        elif not step.done and now >= due:
            late.append(now - due)
    return Dates(held, tuple(slipped), tuple(late))


def chance(key_result: KeyResult, series: Series, zone: tzinfo, prior: Prior) -> tuple[float, str]:
    """The probability (0-1) that all steps are done at the deadline, and how it comes."""
    now = series.days[-1]
    deadline = midnight(key_result.period.end, zone)
    known = dates_of(key_result, now, zone)
    length = deadline - midnight(key_result.period.start, zone)
    delay = known.delay(USUAL_DELAY * length)
    waiting = [step for step in key_result.milestones if not step.done and step.due is not None]
    chances = [
        _in_time(midnight(step.due, zone) + 1, now, deadline, known, delay)
        for step in waiting
        if step.due is not None
    ]
    if _undated(key_result.milestones) or not key_result.milestones:
        chances.append(_counted(key_result, series, zone, prior))
    return min(chances, default=1.0), known.words()


def _in_time(due: float, now: float, deadline: float, known: Dates, delay: float) -> float:
    late = 1 - math.exp(-max(deadline - max(due, now), 0.0) / delay)
    if now >= due:
        return late
    return known.trust + (1 - known.trust) * late


def _undated(milestones: Sequence[Milestone]) -> bool:
    return any(step.due is None and not step.done for step in milestones)


def _counted(key_result: KeyResult, series: Series, zone: tzinfo, prior: Prior) -> float:
    start, end = midnight(key_result.period.start, zone), midnight(key_result.period.end, zone)
    target = float(key_result.target or 1)
    aim = Aim(0.0, target, start, end, MetricSort.CUMULATIVE, whole=True, lower=0.0)
    seen = [one for one in zip(*series, strict=True) if one[0] > start]
    days, values = [start, *(day for day, _ in seen)], [0.0, *(value for _, value in seen)]
    drift = prior_drift(aim, prior, series.days)
    return forecast(days, values, aim, drift).reaches(target)
