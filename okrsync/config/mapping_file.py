"""One mapping file: its head, its defaults, its metrics, objectives and overrides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from okrsync.config.checking import check, check_leniently
from okrsync.config.metrics import read_metric
from okrsync.config.objectives import ReadObjective, read_objective, tables_in
from okrsync.config.operators_tables import CONFIG_KEYS
from okrsync.config.scope import Scope, check_name
from okrsync.config.stores import ONLY, choose_store
from okrsync.config.tables import MAPPING_KEYS, DefaultsTable, MappingHead, OverrideTable
from okrsync.config.values import (
    check_judging,
    check_note,
    check_schedule,
    grace_of,
    in_unit,
    judging_of,
    read_grace,
    read_guard,
    read_period,
    read_quantity,
    read_unit,
    read_weight,
)
from okrsync.config.wording import near, shown_id
from okrsync.mapping.rules import Guard, Override

if TYPE_CHECKING:
    from okrsync.config.documents import KeyPath
    from okrsync.config.findings import Page
    from okrsync.config.scope import World
    from okrsync.mapping.rules import Metric, Rule
    from okrsync.model import KeyResult

OPERATORS_KEYS = CONFIG_KEYS - MAPPING_KEYS


def open_scope(world: World, page: Page, base: DefaultsTable, base_guard: Guard) -> Scope:
    """The file's head as the scope in which its definitions are read."""
    table = {key: value for key, value in page.data.items() if key not in DEFINITIONS}
    operators_store = isinstance(table.get(ONLY), dict)
    not_here = OPERATORS_KEYS | {ONLY} if operators_store else OPERATORS_KEYS
    for key in sorted(not_here & table.keys()):
        message = f"a mapping cannot define `{key}`: it belongs to config.toml"
        cure = "ask the operator to put it there, and take it out here"
        page.add((key,), "not-in-a-mapping", message, cure, at="table")
        del table[key]
    written, _ = check_leniently(MappingHead, table, page, (), known=MAPPING_KEYS)
    if written.team is not None:
        check_name(page, ("team",), written.team)
    period = read_period(world, page, ("period",), written.period)
    own = written.defaults
    guard = check_defaults(page, own, base_guard)
    said = {key: value for key, value in vars(own).items() if value is not None}
    defaults = base.model_copy(update=said)
    return Scope(
        world=world,
        page=page,
        team=written.team or "",
        defaults=defaults,
        guard=guard,
        store="" if operators_store else choose_store(page, written.store, world.stores),
        judging=judging_of(defaults),
        grace=grace_of(defaults),
        period=period,
        period_is_wrong=period is None and "period" in page.data,
        level=written.level or defaults.level or "",
        perspective=written.perspective or defaults.perspective or "",
        vars=_checked_vars(page, written.vars),
    )


def _checked_vars(page: Page, written: Mapping[str, object]) -> Mapping[str, object]:
    """Those whose names can stand behind a colon; the others are noted."""
    for name in written:
        if not name.isidentifier():
            message = "the name of a value is letters, digits and _, and begins with a letter"
            cure = "write it as it stands behind the colon: region for :region"
            page.add(("vars", name), "bad-name", message, cure, at="key")
    return {name: value for name, value in written.items() if name.isidentifier()}


DEFINITIONS = frozenset({"metric", "objective", "override"})


def check_defaults(page: Page, defaults: DefaultsTable, base: Guard) -> Guard:
    """Check the texts in [defaults]; returns its guard laid over ``base``."""
    path: KeyPath = ("defaults",)
    check_schedule(page, (*path, "schedule"), defaults.schedule)
    check_note(page, (*path, "note"), defaults.note)
    read_unit(page, (*path, "unit"), defaults.unit)
    read_weight(page, (*path, "weight"), defaults.weight)
    read_grace(page, (*path, "grace"), defaults.grace)
    check_judging(page, path, defaults)
    return read_guard(page, (*path, "guard"), defaults.guard, base)


def read_metrics(scope: Scope) -> Iterator[Metric]:
    for name, table in tables_in(scope, ("metric",), scope.page.data).items():
        metric = read_metric(scope, name, table)
        if metric is not None:
            yield metric


def read_objectives(scope: Scope, metrics: Mapping[str, Metric]) -> Iterator[ReadObjective]:
    for name, table in tables_in(scope, ("objective",), scope.page.data).items():
        yield read_objective(scope, name, table, metrics)


def apply_overrides(scope: Scope, rules: dict[str, Rule]) -> None:
    """Lay the file's overrides over the rules they name."""
    for name, table in tables_in(scope, ("override",), scope.page.data).items():
        path: KeyPath = ("override", name)
        written = check(OverrideTable, table, scope.page, path)
        full_id = _overridden(scope, path, name)
        rule = rules.get(full_id or "")
        if written is None or full_id is None or rule is None:
            continue
        override = _override(scope, path, written, rule.key_result)
        if rule.override is not None:
            message = f"{shown_id(full_id)} is already overridden at {rule.override.place}"
            scope.page.add(path, "duplicate-id", message, "keep one of the two", at="table")
        elif override is not None:
            rules[full_id] = replace(rule, override=override)


def _overridden(scope: Scope, path: KeyPath, name: str) -> str | None:
    known = scope.world.names.key_results
    found = scope.resolve(name, known)
    if found is None:
        meant = near(name, scope.as_written(known))
        message = "the override names a key result that does not exist"
        cure = 'write [override."team.objective.kr"] with the full id of a key result'
        scope.page.add(path, "unknown-override", message, cure, at="table", suggestion=meant)
    return found


def _override(
    scope: Scope, path: KeyPath, written: OverrideTable, key_result: KeyResult
) -> Override | None:
    number = _number(scope, path, written.value, key_result.unit)
    if number is None:
        return None
    if written.until < scope.world.today:
        message = "the override's last day is in the past, so it has no effect"
        cure = "take the override out, or write a later day"
        scope.page.add(
            (*path, "until"),
            "override-over",
            message,
            cure,
            show=True,
            warning=True,
        )
    return Override(
        key_result=key_result.id,
        value=number,
        until=written.until,
        reason=written.reason,
        by=written.by,
        place=scope.place(path),
    )


def _number(scope: Scope, path: KeyPath, written: Any, unit: str) -> Decimal | None:
    if isinstance(written, bool):
        return Decimal(int(written))
    quantity = read_quantity(scope, (*path, "value"), written)
    return None if quantity is None else in_unit(scope, (*path, "value"), quantity, unit)
