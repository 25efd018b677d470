"""What an answer says: the number, the rows, and whether it is the answer that was expected."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

from okrsync.errors import BadAnswer, NoValue
from okrsync.http import Answer
from okrsync_rest.paths import MISSING, compiled
from okrsync_rest.tables import thawed

_WHOLE = re.compile(r"[0-9]{1,18}")
_LOOK = "look at the answer, and correct the path"


def check_expected(document: Any, expect: str) -> None:
    """Raises ``BadAnswer`` unless the answer says what ``expect`` wants of it."""
    for path, wanted in thawed(expect).items():
        found = compiled(path).find(document)
        exists = wanted.get("exists") if isinstance(wanted, dict) else None
        if isinstance(exists, bool):
            if (found is not MISSING and found is not None) != exists:
                there = "is not there" if exists else "is there"
                raise BadAnswer(f"the answer's `{path}` {there}", next_step=_EXPECT)
        elif not _equal(found, wanted):
            raise BadAnswer(f"the answer's `{path}` is not what was expected", next_step=_EXPECT)


_EXPECT = "look at the answer; what it must say stands in `expect`"


def number_at(document: Any, path: str) -> Decimal:
    """The one number; raises ``NoValue`` for null and ``BadAnswer`` for anything else."""
    found = compiled(path).find(document)
    if found is MISSING:
        raise BadAnswer(f"the answer has nothing at `{path}`, or null", next_step=_LOOK)
    return number(found, path)


def number(found: Any, path: str) -> Decimal:
    match found:
        case None:
            raise NoValue(
                f"the answer's `{path}` is null", next_step="look whether there is data yet"
            )
        case bool():
            raise BadAnswer(f"`{path}` is true or false, and no number", next_step=_LOOK)
        case int():
            return Decimal(found)
        case Decimal() if found.is_finite():
            return found
        case float() if isfinite(found):
            return Decimal(repr(found))
        case str():
            raise BadAnswer(
                f"`{path}` is text, and no number",
                next_step="write to_number(...) around it, in JMESPath",
            )
    raise BadAnswer(f"`{path}` is no number", next_step=_LOOK)


def number_in(answer: Answer, header: str) -> Decimal:
    """A count in a header; one that is missing is not 0."""
    text = answer.headers.get(header.lower(), "").strip()
    if not _WHOLE.fullmatch(text):
        state = "is no whole number" if text else "is not there"
        raise BadAnswer(
            f"the answer's header {header} {state}",
            next_step="look whether the API sends it always: some leave it out of long lists",
        )
    return Decimal(text)


def rows_at(document: Any, path: str) -> list[Any]:
    """The list of rows; raises ``BadAnswer`` where there is none, for that is not no rows."""
    found = compiled(path).find(document)
    if found is MISSING or found is None:
        raise BadAnswer(f"the answer has no rows at `{path}`", next_step=_LOOK)
    if not isinstance(found, list):
        raise BadAnswer(f"`{path}` is no list of rows", next_step=_LOOK)
    return found


def cells_of(row: Any) -> dict[str, str]:
    """A row as text cells; tables inside it are columns with dots: fields.points."""
    if isinstance(row, Mapping):
        return dict(_flat(row, ""))
    if isinstance(row, list):
        return {str(place): _cell(part) for place, part in enumerate(row)}
    return {"value": _cell(row)}


def _flat(table: Mapping[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for key, part in table.items():
        name = f"{above}{key}"
        if isinstance(part, Mapping) and part:
            yield from _flat(part, f"{name}.")
        else:
            yield name, _cell(part)


def _cell(value: Any) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return str(value)
        case int() | float():
            return repr(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _equal(found: Any, wanted: Any) -> bool:
    """Equal in kind too: true is not 1."""
    return (
        found is not MISSING
        and isinstance(found, bool) == isinstance(wanted, bool)
        and (found == wanted)
    )
