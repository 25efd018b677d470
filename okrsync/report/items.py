"""The objects inside the JSON envelope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from okrsync.config.config import Config
from okrsync.model import (
    Change,
    Closing,
    FinalWord,
    KeyResult,
    Objective,
    Operand,
    Outcome,
    Place,
    Score,
    Status,
    Value,
    Verdict,
)
from okrsync.report.people import word_item
from okrsync.report.provenance import origin, read_at
from okrsync.report.view import Attention, Kpi, Line
from okrsync.scoring.grade import grade
from okrsync.scoring.rollup import ObjectiveScore

Item = dict[str, object]


def change_item(change: Change, config: Config) -> Item:
    """One line of a plan: ``old`` is what the store shows, ``new`` what was computed."""
    rule = config.rules.get(change.key_result)
    value = change.value
    return {
        "kr": change.key_result,
        "title": change.title,
        "action": change.verdict.value,
        "reason": change.reason,
        "old": change.stored,
        "last_sent": change.last_sent,
        "new": value.number if value else None,
        "unit": (value.unit if value else "") or None,
        **_bounds(rule.key_result if rule else None),
        **score_item(change.score),
        "provenance": provenance_item(value, change.place),
        "next": change.cure or None,
        "person": word_item(change.word),
    }


def change_diagnostics(change: Change) -> list[Item]:
    """Held and failed ones, and what the store cannot hold."""
    here = {"kr": change.key_result, "file": change.place.file, "line": change.place.line}
    found: list[Item] = []
    if change.verdict in {Verdict.HELD, Verdict.FAILED}:
        code = change.code or change.verdict.value
        found.append({"code": code, **here, "message": change.reason, "next": change.cure or None})
    found += [{"code": "store-loses", **here, "message": text} for text in change.warnings]
    return found


def line_item(line: Line, config: Config) -> Item:
    """A key result as it stands; ``value`` of a held one is the store's."""
    key_result, outcome = line.key_result, line.outcome
    return {
        "kr": key_result.id,
        "title": key_result.title,
        "objective": key_result.objective,
        "owner": key_result.owner or None,
        "period": key_result.period.label,
        "value": line.number,
        "unit": key_result.unit or None,
        **_bounds(key_result),
        **score_item(line.score),
        "ambition": key_result.ambition.value,
        "grade": _grade(key_result, line.score),
        **_last_word(outcome),
        "provenance": provenance_item(line.value, key_result.place),
        "override": _override(line),
        "frozen": closing_item(line.closed),
        "person": word_item(outcome.word if outcome else None),
        "zone": str(config.timezone),
    }


def closing_item(closed: Closing | None) -> Item | None:
    """How the end of its period froze a key result."""
    if closed is None:
        return None
    return {
        "at": closed.at,
        "by": closed.by,
        "author": closed.author or None,
        "believed": closed.believed.probability if closed.believed else None,
        "believed_origin": closed.believed.origin if closed.believed else None,
        "believed_at": closed.believed_at,
        "came_true": closed.came_true,
    }


def final_item(one: FinalWord) -> Item:
    """What a closed period left of a key result, whatever the mapping says today."""
    key_result, outcome = one.key_result, one.outcome
    value = outcome.value
    return {
        "kr": key_result.id,
        "title": key_result.title,
        "objective": key_result.objective,
        "owner": key_result.owner or None,
        "period": key_result.period.label,
        "value": value.number if value else None,
        "unit": key_result.unit or None,
        "stored": outcome.stored,
        **_bounds(key_result),
        **score_item(outcome.score),
        "ambition": key_result.ambition.value,
        "action": outcome.verdict.value,
        "reason": outcome.reason or None,
        "run_id": outcome.run or None,
        "provenance": provenance_item(value, key_result.place),
        "frozen": closing_item(outcome.closed),
    }


def objective_item(objective: Objective, scored: ObjectiveScore) -> Item:
    confidence = scored.confidence
    return {
        "objective": objective.id,
        "title": objective.title,
        "owner": objective.owner or None,
        "level": objective.level or None,
        "parent": objective.parent,
        "period": objective.period.label,
        "score": scored.score,
        "confidence": confidence.probability if confidence else None,
        "status": scored.status.value,
        "reason": scored.reason,
        "missing": list(scored.missing),
        "file": objective.place.file,
        "line": objective.place.line,
    }


def kpi_item(kpi: Kpi) -> Item:
    value = kpi.outcome.value if kpi.outcome else None
    return {
        "kpi": kpi.metric.id,
        "title": kpi.metric.title or None,
        "value": value.number if value else None,
        "unit": (value.unit if value else kpi.metric.unit) or None,
        "healthy_min": kpi.metric.healthy_min,
        "healthy_max": kpi.metric.healthy_max,
        "healthy": kpi.status is Status.ON_TRACK if value else None,
        "status": kpi.status.value,
        "reason": kpi.reason,
        "perspective": kpi.metric.perspective or None,
        "provenance": provenance_item(value, kpi.metric.place),
    }


def attention_item(one: Attention) -> Item:
    return {
        "code": one.kind.replace(" ", "-"),
        "kr": one.subject,
        "message": one.message,
        "next": one.cure,
    }


def score_item(score: Score | None) -> Item:
    """All null where nothing was scored: never 0 for "could not look"."""
    confidence = score.confidence if score else None
    return {
        "progress": score.progress if score else None,
        "score": score.score if score else None,
        "expected": score.expected if score else None,
        "pace": score.pace if score else None,
        "confidence": confidence.probability if confidence else None,
        "confidence_origin": confidence.origin if confidence else None,
        "confidence_reason": confidence.reason if confidence else None,
        "status": (score.status if score else Status.UNKNOWN).value,
        "status_reason": (score.reason if score else "") or None,
        "forecast": [{"quantile": q, "value": value} for q, value in score.forecast]
        if score
        else [],
        "recent_per_week": score.recent if score else None,
        "needed_per_week": score.needed if score else None,
        "flags": [{"kind": flag.kind, "message": flag.message} for flag in score.flags]
        if score
        else [],
    }


def provenance_item(value: Value | None, place: Place) -> Item:
    """Where the number came from; ``query`` and ``link`` stand here where there is just one."""
    operands = value.operands if value else ()
    only = operands[0].measurement if len(operands) == 1 else None
    return {
        "source": origin(value) if value else None,
        "origin": value.origin if value else None,
        "query": only.evidence.query if only else None,
        "link": only.evidence.link if only else None,
        "rows": sum(one.measurement.rows for one in operands) if operands else None,
        "as_of": value.as_of if value else None,
        "read_at": read_at(value) if value else None,
        "approximate": value.approximate if value else None,
        "remark": (value.remark if value else "") or None,
        "file": place.file,
        "line": place.line,
        "operands": [_operand(one) for one in operands],
    }


def verdict_counts(changes: Sequence[Change]) -> Item:
    return {
        verdict.value: sum(change.verdict is verdict for change in changes) for verdict in Verdict
    }


def status_counts(lines: Iterable[Line]) -> Item:
    """How many stand at each status, and how many are held or failed."""
    known = list(lines)
    counts: Item = {
        status.value: sum(line.score.status is status for line in known) for status in Status
    }
    for verdict in (Verdict.HELD, Verdict.FAILED):
        counts[verdict.value] = sum(
            line.outcome is not None and line.outcome.verdict is verdict for line in known
        )
    return counts


def _operand(operand: Operand) -> Item:
    measurement, evidence = operand.measurement, operand.measurement.evidence
    return {
        "name": operand.name,
        "value": measurement.value,
        "unit": measurement.unit or None,
        "rows": measurement.rows,
        "approximate": measurement.approximate,
        "as_of": measurement.as_of,
        "source": evidence.source,
        "query": evidence.query,
        "window": evidence.window,
        "zone": evidence.zone,
        "read_at": evidence.read_at,
        "link": evidence.link,
        "notes": list(evidence.notes),
    }


def _bounds(key_result: KeyResult | None) -> Item:
    if key_result is None:
        return {}
    return {
        "kind": key_result.kind.value,
        "baseline": key_result.baseline,
        "target": key_result.target,
        "low": key_result.low,
        "high": key_result.high,
    }


def _grade(key_result: KeyResult, score: Score) -> str | None:
    return None if score.score is None else grade(score.score, key_result.ambition).value


def _last_word(outcome: Outcome | None) -> Item:
    if outcome is None:
        return {"action": None, "reason": None, "since": None, "runs": 0, "next": "okrsync sync"}
    return {
        "action": outcome.verdict.value,
        "reason": outcome.reason or None,
        "since": outcome.since,
        "runs": outcome.runs,
        "next": outcome.cure or None,
    }


def _override(line: Line) -> Item | None:
    override = line.rule.override
    if override is None:
        return None
    return {
        "value": override.value,
        "until": override.until,
        "reason": override.reason,
        "by": override.by,
    }
