"""[objective.*] tables, and the names that a file defines."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from okrsync.config.checking import check_leniently
from okrsync.config.key_results import NO_TITLE, read_key_result
from okrsync.config.scope import check_name
from okrsync.config.tables import OBJECTIVE_KEYS, ObjectiveHead
from okrsync.config.values import read_period, read_weight
from okrsync.config.wording import near, shown_id
from okrsync.model import Objective

if TYPE_CHECKING:
    from collections.abc import Mapping

    from okrsync.config.documents import KeyPath
    from okrsync.config.scope import Scope
    from okrsync.mapping.rules import Metric, Rule
    from okrsync.model import Place


@dataclass(frozen=True, slots=True)
class ReadObjective:
    """An objective with those of its key results that are right."""

    objective: Objective
    rules: tuple[Rule, ...]


def tables_in(scope: Scope, path: KeyPath, holder: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The named tables under ``path``; what is no table is a problem."""
    tables = holder.get(str(path[-1]), {})
    if not isinstance(tables, dict):
        message = f"`{path[-1]}` must hold tables with a name each"
        cure = f"write [{'.'.join(str(step) for step in path if not isinstance(step, int))}.name]"
        scope.page.add(path, "wrong-type", message, cure, at="key")
        return {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            message = f"`{path[-1]}` holds tables with a name each, and here is a single value"
            scope.page.add(
                (*path, name),
                "wrong-type",
                message,
                "write it as a table of its own",
                at="key",
            )
    return {name: table for name, table in tables.items() if isinstance(table, dict)}


def declare_names(scope: Scope) -> None:
    """Note every id that the file defines, before any of them is looked up."""
    names, data = scope.world.names, scope.page.data
    for metric in _quietly(data.get("metric")):
        _declare(scope, ("metric", metric), scope.id_of(metric), names.metrics)
    for objective, table in _quietly(data.get("objective")).items():
        path: KeyPath = ("objective", objective)
        _declare(scope, path, scope.id_of(objective), names.objectives, names.key_results)
        for name in _quietly(table.get("kr")):
            full_id = scope.id_of(objective, name)
            _declare(scope, (*path, "kr", name), full_id, names.key_results, names.objectives)


def _quietly(tables: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(tables, dict):
        return {}
    return {name: table for name, table in tables.items() if isinstance(table, dict)}


def _declare(
    scope: Scope,
    path: KeyPath,
    full_id: str,
    known: dict[str, Place],
    also: Mapping[str, Place] | None = None,
) -> None:
    check_name(scope.page, path, str(path[-1]))
    first = known.get(full_id) or (also or {}).get(full_id)
    if first is not None:
        message = f"{shown_id(full_id)} is already defined at {first}"
        cure = "give one of the two another name, or their files different teams"
        scope.page.add(path, "duplicate-id", message, cure, at="table")
    known.setdefault(full_id, scope.place(path))


def read_objective(
    scope: Scope, name: str, table: dict[str, Any], metrics: Mapping[str, Metric]
) -> ReadObjective:
    """The objective with its key results."""
    path: KeyPath = ("objective", name)
    page = scope.page
    head = {key: value for key, value in table.items() if key != "kr"}
    written, _ = check_leniently(
        ObjectiveHead, head, page, path, known=OBJECTIVE_KEYS, stand_in=NO_TITLE
    )
    period = read_period(scope.world, page, (*path, "period"), written.period) or scope.period
    weight = read_weight(page, (*path, "weight"), written.weight)
    key_results = tables_in(scope, (*path, "kr"), table)
    if not table.get("kr"):
        message = "the objective has no key results, so nobody could tell that it is reached"
        cure = f"add [objective.{shown_id(name)}.kr.name] with title, baseline and target"
        page.add(path, "no-key-results", message, cure, at="table")
    rules = [
        read_key_result(scope, (*path, "kr", key_result), inner, period=period, metrics=metrics)
        for key_result, inner in key_results.items()
    ]
    found = tuple(rule for rule in rules if rule is not None)
    objective = Objective(
        id=scope.id_of(name),
        title=written.title,
        period=period or _no_period(found),
        place=scope.place(path),
        team=scope.team,
        owner=written.owner or scope.defaults.owner or "",
        level=written.level or scope.level,
        perspective=written.perspective or scope.perspective,
        parent=_parent(scope, path, written.parent),
        weight=weight or Decimal(1),
        key_results=tuple(rule.key_result.id for rule in found),
    )
    return ReadObjective(objective, found)


def _no_period(rules: tuple[Rule, ...]) -> Any:
    """All key results may name periods of their own; the objective then spans the first one's."""
    return rules[0].key_result.period if rules else None


def _parent(scope: Scope, path: KeyPath, parent: str | None) -> str | None:
    if parent is None:
        return None
    known = scope.world.names.objectives
    found = scope.resolve(parent, known)
    if found is not None:
        return found
    meant = near(parent, scope.as_written(known))
    message = "`parent` is not an objective"
    cure = "write the id of an objective: its name here, or team.name of another team's"
    if scope.resolve(parent, scope.world.names.key_results):
        cure = "it is a key result: write the id of that key result's objective"
    scope.page.add(
        (*path, "parent"),
        "unknown-parent",
        message,
        cure,
        suggestion=meant,
        show=bool(meant),
    )
    return None
