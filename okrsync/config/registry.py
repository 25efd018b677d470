"""Finds connectors by their entry points: one at a time, only those that a config names."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, Literal, Protocol

from okrsync.contracts import SourceSpec, StoreSpec

SOURCES: Final = "okrsync.sources"
STORES: Final = "okrsync.stores"
Group = Literal["okrsync.sources", "okrsync.stores"]


class Find(Protocol):
    """How ``load`` gets a connector's manifest; a test gives its own."""

    def __call__(self, group: Group, type_: str, /) -> Any:
        """A ``SourceSpec`` or ``StoreSpec``; raises ``NotInstalled`` or ``Broken``."""


class NotInstalled(LookupError):
    """No connector has this type; ``installed`` are the types there are."""

    def __init__(self, installed: tuple[str, ...]) -> None:
        super().__init__("no such connector")
        self.installed = installed


class Broken(Exception):
    """The connector is installed and cannot be used; the message says why and what to do."""


def find(group: Group, type_: str, /) -> Any:
    """The manifest of the connector ``type_``; raises ``NotInstalled`` or ``Broken``."""
    named = entry_points(group=group, name=type_)
    by_value = {entry.value: entry for entry in named}
    if not by_value:
        raise NotInstalled(installed(group))
    if len(by_value) > 1:
        packages = " and ".join(sorted(_package(entry) for entry in by_value.values()))
        raise Broken(f"{packages} both offer the type {type_}: uninstall one of them")
    return _manifest(group, next(iter(by_value.values())))


def installed(group: Group) -> tuple[str, ...]:
    """The types that are installed, without importing any of them."""
    return tuple(sorted({entry.name for entry in entry_points(group=group)}))


def _manifest(group: Group, entry: EntryPoint) -> Any:
    package = _package(entry)
    try:
        spec = entry.load()
    except ModuleNotFoundError as error:
        raise Broken(_missing_module(entry, error.name or "")) from error
    except Exception as error:
        raise Broken(
            f"{package} could not be loaded ({type(error).__name__}): reinstall it, or report it"
        ) from error
    if not isinstance(spec, SourceSpec if group == SOURCES else StoreSpec):
        raise Broken(f"{entry.value} in {package} is not a connector's manifest: report it there")
    return spec


def _missing_module(entry: EntryPoint, module: str) -> str:
    """What to install: the connector's extra, where its package has one of that name."""
    extras = (entry.dist.metadata.get_all("Provides-Extra") or []) if entry.dist is not None else []
    wanted = f'"{_package(entry)}[{entry.name}]"' if entry.name in extras else module or "it"
    return f"the connector {entry.name} needs {module or 'a module'}: pip install {wanted}"


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else entry.module.partition(".")[0]
