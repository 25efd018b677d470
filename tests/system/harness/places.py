"""Stores behind HTTP, by what the enumeration of crashes and the quarter need of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.system.standins.keeping import keeping
from tests.system.standins.okr_tracker import CLIENT, OkrTracker
from tests.system.standins.operately import TOKEN, Operately

Values = dict[str, list[str]]


class Place(ABC):
    """``ids`` are the store_ids of its key results by their own names."""

    table: str
    env: Mapping[str, str]
    ids: Mapping[str, str]

    @abstractmethod
    def shown(self, name: str) -> Decimal:
        """The number that people see there now."""

    @abstractmethod
    def person(self, name: str, value: int) -> None: ...

    @abstractmethod
    def lose_answer(self, write: int) -> None: ...

    @abstractmethod
    def lose_nothing(self) -> None:
        """From now on every answer arrives."""

    @abstractmethod
    def everything(self) -> Any:
        """All that it holds, to be put back later."""

    @abstractmethod
    def put_back(self, everything: Any) -> None: ...

    @abstractmethod
    def written(self) -> list[tuple[str, str]]:
        """(store_id, value) of okrsync's own check-ins, in their order."""

    def check_ins(self) -> Values:
        names = {id_: name for name, id_ in self.ids.items()}
        found: Values = {}
        for id_, value in self.written():
            found.setdefault(names[id_], []).append(value)
        return found


class OperatelyPlace(Place):
    """Appends: each check-in is an update of a goal of its own."""

    def __init__(self, server: Operately, url: str, names: Sequence[str]) -> None:
        self._server = server
        way = {"from": 0.0, "to": 1000.0, "value": 0.0}
        for name in names:
            server.goal(name, "number", **way)
        self.ids = {name: server.ref(name, "number") for name in names}
        self.table = f'type = "operately"\naddress = "{url}"\ntoken = {{ env = "OPERATELY" }}\n'
        self.table += "per_second = 200\n"
        self.env = {"OPERATELY": TOKEN}

    def shown(self, name: str) -> Decimal:
        return Decimal(repr(self._server.value(self.ids[name])))

    def person(self, name: str, value: int) -> None:
        self._server.person(self.ids[name], value, text="I counted again")

    def lose_answer(self, write: int) -> None:
        self._server.lose(write, "answer")

    def everything(self) -> Any:
        return deepcopy((self._server.goals, self._server._history))

    def put_back(self, everything: Any) -> None:
        self._server.goals, self._server._history = deepcopy(everything)

    def lose_nothing(self) -> None:
        self._server._lost = []

    def written(self) -> list[tuple[str, str]]:
        ours = (one for one in self._server.history() if one.by == "okrsync")
        return [(one.ref, f"{one.value:g}") for one in ours]


class OkrTrackerPlace(Place):
    """Sets: the API shows the newest value alone."""

    def __init__(self, server: OkrTracker) -> None:
        self._server = server
        self.ids = {name: name for name in server.key_results}
        self.table = (
            f'type = "okr-tracker"\nurl = "{server.url}"\nclient_id = "{CLIENT["okr-client-id"]}"\n'
            'api_key = { env = "TRACKER_KEY" }\nclient_secret = { env = "TRACKER_SECRET" }\n'
        )
        self.env = {
            "TRACKER_KEY": CLIENT["x-api-key"],
            "TRACKER_SECRET": CLIENT["okr-client-secret"],
        }

    def shown(self, name: str) -> Decimal:
        return Decimal(repr(self._server.key_results[name].current))

    def person(self, name: str, value: int) -> None:
        self._server.person(name, value)

    def lose_answer(self, write: int) -> None:
        self._server.lose("answer", write=write)

    def everything(self) -> Any:
        return deepcopy((self._server.key_results, self._server._history))

    def put_back(self, everything: Any) -> None:
        self._server.key_results, self._server._history = deepcopy(everything)

    def lose_nothing(self) -> None:
        self._server._losses = []

    def written(self) -> list[tuple[str, str]]:
        ours = (one for one in self._server.history() if one.key is not None)
        return [(one.ref, f"{one.value:f}".removesuffix(".0")) for one in ours]


@contextmanager
def operately(names: Sequence[str]) -> Iterator[OperatelyPlace]:
    server = Operately()
    with server.start() as url:
        yield OperatelyPlace(server, url, names)


@contextmanager
def okr_tracker(names: Sequence[str], at: datetime) -> Iterator[OkrTrackerPlace]:
    with keeping(OkrTracker(names, lambda: at)) as server:
        yield OkrTrackerPlace(server)
