"""What the state knows, for the commands that only look. Nothing outside is contacted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from okrsync.config.config import Config
from okrsync.contracts import Clock
from okrsync.errors import UsageError
from okrsync.mapping.rules import Rule
from okrsync.model import FinalWord, Outcome, Verdict, Written
from okrsync.state.closings import Finals
from okrsync.state.records import Approval, Reading
from okrsync.state.state import State, open_state
from okrsync.sync.journal import journal
from okrsync.sync.moves import recent_moves
from okrsync.sync.selection import one, select
from okrsync.sync.session import reading, state_url


@dataclass(frozen=True, slots=True)
class LastKnown:
    """``config`` with the selected key results only; ``outcomes`` by subject: those of them, and
    of every watched metric; ``moves`` are recent changes of progress of those that are paired."""

    config: Config
    outcomes: Mapping[str, Outcome]
    moves: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class OneKnown:
    config: Config
    rule: Rule
    outcome: Outcome | None
    history: Sequence[Reading]
    approvals: Sequence[Approval]


def last_known(config: Config, clock: Clock, patterns: Sequence[str]) -> LastKnown:
    chosen = {rule.key_result.id for rule in select(config, patterns)}
    with reading(config, clock) as session:
        state = session.state
        finals = state.closings.finals()
        known = _as_closed(_with_baselines(config, state), finals)
        rules = {id_: rule for id_, rule in known.rules.items() if id_ in chosen}
        outcomes = _with_last_words(known, _outcomes(state), finals)
        wanted = chosen | config.metrics.keys()
        return LastKnown(
            config=replace(known, rules=rules),
            outcomes={id_: outcomes[id_] for id_ in outcomes if id_ in wanted},
            moves=recent_moves(known, state.measurements, clock()),
        )


def one_known(config: Config, clock: Clock, id_: str) -> OneKnown:
    if id_ in config.metrics and id_ not in config.rules:
        raise UsageError(
            f"`{id_}` is a metric, not a key result: it has values, and no verdict",
            next_step=f"okrsync history {id_}",
        )
    one(config, id_, also=config.metrics)
    with reading(config, clock) as session:
        state = session.state
        finals = state.closings.finals()
        known = _as_closed(_with_baselines(config, state), finals)
        return OneKnown(
            config=known,
            rule=known.rules[id_],
            outcome=_with_last_words(known, _outcomes(state), finals).get(id_),
            history=list(state.measurements.history(id_)),
            approvals=state.words.approvals_of(id_),
        )


def _outcomes(state: State) -> Mapping[str, Outcome]:
    """What the last runs said; what was held and is approved since waits only for the next run."""
    outcomes = dict(state.outcomes.all())
    for approval in state.words.approvals():
        outcome = outcomes.get(approval.key_result)
        if outcome is not None and _lets_through(approval, outcome):
            cure = f"okrsync sync {approval.key_result}"
            outcomes[approval.key_result] = replace(outcome, cure=cure)
    return outcomes


def _lets_through(approval: Approval, outcome: Outcome) -> bool:
    if outcome.verdict is not Verdict.HELD or outcome.value is None or approval.at < outcome.at:
        return False
    return outcome.value.number == approval.number


def _with_baselines(config: Config, state: State) -> Config:
    """The mappings with each `baseline = "first"` replaced by the number that was frozen for it."""
    frozen = state.measurements.baselines()
    rules = dict(config.rules)
    for id_, rule in config.rules.items():
        first = frozen.get((id_, rule.key_result.period.label))
        if rule.key_result.baseline_first and first is not None:
            key_result = replace(rule.key_result, baseline=first.number)
            rules[id_] = replace(rule, key_result=key_result)
    return replace(config, rules=rules)


def _as_closed(config: Config, finals: Finals) -> Config:
    """The mappings with each key result of a closed period as it was defined when it was closed:
    all that its score was made of."""
    rules = dict(config.rules)
    for id_, rule in config.rules.items():
        final = finals.get((id_, rule.key_result.period.label))
        if final is not None:
            now = rule.key_result
            key_result = replace(
                final.key_result,
                place=now.place,
                pair=now.pair,
                pace=now.pace,
                sort=now.sort,
                whole_numbers=now.whole_numbers,
            )
            rules[id_] = replace(rule, key_result=key_result, override=None)
    return replace(config, rules=rules)


def _with_last_words(
    config: Config, outcomes: Mapping[str, Outcome], finals: Finals
) -> Mapping[str, Outcome]:
    """What was frozen takes the place of what the last run said."""
    labels = {id_: rule.key_result.period.label for id_, rule in config.rules.items()}
    frozen = {
        id_: finals[id_, labels[id_]].outcome for id_ in labels if (id_, labels[id_]) in finals
    }
    return {**outcomes, **frozen} if frozen else outcomes


def finals_of(config: Config, clock: Clock, id_: str) -> Sequence[FinalWord]:
    """What a key result came to in each period that was closed, oldest first."""
    with reading(config, clock) as session:
        found = [one for (name, _), one in session.state.closings.finals().items() if name == id_]
    return sorted(found, key=lambda one: one.key_result.period.end)


@dataclass(frozen=True, slots=True)
class Told:
    """``readings`` are the numbers of a key result or a metric, ``written`` the check-ins of a key
    result that are known of, ``approvals`` who let which of its values through."""

    readings: Sequence[Reading]
    written: Sequence[Written]
    approvals: Sequence[Approval]


def past(config: Config, clock: Clock, id_: str, since: datetime | None) -> Told:
    """What is known of a key result or a metric since the start of a day in the config's zone."""
    if id_ not in config.metrics and not finals_of(config, clock, id_):
        one(config, id_, also=config.metrics)
    start = None if since is None else since.replace(tzinfo=config.timezone)
    with reading(config, clock) as session:
        readings = list(session.state.measurements.history(id_, since=start))
        approvals = [
            approval
            for approval in session.state.words.approvals_of(id_)
            if start is None or approval.at >= start
        ]
        return Told(readings, journal(session.state, id_, start), approvals)


def end_lease(config: Config, lease: str) -> None:
    with open_state(state_url(config), tenant=config.tenant) as state:
        if not state.leases.unlock(lease):
            raise UsageError(f"no run holds the lease `{lease}`", next_step="okrsync doctor")
