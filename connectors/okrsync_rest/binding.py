"""Values in a request: ``:start`` and its like, and each name in [vars]. Pure functions.

A text that is nothing but ``:name`` is replaced by the value as it is, a number staying a number;
``::name`` is the text ":name". A step of the path that is ``:name`` is replaced by the value,
every character that means something in an address escaped. Inside longer texts only instants may
stand, with their form: "><:start.day|:end.last_day"; they hold no character that could mean
anything there. Nothing else is ever pasted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from okrsync.conditions import Constant
from okrsync.errors import SourceError
from okrsync.http.account import step as escaped_step
from okrsync.model import Window

BUILT_IN = frozenset({"start", "end", "as_of"})

_FORMS: Mapping[str, Callable[[datetime], str | int]] = {
    "iso": lambda when: when.isoformat(),
    "utc": lambda when: f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    "day": lambda when: when.date().isoformat(),
    "last_day": lambda when: (when - timedelta(microseconds=1)).date().isoformat(),
    "epoch": lambda when: int(when.timestamp()),
    "epoch_ms": lambda when: int(when.timestamp() * 1000),
}
_WHOLE = re.compile(rf":([^\W\d]\w*)(?:\.({'|'.join(_FORMS)}))?")
_INSIDE = re.compile(rf":({'|'.join(BUILT_IN)})\.({'|'.join(_FORMS)})\b")


def names_in(value: Any) -> set[str]:
    """Every name that stands in a table, a list or a text."""
    match value:
        case str():
            whole = _WHOLE.fullmatch(value)
            return {whole[1]} if whole else {found[1] for found in _INSIDE.finditer(value)}
        case list():
            return set().union(*map(names_in, value))
        case dict():
            return set().union(*map(names_in, value.values()))
    return set()


class Binder:
    """What the names of one question stand for."""

    def __init__(
        self, values: Mapping[str, Constant], window: Window, as_of: datetime, zone: tzinfo
    ) -> None:
        self._values = values
        self._window = window
        self._zone = zone
        self._instants = {"start": window.start, "end": window.end, "as_of": as_of}

    def table(self, value: Any) -> Any:
        """The same table with every name replaced; raises ``SourceError`` for one without value."""
        match value:
            case str():
                return self._text(value)
            case list():
                return [self.table(part) for part in value]
            case dict():
                return {key: self.table(part) for key, part in value.items()}
            case Decimal():
                return float(value)
        return value

    def path(self, path: str) -> str:
        return "/".join(self._step(step) for step in path.split("/"))

    def _step(self, step: str) -> str:
        if not _WHOLE.fullmatch(step):
            return step
        escaped = escaped_step(str(as_text(self._text(step))))
        if not escaped:
            raise SourceError(
                f"`{step}` has a value that is no step of a path",
                next_step="look at its value in [vars]",
            )
        return escaped

    def _text(self, text: str) -> Any:
        if text.startswith("::"):
            return text[1:]
        whole = _WHOLE.fullmatch(text)
        if whole is None:
            return _INSIDE.sub(lambda found: str(self._instant(found[1], found[2])), text)
        if whole[1] in BUILT_IN:
            return self._instant(whole[1], whole[2] or "iso")
        if whole[1] not in self._values:
            raise SourceError(f"`{text}` has no value", next_step="add it to [vars]")
        return self._plain(self._values[whole[1]])

    def _instant(self, name: str, form: str) -> str | int:
        instant = self._instants[name]
        if instant is None:
            raise SourceError(
                f"the query reads :{name}, and the window {self._window.label!r} has no bounds",
                next_step='say window = "period" or another one with dates',
            )
        return _FORMS[form](instant.astimezone(self._zone))

    def _plain(self, value: Constant) -> Any:
        match value:
            case datetime():
                return (value if value.tzinfo else value.replace(tzinfo=self._zone)).isoformat()
            case date():
                return value.isoformat()
            case Decimal():
                return int(value) if value == value.to_integral_value() else float(value)
        return value


def as_text(value: Any) -> Any:
    """A parameter as it stands in an address: true and false in small letters."""
    return str(value).lower() if isinstance(value, bool) else value
