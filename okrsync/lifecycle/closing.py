"""Close a period: freeze what every key result of it came to. Closing again changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from okrsync.config.config import Config
from okrsync.contracts import Clock
from okrsync.errors import OutsideError, UsageError
from okrsync.lifecycle.final import Evidence, Trouble, final, trouble_of, with_baseline
from okrsync.lifecycle.outside import capabilities_of
from okrsync.mapping.periods import PeriodError, deadline, parse_period
from okrsync.mapping.rules import Rule
from okrsync.model import ClosedPeriod, FinalWord, Period
from okrsync.state.records import Intent
from okrsync.state.state import State
from okrsync.sync.knowledge import Unsettled
from okrsync.sync.session import Session, open_stores, reading, writing
from okrsync.sync.stores import Shown, Stores, failing_alone

_GIVEN_UP = "the period was closed before its outcome was known"


@dataclass(frozen=True, slots=True)
class Closed:
    """The frozen numbers; ``already`` when an earlier close made them."""

    closed: ClosedPeriod
    finals: Sequence[FinalWord]
    already: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was frozen, because of these key results."""

    period: Period
    troubles: Mapping[str, Trouble]


def close(
    config: Config,
    clock: Clock,
    period: str | None,
    *,
    by: str,
    early: bool = False,
    anyway: Collection[str] = (),
) -> Closed | Refused:
    """Freeze a period by its label; the one that has ended and is still open when None.

    ``anyway`` names key results that may be frozen as the trouble that they are. Raises UsageError
    for a period that nobody knows or that is not over yet.
    """
    chosen, known = _choose(config, clock, period)
    if known is not None:
        return known
    rules = _of(config, chosen)
    _refuse_strangers(rules, anyway, chosen)
    ends = closes_at(config, chosen)
    if clock() < ends and not early:
        raise UsageError(
            f"{chosen.label} is not over: it can be closed from "
            f"{ends.astimezone(config.timezone):%Y-%m-%d %H:%M %Z} on",
            next_step=f"okrsync close {chosen.label} --early, if no more numbers should come",
        )
    with writing(config, clock, "close") as session:
        return _close(session, chosen, rules, by, frozenset(anyway))


def closes_at(config: Config, period: Period) -> datetime:
    """When no more numbers come: at the period's end, and as long after it as data may be late."""
    graces = [rule.grace for rule in _of(config, period)]
    return deadline(period, config.timezone) + max(graces, default=timedelta(0))


def _choose(
    config: Config, clock: Clock, wanted: str | None
) -> tuple[Period, None] | tuple[Period, Closed]:
    with reading(config, clock) as session:
        closings = session.state.closings
        closed = {one.period.label: one for one in closings.all()}
        periods = {rule.key_result.period.label: rule.key_result.period for rule in _rules(config)}
        label = _label(config, clock, wanted, periods, closed)
        if label not in closed:
            return periods[label], None
        finals = [one for (_, name), one in closings.finals().items() if name == label]
        return closed[label].period, Closed(closed[label], finals, already=True)


def _rules(config: Config) -> Sequence[Rule]:
    return tuple(config.rules.values())


def _of(config: Config, period: Period) -> Sequence[Rule]:
    return [rule for rule in _rules(config) if rule.key_result.period.label == period.label]


def _label(
    config: Config,
    clock: Clock,
    wanted: str | None,
    periods: Mapping[str, Period],
    closed: Mapping[str, ClosedPeriod],
) -> str:
    if wanted is None:
        return _only_open(config, clock, periods, closed)
    if wanted in closed or wanted in periods:
        return wanted
    label = named(config, clock, wanted).label
    if label in closed or label in periods:
        return label
    known = ", ".join(sorted(periods)) or "none"
    raise UsageError(
        f"no key result has the period {label}; there are: {known}",
        next_step='pin a mapping that says "this_quarter" to its period, such as "2026-Q4"',
    )


def named(config: Config, clock: Clock, wanted: str) -> Period:
    """The period that somebody typed. Raises UsageError."""
    today = clock().astimezone(config.timezone).date()
    try:
        return parse_period(wanted, fiscal_year_starts=config.fiscal_year_starts, today=today)
    except PeriodError as error:
        raise UsageError(f"{error.message}: it cannot be a period", next_step=error.cure) from None


def _only_open(
    config: Config,
    clock: Clock,
    periods: Mapping[str, Period],
    closed: Mapping[str, ClosedPeriod],
) -> str:
    now = clock()
    over = [one for one in periods.values() if closes_at(config, one) <= now]
    waiting = sorted(one.label for one in over if one.label not in closed)
    if len(waiting) == 1:
        return waiting[0]
    if waiting:
        raise UsageError(
            f"several periods are over and still open: {', '.join(waiting)}",
            next_step=f"okrsync close {waiting[0]}",
        )
    if over:
        return max(over, key=lambda one: one.end).label
    nearest = min(periods.values(), key=lambda one: one.end, default=None)
    when = "" if nearest is None else f"; the next one is {nearest.label}, over on {nearest.end}"
    raise UsageError(f"no period is over{when}", next_step="okrsync status")


def _refuse_strangers(rules: Sequence[Rule], anyway: Collection[str], period: Period) -> None:
    strangers = sorted(set(anyway) - {rule.key_result.id for rule in rules})
    if strangers:
        raise UsageError(
            f"`{strangers[0]}` is no key result of {period.label}", next_step="okrsync status"
        )


def _close(
    session: Session, period: Period, rules: Sequence[Rule], by: str, anyway: frozenset[str]
) -> Closed | Refused:
    now, zone = session.clock(), session.config.timezone
    evidence = _gather(session, rules)
    troubles = {
        known.rule.key_result.id: trouble
        for known in evidence
        if (trouble := trouble_of(known, now, zone)) is not None
    }
    refused = {id_: trouble for id_, trouble in troubles.items() if id_ not in anyway}
    if refused:
        return Refused(period, refused)
    finals = [
        final(known, troubles.get(known.rule.key_result.id), now, by, zone) for known in evidence
    ]
    closed = ClosedPeriod(period, now, by, early=now < deadline(period, zone))
    _give_up(session.state, evidence, now)  # first: killed in between, nothing is sent either
    session.state.closings.close(closed, finals)
    return Closed(closed, finals)


def _gather(session: Session, rules: Sequence[Rule]) -> list[Evidence]:
    """What the state and the store know of each. A check-in under way is looked for, not sent."""
    with open_stores(session) as stores:
        return _evidence(session, stores, rules)


def _evidence(session: Session, stores: Stores, rules: Sequence[Rule]) -> list[Evidence]:
    state = session.state
    shown = stores.read(rule.key_result.store_ref for rule in rules)
    unsettled = _look_for(session, stores, rules)
    outcomes, sent = state.outcomes.all(), state.outbox.last_sent()
    baselines = state.measurements.baselines()
    return [
        Evidence(
            rule=with_baseline(rule, baselines),
            outcome=outcomes.get(rule.key_result.id),
            stored=shown.stored.get(rule.key_result.store_ref),
            store_failure=_failure(shown, rule),
            sent=sent.get(rule.key_result.id),
            unsettled=unsettled.of(rule.key_result),
            capabilities=capabilities_of(session.config, rule.key_result.store_ref),
        )
        for rule in rules
    ]


def _failure(shown: Shown, rule: Rule) -> str:
    failed = shown.failure(rule.key_result.store_ref)
    return "" if failed is None else failed.message


def _look_for(session: Session, stores: Stores, rules: Sequence[Rule]) -> Unsettled:
    """Those that are not certainly in the store."""
    pending = Unsettled(session.state.outbox.pending())
    of_these = {one.payload: one for rule in rules if (one := pending.of(rule.key_result))}
    return Unsettled(intent for intent in of_these.values() if not _found(session, stores, intent))


def _found(session: Session, stores: Stores, intent: Intent) -> bool:
    name = intent.check_in.ref.store
    try:
        store = stores.of(name)
        with failing_alone(name):
            receipt = store.find(intent.check_in)
    except OutsideError:
        return False
    if receipt is None:
        return False
    session.state.outbox.receive(receipt, session.clock())
    return True


def _give_up(state: State, evidence: Sequence[Evidence], at: datetime) -> None:
    """No later run may write into the closed period."""
    for known in evidence:
        if known.unsettled is not None:
            state.outbox.give_up(known.unsettled.check_in.key, _GIVEN_UP, at)
