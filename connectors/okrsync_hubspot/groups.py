"""HubSpot's filter groups: joined by "or", filters in one by "and"; and how many there may be.

HubSpot's own documents disagree on the number; the lower ones are kept to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from okrsync.errors import SourceError

MOST_GROUPS: Final = 5
MOST_FILTERS: Final = 6
MOST_IN_ALL: Final = 18
_TOO_MANY: Final = 200  # no need to write out more to see that it is too much
WITH_ROWS: Final = "add rows = true to fetch the records and look at each of them"


class CannotSay(SourceError):
    """The condition makes sense, and HubSpot's search has no words for it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One line of a group; ``values`` is one value, several for IN and NOT_IN, or none. ``when``
    is the value for people where it is an instant."""

    property: str
    operator: str
    values: tuple[str, ...] = ()
    when: str = field(default="", compare=False)

    def body(self) -> dict[str, Any]:
        said: dict[str, Any] = {"propertyName": self.property, "operator": self.operator}
        if self.operator in {"IN", "NOT_IN"}:
            said["values"] = list(self.values)
        elif self.values:
            said["value"] = self.values[0]
        return said


Group = tuple[Filter, ...]
Groups = tuple[Group, ...]
EVERYTHING: Final[Groups] = ((),)


def check_size(groups: Groups, *, reserved: int = 0) -> None:
    """Refuse more than HubSpot takes. ``reserved`` filters are added to each group later."""
    sizes = [len(group) + reserved for group in groups]
    for there_are, allowed, what in (
        (len(groups), MOST_GROUPS, "alternatives"),
        (max(sizes, default=0), MOST_FILTERS, "conditions in one alternative"),
        (sum(sizes), MOST_IN_ALL, "conditions in all"),
    ):
        if there_are > allowed:
            raise CannotSay(
                f"where: written out this is {there_are} {what}, and HubSpot's search takes "
                f"{allowed}",
                next_step=f"ask for less in one question, or {WITH_ROWS}",
            )


def with_all(groups: Groups, more: Iterable[Filter]) -> Groups:
    """Each alternative, narrowed by ``more``."""
    added = tuple(more)
    return tuple(tuple(dict.fromkeys((*group, *added))) for group in groups)


def body_of(groups: Groups) -> list[dict[str, Any]]:
    """The request's ``filterGroups``; no group at all lets everything through."""
    if EVERYTHING[0] in groups:
        return []
    return [{"filters": [one.body() for one in group]} for group in groups]


def crossed(left: Groups, right: Groups) -> Groups:
    if len(left) * len(right) > _TOO_MANY:
        raise CannotSay(
            "where: written out these are too many alternatives for HubSpot's search",
            next_step=WITH_ROWS,
        )
    return tuple(tuple(dict.fromkeys((*group, *other))) for group in left for other in right)


def unique(groups: Groups) -> Groups:
    """Each alternative once; where one has no condition, it is the only one that counts."""
    return EVERYTHING if () in groups else tuple(dict.fromkeys(groups))
