"""A cron line in the words of systemd.time(7)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from okrsync.mapping.problems import ScheduleError

_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SHORTEST_RUN = 3
_ANY_DAY = datetime(2026, 1, 1)  # noqa: DTZ001  only the fields are read


def systemd_calendar(cron: str) -> str:
    """``0 6 * * 1-5`` is ``Mon..Fri *-*-* 06:00:00``; the zone is the machine's unless added.

    Raises ScheduleError where cron means "this day of the month or that day of the week": systemd
    only knows "and".
    """
    from cronsim import CronSim

    fields = cron.split()
    parsed = CronSim(cron, _ANY_DAY)
    if "*" not in (fields[2][0], fields[4][0]):
        raise ScheduleError(
            "systemd has no `or` between days of the month and days of the week",
            cure="write one of the two, or use the crontab line",
        )
    weekdays = {(int(str(day)) - 1) % 7 for day in parsed.weekdays}
    days = _listed(weekdays, range(7), names=_WEEK)
    date = f"*-{_listed(parsed.months, range(1, 13))}-{_listed(parsed.days, range(1, 32))}"
    time = f"{_listed(parsed.hours, range(24))}:{_listed(parsed.minutes, range(60))}:00"
    return f"{date} {time}" if days == "*" else f"{days} {date} {time}"


def _listed(chosen: Collection[int], whole: range, names: tuple[str, ...] = ()) -> str:
    """``*`` for all, else numbers with two digits (or names), with runs of three as ``a..c``."""
    if set(chosen) == set(whole):
        return "*"
    runs: list[list[int]] = []
    for number in sorted(chosen):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(_run([names[n] if names else f"{n:02}" for n in run]) for run in runs)


def _run(words: list[str]) -> str:
    return f"{words[0]}..{words[-1]}" if len(words) >= _SHORTEST_RUN else ",".join(words)
