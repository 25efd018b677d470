"""Dates and times as people write them in tables, read as one instant or not at all.

ISO (2026-12-31, 2026-12-31T10:15:00+01:00, 20261231), 31.12.2026 (dots are day-first wherever
they are written), 2026/12/31; 31/12/2026 and 31-12-2026 only where the order is given, also when
one number is too large for a month: the next row may not have such a number. A time of day may
follow each. A date without a time is midnight in the zone, a time without an offset is the zone's.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from okrsync.mapping.cells.unreadable import Unreadable, shape

LONGEST = 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIME = (
    r"(?:[T ] ?(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})"
    r"(?:[.,](?P<fraction>[0-9]{1,9}))?)? ?(?P<offset>Z|z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"|/(?P<month2>[0-9]{1,2})/(?P<day2>[0-9]{1,2})|(?P<month3>[0-9]{2})(?P<day3>[0-9]{2}))" + _TIME
)
_YEAR_LAST = re.compile(
    r"(?P<one>[0-9]{1,2})(?P<mark>[./-])(?P<two>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4})" + _TIME
)
_CURE = 'say dates = "day-first" or dates = "month-first" in its [source] table'


def instant(text: str, order: str | None, zone: tzinfo) -> int:
    """Microseconds since 1970 in UTC. Raises ``Unreadable``; ``order`` is a ``CellStyle.dates``."""
    return microseconds(moment(text, order, zone))


def microseconds(when: datetime) -> int:
    return (when - _EPOCH) // _MICROSECOND


def from_microseconds(count: int, zone: tzinfo) -> datetime:
    return (_EPOCH + count * _MICROSECOND).astimezone(zone)


def moment(text: str, order: str | None, zone: tzinfo) -> datetime:
    """The aware datetime that a cell names. Raises ``Unreadable``."""
    if len(text) > LONGEST:
        raise Unreadable(f"is no date: {len(text)} characters")
    match = _YEAR_FIRST.fullmatch(text) or _YEAR_LAST.fullmatch(text)
    if match is None:
        raise Unreadable(f"is no date: {shape(text)}")
    month, day = _month_and_day(match, order)
    try:
        return _datetime(match, month, day, zone)
    except (ValueError, OverflowError):
        raise Unreadable("is a date that no calendar has") from None


def _month_and_day(match: re.Match[str], order: str | None) -> tuple[str, str]:
    found = match.groupdict()
    if "one" not in found:
        month = found["month"] or found["month2"] or found["month3"]
        return month, found["day"] or found["day2"] or found["day3"]
    if found["mark"] == "." or order == "day-first":
        return found["two"], found["one"]
    if order == "month-first":
        return found["one"], found["two"]
    raise Unreadable("is a date that can be read day-first or month-first", _CURE)


def _datetime(match: re.Match[str], month: str, day: str, zone: tzinfo) -> datetime:
    fraction = (match["fraction"] or "")[:6].ljust(6, "0")
    local = datetime(  # noqa: DTZ001 - the zone follows in the next line
        int(match["year"]),
        int(month),
        int(day),
        int(match["hour"] or 0),
        int(match["minute"] or 0),
        int(match["second"] or 0),
        int(fraction),
    )
    when = local.replace(tzinfo=_offset(match["offset"], zone))
    when.astimezone(UTC)  # an OverflowError here is a date at the very edge of the calendar
    return when


def _offset(written: str | None, zone: tzinfo) -> tzinfo:
    if not written:
        return zone
    if written in {"Z", "z", "UTC"}:
        return UTC
    return datetime.strptime(written.replace(":", "").ljust(5, "0"), "%z").tzinfo or UTC
