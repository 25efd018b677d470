"""What forecasts need to know from before: read for all key results of a run at once, and only when
the first of them asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property, lru_cache

from okrsync.mapping.periods import beginning, period_before
from okrsync.model import KeyResult, Period, Status
from okrsync.scoring.history import History, day_of
from okrsync.state.aims import Bounds
from okrsync.state.codec import instant, moment
from okrsync.state.measurements import Point
from okrsync.state.state import State


@dataclass(frozen=True)
class Past:
    """The history of some key results."""

    state: State
    zone: tzinfo
    key_results: Iterable[KeyResult]
    _made: dict[str, History] = field(default_factory=dict)

    def of(self, key_result: KeyResult) -> History:
        """Its values in its own unit since the period before began, and what it was aimed at."""
        known = self._made.get(key_result.id)
        if known is None:
            known = self._made[key_result.id] = self._history(key_result)
        return known

    def _history(self, key_result: KeyResult) -> History:
        points = self._series.get(key_result.id, ())
        own = [point for point in points if point.unit == key_result.unit]
        first = self._first.get((key_result.id, key_result.period.label))
        return History(
            days=[_day(point.as_of) for point in own],
            values=[float(point.number) for point in own],
            baseline=None if first is None else first.baseline,
            target=None if first is None else first.target,
            last_status=lambda: self._last_status(key_result),
        )

    def _last_status(self, key_result: KeyResult) -> Status | None:
        """Of this period; asked only where confidence lies near a bound."""
        at, status = self._statuses.get(key_result.id, ("", None))
        began = beginning(key_result.period, self.zone)
        return status if at >= instant(began) else None

    @cached_property
    def _statuses(self) -> Mapping[str, tuple[str, Status]]:
        return self.state.outcomes.statuses()

    @cached_property
    def _series(self) -> Mapping[str, list[Point]]:
        since = {one.id: _before(one.period, self.zone) for one in self.key_results}
        return self.state.measurements.series(since)

    @cached_property
    def _first(self) -> Mapping[tuple[str, str], Bounds]:
        return self.state.aims.changed()


@lru_cache(maxsize=1024)  # key results share a handful of periods
def _before(period: Period, zone: tzinfo) -> datetime:
    """When the period before this one began."""
    return beginning(period_before(period), zone)


@lru_cache(maxsize=4096)  # the values of one run share their instants
def _day(as_of: str) -> float:
    return day_of(moment(as_of))
