"""Values in a request: ``{value}`` and its like. Pure functions.

A text that is nothing but one placeholder becomes the value as it is, a number staying a number,
and a key whose value is not there is left out, as is a table that nothing is left of. Inside a
longer text a value is written as text.
``{{value}}`` is the text "{value}". Texts become JSON, parameters or a step of a path only through
what escapes them there; an id inside a longer text must be one that could not mean anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from okrsync.errors import Refused
from okrsync.http.account import step as escaped_step

Value = str | int | bool | Decimal | None

IDS: Final = ("id", "id1", "id2", "id3")
OF_A_KEY_RESULT: Final = frozenset(IDS)
OF_A_CHECK_IN: Final = OF_A_KEY_RESULT | {
    "value",
    "value.text",
    "unit",
    "confidence",
    "score",
    "status",
    "note",
    "text",
    "mark",
    "key",
    "date",
    "as_of",
    "key_result",
}
_OF_SECRETS: Final = "secret."
_NAME: Final = re.compile(r"\{(\{?)([a-z][a-z0-9_.]*)\}(\}?)")
_WHOLE: Final = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
_HARMLESS: Final = re.compile(r"[\w.:@-]*")


def names_in(template: Any) -> Iterator[str]:
    """Every placeholder of a table, a list or a text."""
    match template:
        case str():
            for found in _NAME.finditer(template):
                if not _is_literal(found):
                    yield found[2]
        case list() | tuple():
            for part in template:
                yield from names_in(part)
        case Mapping():
            for part in template.values():
                yield from names_in(part)


def known(name: str, allowed: frozenset[str], secrets: Mapping[str, Any]) -> bool:
    return name in allowed or (
        name.startswith(_OF_SECRETS) and name.removeprefix(_OF_SECRETS) in secrets
    )


class Filler:
    """What the placeholders of one request stand for; secrets as ``secret.NAME``."""

    def __init__(self, values: Mapping[str, Value], secrets: Mapping[str, str]) -> None:
        self._values = {
            **values,
            **{f"{_OF_SECRETS}{name}": text for name, text in secrets.items()},
        }

    def table(self, template: Any) -> Any:
        """The same table with every placeholder replaced."""
        match template:
            case str():
                return self._part(template)
            case list() | tuple():
                return [self.table(part) for part in template]
            case Mapping():
                filled = {key: self.table(part) for key, part in template.items()}
                kept = {key: part for key, part in filled.items() if part is not None}
                return kept if kept or not template else None
        return template

    def texts(self, template: Mapping[str, Any]) -> dict[str, str]:
        """Headers and parameters: texts, those without a value left out."""
        return {key: _as_text(part) for key, part in (self.table(template) or {}).items()}

    def path(self, template: str) -> str:
        """A path whose steps are escaped; raises ``Refused`` for a value that is no step."""
        return "/".join(self._step(step) for step in template.split("/"))

    def _step(self, step: str) -> str:
        if not any(True for _ in names_in(step)):
            return step
        escaped = escaped_step(_as_text(self._part(step)))
        if not escaped:
            raise Refused(
                "an id of a key result is empty, or no step of an address",
                next_step="correct its store_id in the mapping",
            )
        return escaped

    def _part(self, text: str) -> Value:
        whole = _WHOLE.fullmatch(text)
        if whole is not None:
            return self._values.get(whole[1])
        return _NAME.sub(self._written, text)

    def _written(self, found: re.Match[str]) -> str:
        if _is_literal(found):
            return f"{{{found[2]}}}"
        text = _as_text(self._values.get(found[2]))
        if found[2] in IDS and not _HARMLESS.fullmatch(text):
            raise Refused(
                "an id of a key result has characters that could mean something else inside a "
                "longer text",
                next_step="let the placeholder stand alone, or correct store_id in the mapping",
            )
        return found[1] + text + found[3]


def ids(id_: str) -> dict[str, str]:
    """``{id}``, and its parts between slashes as ``{id1}`` to ``{id3}``."""
    parts = id_.split("/")
    return {"id": id_, **dict(zip(IDS[1:], parts, strict=False))}


def _is_literal(found: re.Match[str]) -> bool:
    return bool(found[1]) and bool(found[3])


def _as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
    return str(value)
