"""Windows of records: whole days in the config's zone, half-open, dated as of one instant.

now, all            no bounds
period              the key result's period
this_/last_         week (from Monday), month, quarter, year; quarters and years are fiscal
last 28d / 12w      whole days; the newest is the day that the instant lies in
last 6m             whole months before the day after the instant, on the same day of the month
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from okrsync.mapping.periods import months_later, span_around
from okrsync.mapping.problems import WindowError
from okrsync.model import Period, Window

__all__ = ["WindowError", "check_window", "dated"]

_FIXED = frozenset(
    ["now", "all", "period"]
    + [
        f"{which}_{unit}"
        for which in ("this", "last")
        for unit in ("week", "month", "quarter", "year")
    ]
)
_LAST = re.compile(
    r"last[ _]*(?P<count>[0-9]{1,5})[ _]*"
    r"(?:(?P<d>d|days?)|(?P<w>w|weeks?)|(?P<m>m|months?))"
)
_CURE = 'write now, period, this_quarter, last_month, "last 28d", "last 12w", "last 6m" or all'
_MOST_DAYS = 36_600


def check_window(text: str) -> str:
    """The canonical text of a window: ``last 3 months`` is ``last 3m``. Raises WindowError."""
    words = " ".join(text.split()).lower()
    fixed = words.replace(" ", "_")
    if fixed in _FIXED:
        return fixed
    found = _LAST.fullmatch(words)
    if found is None:
        raise WindowError("this is not a window", cure=_CURE)
    count = int(found["count"])
    unit = str(found.lastgroup)
    if not 1 <= count * {"d": 1, "w": 7, "m": 31}[unit] <= _MOST_DAYS:
        raise WindowError("a window is one day to a hundred years long", cure=_CURE)
    return f"last {count}{unit}"


def dated(
    window: str, *, period: Period, as_of: datetime, zone: ZoneInfo, fiscal_year_starts: int
) -> Window:
    """The window with its instants in ``zone``: ``start`` inclusive, ``end`` exclusive.

    ``as_of`` is the instant to look from (aware); it does not cut the window, the question carries
    it beside the window. Raises WindowError.
    """
    return _dated(window, period, as_of.astimezone(zone).date(), zone, fiscal_year_starts)


@lru_cache(maxsize=1024)
def _dated(window: str, period: Period, today: date, zone: ZoneInfo, starts: int) -> Window:
    label = check_window(window)
    days = _days(label, period, today, starts)
    if days is None:
        return Window(label)
    start, end = (datetime.combine(day, time(), tzinfo=zone) for day in days)
    return Window(label, start, end)


def _days(
    label: str, period: Period, today: date, fiscal_year_starts: int
) -> tuple[date, date] | None:
    if label in {"now", "all"}:
        return None
    if label == "period":
        return period.start, period.end
    if label.startswith("last "):
        return _last(int(label[5:-1]), label[-1], today + timedelta(days=1))
    which, _, unit = label.partition("_")
    start, end = _around(today, unit, fiscal_year_starts)
    if which == "last":
        return _around(start - timedelta(days=1), unit, fiscal_year_starts)
    return start, end


def _around(day: date, unit: str, fiscal_year_starts: int) -> tuple[date, date]:
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    return span_around(day, unit, fiscal_year_starts)


def _last(count: int, unit: str, end: date) -> tuple[date, date]:
    if unit == "m":
        first = months_later(end, -count)
        length = (months_later(first, 1) - first).days
        return first.replace(day=min(end.day, length)), end
    return end - timedelta(days=count * (7 if unit == "w" else 1)), end
