"""Stores that keep definitions are brought up to the mappings before any check-in."""

from __future__ import annotations

from typing import cast

from okrsync.config.config import Config
from okrsync.contracts import DefiningStore
from okrsync.errors import OutsideError
from okrsync.sync.knowledge import Knowledge
from okrsync.sync.stores import Stores, failing_alone


def declare(config: Config, stores: Stores, knowledge: Knowledge) -> dict[str, OutsideError]:
    """Tell each store its own objectives and key results; by store why one did not take them."""
    failures: dict[str, OutsideError] = {}
    for name, connection in config.stores.items():
        if not connection.capabilities.keeps_definitions or name in knowledge.store_failures:
            continue
        try:
            _declare(config, stores, name)
        except OutsideError as error:
            failures[name] = error
    return failures


def _declare(config: Config, stores: Stores, name: str) -> None:
    key_results = [
        rule.key_result for rule in config.rules.values() if rule.key_result.store_ref.store == name
    ]
    if not key_results:
        return
    holding = {key_result.objective for key_result in key_results}
    objectives = [one for one in config.objectives.values() if one.id in holding]
    defining = cast("DefiningStore", stores.of(name))
    with failing_alone(name):
        defining.declare(objectives, key_results)
