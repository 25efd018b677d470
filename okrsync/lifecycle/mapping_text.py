"""Writes `store_id` into the text of a mapping file, and nothing else.

tomlkit keeps comments and layout. That really nothing else has changed is not believed but checked:
a text in which anything but the new lines is different is never returned.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import tomli
import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, InlineTable, Item, Table

from okrsync.config.positions import Positions
from okrsync.errors import StateError, UsageError
from okrsync.lifecycle.wording import Names, quoted

_BOM: Final = "\ufeff"
_KEY: Final = "store_id"


class NotEditable(Exception):
    """``place`` cannot get its line without touching others."""

    def __init__(self, place: Names) -> None:
        super().__init__(".".join(place))
        self.place = place


def with_store_ids(text: str, ids: Mapping[Names, str]) -> str:
    """The text with a line for each of ``ids``; raises NotEditable."""
    mark = _BOM if text.startswith(_BOM) else ""
    body = text.removeprefix(_BOM)
    together = _edited(body, ids, _beneath)
    if together is None:
        for place, id_ in ids.items():
            body = _one_by_one(body, place, id_)
        return mark + body
    return mark + together


def _one_by_one(text: str, place: Names, id_: str) -> str:
    """Each way that there is, until one touches nothing else."""
    ids = {place: id_}
    alone = _edited(text, ids, _beneath) or _edited(text, ids, _inside)
    if alone is None:
        alone = _below_header(text, place, id_)
    if alone is None:
        raise NotEditable(place)
    return alone


def write_whole(path: Path, text: str) -> None:
    """In place of the old file at once, with its rights, byte for byte as given."""
    real = path.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
    except OSError as error:
        raise _unwritable(path, error) from None
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(real.stat().st_mode & 0o7777)
        draft.replace(real)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise _unwritable(path, error) from None


def write_new(path: Path, text: str) -> None:
    """A new file; one that is there already is never overwritten. Raises UsageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(text.encode())
    except FileExistsError:
        raise UsageError(
            f"{path} is there already; nothing was written",
            next_step="name another file, or move that one away",
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> StateError:
    return StateError(
        f"{path} cannot be written: {error.strerror}",
        next_step="look at the rights and the space left in its folder",
    )


def _edited(
    text: str, ids: Mapping[Names, str], edit: Callable[[Any, str, str], None]
) -> str | None:
    """None where the edit would do more than it should."""
    try:
        document: Any = tomlkit.parse(text)
        for (objective, name), id_ in ids.items():
            edit(document["objective"][objective]["kr"][name], quoted(id_), _end_of(text))
        new = document.as_string()
    except (TOMLKitError, KeyError, TypeError, AttributeError, ValueError):
        return None
    return new if _adds_only(text, new, ids) else None


def _beneath(table: Any, value: str, end: str) -> None:
    """A line of its own beneath the table's last key. tomlkit itself would put it beneath the
    comments that follow, which belong to the next table."""
    last = _last_item(table)
    indent, trail = last.trivia.indent, last.trivia.trail
    line = f"{indent}{_KEY} = {value}"
    last.trivia.trail = f"{trail}{line}{end}" if trail else f"{end}{line}"


def _last_item(table: Any) -> Item:
    if not isinstance(table, Table):
        raise TypeError
    found: Item | None = None
    for key, item in table.value.body:
        if isinstance(item, Table | AoT):
            break
        found = item if key is not None else found
    if found is None:
        raise KeyError
    return found


def _inside(table: Any, value: str, _end: str) -> None:
    """For a table within a line, or one made of dotted keys."""
    if not isinstance(table, Table | InlineTable):
        raise TypeError
    table[_KEY] = tomlkit.value(value)


def _below_header(text: str, place: Names, id_: str) -> str | None:
    """Where tomlkit would write other lines anew: the text itself, a line below the header."""
    objective, name = place
    lines = text.split("\n")
    header = Positions(text).table(("objective", objective, "kr", name)).line
    end = "\r" if lines[header - 1].endswith("\r") else ""
    lines.insert(header, f"{_KEY} = {quoted(id_)}{end}")
    new = "\n".join(lines)
    try:
        return new if _adds_only(text, new, {place: id_}) else None
    except (tomli.TOMLDecodeError, KeyError):
        return None


def _adds_only(old: str, new: str, ids: Mapping[Names, str]) -> bool:
    return _data(new) == _expected(old, ids) and (
        _is_old_with_lines(old, new) or _is_old_with_one_piece(old, new)
    )


def _data(text: str) -> Any:
    return tomli.loads(text, parse_float=Decimal)


def _expected(old: str, ids: Mapping[Names, str]) -> Any:
    data = deepcopy(_data(old))
    for (objective, name), id_ in ids.items():
        data["objective"][objective]["kr"][name][_KEY] = id_
    return data


def _is_old_with_lines(old: str, new: str) -> bool:
    """Every old line is there in its order; every other line is a `store_id`."""
    left = _lines(old)
    wanted = next(left, None)
    for line in _lines(new):
        if line == wanted:
            wanted = next(left, None)
        elif not line.lstrip().startswith(f"{_KEY} = "):
            return False
    return wanted is None


def _lines(text: str) -> Iterator[str]:
    """With their ends; the last one gets one where it has none."""
    lines = text.split("\n")
    yield from (f"{line}\n" for line in lines[:-1])
    if lines[-1]:
        yield lines[-1] + _end_of(text)


def _is_old_with_one_piece(old: str, new: str) -> bool:
    pairs = enumerate(zip(old, new, strict=False))
    start = next((place for place, (one, other) in pairs if one != other), len(old))
    rest = len(old) - start
    piece = new[start : len(new) - rest]
    return new.endswith(old[start:]) and _KEY in piece and "\n\n" not in piece


def _end_of(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
