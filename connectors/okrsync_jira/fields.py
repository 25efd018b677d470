"""Jira's fields by the names that people see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from okrsync.errors import SourceError
from okrsync_jira.jql import quoted
from okrsync_jira.messages import unexpected

_CUSTOM = "customfield_"
_SECONDS = frozenset(
    {
        "timespent",
        "timeestimate",
        "timeoriginalestimate",
        "aggregatetimespent",
        "aggregatetimeestimate",
        "aggregatetimeoriginalestimate",
    }
)


@dataclass(frozen=True, slots=True)
class JiraField:
    """``kind`` is Jira's own word for what it holds: number, string, date, datetime, array, ..."""

    id: str
    name: str
    kind: str

    @property
    def in_jql(self) -> str:
        if self.id.startswith(_CUSTOM):
            return f"cf[{self.id.removeprefix(_CUSTOM)}]"
        return self.id if self.id.isalnum() else quoted(self.name)

    @property
    def unit(self) -> str:
        return "s" if self.id in _SECONDS else ""

    def __str__(self) -> str:
        return self.name if self.id == self.name else f"{self.name} ({self.id})"


class Fields:
    def __init__(self, told: Sequence[Mapping[str, Any]]) -> None:
        self._all = [_field(entry) for entry in told]
        if not self._all:
            raise unexpected("list of fields")

    @property
    def count(self) -> int:
        return len(self._all)

    def named(self, name: str) -> JiraField:
        """By id, by display name, or by display name in another case.

        Raises ``SourceError`` where no field or more than one has this name.
        """
        for matches in (
            [field for field in self._all if field.id == name],
            [field for field in self._all if field.name == name],
            [field for field in self._all if field.name.casefold() == name.casefold()],
        ):
            if len(matches) == 1:
                return matches[0]
            if matches:
                raise _ambiguous(name, matches)
        raise self._unknown(name)

    def by_kind(self, custom: str) -> JiraField | None:
        """The one field of a custom type such as gh-sprint, or None."""
        found = [field for field in self._all if field.kind == custom]
        return found[0] if len(found) == 1 else None

    def _unknown(self, name: str) -> SourceError:
        lowered = {field.name.casefold(): field.name for field in self._all}
        close = get_close_matches(name.casefold(), lowered, n=1)
        return SourceError(
            f"Jira shows this account no field {name!r}",
            next_step=f"did you mean {lowered[close[0]]!r}?"
            if close
            else "write the name as an issue's page shows it, or the field's id",
        )


def _ambiguous(name: str, matches: Sequence[JiraField]) -> SourceError:
    ids = " and ".join(field.id for field in matches)
    return SourceError(
        f"{len(matches)} fields are called {name!r}: {ids}",
        next_step=f"write the id of the one that is meant, such as {matches[0].id!r}",
    )


def _field(entry: Mapping[str, Any]) -> JiraField:
    id_, name, schema = entry.get("id"), entry.get("name"), entry.get("schema")
    if not isinstance(id_, str) or not isinstance(name, str):
        raise unexpected("list of fields")
    schema = schema if isinstance(schema, dict) else {}
    custom = str(schema.get("custom") or "")
    kind = custom.rpartition(":")[2] if custom.endswith("gh-sprint") else schema.get("type")
    return JiraField(id_, name, str(kind or ""))
