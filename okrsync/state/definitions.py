"""Objectives and key results as one line of JSON each: equal text means nothing has changed.

Where they stand in the mapping is left out, so that moving a line is no change.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from okrsync.model import KeyResult, Objective, Period
from okrsync.state.codec import json_text


def objective_text(objective: Objective) -> str:
    return json_text(
        {
            "title": objective.title,
            "period": _period(objective.period),
            "team": objective.team,
            "owner": objective.owner,
            "level": objective.level,
            "perspective": objective.perspective,
            "parent": objective.parent,
            "weight": str(objective.weight),
            "key_results": objective.key_results,
        }
    )


def key_result_text(key_result: KeyResult) -> str:
    return json_text(
        {
            "id": key_result.id,
            "objective": key_result.objective,
            "title": key_result.title,
            "kind": key_result.kind.value,
            "period": _period(key_result.period),
            "owner": key_result.owner,
            "unit": key_result.unit,
            "baseline": _number(key_result.baseline),
            "target": _number(key_result.target),
            "low": _number(key_result.low),
            "high": _number(key_result.high),
            "strict": key_result.strict,
            "ambition": key_result.ambition.value,
            "weight": str(key_result.weight),
            "milestones": [
                [step.title, str(step.weight), step.due and step.due.isoformat(), step.done]
                for step in key_result.milestones
            ],
        }
    )


@lru_cache(maxsize=1024)  # key results share a handful of them
def _period(period: Period) -> list[str]:
    return [period.label, period.start.isoformat(), period.end.isoformat()]


def _number(number: Decimal | None) -> str | None:
    return None if number is None else str(number)
