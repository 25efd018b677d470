"""A goal as Asana's answers tell of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from okrsync.errors import BadAnswer
from okrsync.http.parts import Parts
from okrsync.model import StoredDefinition
from okrsync_asana.numbers import shown

FIELDS: Final = (
    "name",
    "due_on",
    "start_on",
    "owner.name",
    "team.name",
    "workspace",
    "time_period.start_on",
    "time_period.end_on",
    "status",
    "current_status_update.title",
    "metric",
    "metric.can_manage",
    "metric.currency_code",
    "metric.current_number_value",
    "metric.initial_number_value",
    "metric.precision",
    "metric.progress_source",
    "metric.target_number_value",
    "metric.unit",
)
_COMPUTED: Final = {
    "subgoal_progress": "its sub-goals",
    "project_task_completion": "its projects' tasks",
    "project_milestone_completion": "its projects' milestones",
    "task_completion": "its tasks",
}
_CLOSED: Final = frozenset({"missed", "achieved", "partial", "dropped"})
_GID: Final = re.compile(r"[0-9]{1,20}")
_ADDRESS: Final = re.compile(r"https://[\w.-]+/(?:[\w-]+/)*goal/(?P<gid>[0-9]{1,20})(?:[/?#].*)?")
_MOST_PRECISE: Final = 6

PARTS: Final = Parts("Asana")


@dataclass(frozen=True, slots=True)
class Metric:
    """``value`` and the bounds as people read them, in "%" on the scale 0-100; ``unit`` is "%", a
    currency's code or ""; ``decimals`` are the places that are shown."""

    unit: str
    decimals: int
    value: Decimal | None
    baseline: Decimal | None
    target: Decimal | None
    automated: str


@dataclass(frozen=True, slots=True)
class Goal:
    """``update`` and ``title`` are of the newest status update, "" before the first."""

    gid: str
    name: str
    status: str
    update: str
    title: str
    metric: Metric | None
    definition: StoredDefinition

    @property
    def automated(self) -> str:
        """Why nobody may write the number; "" where it may be written."""
        if self.metric is None:
            return "a goal without a metric: set in Asana how its progress is measured"
        if self.status in _CLOSED:
            return f"closed in Asana ({self.status})"
        return self.metric.automated


def gid_of(store_id: str) -> str | None:
    """The goal's number, of a number or of the address that a browser shows; None for neither."""
    found = _ADDRESS.fullmatch(store_id.strip())
    if found:
        return found["gid"]
    return store_id if _GID.fullmatch(store_id) else None


def goal_of(data: Mapping[str, Any]) -> Goal:
    update = _part(data, "current_status_update")
    return Goal(
        gid=PARTS.text(data, "gid"),
        name=PARTS.text(data, "name"),
        status=PARTS.text(data, "status"),
        update=PARTS.text(update, "gid"),
        title=PARTS.text(update, "title"),
        metric=_metric(data["metric"]) if data.get("metric") else None,
        definition=_definition(data),
    )


def _metric(data: Any) -> Metric:
    metric = PARTS.table(data)
    unit = {"percentage": "%", "currency": PARTS.text(metric, "currency_code")}.get(
        PARTS.text(metric, "unit"), ""
    )
    precision = PARTS.number(metric, "precision")
    return Metric(
        unit=unit,
        decimals=_MOST_PRECISE if precision is None else int(precision),
        value=_number(metric, "current_number_value", unit),
        baseline=_number(metric, "initial_number_value", unit),
        target=_number(metric, "target_number_value", unit),
        automated=_automated(PARTS.text(metric, "progress_source"), metric.get("can_manage")),
    )


def _automated(progress_source: str, can_manage: Any) -> str:
    if progress_source in _COMPUTED:
        return f"computed from {_COMPUTED[progress_source]}"
    if progress_source == "external" and can_manage is not True:
        return "written by the integration that made its metric, and by no other"
    return ""


def _definition(data: Mapping[str, Any]) -> StoredDefinition:
    period, metric = _part(data, "time_period"), _part(data, "metric")
    known = _metric(metric) if metric else None
    last = _day(period, "end_on") or _day(data, "due_on")
    return StoredDefinition(
        team=PARTS.text(_part(data, "team"), "name"),
        owner=PARTS.text(_part(data, "owner"), "name"),
        baseline=known.baseline if known else None,
        target=known.target if known else None,
        start=_day(period, "start_on") or _day(data, "start_on"),
        end=last + timedelta(days=1) if last else None,
        link=_link(data),
    )


def _link(data: Mapping[str, Any]) -> str:
    workspace = PARTS.text(_part(data, "workspace"), "gid") or "0"
    version = "1/" if workspace != "0" else ""
    return f"https://app.asana.com/{version}{workspace}/goal/{PARTS.text(data, 'gid')}"


def _number(metric: Mapping[str, Any], name: str, unit: str) -> Decimal | None:
    found = PARTS.number(metric, name)
    return None if found is None else shown(found, unit)


def _day(data: Mapping[str, Any], name: str) -> date | None:
    written = PARTS.text(data, name)
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise BadAnswer(f"Asana's answer has no date as {name}") from None


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return PARTS.table(data.get(name) or {})
