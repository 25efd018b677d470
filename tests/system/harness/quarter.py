"""A company's quarter, day by day: forty key results in seven stores.

``Company`` lives through it with the real command line. The books are kept beside it, see
``books``, so that both can be compared at the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.system.harness.in_process import Ended, InProcess
from tests.system.harness.places import Place
from tests.system.standins.stores import LEAD

ZONE = ZoneInfo("Africa/Casablanca")  # the clock changes twice within this quarter
FIRST, LAST = date(2027, 1, 1), date(2027, 3, 31)
GRACE = timedelta(days=7)
TEAMS = {"sales": 12, "docs": 8, "web": 4, "ops": 4, "desk": 4, "shop": 4, "labs": 4}
STORES = {team: team for team in TEAMS} | {"sales": "company", "docs": "file"}
TARGETS = {"labs00": 20, "labs01": 60, "labs02": 120}
"""Where it is not 1000: labs' store shows a status, which must not be the same all the time."""

ORDERED = 1
"""So many of each team's key results are counted from dated orders, the others read off a sheet."""


def names_of(team: str) -> list[str]:
    return [f"{team}{number:02}" for number in range(TEAMS[team])]


NAMES = [name for team in TEAMS for name in names_of(team)]


def team_of(name: str) -> str:
    return name[:-2]


def is_ordered(name: str) -> bool:
    return int(name[-2:]) < ORDERED


class Company:
    def __init__(self, project: InProcess, places: Mapping[str, Place]) -> None:
        self.project, self.places = project, places
        self.policies = dict.fromkeys(NAMES, "hold")
        self.targets = dict.fromkeys(NAMES, 1000) | TARGETS
        self.orders = [(FIRST, name, 1) for name in NAMES if is_ordered(name)]
        tables = {"company": 'type = "local"\n', "file": 'type = "jsonl"\n'}
        tables |= {name: place.table for name, place in places.items()}
        stores = "".join(f"[store.{name}]\n{table}" for name, table in tables.items())
        project.write(
            "config.toml",
            f'version = 1\ntimezone = "{ZONE.key}"\n{stores}[limits]\nmax_changed = "100 %"\n'
            '[defaults]\nschedule = "weekdays 06:00"\ngrace = "7d"\n'
            "guard = { allow_jump = true, allow_fall = true, allow_zero = true }\n"
            '[source.sheet]\ntype = "csv"\npath = "sheet.csv"\n'
            '[source.orders]\ntype = "csv"\npath = "orders.csv"\n',
        )
        self.write_mappings()

    def write_mappings(self) -> None:
        for team in TEAMS:
            tables = "".join(self._key_result(name) for name in names_of(team))
            self.project.map(
                f'[objective.o]\ntitle = "The quarter of {team}"\n{tables}',
                team=team,
                head=f'period = "2027-Q1"\nstore = "{STORES[team]}"',
            )

    def next_quarter(self) -> None:
        """The next one's mapping, there before it begins."""
        table = self._key_result("sales11", column="sales11").replace("sales11]", "later]")
        self.project.map(
            f'[objective.o]\ntitle = "The quarter after"\n{table}',
            team="next",
            head='period = "2027-Q2"\nstore = "company"',
        )

    def _key_result(self, name: str, column: str = "") -> str:
        place = self.places.get(STORES[team_of(name)])
        lines = [
            f"[objective.o.kr.{name}]",
            f'title = "From 0 to {self.targets[name]}"',
            f"baseline = 0\ntarget = {self.targets[name]}",
            f'on_conflict = "{self.policies[name]}"',
        ]
        if place is not None:
            lines.append(f'store_id = "{place.ids[name]}"')
        if is_ordered(name):
            lines.append(f"from = 'orders'\nwhere = \"kr == '{name}'\"\nmeasure = 'n'\nagg = 'sum'")
            lines.append("on = 'day'\nwindow = 'period'\n")
        else:
            lines.append(f"from = 'sheet'\nmeasure = '{column or name}'\nagg = 'sum'\n")
        return "\n".join(lines) + "\n"

    def dawns(self, day: date, sheet: Mapping[str, object] | None) -> None:
        """The day's data; without a sheet there is no such file."""
        self.project.now = datetime.combine(day, time(6, 10), tzinfo=ZONE).astimezone(UTC)
        rows = "".join(f"{ordered},{name},{count}\n" for ordered, name, count in self.orders)
        self.project.write("orders.csv", f"day,kr,n\n{rows}")
        if sheet is None:
            (self.project.folder / "sheet.csv").unlink(missing_ok=True)
        else:
            cells = ",".join(str(sheet[name]) for name in sheet)
            self.project.write("sheet.csv", f"{','.join(sheet)}\n{cells}\n")

    def person(self, name: str, value: int) -> None:
        """The team lead checks in, past okrsync."""
        place = self.places.get(STORES[team_of(name)])
        if place is not None:
            place.person(name, value)
            return
        entry = {
            "ref": f"{team_of(name)}.o.{name}",
            "value": str(value),
            "at": self.project.now.isoformat(),
            "author": LEAD,
            "note": f"I count {value}",
        }
        with (self.project.folder / "check-ins.jsonl").open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(entry) + "\n")

    def sync(self) -> Ended:
        return self.project.run("sync", "--format", "json")

    def told(self, name: str) -> list[dict[str, object]]:
        """Who wrote what and why, as ``okrsync history`` tells it."""
        shown = self.project.run("history", f"{team_of(name)}.o.{name}", "--format", "json")
        entries: list[dict[str, object]] = shown.json()["summary"]["check_ins"]
        return entries

    def shown(self, name: str) -> Decimal | str | None:
        """What people see in the store itself."""
        place = self.places.get(STORES[team_of(name)])
        return self._in_file(name) if place is None else place.shown(name)

    def _in_file(self, name: str) -> Decimal:
        lines = (self.project.folder / "check-ins.jsonl").read_text("utf-8").splitlines()
        entries = (json.loads(line) for line in lines)
        ref = f"{team_of(name)}.o.{name}"
        return Decimal([one["value"] for one in entries if one.get("ref") == ref][-1])


def days() -> Iterable[date]:
    """The quarter's and those after it."""
    return (FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 9))
