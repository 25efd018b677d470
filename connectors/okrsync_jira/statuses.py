"""Statuses and their categories, whatever language their names are in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from okrsync.errors import SourceError
from okrsync_jira.cycle import Status
from okrsync_jira.messages import unexpected

# Keys of the three categories, which no language and no admin can change.
BEGUN = "indeterminate"
DONE = "done"
_USUAL_NAMES = {"to do": "new", "in progress": BEGUN, "done": DONE}


@dataclass(frozen=True, slots=True)
class Known:
    id: str
    name: str
    category: str


class Statuses:
    def __init__(self, told: Sequence[Mapping[str, Any]]) -> None:
        self._all: list[Known] = []
        self._categories = dict(_USUAL_NAMES)
        for entry in told:
            self._add(entry)
        if not self._all:
            raise unexpected("list of statuses")
        self._by_id = {status.id: status.category for status in self._all}
        self._by_name: dict[str, set[str]] = {}
        for status in self._all:
            self._by_name.setdefault(status.name.casefold(), set()).add(status.category)

    @property
    def count(self) -> int:
        return len(self._all)

    def category(self, status: Status) -> str | None:
        """The key of its category: by id, then by a name of one category; None for unknown."""
        if status.id in self._by_id:
            return self._by_id[status.id]
        named = self._by_name.get(status.name.casefold(), set())
        return next(iter(named)) if len(named) == 1 else None

    def named(self, names: Iterable[str]) -> frozenset[str]:
        """The ids and folded names of these statuses. Raises ``SourceError`` for a wrong name."""
        found: set[str] = set()
        for name in names:
            ids = [known.id for known in self._all if known.name.casefold() == name.casefold()]
            if not ids:
                raise SourceError(
                    f"Jira shows this account no status {name!r}",
                    next_step="write the name as an issue's page shows it",
                )
            found |= {name.casefold(), *ids}
        return frozenset(found)

    def key_of_category(self, written: str) -> str | None:
        """A category as JQL names it, by key, id or name in the account's language or English."""
        return self._categories.get(written.casefold())

    def of_category(self, key: str) -> tuple[str, ...]:
        """The names of a category's statuses.

        Raises ``SourceError`` where one name stands for statuses of two categories.
        """
        names = dict.fromkeys(known.name for known in self._all if known.category == key)
        for name in names:
            if len(self._by_name[name.casefold()]) > 1:
                raise SourceError(
                    f"statuses called {name!r} belong to two categories, so JQL cannot ask for one",
                    next_step="name the statuses in the JQL instead of statusCategory",
                )
        return tuple(names)

    def _add(self, entry: Mapping[str, Any]) -> None:
        id_, name, category = entry.get("id"), entry.get("name"), entry.get("statusCategory")
        if not isinstance(id_, str | int) or not isinstance(name, str):
            raise unexpected("list of statuses")
        if not isinstance(category, dict) or not isinstance(category.get("key"), str):
            raise unexpected("status category")
        key = category["key"]
        self._all.append(Known(str(id_), name, key))
        for word in (key, category.get("id"), category.get("name")):
            self._categories[str(word).casefold()] = key
