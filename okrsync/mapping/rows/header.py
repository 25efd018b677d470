"""From a column's name to its place in the rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from okrsync.errors import SourceError

_MOST_SHOWN = 12


class Header:
    """``Name#2`` addresses the second of several columns called Name."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._places: dict[str, list[int]] = {}
        for place, name in enumerate(self.names):
            self._places.setdefault(name, []).append(place)

    def place(self, name: str) -> int:
        """Raises ``SourceError`` when there is no such column, or more than one."""
        places = self._places.get(name)
        if places is None:
            return self._numbered(name)
        if len(places) > 1:
            where = " and ".join(str(place + 1) for place in places)
            raise SourceError(
                f"there are {len(places)} columns {name!r}, at positions {where}",
                next_step=f"say which one: {name}#1 to {name}#{len(places)}",
            )
        return places[0]

    def _numbered(self, name: str) -> int:
        match = re.fullmatch(r"(.+)#([1-9][0-9]?)", name)
        places = self._places.get(match[1], []) if match else []
        if match and int(match[2]) <= len(places):
            return places[int(match[2]) - 1]
        raise self._unknown(name)

    def _unknown(self, name: str) -> SourceError:
        lowered = {known.lower(): known for known in self.names if known}
        close = get_close_matches(name.lower(), lowered, n=1)
        if close:
            return SourceError(
                f"there is no column {name!r}", next_step=f"did you mean {lowered[close[0]]!r}?"
            )
        shown = ", ".join(known for known in self.names[:_MOST_SHOWN] if known)
        more = ", ..." if len(self.names) > _MOST_SHOWN else ""
        return SourceError(f"there is no column {name!r}", next_step=f"there are: {shown}{more}")
