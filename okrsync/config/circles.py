"""Definitions that need each other in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from okrsync.config.wording import shown_id
from okrsync.mapping.rules import Formula, Steps

if TYPE_CHECKING:
    from okrsync.mapping.rules import Metric, Rule, ValueRule
    from okrsync.model import Objective

Node = tuple[str, str]
"""("metric", full id), ("objective", full id) or ("key result", full id)."""


def circles_of_values(
    metrics: Mapping[str, Metric], objectives: Mapping[str, Objective], rules: Mapping[str, Rule]
) -> Iterator[tuple[Node, ...]]:
    """Each circle among values once, in the order in which one needs the next."""
    needs: dict[Node, list[Node]] = {}
    for name, metric in metrics.items():
        if isinstance(metric.rule, Formula):
            needs["metric", name] = list(_needed(metric.rule, objectives))
    scored = False
    for name, rule in rules.items():
        formulas = _formulas(rule.value)
        if formulas:
            needs["key result", name] = [
                node for formula in formulas for node in _needed(formula, objectives)
            ]
            scored = scored or any(formula.scores for formula in formulas)
    if scored or any(isinstance(m.rule, Formula) and m.rule.scores for m in metrics.values()):
        for name, objective in objectives.items():
            needs["objective", name] = [("key result", kr) for kr in objective.key_results]
    yield from circles(needs)


def circles_of_parents(objectives: Mapping[str, Objective]) -> Iterator[tuple[Node, ...]]:
    yield from circles(
        {
            ("objective", name): [("objective", objective.parent)]
            for name, objective in objectives.items()
            if objective.parent
        }
    )


def described(circle: Iterable[Node]) -> str:
    """For people: a -> b -> a."""
    ids = [shown_id(node[1]) for node in circle]
    return " -> ".join([*ids, ids[0]])


def circles(needs: Mapping[Node, Iterable[Node]]) -> Iterator[tuple[Node, ...]]:
    """Depth first, with a stack of our own: a chain may be longer than Python's recursion."""
    done: set[Node] = set()
    for start in needs:
        if start in done:
            continue
        way: dict[Node, None] = {start: None}
        open_: list[Iterator[Node]] = [iter(needs[start])]
        while open_:
            node = next(open_[-1], None)
            if node is None:
                open_.pop()
                done.add(way.popitem()[0])
            elif node in way:
                nodes = list(way)
                yield tuple(nodes[nodes.index(node) :])
            elif node not in done and node in needs:
                way[node] = None
                open_.append(iter(needs[node]))


def _formulas(value: ValueRule) -> list[Formula]:
    if isinstance(value, Formula):
        return [value]
    return [step.when for step in value.computed] if isinstance(value, Steps) else []


def _needed(formula: Formula, objectives: Mapping[str, Objective]) -> Iterator[Node]:
    for _, name in formula.names:
        yield "metric", name
    for _, name in formula.scores:
        yield ("objective" if name in objectives else "key result"), name
