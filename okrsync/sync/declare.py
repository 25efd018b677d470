"""Stores that keep definitions are brought up to the mappings before any check-in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import cast

from okrsync.config.config import Config
from okrsync.contracts import DefiningStore
from okrsync.model import KeyResult
from okrsync.sync.knowledge import Knowledge
from okrsync.sync.stores import Stores, failing_alone


def declarations(
    config: Config, stores: Stores, knowledge: Knowledge
) -> Mapping[str, Callable[[], object]]:
    """By store, what tells it its own objectives and key results; it raises OutsideError."""
    telling: dict[str, Callable[[], object]] = {}
    for name, connection in config.stores.items():
        if not connection.capabilities.keeps_definitions or name in knowledge.store_failures:
            continue
        own = [rule.key_result for rule in config.rules.values() if _is_in(name, rule.key_result)]
        if own:
            telling[name] = partial(_declare, config, stores, name, own)
    return telling


def _is_in(store: str, key_result: KeyResult) -> bool:
    return key_result.store_ref.store == store


def _declare(config: Config, stores: Stores, name: str, own: list[KeyResult]) -> None:
    holding = {key_result.objective for key_result in own}
    objectives = [one for one in config.objectives.values() if one.id in holding]
    defining = cast("DefiningStore", stores.of(name))
    with failing_alone(name):
        defining.declare(objectives, own)
