"""The one JSON envelope of all commands.

okrsync      1, the envelope's version: keys are added to it, none is renamed or removed
command      plan, apply, sync, status, ...
exit         the exit code of the command
run_id       the run, null where there is none
at           when, ISO 8601 with zone
summary      counts
items        one object for each key result (or other subject)
diagnostics  what is wrong: code, subject, message, place, what to do next
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from okrsync.config.config import Config
from okrsync.lint.finding import Finding
from okrsync.mapping.rules import Rule
from okrsync.model import Ambition, Outcome, Plan, RunReport
from okrsync.report import items as made
from okrsync.report.encoding import encode
from okrsync.report.left_out import LeftOut
from okrsync.report.past import Past
from okrsync.report.summary import posted
from okrsync.report.view import Branch, View, build, line_of
from okrsync.scoring.grade import bands

Json = Mapping[str, object]


def envelope(
    command: str,
    exit_code: int,
    at: datetime,
    *,
    run_id: str = "",
    summary: Json | None = None,
    items: Sequence[Json] = (),
    diagnostics: Sequence[Json] = (),
) -> str:
    """One JSON object; decimals keep all their digits."""
    return encode(
        {
            "okrsync": 1,
            "command": command,
            "exit": exit_code,
            "run_id": run_id or None,
            "at": at,
            "summary": dict(summary or {}),
            "items": list(items),
            "diagnostics": list(diagnostics),
        }
    )


def plan_json(
    plan: Plan,
    config: Config,
    *,
    due: LeftOut | None = None,
    warnings: Sequence[str] = (),
    exit_code: int = 0,
) -> str:
    """The plan's changes and its fingerprint; ``warnings`` are of no key result."""
    notes = [note for change in plan.changes for note in made.change_diagnostics(change)]
    return envelope(
        "plan",
        exit_code,
        plan.made_at.astimezone(config.timezone),
        summary={
            **made.verdict_counts(plan.changes),
            "fingerprint": plan.fingerprint,
            "costs": [{"source": source, "what": words} for source, words in plan.costs],
            "periods_over": _to_close(due),
        },
        items=[made.change_item(change, config) for change in plan.changes],
        diagnostics=[*notes, *_warnings(warnings)],
    )


def run_json(
    report: RunReport, config: Config, *, due: LeftOut | None = None, command: str = "sync"
) -> str:
    """What a run did; ``written`` says of each item whether the store has a receipt for it."""
    changes = report.plan.changes
    written = {change.key_result for change in posted(report)}
    items = [
        {**made.change_item(change, config), "written": change.key_result in written}
        for change in changes
    ]
    notes = [note for change in changes for note in made.change_diagnostics(change)]
    return envelope(
        command,
        report.exit_code,
        report.started.astimezone(config.timezone),
        run_id=report.run,
        summary={
            **made.verdict_counts(changes),
            "written": len(written),
            "settled": len(report.settled),
            "periods_over": _to_close(due),
        },
        items=items,
        diagnostics=[*notes, *_warnings(report.warnings)],
    )


def _to_close(due: LeftOut | None) -> list[str]:
    """Periods that are over and that nobody has closed yet."""
    return [] if due is None else list(due.to_close)


def status_json(config: Config, outcomes: Mapping[str, Outcome], now: datetime) -> str:
    """Every key result with the last word on it."""
    view = build(config, outcomes, now)
    return envelope(
        "status",
        0,
        now.astimezone(config.timezone),
        summary=made.status_counts(view.lines.values()),
        items=[made.line_item(line, config) for line in view.lines.values()],
        diagnostics=[made.attention_item(one) for one in view.attention],
    )


def explain_json(
    rule: Rule,
    outcome: Outcome | None,
    config: Config,
    history: Sequence[Past],
    now: datetime,
    *,
    approvals: Sequence[Mapping[str, object]] = (),
) -> str:
    """One key result with every operand behind its number, and its history."""
    item = made.line_item(line_of(rule, outcome, now, config), config)
    item["history"] = [
        {"as_of": past.as_of, "value": past.number, "origin": past.origin} for past in history
    ]
    item["approvals"] = list(approvals)
    item["run_id"] = outcome.run if outcome else None
    return envelope("explain", 0, now.astimezone(config.timezone), items=[item])


def report_json(
    config: Config,
    outcomes: Mapping[str, Outcome],
    now: datetime,
    *,
    moves: Mapping[str, Decimal] | None = None,
) -> str:
    """Objectives nested by parent, then KPIs; what needs attention is in the diagnostics."""
    view = build(config, outcomes, now, moves=moves)
    return envelope(
        "report",
        0,
        now.astimezone(config.timezone),
        summary={
            **made.status_counts(view.lines.values()),
            "bands": {str(ambition): bands(ambition) for ambition in Ambition},
        },
        items=[*_objectives(view, config), *(made.kpi_item(kpi) for kpi in view.kpis)],
        diagnostics=[made.attention_item(one) for one in view.attention],
    )


def lint_json(findings: Sequence[Finding], now: datetime, *, exit_code: int = 0) -> str:
    diagnostics = [
        {
            "code": one.code,
            "message": one.message,
            "file": one.place.file,
            "line": one.place.line,
            "next": one.cure,
        }
        for one in findings
    ]
    return envelope(
        "lint", exit_code, now, summary={"findings": len(findings)}, diagnostics=diagnostics
    )


def _warnings(warnings: Sequence[str]) -> list[Json]:
    return [{"code": "warning", "message": warning} for warning in warnings]


def _objectives(view: View, config: Config) -> list[Json]:
    perspectives = {id_: name for name, ids in view.perspectives for id_ in ids}

    def item(branch: Branch) -> Json:
        return {
            **made.objective_item(branch.objective, branch.score),
            "perspective": perspectives.get(branch.objective.id),
            "key_results": [made.line_item(line, config) for line in branch.lines],
            "objectives": [item(child) for child in branch.children],
        }

    return [item(branch) for branch in view.tree]
