"""Stores behind HTTP, by what the enumeration of crashes and the quarter need of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from okrsync.model import Status
from tests.system.standins.asana import TOKEN as ASANA_TOKEN
from tests.system.standins.asana import WORKSPACE, Asana
from tests.system.standins.linear import TOKEN as LINEAR_TOKEN
from tests.system.standins.linear import Linear
from tests.system.standins.okr_tracker import CLIENT, OkrTracker
from tests.system.standins.operately import TOKEN as OPERATELY_TOKEN
from tests.system.standins.operately import Operately
from tests.system.standins.sheets import ID, Spreadsheet
from tests.system.standins.stores import Clock, StoreStandIn, Write

Values = dict[str, list[str]]


@dataclass(frozen=True)
class Place:
    """``table`` are its lines in config.toml and ``env`` its secrets; ``ids`` are the store_ids of
    its key results by their own names. Each check-in is written once in each of ``kinds``.
    ``words`` are the store's own for okrsync's statuses, where it keeps one with a check-in."""

    server: StoreStandIn
    table: str
    env: Mapping[str, str]
    ids: Mapping[str, str]
    kinds: Sequence[str] = ("check-in",)
    words: Mapping[str, str] = field(default_factory=dict)

    def shown(self, name: str) -> Decimal | str | None:
        """The number that people see there now, or the status where there is none."""
        return self.server.shown(self.ids[name])

    def person(self, name: str, value: int) -> None:
        self.server.person(self.ids[name], value, text=f"I count {value}")

    def check_ins(self) -> dict[str, Values]:
        """The values of okrsync's own check-ins, in their order, for each kind of write."""
        return {kind: self._written(kind) for kind in self.kinds}

    def statuses(self, name: str) -> list[str]:
        """The store's words that came with okrsync's check-ins, in their order."""
        ours = self.server.ours()
        return [one.status for one in ours if one.status and one.ref == self.ids[name]]

    def _written(self, kind: str) -> Values:
        names = {id_: name for name, id_ in self.ids.items()}
        found: Values = {}
        for write in self.server.ours(kind):
            found.setdefault(names[write.ref], []).append(_number(write))
        return found


def _number(write: Write) -> str:
    """A text begins with its number."""
    if isinstance(write.value, Decimal):
        return f"{write.value.normalize():f}"
    found = re.match(r"[0-9]+", write.value)
    return found[0] if found else write.value


def _words(on_track: str, at_risk: str, off_track: str) -> dict[str, str]:
    """Achieved is written as on track, missed as off track: a status that closes is a person's."""
    ours = {"on_track": on_track, "at_risk": at_risk, "off_track": off_track}
    return {**ours, "achieved": on_track, "missed": off_track}


@contextmanager
def operately(names: Sequence[str], clock: Clock) -> Iterator[Place]:
    """Appends: each check-in is an update of a goal of its own."""
    with Operately(clock, ends="2027-12-31").start() as server:
        for name in names:
            server.goal(name, "number", to=1000.0, value=0.0, **{"from": 0.0})
        ids = {name: server.ref(name, "number") for name in names}
        table = f'type = "operately"\naddress = "{server.url}"\ntoken = {{ env = "OPERATELY" }}\n'
        words = _words("on_track", "caution", "off_track")
        yield Place(
            server, f"{table}per_second = 200\n", {"OPERATELY": OPERATELY_TOKEN}, ids, words=words
        )


@contextmanager
def okr_tracker(names: Sequence[str], clock: Clock) -> Iterator[Place]:
    """Sets: the API shows the newest value alone."""
    with OkrTracker(names, clock).start() as server:
        table = (
            f'type = "okr-tracker"\nurl = "{server.url}"\nclient_id = "{CLIENT["okr-client-id"]}"\n'
            'api_key = { env = "TRACKER_KEY" }\nclient_secret = { env = "TRACKER_SECRET" }\n'
        )
        env = {"TRACKER_KEY": CLIENT["x-api-key"], "TRACKER_SECRET": CLIENT["okr-client-secret"]}
        yield Place(server, table, env, {name: name for name in names})


@contextmanager
def sheets(names: Sequence[str], clock: Clock, *, history: bool) -> Iterator[Place]:
    """Appends a row to the sheet History, or sets the key result's own row."""
    with Spreadsheet(names, clock, history=history).start() as server:
        table = (
            f'type = "sheets"\nurl = "{server.url}"\nspreadsheet = "{ID}"\n'
            f'history = "{"History" if history else ""}"\n'
            'columns = { status = "status", note = "note", as_of = "as of" }\n'
            'token = { env = "SHEETS" }\n'
        )
        server.tokens = 1
        env = {"SHEETS": "token-1"}
        words = {status.value: status.value.replace("_", " ") for status in Status}
        yield Place(server, table, env, {name: name for name in names}, words=words)


@contextmanager
def asana(names: Sequence[str], clock: Clock, *, updates: str) -> Iterator[Place]:
    """Sets a number, and where ``updates`` is "always" appends a status update that tells it."""
    with Asana(clock).start() as server:
        ids = {name: str(number) for number, name in enumerate(names, 1201)}
        for gid in ids.values():
            server.goal(gid, initial=0, target=1000)
        table = (
            f'type = "asana"\naddress = "{server.url}"\nupdates = "{updates}"\n'
            f'workspace = "{WORKSPACE["gid"]}"\nper_minute = 1500\ntoken = {{ env = "ASANA" }}\n'
        )
        env = {"ASANA": ASANA_TOKEN}
        if updates == "never":
            yield Place(server, table, env, ids, ("value",))
            return
        words = _words("on_track", "at_risk", "off_track")
        yield Place(server, table, env, ids, ("value", "update"), words)


@contextmanager
def linear(names: Sequence[str], clock: Clock) -> Iterator[Place]:
    """Appends status updates of initiatives and projects: a status and a text, no number."""
    with Linear(clock).start() as server:
        kinds = {name: ("initiative", "project")[number % 2] for number, name in enumerate(names)}
        for name, kind in kinds.items():
            server.add(kind, name)
        ids = {name: server.ref(kind, name) for name, kind in kinds.items()}
        table = f'type = "linear"\naddress = "{server.url}"\ntoken = {{ env = "LINEAR" }}\n'
        words = _words("onTrack", "atRisk", "offTrack")
        yield Place(
            server, f"{table}per_second = 100\n", {"LINEAR": LINEAR_TOKEN}, ids, words=words
        )
