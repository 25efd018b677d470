"""The verbs: plan, sync and apply. Each reads top to bottom as the straight line it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from okrsync.config.config import Config
from okrsync.config.secrets import masked
from okrsync.contracts import Clock
from okrsync.errors import StalePlan
from okrsync.mapping.rules import Rule
from okrsync.model import Change, Plan, Question, RunReport
from okrsync.state.records import Intent
from okrsync.sync import kpis
from okrsync.sync.apply import Applied, Applier
from okrsync.sync.declare import declarations
from okrsync.sync.gather import gather
from okrsync.sync.plan import Planner
from okrsync.sync.planned import Planned
from okrsync.sync.questions import Dating, questions_of
from okrsync.sync.remember import forget, remember
from okrsync.sync.selection import Due, due_now, select
from okrsync.sync.session import Session, learn, open_stores, reading, writing
from okrsync.sync.stores import Stores
from okrsync.sync.termination import listening_to_signals

_NAMED = 10
"""How many key results a message names before it only counts."""


def rehearse(
    config: Config, clock: Clock, patterns: Sequence[str] = (), *, regardless: bool = False
) -> Planned:
    """The plan of what is due (``regardless`` of it: of everything in play), without a lease and
    without a write."""
    rules = select(config, patterns)
    with reading(config, clock) as session, open_stores(session) as stores:
        now = clock()
        due = _due(session, rules, patterns, now, regardless=regardless)
        return _plan(session, stores, due, session.state.outbox.pending(), now)


def sync(
    config: Config,
    clock: Clock,
    patterns: Sequence[str] = (),
    *,
    regardless: bool = False,
    approved: Plan | None = None,
    command: str = "sync",
) -> tuple[RunReport, Planned]:
    """Plan and apply in one go under one lease.

    With ``approved``, the world is read again and nothing is written unless the new plan decides
    the same from the same. Raises Busy, StalePlan, StateError.
    """
    rules = select(config, patterns)
    with listening_to_signals(), writing(config, clock, command) as session:
        now = clock()
        run = session.state.runs.start(command, now)
        with open_stores(session) as stores:
            applier = Applier(session.state, stores.of, stores.lanes, run, clock)
            settled = applier.settle(session.state.outbox.pending())
            every = regardless or approved is not None
            due = _due(session, rules, patterns, now, regardless=every)
            planned = _plan(session, stores, due, settled.unknown, now)
            if approved is not None:
                _must_agree(approved, planned.plan)
            words = {c.key_result: c.word for c in planned.plan.changes if c.word is not None}
            session.state.heard.note(run, now, words)  # before anything may take its place
            first = declarations(config, stores, planned.knowledge)
            applied = applier.apply(planned.plan.changes, first)
        planned = replace(planned, plan=_as_done(planned.plan, applied.failures))
        report = RunReport(
            run=run,
            started=now,
            plan=planned.plan,
            receipts=tuple(applied.receipts),
            failures=tuple(applied.failures),
            settled=tuple(settled.receipts),
            warnings=(*planned.warnings, *_not_taken(applied)),
        )
        refused = [error.exit_code for error in applied.refused.values()]
        code = max(planned.exit_code, 3 if settled.unknown else 0, *refused)
        report = replace(report, exit_code=code)
        if code:
            planned = replace(planned, before=session.state.outcomes.all())
        remember(session.state, report, planned, clock())
        session.outfit.keep_memories()
        forget(session.state, config.limits.keep_history, now)
        return report, planned


def _due(
    session: Session,
    rules: Sequence[Rule],
    patterns: Sequence[str],
    now: datetime,
    *,
    regardless: bool,
) -> Due:
    state = session.state
    return due_now(
        session.config,
        rules,
        state.slots.done(),
        now,
        regardless=regardless,
        named=patterns,
        closed=state.closings.labels(),
    )


def _plan(
    session: Session, stores: Stores, due: Due, unsettled: Sequence[Intent], now: datetime
) -> Planned:
    config = session.config
    dating, open_end = Dating(config, now, within_periods=True), Dating(config, now)
    knowledge = learn(session, stores, due.rules, unsettled)
    asked = questions_of(config, due.rules, dating)
    _add(asked, kpis.questions(config, open_end, now))
    answers = gather(session.outfit, asked)
    made = Planner(config, knowledge, answers, dating, now).plan(due.rules, due.over)
    _tell_who_hears(session, made)
    made = replace(made, costs=session.outfit.costs)
    return Planned(made, due, kpis.watch(config, answers, open_end, now), knowledge)


def _tell_who_hears(session: Session, made: Plan) -> None:
    """Some stores write to people at each check-in; nobody should learn of that from them."""
    told = Counter(c.check_in.ref.store for c in made.changes if c.check_in is not None)
    for name, count in told.items():
        if session.config.stores[name].capabilities.notifies:
            what = "check-in reaches" if count == 1 else f"{count:,} check-ins reach"
            session.outfit.tell(name, f"its {what} the people who follow")


def _add(asked: dict[str, list[Question[object]]], more: Iterable[Question[object]]) -> None:
    for question in more:
        known = asked.setdefault(question.source, [])
        if question not in known:
            known.append(question)


def _must_agree(approved: Plan, made: Plan) -> None:
    if approved.fingerprint == made.fingerprint:
        return
    before = {change.key_result: change for change in approved.changes}
    moved = [
        c.key_result for c in made.changes if _decided(before.get(c.key_result)) != _decided(c)
    ]
    moved += sorted(before.keys() - {change.key_result for change in made.changes})
    raise StalePlan(
        f"the world has moved since this plan was made: {', '.join(moved[:_NAMED])}"
        + (f" and {len(moved) - _NAMED} more" if len(moved) > _NAMED else ""),
        next_step="okrsync plan --out PLAN, and look at it again",
    )


def _decided(change: Change | None) -> tuple[object, ...]:
    if change is None:
        return ()
    number = None if change.value is None else change.value.number
    return (change.verdict, change.code, number, change.stored_revision)


def _not_taken(applied: Applied) -> Iterator[str]:
    """Of stores whose definitions alone were to be written: the others' lines say it."""
    told = {c.check_in.ref.store for c in applied.failures if c.check_in is not None}
    for name, error in applied.refused.items():
        if name not in told:
            yield masked(f"the store `{name}` was not told its key results: {error.message}")


def _as_done(plan: Plan, failures: Sequence[Change]) -> Plan:
    """The plan with what became of it: a check-in that could not be written is a failed line."""
    failed = {change.key_result: change for change in failures}
    return replace(plan, changes=tuple(failed.get(c.key_result, c) for c in plan.changes))
