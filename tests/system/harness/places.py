"""Stores behind HTTP, by what the enumeration of crashes and the quarter need of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from tests.system.standins.okr_tracker import CLIENT, OkrTracker
from tests.system.standins.operately import TOKEN, Operately
from tests.system.standins.stores import Clock, StoreStandIn, Write

Values = dict[str, list[str]]


@dataclass(frozen=True)
class Place:
    """``table`` are its lines in config.toml and ``env`` its secrets; ``ids`` are the store_ids of
    its key results by their own names. Each check-in is written once in each of ``kinds``."""

    server: StoreStandIn
    table: str
    env: Mapping[str, str]
    ids: Mapping[str, str]
    kinds: Sequence[str] = ("check-in",)

    def shown(self, name: str) -> Decimal | str | None:
        """The number that people see there now, or the status where there is none."""
        return self.server.shown(self.ids[name])

    def person(self, name: str, value: int) -> None:
        self.server.person(self.ids[name], value, text=f"I count {value}")

    def check_ins(self) -> dict[str, Values]:
        """The values of okrsync's own check-ins, in their order, for each kind of write."""
        return {kind: self._written(kind) for kind in self.kinds}

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


@contextmanager
def operately(names: Sequence[str], clock: Clock) -> Iterator[Place]:
    """Appends: each check-in is an update of a goal of its own."""
    with Operately(clock, ends="2027-12-31").start() as server:
        for name in names:
            server.goal(name, "number", to=1000.0, value=0.0, **{"from": 0.0})
        ids = {name: server.ref(name, "number") for name in names}
        table = f'type = "operately"\naddress = "{server.url}"\ntoken = {{ env = "OPERATELY" }}\n'
        yield Place(server, f"{table}per_second = 200\n", {"OPERATELY": TOKEN}, ids)


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
