"""All checks in one list, sorted by file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from okrsync.config.config import Config
from okrsync.lint.finding import Finding
from okrsync.lint.key_results import check_key_result, check_pairs
from okrsync.lint.objectives import check_objective, check_perspectives, check_teams
from okrsync.lint.outcomes import check_outcome
from okrsync.model import Outcome


def lint(config: Config, outcomes: Mapping[str, Outcome] | None = None) -> Sequence[Finding]:
    """Every finding about a valid configuration; ``outcomes`` by key result, where known."""
    findings = set(_all(config, outcomes or {}))
    return sorted(findings, key=lambda one: (one.place.file, one.place.line, one.code, one.message))


def _all(config: Config, outcomes: Mapping[str, Outcome]) -> Iterator[Finding]:
    objectives = list(config.objectives.values())
    key_results = [rule.key_result for rule in config.rules.values()]
    yield from check_teams(objectives)
    yield from check_perspectives(config)
    yield from check_pairs(key_results)
    for objective in objectives:
        yield from check_objective(objective)
    for key_result in key_results:
        yield from check_key_result(key_result, config.objectives.get(key_result.objective))
        if key_result.id in outcomes:
            yield from check_outcome(key_result, outcomes[key_result.id], config.timezone)
