"""When a key result is due: words for people, or a cron line with five fields.

A slot is an instant. Slots are found on the wall clock of the config's zone: one that a clock
change leaves out moves to the first instant after the gap, one that comes twice counts the first
time. Only schedules of every hour ("hourly", "every 15 min") follow real time, so that the hour
that comes twice has its slots twice, and the hour that is left out has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from okrsync.mapping.problems import ScheduleError

__all__ = [
    "Schedule",
    "ScheduleError",
    "due",
    "latest_slot",
    "parse_schedule",
]


@dataclass(frozen=True, slots=True)
class Schedule:
    """``text`` as written, ``cron`` the same in five fields; ``every_hour`` when it has slots in
    each hour of the day."""

    text: str
    cron: str
    every_hour: bool


_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_TIME = r"(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])"
_WORDS = re.compile(rf"(?P<days>[a-z]+(?:, ?[a-z]+)*)(?: (?P<day>[0-9]{{1,2}}))? {_TIME}")
_EVERY = re.compile(r"every (?P<count>[0-9]{1,2}) ?(?:(?P<min>min|mins|minutes)|(?P<h>h|hours?))")
# Numbers, then months and days of the week, which also have names of three letters. The letters
# L, W and # of some crons are left out: crontab would not understand them.
_CRON = re.compile(
    r"(?:[-0-9*/,]+ ){3}(?:[-0-9*/,]|\b[A-Za-z]{3}\b)+ (?:[-0-9*/,]|\b[A-Za-z]{3}\b)+"
)
_CURE = (
    'write "daily 06:00", "weekdays 06:00", "mon,thu 08:00", "monthly 1 06:00", "hourly", '
    '"every 15 min" or a cron line with five fields'
)
_FAR = timedelta(days=2)
_DAYS_OF_EVERY_MONTH = 28
_MOST_CHARACTERS = 200


@lru_cache(maxsize=256)
def parse_schedule(text: str) -> Schedule:
    """Read a schedule. Raises ScheduleError, also for a cron line that never comes to a day."""
    words = " ".join(text.split()).lower()
    cron = _from_words(words) or " ".join(text.split())
    if len(cron) > _MOST_CHARACTERS or not _CRON.fullmatch(cron):
        raise ScheduleError("this is not a schedule", cure=_CURE)
    return Schedule(" ".join(text.split()), cron, every_hour=_hours(cron) == set(range(24)))


def latest_slot(schedule: Schedule, now: datetime, zone: tzinfo) -> datetime | None:
    """The newest slot at or before ``now`` (aware), in UTC; None when there never was one."""
    return _latest_slot(schedule, now.astimezone(UTC), zone)


def due(
    schedule: Schedule, last_done: datetime | None, now: datetime, zone: tzinfo
) -> datetime | None:
    """The slot to run now (in UTC), or None. Missed slots coalesce into the newest one.

    ``last_done`` is the slot (or the instant) last done, None before the first run. A clock that
    stepped back finds an older slot than that, and nothing is due.
    """
    slot = latest_slot(schedule, now, zone)
    if slot is None or (last_done is not None and slot <= last_done.astimezone(UTC)):
        return None
    return slot


# Instants are compared and kept in UTC: within one zone Python compares what the clock on the wall
# shows, and takes the two hours of an autumn night for one.
@lru_cache(maxsize=1024)
def _latest_slot(schedule: Schedule, now: datetime, zone: tzinfo) -> datetime | None:
    wall = now.astimezone(zone).replace(tzinfo=None)
    # Near a clock change the order on the wall is not the order of the instants: look further.
    slack = abs(_offset(now + _FAR, zone) - _offset(now - _FAR, zone))
    newest: datetime | None = None
    for local in _walls_back_from(schedule, wall + slack):
        came = [slot for slot in _instants(local, zone, schedule) if slot <= now]
        newest = max([*came, newest] if newest else came, default=None)
        if local <= wall - slack and newest is not None:
            break
    return newest


def _from_words(words: str) -> str | None:
    if words == "hourly":
        return "0 * * * *"
    every = _EVERY.fullmatch(words)
    if every:
        return _every(int(every["count"]), "min" if every["min"] else "h")
    found = _WORDS.fullmatch(words)
    if found is None:
        return None
    clock = f"{int(found['minute'])} {int(found['hour'])}"
    if found["days"] == "monthly":
        return f"{clock} {_day_of_month(found['day'])} * *"
    if found["day"]:
        raise ScheduleError("only monthly takes a day of the month", cure=_CURE)
    return f"{clock} * * {_days_of_week(found['days'])}"


def _every(count: int, unit: str) -> str:
    whole = 60 if unit == "min" else 24
    if not 1 <= count < whole or whole % count:
        raise ScheduleError(
            f"slots every {count} {unit} do not fit into {'an hour' if unit == 'min' else 'a day'}",
            cure='write a number that divides 60 minutes or 24 hours, such as "every 15 min"',
        )
    step = "*" if count == 1 else f"*/{count}"
    return f"{step} * * * *" if unit == "min" else f"0 {step} * * *"


def _day_of_month(day: str | None) -> int:
    if day is None or not 1 <= int(day) <= _DAYS_OF_EVERY_MONTH:
        raise ScheduleError(
            "monthly needs a day from 1 to 28, which every month has",
            cure='write "monthly 1 06:00"',
        )
    return int(day)


def _days_of_week(days: str) -> str:
    if days == "daily":
        return "*"
    if days == "weekdays":
        return "1-5"
    if days == "weekends":
        return "6,0"
    names = [name.strip()[:3] for name in days.split(",")]
    if not all(_is_day(name) for name in days.split(",")):
        raise ScheduleError("this is not a day of the week", cure=_CURE)
    return ",".join(str(number) for number in sorted({_DAYS.index(name) for name in names}))


def _is_day(name: str) -> bool:
    full = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    return name.strip() in _DAYS or name.strip() in full


def _hours(cron: str) -> set[int]:
    """The hours with slots; ScheduleError for a line that never comes true."""
    from cronsim import CronSim, CronSimError

    try:
        slots = CronSim(cron, datetime(2026, 1, 1))  # noqa: DTZ001  on the wall, as in latest_slot
        next(slots)
    except (CronSimError, StopIteration, ValueError):
        raise ScheduleError("this is not a cron line that ever comes true", cure=_CURE) from None
    return slots.hours


def _walls_back_from(schedule: Schedule, wall: datetime) -> Iterator[datetime]:
    """Slots on the wall clock at or before ``wall``, newest first, without any clock change."""
    from cronsim import CronSim

    yield from CronSim(
        schedule.cron, wall.replace(microsecond=0) + timedelta(seconds=1), reverse=True
    )


def _instants(wall: datetime, zone: tzinfo, schedule: Schedule) -> tuple[datetime, ...]:
    """When the clock on the wall shows this time: once, twice in autumn, never in spring."""
    twice = schedule.every_hour
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return (first,)
    if first < second:
        return (first, second) if twice else (first,)
    return () if twice else (_after_gap(wall, zone),)


def _after_gap(wall: datetime, zone: tzinfo) -> datetime:
    """The first instant after the gap in the clock that ``wall`` lies in."""
    while wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        wall = wall.replace(second=0) + timedelta(minutes=1)
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _offset(instant: datetime, zone: tzinfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)
