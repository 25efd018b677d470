"""Objectives and key results as one line of JSON each: equal text means nothing has changed.

Where they stand in the mapping is left out, so that moving a line is no change.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from okrsync.model import (
    Ambition,
    KeyResult,
    Kind,
    Milestone,
    Objective,
    Period,
    Place,
    StoreRef,
)
from okrsync.state.codec import json_text, legible, read_json


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


@legible
def key_result_of(written: tuple[str, StoreRef, Place]) -> KeyResult:
    """a key result's definition"""
    text, ref, place = written
    data: dict[str, Any] = read_json(text)
    label, start, end = data["period"]
    return KeyResult(
        id=data["id"],
        objective=data["objective"],
        title=data["title"],
        kind=Kind(data["kind"]),
        period=Period(label, date.fromisoformat(start), date.fromisoformat(end)),
        store_ref=ref,
        place=place,
        owner=data["owner"],
        unit=data["unit"],
        baseline=_read(data["baseline"]),
        target=_read(data["target"]),
        low=_read(data["low"]),
        high=_read(data["high"]),
        strict=data["strict"],
        ambition=Ambition(data["ambition"]),
        weight=Decimal(data["weight"]),
        milestones=tuple(_step(*step) for step in data["milestones"]),
    )


def _step(title: str, weight: str, due: str | None, done: bool) -> Milestone:  # noqa: FBT001
    day = None if due is None else date.fromisoformat(due)
    return Milestone(title, Decimal(weight), day, done)


def _read(number: str | None) -> Decimal | None:
    return None if number is None else Decimal(number)


@lru_cache(maxsize=1024)  # key results share a handful of them
def _period(period: Period) -> list[str]:
    return [period.label, period.start.isoformat(), period.end.isoformat()]


def _number(number: Decimal | None) -> str | None:
    return None if number is None else str(number)
