"""Stores that keep definitions are brought up to the mappings before any check-in."""

from __future__ import annotations

from functools import partial
from typing import cast

from okrsync.config.config import Config
from okrsync.contracts import DefiningStore
from okrsync.errors import OutsideError
from okrsync.sync.knowledge import Knowledge
from okrsync.sync.lanes import WRITING, Lane
from okrsync.sync.stores import Stores, failing_alone


def declare(config: Config, stores: Stores, knowledge: Knowledge) -> dict[str, OutsideError]:
    """Tell each store its own objectives and key results; by store why one did not take them."""
    telling = {
        name: partial(_declare, config, stores, name)
        for name, connection in config.stores.items()
        if connection.capabilities.keeps_definitions and name not in knowledge.store_failures
    }
    told = stores.lanes.run(telling, until=WRITING)
    return {name: failed for name, failed in told.items() if failed is not None}


def _declare(config: Config, stores: Stores, name: str, lane: Lane) -> None:
    key_results = [
        rule.key_result for rule in config.rules.values() if rule.key_result.store_ref.store == name
    ]
    if not key_results:
        return
    holding = {key_result.objective for key_result in key_results}
    objectives = [one for one in config.objectives.values() if one.id in holding]
    defining = cast("DefiningStore", stores.of(name))
    with failing_alone(name):
        lane.take(lambda: defining.declare(objectives, key_results))
