"""Reads config.toml and its mappings: one frozen Config, or every problem of every file.

Offline: contacts nothing, reads no secret, imports no connector that the config does not name.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from okrsync.config import registry
from okrsync.config.circles import Node, circles_of_parents, circles_of_values, described
from okrsync.config.config import Config
from okrsync.config.connections import read_sources
from okrsync.config.files import read_mappings, read_page
from okrsync.config.findings import Findings, Page
from okrsync.config.head import MAPPING_ONLY, Head, read_head
from okrsync.config.mapping_file import (
    OPERATORS_KEYS,
    apply_overrides,
    check_defaults,
    open_scope,
    read_metrics,
    read_objectives,
)
from okrsync.config.objectives import declare_names
from okrsync.config.registry import Find
from okrsync.config.scope import Names, Scope, World
from okrsync.config.stores import note_shared_ids, read_stores
from okrsync.contracts import Clock
from okrsync.errors import ConfigError, Problem
from okrsync.mapping.rules import Guard, Metric, Rule
from okrsync.model import Objective


@dataclass(frozen=True, slots=True)
class Examination:
    """What ``validate`` shows: a config when there is no error, and all problems and warnings."""

    config: Config | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Definitions:
    """What the mapping files define, by full id, in the order of the files."""

    metrics: dict[str, Metric]
    objectives: dict[str, Objective]
    rules: dict[str, Rule]


def load(path: Path, *, clock: Clock, find: Find = registry.find) -> Config:
    """The configuration that begins at ``path``; raises ``ConfigError`` with all its problems."""
    examined = examine(path, clock=clock, find=find)
    if examined.config is None:
        raise ConfigError(examined.problems)
    return examined.config


def examine(path: Path, *, clock: Clock, find: Find = registry.find) -> Examination:
    """Like ``load``, but gives the problems back, warnings among them."""
    findings = Findings()
    main = _main_page(path, findings)
    if main is None:
        return Examination(None, tuple(findings.problems()))
    head = read_head(main)
    world = _world(main, head, clock, find)
    pages = read_mappings(main, head.patterns)
    definitions = _definitions(main, head, pages, world)
    problems = tuple(findings.problems())
    if findings.failed:
        return Examination(None, problems)
    return Examination(_config(head, world, [main, *pages], definitions), problems)


def load_alone(path: Path, *, clock: Clock, find: Find = registry.find) -> Config:
    """The operator's file without its mappings, for what comes before the first of them."""
    findings = Findings()
    main = _main_page(path, findings)
    if main is None:
        raise ConfigError(tuple(findings.problems()))
    head = read_head(main)
    world = _world(main, head, clock, find)
    if findings.failed:
        raise ConfigError(tuple(findings.problems()))
    return _config(head, world, [main], Definitions({}, {}, {}))


def _main_page(path: Path, findings: Findings) -> Page | None:
    """The operator's file; None, and the reason noted, where it is none. A mapping in its place
    would make a mistake of each of its keys."""
    page = read_page(path, path.name, findings)
    if page is None or OPERATORS_KEYS & page.data.keys() or not MAPPING_ONLY & page.data.keys():
        return page
    there = next((one for one in path.parents if (one / "config.toml").is_file()), None)
    config = "CONFIG" if there is None else shlex.quote(str(there / "config.toml"))
    message = "this is a mapping: it is read with the operator's file, which finds it"
    cure = "okrsync validate" + ("" if config == "config.toml" else f" --config {config}")
    page.add((), "not-in-config", message, cure, at="table")
    return None


def _world(main: Page, head: Head, clock: Clock, find: Find) -> World:
    return World(
        stores=read_stores(main, find),
        sources=read_sources(main, find),
        rates=head.rates,
        today=clock().astimezone(head.timezone).date(),
        fiscal_year_starts=head.fiscal_year_starts,
        names=Names(),
    )


def _definitions(main: Page, head: Head, pages: Sequence[Page], world: World) -> Definitions:
    """Names first, then metrics, then key results: each may refer to any file."""
    guard = check_defaults(main, head.defaults, Guard())
    scopes = [open_scope(world, page, head.defaults, guard) for page in pages]
    for scope in scopes:
        declare_names(scope)
    metrics = {metric.id: metric for scope in scopes for metric in read_metrics(scope)}
    found = [objective for scope in scopes for objective in read_objectives(scope, metrics)]
    definitions = Definitions(
        metrics,
        {read.objective.id: read.objective for read in found},
        {rule.key_result.id: rule for read in found for rule in read.rules},
    )
    for scope in scopes:
        apply_overrides(scope, definitions.rules)
    _note_circles(definitions, scopes, world.names)
    note_shared_ids(definitions.rules, {page.name: page for page in pages})
    return definitions


def _note_circles(definitions: Definitions, scopes: Sequence[Scope], names: Names) -> None:
    metrics, objectives, rules = definitions.metrics, definitions.objectives, definitions.rules
    by_file = {scope.page.name: scope for scope in scopes}
    for circle in circles_of_values(metrics, objectives, rules):
        _note_circle(circle, "cycle", by_file, names)
    for circle in circles_of_parents(objectives):
        _note_circle(circle, "parent-cycle", by_file, names)


def _note_circle(circle: Sequence[Node], code: str, scopes: dict[str, Scope], names: Names) -> None:
    kind, full_id = circle[0]
    known = {
        "metric": names.metrics,
        "objective": names.objectives,
        "key result": names.key_results,
    }
    scope = scopes[known[kind][full_id].file]
    parts = full_id.removeprefix(f"{scope.team}." if scope.team else "").split(".")
    path = ("metric", *parts) if kind == "metric" else ("objective", ".kr.".join(parts))
    steps = tuple(step for part in path for step in part.split("."))
    message = f"these need each other in a circle: {described(circle)}"
    scope.page.add(steps, code, message, "take one of them out of the circle", at="table")


def _config(
    head: Head,
    world: World,
    pages: Sequence[Page],
    definitions: Definitions,
) -> Config:
    documents = [page.document for page in pages]
    main = documents[0].path
    return Config(
        path=main,
        root=main.parent,
        timezone=head.timezone,
        tenant=head.tenant,
        fiscal_year_starts=head.fiscal_year_starts,
        state_url=head.state_url,
        stores=world.stores,
        sources=world.sources,
        limits=head.limits,
        notify=head.notify,
        rates=head.rates,
        metrics=definitions.metrics,
        objectives=definitions.objectives,
        rules=definitions.rules,
        files=tuple(document.path for document in documents),
    )
