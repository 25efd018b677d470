"""Durations in working time: the time that passed on days that count, a whole day being 24 h.

From Friday 12:00 to Monday 12:00 is one day. Holidays come from the library ``holidays``, which
is loaded when the first country is asked for.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from okrsync.contracts import Elapsed, WorkingDays
from okrsync.errors import SourceError

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_NONE = timedelta()


def elapsed(days: WorkingDays | None, zone: tzinfo) -> Elapsed:
    """How long from one instant to a later one: by the clock, or on working days in ``zone``."""
    if days is None:
        return _by_the_clock
    return _WorkingTime(days, zone).between


def _by_the_clock(start: datetime, end: datetime) -> timedelta:
    return end.astimezone(UTC) - start.astimezone(UTC)


class _WorkingTime:
    def __init__(self, days: WorkingDays, zone: tzinfo) -> None:
        self._week = [name in days.week for name in _WEEK]
        self._free = _holidays(days.holidays)
        self._zone = zone

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Never negative: an end before its start is no time at all."""
        start, end = start.astimezone(self._zone), end.astimezone(self._zone)
        if end <= start:
            return _NONE
        if start.date() == end.date():
            return _since_midnight(end) - _since_midnight(start) if self._counts(start) else _NONE
        first = _DAY - _since_midnight(start) if self._counts(start) else _NONE
        last = _since_midnight(end) if self._counts(end) else _NONE
        whole = self._working_days(start.date() + _DAY, end.date())
        return first + last + whole * _DAY

    def _counts(self, moment: datetime) -> bool:
        return self._is_working(moment.date())

    def _is_working(self, day: date) -> bool:
        return self._week[day.weekday()] and day not in self._free

    def _working_days(self, first: date, until: date) -> int:
        """Day by day: spans are weeks, and the calendar keeps each year once it is known."""
        return sum(self._is_working(first + _DAY * n) for n in range((until - first).days))


def _since_midnight(moment: datetime) -> timedelta:
    """By the clock on the wall, so that a day is 24 h also when clocks change."""
    return datetime.combine(date.min, moment.time()) - datetime.combine(date.min, time())


def _holidays(place: str) -> Container[date]:
    if not place:
        return ()
    country, _, region = place.partition("-")
    try:
        from holidays import country_holidays
    except ImportError:
        raise SourceError(
            "holidays need a library that is not installed",
            next_step="pip install 'okrsync[holidays]'",
        ) from None
    try:
        return country_holidays(country, subdiv=region or None)
    except NotImplementedError:  # how the library says that it does not know a place
        raise SourceError(
            "the holidays of this country or region are not known",
            next_step="write a country, or a country and a region: SE, DE-BY, CH-ZH",
        ) from None
