"""The [store] and [source.*] tables with their connectors' manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from okrsync.config.checking import check
from okrsync.config.config import Connection
from okrsync.config.registry import SOURCES, STORES, Broken, Find, Group, NotInstalled
from okrsync.config.wording import near
from okrsync.model import Place

if TYPE_CHECKING:
    from okrsync.config.documents import KeyPath
    from okrsync.config.findings import Page


def read_sources(page: Page, find: Find) -> dict[str, Connection]:
    """The sources by name; those with a mistake are in it without settings."""
    connections: dict[str, Connection] = {}
    tables = page.data.get("source", {})
    if not isinstance(tables, dict):
        not_a_table(page, ("source",), "[source.sheet]")
        tables = {}
    for name, table in tables.items():
        connections[name] = read_connection(page, find, ("source", name), table)
    return connections


def read_connection(page: Page, find: Find, path: KeyPath, table: Any) -> Connection:
    """One table with its connector's manifest."""
    name = str(path[-1])
    line = page.document.line_of(path) if path[0] in page.data else 1
    place = Place(page.name, line)
    if not isinstance(table, dict):
        not_a_table(page, path, f"[{'.'.join(map(str, path))}]")
        return Connection(name, "", None, None, place)
    type_ = table.get("type")
    if not isinstance(type_, str):
        _type_missing(page, path, written="type" in table)
        return Connection(name, "", None, None, place)
    group: Group = STORES if path[0] == "store" else SOURCES
    try:
        spec = find(group, type_)
    except NotInstalled as error:
        _unknown_type(page, (*path, "type"), type_, error.installed)
        return Connection(name, "", None, None, place)
    except Broken as error:
        return Connection(name, type_, None, None, place, broken=str(error))
    rest = {key: value for key, value in table.items() if key != "type"}
    settings = check(spec.settings, rest, page, path, known=["type"], code="connector-setting")
    return Connection(name, type_, spec, settings, place)


def not_a_table(page: Page, path: KeyPath, cure: str) -> None:
    """Note a single value where a table belongs."""
    message = f"`{path[-1] if len(path) == 1 else path[0]}` must be a table"
    page.add(path, "wrong-type", message, f"write {cure}")


def _type_missing(page: Page, path: KeyPath, *, written: bool) -> None:
    example = 'type = "local"' if path[0] == "store" else 'type = "csv"'
    if written:
        message = "`type` must be text in quotes"
        page.add((*path, "type"), "wrong-type", message, f"for example {example}")
    else:
        message = "`type` is required: it says which connector this is"
        page.add(path, "missing-key", message, f"for example {example}", at="table")


def _unknown_type(page: Page, path: KeyPath, type_: str, installed: tuple[str, ...]) -> None:
    meant = near(type_, installed)
    listed = ", ".join(installed) or "none"
    page.add(
        path,
        "unknown-connector",
        "no installed connector has this type",
        f"installed: {listed}",
        "install the package that brings the connector, or correct the type",
        suggestion=meant,
        show=bool(meant),
    )
