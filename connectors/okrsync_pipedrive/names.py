"""Pipelines, stages and owners by what people call them, instead of by Pipedrive's numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from okrsync.errors import OutsideError, SourceError
from okrsync_pipedrive.client import Pipedrive, whole

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    pipeline: int


class Names:
    """Asks Pipedrive at most once for each list; what failed once fails again without asking."""

    def __init__(self, pipedrive: Pipedrive) -> None:
        self._pipedrive = pipedrive
        self._known: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}

    def me(self) -> Mapping[str, Any]:
        return self._once("me", self._pipedrive.me)

    def pipelines(self) -> Mapping[int, str]:
        return self._once("pipelines", self._read_pipelines)

    def stages(self) -> Mapping[int, Stage]:
        return self._once("stages", self._read_stages)

    def users(self) -> Mapping[int, str]:
        """Email addresses by user number."""
        return self._once("users", self._read_users)

    def of(self, column: str) -> Mapping[int, str]:
        """The names in one of the columns pipeline, stage and owner."""
        if column == "stage":
            return {number: stage.name for number, stage in self.stages().items()}
        return self.pipelines() if column == "pipeline" else self.users()

    def check(self, column: str, name: str) -> None:
        """Raise SourceError for a name that there is not: it would be found in no deal."""
        names = self.of(column)
        if name not in names.values():
            _the_only(column, name, names)

    def pipeline(self, said: int | str | None) -> int | None:
        if said is None or isinstance(said, int):
            return said
        return _the_only("pipeline", said, self.pipelines())

    def stage(self, said: int | str | None, pipeline: int | None) -> int | None:
        """The stage of this name in ``pipeline``, or in all of them where none is said."""
        if said is None or isinstance(said, int):
            return said
        names = {
            number: stage.name
            for number, stage in self.stages().items()
            if pipeline in {None, stage.pipeline}
        }
        return _the_only("stage", said, names)

    def user(self, said: int | str | None) -> int | None:
        if said is None or isinstance(said, int):
            return said
        return _the_only("user", said, self.users())

    def _read_pipelines(self) -> dict[int, str]:
        pages = self._pipedrive.listed("/api/v2/pipelines")
        return {_id(entry): _name(entry) for page in pages for entry in page}

    def _read_stages(self) -> dict[int, Stage]:
        pages = self._pipedrive.listed("/api/v2/stages")
        return {
            _id(entry): Stage(_name(entry), whole(entry.get("pipeline_id"), "pipeline_id"))
            for page in pages
            for entry in page
        }

    def _read_users(self) -> dict[int, str]:
        return {_id(entry): str(entry.get("email") or "") for entry in self._pipedrive.users()}

    def _once(self, key: str, ask: Callable[[], AnswerT]) -> AnswerT:
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            if key not in self._known:
                try:
                    self._known[key] = ask()
                except OutsideError as error:
                    self._known[key] = error
            known = self._known[key]
        if isinstance(known, OutsideError):
            raise known
        found: AnswerT = known
        return found


def _id(entry: Mapping[str, Any]) -> int:
    return whole(entry.get("id"), "id")


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("name") or "")


def _the_only(what: str, name: str, names: Mapping[int, str]) -> int:
    numbers = sorted(number for number, known in names.items() if known == name)
    if len(numbers) == 1:
        return numbers[0]
    if numbers:
        listed = ", ".join(map(str, numbers))
        raise SourceError(
            f"{len(numbers)} of Pipedrive's numbers are the {what} {name!r}: {listed}",
            next_step="name the pipeline as well" if what == "stage" else "write the number",
        )
    meant = get_close_matches(name, names.values(), n=1)
    shown = ", ".join(repr(known) for known in sorted(set(names.values()))[:12])
    raise SourceError(
        f"there is no {what} {name!r} in Pipedrive",
        next_step=f"write {meant[0]!r}" if meant else f"there is {shown or 'none at all'}",
    )
