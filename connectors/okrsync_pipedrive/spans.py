"""A window as the spans of Pipedrive's timeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from okrsync.errors import SourceError
from okrsync.model import Window

Interval = Literal["day", "week", "month", "quarter"]
_MONTHS: Final[dict[Interval, int]] = {"quarter": 3, "month": 1}
_DAYS: Final[dict[Interval, int]] = {"week": 7, "day": 1}
_ROWS: Final = "add rows = true to look at each deal"


@dataclass(frozen=True, slots=True)
class Spans:
    """``amount`` intervals of equal kind, the first one from ``start`` on."""

    start: date
    interval: Interval
    amount: int

    def starts(self) -> Iterator[str]:
        """The first day of each."""
        for place in range(self.amount):
            if self.interval in _MONTHS:
                yield _later(self.start, place * _MONTHS[self.interval]).isoformat()
            else:
                yield (self.start + timedelta(days=place * _DAYS[self.interval])).isoformat()


def spans_of(window: Window, zone: tzinfo) -> Spans:
    """The fewest spans that make up a window of whole days. Raises SourceError for another."""
    if window.start is None or window.end is None:
        raise SourceError(
            "Pipedrive's timeline needs a window with a beginning and an end", next_step=_ROWS
        )
    start, end = _day(window.start, zone), _day(window.end, zone)
    if end <= start:
        raise SourceError("this window holds no day", next_step="look at its period")
    months = (end.year - start.year) * 12 + end.month - start.month
    if start.day == end.day == 1:
        for interval, length in _MONTHS.items():
            if months % length == 0:
                return Spans(start, interval, months // length)
    days = (end - start).days
    interval, length = next((i, n) for i, n in _DAYS.items() if days % n == 0)
    return Spans(start, interval, days // length)


def check_zone(theirs: str, zone: tzinfo, window: Window) -> None:
    """Refuse where days begin at another moment in Pipedrive than in the config's zone."""
    try:
        other = ZoneInfo(theirs)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SourceError(
            "Pipedrive does not say in which time zone its days begin", next_step=_ROWS
        ) from None
    edges = [edge for edge in (window.start, window.end) if edge is not None]
    if any(
        edge.astimezone(other).utcoffset() != edge.astimezone(zone).utcoffset() for edge in edges
    ):
        raise SourceError(
            f"days begin in {theirs} for this Pipedrive user, and in {zone} here",
            next_step=f"set the user's time zone in Pipedrive to {zone}, or {_ROWS}",
        )


def _day(edge: datetime, zone: tzinfo) -> date:
    local = edge.astimezone(zone)
    if local.time() != time():
        raise SourceError("Pipedrive's timeline counts whole days", next_step=_ROWS)
    return local.date()


def _later(day: date, months: int) -> date:
    """The first of a month, so many months later."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, day.day)
