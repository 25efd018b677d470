"""What a definition can see while it is read: its file, its defaults, and all known names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from okrsync.config.wording import shown
from okrsync.mapping.rules import BY_DEFAULT, Judging
from okrsync.model import Place

if TYPE_CHECKING:
    from okrsync.config.config import Connection
    from okrsync.config.documents import KeyPath
    from okrsync.config.findings import Page
    from okrsync.config.tables import DefaultsTable
    from okrsync.mapping.rules import Guard
    from okrsync.model import Period

NAME: Final = re.compile(r"[\w-]+")


@dataclass(slots=True)
class Names:
    """Full ids of everything that is defined anywhere, right or wrong, with its place."""

    metrics: dict[str, Place] = field(default_factory=dict)
    objectives: dict[str, Place] = field(default_factory=dict)
    key_results: dict[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """What all files share."""

    stores: Mapping[str, Connection]
    sources: Mapping[str, Connection]
    rates: Mapping[str, Decimal]
    today: date
    fiscal_year_starts: int
    names: Names
    periods: dict[object, Period] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """One mapping file: ``defaults`` and ``guard`` are config.toml's with the file's over them.

    ``store`` is the name of the store that it chose. ``period_is_wrong`` says that there is a
    period, and it could not be read.
    """

    world: World
    page: Page
    team: str
    defaults: DefaultsTable
    guard: Guard
    store: str
    judging: Judging = BY_DEFAULT
    grace: timedelta = timedelta(0)
    period: Period | None = None
    period_is_wrong: bool = False
    level: str = ""
    perspective: str = ""
    vars: Mapping[str, object] = field(default_factory=dict)
    _places: dict[KeyPath, Place] = field(default_factory=dict)

    def id_of(self, *names: str) -> str:
        """The full id of what the file calls by ``names``."""
        return ".".join((self.team, *names) if self.team else names)

    def place(self, path: KeyPath) -> Place:
        """Where ``path`` stands; a key result's is asked for by its name, itself and its ask."""
        known = self._places.get(path)
        if known is None:
            known = Place(self.page.name, self.page.document.line_of(path))
            self._places[path] = known
        return known

    def resolve(self, name: str, known: Mapping[str, object]) -> str | None:
        """The full id that ``name`` stands for: the team's own first, then any full id."""
        own = self.id_of(name)
        if own in known:
            return own
        return name if name in known else None

    def as_written(self, known: Mapping[str, object]) -> list[str]:
        """All ids in the shortest form in which this file may write them."""
        prefix = f"{self.team}." if self.team else ""
        own = (name.removeprefix(prefix) for name in known if prefix and name.startswith(prefix))
        return [*known, *own]


def check_name(page: Page, path: KeyPath, name: str) -> None:
    """Note a name that could not be written on the command line or in an expression."""
    if not NAME.fullmatch(name):
        message = f"the name {shown(name)} cannot be used"
        cure = "a name is made of letters, digits, - and _, without dots and spaces"
        page.add(path, "bad-name", message, cure, at="table")
