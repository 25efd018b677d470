"""Tell the state: readings for history, the last word on everything, slots done, the run's end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from okrsync.model import Change, Outcome, RunReport, Verdict
from okrsync.state.records import Reading
from okrsync.state.state import State
from okrsync.sync.planned import Planned
from okrsync.sync.verdicts import summary_of

MEMORY = timedelta(days=30)
"""How long a connector's memory is kept that no run has written again."""

_TRUE = (Verdict.POST, Verdict.UNCHANGED)


def remember(state: State, report: RunReport, planned: Planned, at: datetime) -> None:
    """Held and failed values never enter the history: only what the store shows is a fact."""
    changes = report.plan.changes
    readings = _readings(changes, planned.kpis)
    state.measurements.record(report.run, at, readings)
    _freeze_baselines(state, planned, readings)
    state.aims.note(rule.key_result for rule in planned.due.rules)
    looked_at = {rule.key_result.id for rule in planned.due.rules}  # not those long over
    known = _outcomes(report, (one for one in changes if one.key_result in looked_at))
    state.outcomes.replace([*known, *_of_run(report, planned.kpis)])
    _use_approvals(state, report, planned, at)
    failed = {change.key_result for change in changes if change.verdict is Verdict.FAILED}
    state.slots.mark_all(
        {id_: slot for id_, slot in planned.due.slots.items() if id_ not in failed}
    )
    state.runs.finish(report.run, at, report.exit_code, summary_of(changes))


def forget(state: State, keep: timedelta, at: datetime) -> None:
    """Let go of history older than ``keep``, with the first run of a day; the newest number and
    check-in of each key result, and frozen baselines, stay."""
    runs = state.runs.latest(2)
    before_this = [run for run in runs[1:] if run.started.date() < at.date()]
    if not before_this:
        return
    before = at - keep
    state.measurements.prune(before)
    state.outbox.prune(before)
    state.memories.prune(at - MEMORY)
    state.heard.prune(before)
    state.runs.prune(before)


def _readings(changes: Iterable[Change], kpis: Iterable[Outcome]) -> list[Reading]:
    readings = [
        Reading.of(change.key_result, change.value)
        for change in changes
        if change.value is not None and change.verdict in _TRUE
    ]
    readings += [Reading.of(kpi.subject, kpi.value) for kpi in kpis if kpi.value is not None]
    return readings


def _freeze_baselines(state: State, planned: Planned, readings: Iterable[Reading]) -> None:
    by_subject = {reading.subject: reading for reading in readings}
    for rule in planned.due.rules:
        key_result = rule.key_result
        if not key_result.baseline_first or key_result.id not in by_subject:
            continue
        if (key_result.id, key_result.period.label) not in planned.knowledge.baselines:
            state.measurements.freeze_baseline(
                key_result.id, key_result.period.label, by_subject[key_result.id]
            )


def _outcomes(report: RunReport, changes: Iterable[Change]) -> list[Outcome]:
    at = report.started
    return [
        Outcome(
            subject=change.key_result,
            run=report.run,
            at=at,
            verdict=change.verdict,
            reason=change.reason,
            since=at,
            code=change.code,
            cure=change.cure,
            value=change.value,
            score=change.score,
            stored=change.stored,
            word=change.word,
        )
        for change in changes
    ]


def _of_run(report: RunReport, kpis: Iterable[Outcome]) -> list[Outcome]:
    return [replace(kpi, run=report.run) for kpi in kpis]


def _use_approvals(state: State, report: RunReport, planned: Planned, at: datetime) -> None:
    """An approval lets one value through, once."""
    written = {receipt.key for receipt in report.receipts}
    for change in report.plan.changes:
        if change.check_in is None or change.check_in.key not in written:
            continue
        if change.key_result in planned.knowledge.approvals:
            state.words.use(change.key_result, report.run, at)
