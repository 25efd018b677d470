"""Objects and their fields, asked once and kept from run to run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from okrsync.contracts import Toolbox
from okrsync.errors import OutsideError, SourceError
from okrsync_salesforce.calls import Calls
from okrsync_salesforce.fields import Described, Field, from_answer, from_text

# A field may be added or change its type: Salesforce then refuses the query, so a day does no harm.
_KEPT: Final = timedelta(days=1)
_PATH: Final = re.compile(r"[A-Za-z]\w{0,79}(?:\.[A-Za-z]\w{0,79}){0,4}", re.ASCII)


class Schema:
    def __init__(self, calls: Calls, toolbox: Toolbox, version: str) -> None:
        self._calls = calls
        self._toolbox = toolbox
        self._version = version
        self._known: dict[str, Described | OutsideError] = {}

    def learn(self, objects: Iterable[str]) -> None:
        """Get what is not known yet, in as few calls as possible; failures wait."""
        wanted = dict.fromkeys(name for name in objects if name.lower() not in self._known)
        missing = [name for name in wanted if not self._remembered(name)]
        for name, answer in zip(missing, self._calls.describes(missing), strict=True):
            self._known[name.lower()] = self._learnt(name, answer)

    def described(self, name: str) -> Described:
        self.learn([name])
        found = self._known[name.lower()]
        if isinstance(found, OutsideError):
            raise type(found)(found.message, next_step=found.next_step)
        return found

    def field(self, object_name: str, path: str) -> Field:
        """The field at ``path``, over relations too: Account.Industry. Raises ``SourceError``."""
        if not _PATH.fullmatch(path):
            raise _no_field(object_name)
        described = self.described(object_name)
        *steps, last = path.split(".")
        walked: list[str] = []
        for step in steps:
            relation = described.relations.get(step.lower())
            if relation is None:
                raise _no_field(described.name, step)
            walked.append(relation.name)
            if len(relation.objects) != 1:
                return _of_anyone(".".join(walked), last)
            described = self.described(relation.objects[0])
        field = described.fields.get(last.lower())
        if field is None:
            raise _no_field(described.name, last)
        return replace(field, path=".".join((*walked, field.path)))

    def _learnt(self, name: str, answer: object) -> Described | OutsideError:
        if isinstance(answer, OutsideError):
            return answer
        try:
            described = from_answer(answer)
        except OutsideError as error:
            return error
        kept = {"at": self._toolbox.clock().isoformat(), "described": described.as_text()}
        self._toolbox.memory.remember(self._key(name), json.dumps(kept))
        return described

    def _remembered(self, name: str) -> bool:
        text = self._toolbox.memory.recall(self._key(name))
        try:
            kept = json.loads(text or "")
            fresh = self._toolbox.clock() - datetime.fromisoformat(kept["at"]) < _KEPT
            described = from_text(kept["described"])
        except (ValueError, KeyError, TypeError):
            return False
        if fresh:
            self._known[name.lower()] = described
        return fresh

    def _key(self, name: str) -> str:
        return f"fields of {name.lower()} in {self._version}"


def _of_anyone(path: str, last: str) -> Field:
    """Behind a relation to several objects (an owner: user or queue) only the name is common."""
    if last.lower() != "name":
        raise SourceError(
            f"{path} may be one of several objects, which have only Name in common",
            next_step="compare the id, or write the query in soql",
        )
    return Field(f"{path}.Name", "string", aggregatable=False, groupable=False)


def _no_field(object_name: str, name: str = "") -> SourceError:
    what = f"field or relation {name}" if name else "such field"
    return SourceError(
        f"Salesforce: there is no {what} on {object_name}, or it is hidden from this user",
        next_step="check the API name in Setup, Object Manager, and the user's permissions",
    )
