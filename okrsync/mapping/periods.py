"""Periods of objectives: 2026, 2026-H2, 2026-Q4, 2026-10, FY2026, two dates, this_quarter.

Years, halves and quarters count from the month in which the fiscal year starts, and a fiscal year
carries the number of the calendar year it starts in. Months are calendar months.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache

from okrsync.mapping.problems import PeriodError
from okrsync.model import Period

__all__ = [
    "PeriodError",
    "beginning",
    "between_days",
    "deadline",
    "elapsed",
    "months_later",
    "parse_period",
    "period_before",
]

_NAMED = re.compile(
    r"(?:FY)?(?P<year>[0-9]{4})(?:-?(?P<part>[HQ])(?P<number>[1-4]))?", re.IGNORECASE
)
_MONTH = re.compile(r"(?P<year>[0-9]{4})-(?P<month>0[1-9]|1[0-2])")
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_LETTERS = {"Q": "quarter", "H": "half"}
_CURE = 'write 2026, "2026-H2", "2026-Q4", "2026-10", "this_quarter" or { from = ..., to = ... }'


def parse_period(spec: object, *, fiscal_year_starts: int, today: date) -> Period:
    """The period as whole days; ``Period.end`` is the day after the last one.

    ``spec`` is a text, a year as a number, or a mapping with ``from`` and ``to`` (dates or months,
    ``to`` inclusive). ``fiscal_year_starts`` is a month, 1-12; ``today`` dates "this_quarter".
    Raises PeriodError.
    """
    if isinstance(spec, Mapping):
        return _between(spec)
    if isinstance(spec, bool) or not isinstance(spec, int | str):
        raise PeriodError("this is not a period", cure=_CURE)
    text = str(spec).strip()
    if text.startswith("this_"):
        return _running(text, fiscal_year_starts, today)
    if ".." in text:
        first, _, until = text.partition("..")
        return _between({"from": first.strip(), "to": until.strip()})
    return _named(text, fiscal_year_starts)


def between_days(start: date, end: date, fiscal_year_starts: int) -> Period:
    """The period with these days, by its name where it has one: 2026-Q4. ``end`` is the day after
    its last."""
    for unit in _MONTHS:
        if span_around(start, unit, fiscal_year_starts) == (start, end):
            return _whole(unit, start, end, fiscal_year_starts)
    return Period(f"{start}..{end - timedelta(days=1)}", start, end)


@lru_cache(maxsize=4096)  # ten thousand key results share a handful of periods
def elapsed(period: Period, now: datetime, zone: tzinfo) -> Decimal:
    """The share (0-1) of the period's days that have passed by the start of today in ``zone``.

    Counted in whole days, so that all runs of one day give the same number.
    """
    days = (period.end - period.start).days
    passed = (now.astimezone(zone).date() - period.start).days
    return min(max(Decimal(passed) / Decimal(days), Decimal(0)), Decimal(1))


@lru_cache(maxsize=4096)
def beginning(period: Period, zone: tzinfo) -> datetime:
    """The instant at which the period begins: midnight of its first day in ``zone``."""
    return datetime.combine(period.start, time(), tzinfo=zone)


@lru_cache(maxsize=4096)
def deadline(period: Period, zone: tzinfo) -> datetime:
    """The instant at which the period is over: midnight after its last day in ``zone``."""
    return datetime.combine(period.end, time(), tzinfo=zone)


def months_later(day: date, months: int) -> date:
    """The first of the month that lies ``months`` after the month of ``day``."""
    count = day.year * 12 + day.month - 1 + months
    try:
        return date(count // 12, count % 12 + 1, 1)
    except ValueError:
        raise PeriodError("this lies outside the calendar", cure=_CURE) from None


def period_before(period: Period) -> Period:
    """As long as ``period``, in months where it is made of months, and over when that begins."""
    start, end = period.start, period.end
    first = start - (end - start)
    if start.day == end.day == 1:
        first = months_later(start, (start.year - end.year) * 12 + start.month - end.month)
    return Period(f"{first}..{start - timedelta(days=1)}", first, start)


def span_around(day: date, unit: str, fiscal_year_starts: int) -> tuple[date, date]:
    """First day, and the day after the last, of the month, quarter, half or year around ``day``."""
    months = _MONTHS[unit]
    into = (day.month - (1 if unit == "month" else fiscal_year_starts)) % months
    start = months_later(day, -into)
    return start, months_later(start, months)


def _named(text: str, fiscal_year_starts: int) -> Period:
    month = _MONTH.fullmatch(text)
    if month:
        start = _day(int(month["year"]), int(month["month"]))
        return Period(text, start, months_later(start, 1))
    found = _NAMED.fullmatch(text)
    if found is None:
        raise PeriodError("this is not a period", cure=_CURE)
    unit = _LETTERS[found["part"].upper()] if found["part"] else "year"
    number = int(found["number"] or 1)
    months = _MONTHS[unit]
    if number * months > _MONTHS["year"]:
        raise PeriodError("a year has two halves and four quarters", cure=_CURE)
    year_start = _day(int(found["year"]), fiscal_year_starts)
    start = months_later(year_start, (number - 1) * months)
    return Period(_label(year_start.year, unit, number), start, months_later(start, months))


def _running(text: str, fiscal_year_starts: int, today: date) -> Period:
    unit = text.removeprefix("this_")
    if unit not in _MONTHS:
        raise PeriodError(
            "this is not a period", cure="write this_month, this_quarter, this_half or this_year"
        )
    return _whole(unit, *span_around(today, unit, fiscal_year_starts), fiscal_year_starts)


def _whole(unit: str, start: date, end: date, fiscal_year_starts: int) -> Period:
    """A month, quarter, half or year by its name."""
    if unit == "month":
        return Period(f"{start:%Y-%m}", start, end)
    into_year = (start.month - fiscal_year_starts) % 12
    year_start = months_later(start, -into_year)
    return Period(_label(year_start.year, unit, into_year // _MONTHS[unit] + 1), start, end)


def _between(spec: Mapping[str, object]) -> Period:
    if set(spec) != {"from", "to"}:
        raise PeriodError("a period of two dates has exactly `from` and `to`", cure=_CURE)
    start, _ = _bounds(spec["from"])
    _, end = _bounds(spec["to"])
    if end <= start:
        raise PeriodError("this period ends before it starts", cure="write the earlier date first")
    return Period(f"{start}..{end - timedelta(days=1)}", start, end)


def _bounds(value: object) -> tuple[date, date]:
    """First day, and the day after the last, of a date or a month as written."""
    if isinstance(value, datetime):
        raise PeriodError("a period is made of whole days", cure="write the date without a time")
    if isinstance(value, date):
        return value, _next(value)
    text = value.strip() if isinstance(value, str) else ""
    if _MONTH.fullmatch(text):
        start = date.fromisoformat(f"{text}-01")
        return start, months_later(start, 1)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise PeriodError("this is not a date", cure="write a date such as 2026-10-01")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise PeriodError("this day does not exist", cure="write a day of the calendar") from None
    return day, _next(day)


def _next(day: date) -> date:
    if day == date.max:
        raise PeriodError("this lies outside the calendar", cure=_CURE)
    return day + timedelta(days=1)


def _day(year: int, month: int) -> date:
    if not date.min.year <= year < date.max.year:
        raise PeriodError("this lies outside the calendar", cure=_CURE)
    return date(year, month, 1)


def _label(year: int, unit: str, number: int) -> str:
    letter = {"quarter": "Q", "half": "H"}.get(unit)
    return f"{year}-{letter}{number}" if letter else f"{year}"
