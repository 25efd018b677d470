"""Dependencies point one way.

    __main__ -> cli -> lifecycle -> sync
    sync -> (report, lint, scoring, state, config, mapping) -> (contracts, ...)
    report shows what lint found; both read config, which reads mapping
    connectors -> (contracts, addresses, conditions, decimals, standings, marks, model, errors,
        http)

``MAY_IMPORT`` is the whole table: what stands in no row is not allowed, inside a function neither.
``TYPES_ONLY`` are the few that may be named in a type, under TYPE_CHECKING, and never be loaded:
the network, which itself is built on the contracts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

GROUND = {"addresses", "contracts", "conditions", "decimals", "model", "errors", "clock"}
MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "errors": set(),
    "conditions": set(),
    "decimals": set(),
    "contracts": {"conditions", "decimals", "model", "errors"},
    "addresses": {"contracts"},
    "clock": {"contracts"},
    "marks": set(),
    "side_by_side": {"errors"},
    "standings": {"contracts", "decimals", "model"},
    "http": GROUND,
    "mapping": GROUND,
    "scoring": GROUND | {"mapping"},
    "state": GROUND | {"mapping"},
    "config": GROUND | {"mapping"},
    "lint": GROUND | {"mapping", "scoring", "config"},
    "report": GROUND | {"mapping", "scoring", "config", "lint"},
    "templates": GROUND | {"config"},
    "testing": GROUND | {"http", "mapping", "side_by_side"},
    "sync": GROUND | {"http", "mapping", "scoring", "state", "config", "report", "side_by_side"},
    "lifecycle": GROUND | {"mapping", "scoring", "state", "config", "report", "sync"},
    "cli": GROUND | {"mapping", "config", "sync", "lifecycle", "report", "lint", "templates"},
    "__main__": GROUND | {"cli", "sync"},
}
CONNECTORS_MAY_IMPORT = {
    "addresses",
    "contracts",
    "conditions",
    "decimals",
    "standings",
    "marks",
    "model",
    "errors",
    "http",
}
TYPES_ONLY = {("contracts", "http"), ("cli", "http")}


def modules() -> list[Path]:
    return sorted([*ROOT.glob("okrsync/**/*.py"), *ROOT.glob("connectors/*/**/*.py")])


def room(module: Path) -> str:
    """``okrsync/state/leases.py`` is in ``state``, ``okrsync/errors.py`` is ``errors`` itself."""
    return module.relative_to(ROOT).with_suffix("").parts[1]


def imports(tree: ast.AST, *, for_types: bool = False) -> Iterator[tuple[str, bool]]:
    """Every okrsync module imported anywhere, and whether only for its types."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and _asks_for_types(node.test):
            yield from imports(ast.Module(node.body, []), for_types=True)
            yield from imports(ast.Module(node.orelse, []), for_types=for_types)
            continue
        yield from ((name, for_types) for name in _imported(node))
        yield from imports(node, for_types=for_types)


def _asks_for_types(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [f"{node.module}.{name.name}" for name in node.names]
    return []


def edges(module: Path) -> Iterator[tuple[str, bool]]:
    """The rooms of okrsync that a module reaches into, its own left out."""
    for name, for_types in imports(ast.parse(module.read_text("utf-8"))):
        package, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        if package == "okrsync" and target not in {"", "__version__", room(module)}:
            yield target, for_types


def test_every_room_has_a_row() -> None:
    assert {room(module) for module in ROOT.glob("okrsync/**/*.py")} - {"__init__"} == set(
        MAY_IMPORT
    )


def test_the_table_itself_has_no_circle() -> None:
    seen: set[str] = set()
    while left := {name for name, below in MAY_IMPORT.items() if name not in seen}:
        free = {name for name in left if MAY_IMPORT[name] <= seen}
        assert free, f"{sorted(left)} depend on each other"
        seen |= free


@pytest.mark.parametrize("module", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_lies_below_it(module: Path) -> None:
    is_engine = module.is_relative_to(ROOT / "okrsync")
    allowed = MAY_IMPORT.get(room(module), set()) if is_engine else CONNECTORS_MAY_IMPORT
    wrong = {
        target
        for target, for_types in edges(module)
        if target not in allowed and not (for_types and (room(module), target) in TYPES_ONLY)
    }
    assert not wrong, f"{module.relative_to(ROOT)} must not import okrsync.{sorted(wrong)}"


@pytest.mark.parametrize("module", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_engine_imports_no_connector_and_a_connector_no_other(module: Path) -> None:
    own = room(module) if module.is_relative_to(ROOT / "connectors") else "okrsync"
    packages = {name.partition(".")[0] for name, _ in imports(ast.parse(module.read_text("utf-8")))}
    others = {path.name for path in (ROOT / "connectors").glob("okrsync_*")} - {own}
    assert not packages & others


def test_imports_are_found_wherever_they_stand() -> None:
    source = (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from okrsync.http import Door\n"
        "def f():\n    from okrsync import state\n    import okrsync.sync.run\n"
    )
    found = [(name, types) for name, types in imports(ast.parse(source)) if "okrsync" in name]
    assert found == [
        ("okrsync.http.Door", True),
        ("okrsync.state", False),
        ("okrsync.sync.run", False),
    ]
