"""A whole quarter: at its end every store shows what the journal says, and history tells why."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.metadata import entry_points
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer

from okrsync.config import registry
from tests.system.harness.books import Account, WordAccount, sayable
from tests.system.harness.in_process import InProcess
from tests.system.harness.places import Place, asana, linear, okr_tracker, operately, sheets
from tests.system.harness.quarter import (
    FIRST,
    GRACE,
    LAST,
    NAMES,
    STORES,
    ZONE,
    Company,
    days,
    is_ordered,
    names_of,
    team_of,
)
from tests.system.standins.stores import LEAD

pytestmark = pytest.mark.network

NO_SHEET = {date(2027, 1, 12), date(2027, 1, 13)}
BROKEN_CELL = {date(2027, 1, 21): "sales05", date(2027, 2, 24): "web01"}
REFUSED = date(2027, 2, 3)
LOST = {
    date(2027, 1, 28): ("desk", 1),
    date(2027, 2, 1): ("web", 1),
    date(2027, 2, 4): ("shop", 1),
    date(2027, 2, 10): ("ops", 1),
    date(2027, 2, 22): ("labs", 1),
    date(2027, 2, 25): ("shop", 2),  # of the status update: the number's has arrived
}
"""The store that took a write whose answer is lost, and which of the day's it is."""
FRIDAY = 4
CLOCK_CHANGES = {date(2027, 2, 7), date(2027, 3, 14)}
NEW_TARGETS = date(2027, 2, 15)
MAPPED_AHEAD, CAME_LATE = date(2027, 3, 25), date(2027, 4, 2)
EDITED = {
    date(2027, 1, 19): ("web03", "ops03", "docs03", "desk03", "shop03", "labs03"),
    date(2027, 2, 9): ("web02", "ops02", "docs05", "desk02", "shop02", "labs02"),
    date(2027, 3, 2): ("web01", "ops01", "docs06", "docs07", "desk01", "shop01", "labs01"),
}
POLICIES = {
    **dict.fromkeys(("web02", "docs05", "desk01", "shop02", "labs01"), "theirs"),
    **dict.fromkeys(("ops02", "docs06", "desk02", "shop01", "labs02"), "ours"),
}
GIVEN_WAY = {date(2027, 1, 22): ("web03", "docs03", "desk03", "labs03")}
"""The day on which the mapping was changed to let okrsync's word count."""


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    # what is installed and how the commands are spelled does not change within the quarter
    monkeypatch.setattr(registry, "entry_points", cache(entry_points))
    monkeypatch.setattr(typer.main, "get_command", cache(typer.main.get_command))
    project = InProcess(tmp_path, now=datetime(2027, 1, 1, 5, tzinfo=ZONE))

    def now() -> datetime:
        return project.now

    with ExitStack() as stack:
        places = {
            "web": operately(names_of("web"), now),
            "ops": okr_tracker(names_of("ops"), now),
            "desk": sheets(names_of("desk"), now, history=False),
            "shop": asana(names_of("shop"), now, updates="always"),
            "labs": linear(names_of("labs"), now),
        }
        running = {name: stack.enter_context(place) for name, place in places.items()}
        for place in running.values():
            for name, secret in place.env.items():
                monkeypatch.setenv(name, secret)
        yield Company(project, running)


def test_at_the_quarters_end_every_store_shows_what_the_journal_says(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = {name: account_of(name) for name in NAMES}
    company.policies |= POLICIES
    company.write_mappings()
    chance = random.Random(27)  # noqa: S311 the same quarter each time
    sheet = dict.fromkeys((name for name in NAMES if not is_ordered(name)), 0)
    exits: dict[date, int] = {}
    for day in days():
        _live(company, accounts, chance, sheet, day)
        if day.weekday() > FRIDAY and day not in CLOCK_CHANGES:
            continue  # nothing is due; on two Sundays the clock changes
        with monkeypatch.context() as broken:
            if day == REFUSED:
                broken.setenv("OPERATELY", "a token that has expired")
            expected = _expected_exit(company, accounts, sheet, day)
            ended = company.sync()
        exits[day] = ended.code
        assert ended.code == expected, (day, ended)
        told = ended.json()
        unknown = [one["kr"] for one in told["diagnostics"] if one["code"] == "outcome-unknown"]
        assert [id_.partition(".")[0] for id_ in unknown] == list(LOST.get(day, ())[:1]), day
        _judged(company, accounts, day, told["items"])
    assert {exits[day] for day in NO_SHEET} == {3}
    assert exits[REFUSED] == 4
    _the_clock_changed_twice()
    told_in_labs = [one.words for one in accounts.values() if isinstance(one, WordAccount)]
    assert set().union(*told_in_labs) == {"on_track", "at_risk", "off_track", "achieved"}
    for name, account in accounts.items():
        _as_the_books_say(company, name, account)
    _nothing_after_the_last_day_counted(company)


def account_of(name: str) -> Account:
    policy = POLICIES.get(name, "hold")
    return WordAccount(policy) if team_of(name) == "labs" else Account(policy)


def _live(
    company: Company,
    accounts: dict[str, Account],
    chance: random.Random,
    sheet: dict[str, int],
    day: date,
) -> None:
    """What happens on ``day`` before okrsync looks: work, people, the operator."""
    _work(company, chance, sheet, day)
    for name in GIVEN_WAY.get(day, ()):
        company.policies[name] = accounts[name].policy = "ours"
    if day == NEW_TARGETS:
        company.targets |= dict.fromkeys(names_of("web"), 1500)
    if day in GIVEN_WAY or day == NEW_TARGETS:
        company.write_mappings()
    if day == MAPPED_AHEAD:
        company.next_quarter()
    cells: dict[str, object] = dict(sheet)
    if day in BROKEN_CELL:
        cells[BROKEN_CELL[day]] = "n/a"
    company.dawns(day, None if day in NO_SHEET else cells)
    for value, name in enumerate(EDITED.get(day, ()), 777):
        company.person(name, value)
        accounts[name].edited(value)
    if day in LOST:
        team, write = LOST[day]
        company.places[team].server.lose("answer", write=write)


def _work(company: Company, chance: random.Random, sheet: dict[str, int], day: date) -> None:
    for name in sheet:
        sheet[name] += chance.choice((0, 0, 0, 5))
    if day <= LAST and chance.random() < 0.5:
        name = chance.choice([name for name in NAMES if is_ordered(name)])
        company.orders.append((day, name, chance.randint(1, 9)))
    if day == CAME_LATE:
        company.orders += [(LAST - timedelta(days=1), "web00", 40), (day, "web00", 5000)]


def _expected_exit(
    company: Company, accounts: dict[str, Account], sheet: dict[str, int], day: date
) -> int:
    """Keep the books of the day's sync; what it must end with."""
    if day.weekday() > FRIDAY:
        return 0
    code, lost = 0, day in LOST
    for name, account in accounts.items():
        if day > LAST + GRACE or (day > LAST and not is_ordered(name)):
            continue
        if day == REFUSED and STORES[team_of(name)] == "web":
            code = 4
            continue
        failed = not is_ordered(name) and (day in NO_SHEET or BROKEN_CELL.get(day) == name)
        if failed or account.measured(_true(company, sheet, name, day)):
            code = max(code, 3)
    return max(code, 3 if lost else 0)


def _judged(
    company: Company, accounts: dict[str, Account], day: date, items: list[dict[str, Any]]
) -> None:
    """Enter the words that the run found, and no others than people would."""
    words = {item["kr"].rpartition(".")[2]: item["status"] for item in items}
    for name, account in accounts.items():
        if not isinstance(account, WordAccount) or account.due is None:
            continue
        fitting = sayable(account.due, company.targets[name], day, account.values)
        assert words[name] in fitting, (day, name)
        account.judged(words[name])


def _true(company: Company, sheet: dict[str, int], name: str, day: date) -> int:
    if not is_ordered(name):
        return sheet[name]
    end = min(day, LAST)
    return sum(count for of, whose, count in company.orders if whose == name and of <= end)


def _as_the_books_say(company: Company, name: str, account: Account) -> None:
    told = company.told(name)
    ours = [one for one in told if one["by"] == "okrsync"]
    theirs = [one for one in told if one["by"] != "okrsync"]
    assert [one["value"] for one in ours] == account.ours, name
    assert [one["value"] for one in theirs] == account.theirs, name
    assert all(one["run_id"] for one in told), name
    assert all("was" in str(one["note"]) for one in ours), name
    lead = "a person" if team_of(name) == "desk" else LEAD  # a cell does not say who wrote it
    assert all(one["by"] == lead for one in theirs), name
    assert all("I count" in str(one["note"]) for one in theirs), name
    if isinstance(account, WordAccount):
        assert [one["status"] for one in ours] == account.words, name
    else:
        assert told[-1]["value"] == account.shown, name
    place = company.places.get(STORES[team_of(name)])
    if place is not None:
        _as_the_journal_says(place, name, ours)
    if STORES[team_of(name)] != "company":
        words = place.words if place is not None and isinstance(account, WordAccount) else {}
        assert company.shown(name) == words.get(str(account.shown), account.shown), name


def _as_the_journal_says(place: Place, name: str, ours: list[dict[str, object]]) -> None:
    """Each check-in is there once, with its number and, where a status has a place, its word."""
    for written in place.check_ins().values():
        assert written[name] == [str(one["value"]) for one in ours], name
    if place.words:
        assert place.statuses(name) == [place.words[str(one["status"])] for one in ours], name


def _the_clock_changed_twice() -> None:
    noons = [datetime(day.year, day.month, day.day, 12, tzinfo=ZONE) for day in days()]
    offsets = [noon.utcoffset() for noon in noons if noon.date() <= LAST]
    assert noons[0].date() == FIRST
    changes = sum(one != other for one, other in pairwise(offsets))
    assert changes == 2


def _nothing_after_the_last_day_counted(company: Company) -> None:
    """The order that came late is in, as of the last day; the one of April is not; the next
    quarter has begun."""
    told = company.told("web00")
    assert str(told[-1]["at"]) > f"{CAME_LATE}"
    with closing(sqlite3.connect(company.project.folder / "okrsync.sqlite")) as state:
        ((as_of,),) = state.execute(
            "SELECT max(as_of) FROM measurement WHERE subject = 'web.o.web00'"
        ).fetchall()
        ((begun,),) = state.execute(
            "SELECT count(*) FROM local_check_in WHERE key_result = 'next.o.later'"
        ).fetchall()
        local = state.execute(
            "SELECT key_result, value FROM local_check_in WHERE key_result LIKE 'sales.%' "
            "ORDER BY key_result, number"
        ).fetchall()
    assert as_of < "2027-03-31T23"
    assert begun > 0
    shown = {id_.rpartition(".")[2]: Decimal(value) for id_, value in local}
    assert all(company.told(name)[-1]["value"] == shown[name] for name in names_of("sales"))
