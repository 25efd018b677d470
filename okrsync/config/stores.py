"""The stores: one in [store], or several in [store.<name>] of which each mapping file chooses."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from okrsync.config.connections import not_a_table, read_connection
from okrsync.config.registry import STORES, Find
from okrsync.config.scope import check_name
from okrsync.config.wording import near, shown, shown_id

if TYPE_CHECKING:
    from okrsync.config.config import Connection
    from okrsync.config.findings import Page
    from okrsync.mapping.rules import Rule

ONLY: Final = "store"
"""The name of a store that stands in [store] alone."""

_LOCAL: Final = {"type": "local"}


def read_stores(page: Page, find: Find) -> dict[str, Connection]:
    """The stores by name; none where the table does not say how many they are."""
    written = page.data.get(ONLY, _LOCAL)
    if not isinstance(written, dict):
        not_a_table(page, (ONLY,), "[store]")
        return {}
    if "type" in written:
        return _one(page, find, written)
    if not written or not any(_has_type(table) for table in written.values()):
        return {ONLY: read_connection(page, find, (ONLY,), written)}
    return _several(page, find, written)


def _one(page: Page, find: Find, written: dict[str, Any]) -> dict[str, Connection]:
    stray = [
        name
        for name, table in written.items()
        if _has_type(table) and not _takes_a_table(find, written["type"], name)
    ]
    for name in stray:
        message = f"[store] is a store by its `type`, and {_header(name)} is another one"
        cure = "give the first one a name too, [store.company], and let each mapping choose"
        page.add((ONLY, name), "mixed-stores", message, cure, at="table")
    return {} if stray else {ONLY: read_connection(page, find, (ONLY,), written)}


def _takes_a_table(find: Find, type_: Any, name: str) -> bool:
    """Whether the connector has a setting of this name that may be a table with a `type`."""
    try:
        spec = find(STORES, type_)
    except Exception:  # noqa: BLE001 - noted where the connection itself is read
        return False
    properties = spec.settings.model_json_schema().get("properties", {})
    if name not in properties:
        return False
    kinds = properties[name].get("anyOf", [properties[name]])
    return any(kind.get("type", "object") == "object" for kind in kinds)


def _several(page: Page, find: Find, written: dict[str, Any]) -> dict[str, Connection]:
    stores: dict[str, Connection] = {}
    for name, table in written.items():
        if not isinstance(table, dict):
            message = f"{shown(name)} stands beside the stores, and belongs to none of them"
            cure = "write it into the table of the store that it is for"
            page.add((ONLY, name), "mixed-stores", message, cure, at="key")
            continue
        check_name(page, (ONLY, name), name)
        stores[name] = read_connection(page, find, (ONLY, name), table)
    _note_twins(page, stores)
    return stores


def _note_twins(page: Page, stores: Mapping[str, Connection]) -> None:
    """Two names for one place: each would take the other's check-ins for a person's."""
    for one, other in combinations(stores.values(), 2):
        if one.settings is None or one.type != other.type or one.settings != other.settings:
            continue
        message = f"{_header(one.name)} and {_header(other.name)} are the same store"
        cure = "keep one of the two, and let the mappings choose it"
        page.add((ONLY, other.name), "same-store", message, cure, at="table")


def _has_type(table: Any) -> bool:
    return isinstance(table, dict) and "type" in table


def _header(name: str) -> str:
    return f"[store.{shown_id(name)}]"


def choose_store(page: Page, chosen: str | None, stores: Mapping[str, Connection]) -> str:
    """The name of the store that a mapping file's check-ins go to; "" where a problem is noted."""
    if chosen is not None and chosen in stores:
        return chosen
    if chosen is None and len(stores) == 1:
        return next(iter(stores))
    unread = chosen is None and ONLY in page.data  # noted already: it is no text
    if stores and not unread and (chosen is not None or page.data.get("objective")):
        _note_choice(page, chosen, list(stores))
    return ""


def _note_choice(page: Page, chosen: str | None, names: list[str]) -> None:
    listed = ", ".join(map(shown_id, names))
    if chosen is None:
        message = "nothing says which of the stores this file's check-ins go to"
        cure = f'add store = "{shown_id(names[0])}" at the top of the file; there are: {listed}'
        page.add((), "missing-store", message, cure, at="table")
        return
    meant = near(chosen, names)
    message = "no store has this name"
    cure = f"write one of: {listed}"
    if names == [ONLY]:
        cure = "take the line out: config.toml has one store, without a name"
    page.add((ONLY,), "unknown-store", message, cure, suggestion=meant, show=bool(meant))


def note_shared_ids(rules: Mapping[str, Rule], pages: Mapping[str, Page]) -> None:
    """Two key results that are one in the store, at the same time: they would overwrite each
    other. In periods one after the other they are one key result carried on."""
    by_ref: dict[object, list[Rule]] = {}
    for rule in rules.values():
        by_ref.setdefault(rule.key_result.store_ref, []).append(rule)
    for same in by_ref.values():
        for first, second in combinations(same, 2) if len(same) > 1 else ():
            if _at_the_same_time(first, second):
                _note_shared(first, second, pages)


def _at_the_same_time(first: Rule, second: Rule) -> bool:
    one, other = first.key_result.period, second.key_result.period
    return one.start < other.end and other.start < one.end


def _note_shared(first: Rule, second: Rule, pages: Mapping[str, Page]) -> None:
    page = pages[second.place.file]
    path = _path_of(second, page)
    message = f"its `store_id` is also that of {shown_id(first.key_result.id)} at {first.place}"
    cure = "give each of the two the id that it has in the store"
    page.add((*path, "store_id"), "duplicate-store-id", message, cure, at="key")


def _path_of(rule: Rule, page: Page) -> tuple[str, ...]:
    """Where the key result's table stands: its id is made of the file's team and the names."""
    team = page.data.get("team")
    own = rule.key_result.id.removeprefix(f"{team}." if team else "")
    objective, _, name = own.partition(".")
    return ("objective", objective, "kr", name)
