"""Checks one table against its model, and says in people's words what does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from okrsync.config import operators_tables, tables
from okrsync.config.documents import KeyPath
from okrsync.config.references import check_secrets
from okrsync.config.tables import keys_of
from okrsync.config.wording import MASK, near, shown

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from okrsync.config.findings import Page

ModelT = TypeVar("ModelT", bound=BaseModel)

TYPE_WORDS: Final = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "decimal_type": "a number",
    "is_instance_of": "a number",
    "float_type": "a number",
    "bool_type": "true or false",
    "date_type": "a date without quotes",
    "datetime_type": "a date and time",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
NESTED: Final[dict[str, type[BaseModel]]] = {
    "guard": tables.GuardTable,
    "healthy": tables.HealthyTable,
    "milestones": tables.MilestoneTable,
    "pace": tables.PaceTable,
    "period": tables.PeriodTable,
    "defaults": tables.DefaultsTable,
    "state": operators_tables.StateTable,
    "notify": operators_tables.NotifyTable,
    "limits": operators_tables.LimitsTable,
}
TABLES: Final = frozenset(model.__name__ for model in NESTED.values())


@dataclass(frozen=True, slots=True)
class _Checked:
    """The table that was checked, where it stands, and what pydantic says about it."""

    table: Mapping[str, Any]
    page: Page
    path: KeyPath
    known: tuple[str, ...]
    code: str
    error: ValidationError


def check(
    model: type[ModelT],
    table: Mapping[str, Any],
    page: Page,
    path: KeyPath,
    *,
    known: Iterable[str] = (),
    code: str = "bad-value",
) -> ModelT | None:
    """The table as its model; else None, every mistake in it noted.

    ``known`` are keys that also have their place here, for the did-you-mean.
    """
    try:
        return model.model_validate(table)
    except ValidationError as error:
        keys = (*known, *keys_of(model))
        mistakes = _mistakes(error, table)
        meant = {near(str(place[-1]), keys) for place in mistakes if _is_extra(mistakes[place])}
        noted = check_secrets(model, table, page, path)
        checked = _Checked(table, page, path, keys, code, error)
        for place, details in mistakes.items():
            slipped = details["type"] == "missing" and place[-1] in meant
            if place not in noted and not slipped:
                _note(checked, place, details)
    return None


def _mistakes(error: ValidationError, table: Mapping[str, Any]) -> dict[KeyPath, ErrorDetails]:
    """One mistake for each place; a union reports one for each of its branches."""
    mistakes: dict[KeyPath, ErrorDetails] = {}
    for details in error.errors(include_url=False, include_input=False):
        place = _place(details, table)
        if place not in mistakes or details["type"] == "finite_number":
            mistakes[place] = details
    # a table in a union: its own mistakes say more than that it is neither a number nor a text
    around = {place[:length] for place in mistakes for length in range(1, len(place))}
    return {place: details for place, details in mistakes.items() if place not in around}


def _is_extra(details: ErrorDetails) -> bool:
    return details["type"] in {"extra_forbidden", "invalid_key"}


def check_leniently(
    model: type[ModelT],
    table: Mapping[str, Any],
    page: Page,
    path: KeyPath,
    *,
    known: Iterable[str] = (),
    stand_in: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[ModelT, bool]:
    """Like ``check``, but goes on with the keys that are right; False says that some were not.

    The rest of the definition is so checked in the same run. ``stand_in`` holds the required keys.
    """
    checked = check(model, table, page, path, known=known)
    if checked is not None:
        return checked, True
    right = {**stand_in, **_without_mistakes(model, table)}
    try:
        return model.model_validate(right), False
    except ValidationError:  # taking a mistake out has left another one
        return model.model_validate(dict(stand_in)), False


def _without_mistakes(model: type[BaseModel], table: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the table without the keys that are wrong, at any depth."""
    right: dict[str, Any] = deepcopy(dict(table))
    try:
        model.model_validate(table)
    except ValidationError as error:
        for place in _mistakes(error, table):
            holder = _value_at(right, place[:-1])
            if isinstance(holder, dict) and place and place[-1] in holder:
                del holder[place[-1]]
            elif len(place) > 1:  # an element of a list, or a table that lacks a key
                right.pop(str(place[0]), None)
    return right


def _place(details: ErrorDetails, table: Any) -> KeyPath:
    """The part of pydantic's location that exists in the table, and a missing last key."""
    place: list[str | int] = []
    location = details["loc"]
    for step in location:
        if _has(table, step):
            table = table[step]
            place.append(step)
        elif details["type"] == "missing" and isinstance(table, dict) and step == location[-1]:
            return (*place, step)
        elif step not in TABLES:
            break  # the name of a branch of a union that is not the one for tables
    return tuple(place)


def _has(table: Any, step: str | int) -> bool:
    if isinstance(table, list):
        return isinstance(step, int) and step < len(table)
    return isinstance(table, dict) and step in table


def _note(checked: _Checked, place: KeyPath, details: ErrorDetails) -> None:
    full = (*checked.path, *place)
    kind, page = details["type"], checked.page
    key = str(place[-1]) if place else ""
    if _is_extra(details):
        _note_unknown(checked, place)
    elif kind == "missing":
        message = f"`{key}` is required here"
        page.add(full[:-1], "missing-key", message, f"add `{key}` to this table", at="table")
    elif kind == "finite_number":
        message = f"{_named(key)} must be a finite number"
        page.add(full, "bad-number", message, "write the number itself", show=True)
    elif kind in {"literal_error", "enum"}:
        _note_choice(checked, place, details)
    elif kind in TYPE_WORDS:
        wanted = " or ".join(_wanted(checked, place))
        message = f"{_named(key)} must be {wanted}"
        page.add(full, "wrong-type", message, f"write {wanted}")
    else:
        message = f"{_named(key)}: {safe_message(details['msg'], checked.table)}"
        page.add(full, checked.code, message, "change this value, or take the key out")


def _note_unknown(checked: _Checked, place: KeyPath) -> None:
    """In TOML a key belongs to the [table] above it, also where the whole file was meant."""
    full = (*checked.path, *place)
    if len(place) == 1:
        unknown_key(checked.page, full, checked.known)
        return
    slipped = not checked.path and place[-1] in checked.known
    unknown_key(checked.page, full, _sibling_keys(place[:-1]), slipped=slipped)


def _named(key: str) -> str:
    """What a message is about; an element of a list has no name, and a name may be a secret."""
    return shown(key) if key and not key.isdigit() else "this value"


def _sibling_keys(place: KeyPath) -> Sequence[str]:
    """Keys of the nested table, which pydantic does not name."""
    owners = [NESTED[step] for step in place if isinstance(step, str) and step in NESTED]
    return sorted(keys_of(owners[-1])) if owners else ()


# What other tools call it, where the letters would not lead there.
SYNONYMS: Final = {
    "start": "baseline",
    "metric": "value",
    "expr": "value",
    "query": "where",
    "source": "from",
    "supports": "parent",
    "namespace": "team",
    "include": "mappings",
}


def unknown_key(page: Page, path: KeyPath, known: Iterable[str], *, slipped: bool = False) -> None:
    """Note a key that nobody knows, with the one that was probably meant; ``slipped`` says that it
    is one of the whole file's, which a table above it has caught."""
    known = sorted(set(known))
    key = str(path[-1])
    meant = SYNONYMS[key] if SYNONYMS.get(key) in known else near(key, known)
    meant = "" if slipped else meant
    cure = f"known keys here: {', '.join(known)}" if known else "this table takes no keys"
    if meant:
        cure = f"write `{meant}`, or take the key out"
    message = f"unknown key {shown(key, known)}"
    cures: tuple[str, ...] = (cure,)
    if slipped:
        message = f"`{key}` belongs to the whole file, and the table above it has caught it"
        cures = ("move it above the first [table]", cure)
    page.add(path, "unknown-key", message, *cures, at="key", suggestion=meant)


def _note_choice(checked: _Checked, place: KeyPath, details: ErrorDetails) -> None:
    choices = str(details.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ")
    words = [word.strip() for word in choices.split(",") if word.strip()]
    written = _value_at(checked.table, place)
    meant = near(written, words) if isinstance(written, str) else ""
    checked.page.add(
        (*checked.path, *place),
        "bad-value",
        f"{_named(str(place[-1]))} is not one of the values that it may have",
        f"write one of: {', '.join(words)}",
        suggestion=meant,
        show=bool(meant),
    )


def _value_at(table: Any, place: KeyPath) -> Any:
    for step in place:
        try:
            table = table[step]
        except (KeyError, IndexError, TypeError):
            return None
    return table


def _wanted(checked: _Checked, place: KeyPath) -> list[str]:
    """What each branch of a union would have taken."""
    words: dict[str, None] = {}
    for details in checked.error.errors(include_url=False, include_input=False):
        if _place(details, checked.table) == place and details["type"] in TYPE_WORDS:
            words[TYPE_WORDS[details["type"]]] = None
    if "a number" in words:
        words.pop("a whole number", None)
    return list(words)


def safe_message(message: str, table: Any) -> str:
    """A connector's own words, without any text that stands in the table."""
    for text in sorted(_texts(table), key=len, reverse=True):
        message = message.replace(text, MASK)
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _texts(table: Any) -> set[str]:
    if isinstance(table, Mapping):
        return {text for value in table.values() for text in _texts(value)}
    if isinstance(table, list | tuple):
        return {text for value in table for text in _texts(value)}
    text = str(table)
    return {text} if len(text) > 2 else set()  # noqa: PLR2004 "a" would mask every a
