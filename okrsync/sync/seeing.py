"""What the state knows, for the commands that only look. Nothing outside is contacted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from okrsync.config.config import Config
from okrsync.contracts import Clock
from okrsync.errors import UsageError
from okrsync.mapping.rules import Rule
from okrsync.model import Outcome
from okrsync.state.records import Reading
from okrsync.state.state import open_state
from okrsync.sync.selection import one, select
from okrsync.sync.session import reading, state_url


@dataclass(frozen=True, slots=True)
class LastKnown:
    """``config`` with the selected key results only; ``outcomes`` by subject: those of them, and
    of every watched metric."""

    config: Config
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class OneKnown:
    config: Config
    rule: Rule
    outcome: Outcome | None
    history: Sequence[Reading]


def last_known(config: Config, clock: Clock, patterns: Sequence[str]) -> LastKnown:
    rules = {rule.key_result.id: rule for rule in select(config, patterns)}
    chosen = rules.keys() | config.metrics.keys()
    with reading(config, clock) as session:
        outcomes = session.state.outcomes.all()
        known = {id_: outcomes[id_] for id_ in outcomes if id_ in chosen}
    return LastKnown(replace(config, rules=rules), known)


def one_known(config: Config, clock: Clock, id_: str) -> OneKnown:
    rule = one(config, id_)
    with reading(config, clock) as session:
        outcome = session.state.outcomes.all().get(id_)
        return OneKnown(config, rule, outcome, list(session.state.measurements.history(id_)))


def past(config: Config, clock: Clock, id_: str, since: datetime | None) -> Sequence[Reading]:
    """All readings of a key result or a metric since the start of a day in the config's zone."""
    if id_ not in config.metrics:
        one(config, id_)
    start = None if since is None else since.replace(tzinfo=config.timezone)
    with reading(config, clock) as session:
        return list(session.state.measurements.history(id_, since=start))


def end_lease(config: Config, lease: str) -> None:
    with open_state(state_url(config), tenant=config.tenant) as state:
        if not state.leases.unlock(lease):
            raise UsageError(f"no run holds the lease `{lease}`", next_step="okrsync doctor")
