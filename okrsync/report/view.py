"""What a report is about, before it gets a form: lines, objectives, attention, KPIs, perspectives.

Old numbers are shown as old also when no run has looked at them since: a value past its freshness
is stale here whatever the last run said. What is held stays out: until somebody lets the new value
through, the key result stands where the store shows it, and has no confidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from okrsync.config.config import Config
from okrsync.mapping.rules import Metric, Rule
from okrsync.model import Closing, KeyResult, Objective, Outcome, Score, Status, Value, Verdict
from okrsync.report.numbers import age, amount
from okrsync.scoring.perspectives import PERSPECTIVES, perspective_name
from okrsync.scoring.progress import progress, score
from okrsync.scoring.rollup import ObjectiveScore, pair_warnings, part, roll_up
from okrsync.scoring.status import Moment, is_stale

ENDS_SOON = timedelta(days=7)
NOT_MEASURED = "not measured yet"
NO_FORECAST: dict[str, Any] = {
    "pace": None,
    "confidence": None,
    "forecast": (),
    "recent": None,
    "needed": None,
    "flags": (),
}
KPI_KINDS = {
    Status.OFF_TRACK: "unhealthy",
    Status.STALE: "stale",
    Status.UNKNOWN: "failed",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A key result with the last word on it; ``number`` is what it stands at."""

    rule: Rule
    outcome: Outcome | None
    number: Decimal | None
    score: Score

    @property
    def key_result(self) -> KeyResult:
        return self.rule.key_result

    @property
    def closed(self) -> Closing | None:
        """How it was frozen, where its period is closed."""
        return None if self.outcome is None else self.outcome.closed

    @property
    def name(self) -> str:
        """The id within its objective."""
        return self.key_result.id.removeprefix(f"{self.key_result.objective}.")

    @property
    def value(self) -> Value | None:
        """The value behind ``number``; none when it is the store's."""
        if self.closed is not None:
            return None if self.outcome is None else self.outcome.value
        held = self.outcome is not None and self.outcome.verdict is Verdict.HELD
        return None if self.outcome is None or held else self.outcome.value


@dataclass(frozen=True, slots=True)
class Branch:
    """An objective with its key results and the objectives beneath it."""

    objective: Objective
    score: ObjectiveScore
    lines: tuple[Line, ...]
    children: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Attention:
    """``kind`` is failed, held, stale, off track, missed, unhealthy, a flag's kind (too low, too
    high, not moving), pair or override."""

    kind: str
    subject: str
    message: str
    cure: str


@dataclass(frozen=True, slots=True)
class Kpi:
    metric: Metric
    outcome: Outcome | None
    status: Status
    reason: str


@dataclass(frozen=True, slots=True)
class View:
    """``perspectives`` is empty when nothing carries one, else names all four and any other."""

    now: datetime
    lines: Mapping[str, Line]
    objectives: Mapping[str, ObjectiveScore]
    tree: tuple[Branch, ...]
    attention: tuple[Attention, ...]
    kpis: tuple[Kpi, ...]
    perspectives: tuple[tuple[str, tuple[str, ...]], ...]


def build(
    config: Config,
    outcomes: Mapping[str, Outcome],
    now: datetime,
    *,
    moves: Mapping[str, Decimal] | None = None,
) -> View:
    """Everything a report shows, as of ``now``; ``moves`` are recent changes of progress."""
    lines = {
        id_: line_of(rule, outcomes.get(id_), now, config) for id_, rule in config.rules.items()
    }
    parts = {id_: part(line.key_result, line.score) for id_, line in lines.items()}
    objectives = roll_up(config.objectives, parts)
    kpis = tuple(
        _kpi(metric, outcomes.get(id_), now)
        for id_, metric in config.metrics.items()
        if metric.watched
    )
    return View(
        now=now,
        lines=lines,
        objectives=objectives,
        tree=_tree(config, objectives, lines),
        attention=(
            *_attention(lines, kpis, now),
            *_pairs(config, moves or {}),
            *_overrides(config, now),
        ),
        kpis=kpis,
        perspectives=_perspectives(config),
    )


def line_of(rule: Rule, outcome: Outcome | None, now: datetime, config: Config) -> Line:
    """One key result as it stands now."""
    if outcome is None:
        return Line(rule, None, None, _blank(Status.UNKNOWN, not_measured(rule, now, config)))
    if outcome.closed is not None:
        return _frozen(rule, outcome)
    if outcome.verdict is Verdict.HELD:
        return Line(rule, outcome, outcome.stored, _held_score(rule.key_result, outcome))
    if outcome.value is None:
        return Line(rule, outcome, None, _blank(Status.UNKNOWN, outcome.reason or "no value"))
    known = outcome.score or _blank(Status.UNKNOWN, "not scored")
    moment = Moment(now, config.timezone, rule.guard.max_age)
    if known.status is not Status.STALE and is_stale(rule.key_result, outcome.value.as_of, moment):
        old = f"the value is {age(now - outcome.value.as_of)} old"
        known = replace(known, status=Status.STALE, reason=old, **NO_FORECAST)
    return Line(rule, outcome, outcome.value.number, known)


def _frozen(rule: Rule, outcome: Outcome) -> Line:
    """The last word of a closed period: no clock changes it."""
    number = None if outcome.value is None else outcome.value.number
    score = outcome.score or _blank(Status.UNKNOWN, outcome.reason or "no value")
    return Line(rule, outcome, number, score)


def not_measured(rule: Rule, now: datetime, config: Config) -> str:
    """Why there is no word on a key result."""
    period, today = rule.key_result.period, now.astimezone(config.timezone).date()
    if today < period.start:
        return f"not begun: {period.label} starts on {period.start}"
    if today >= period.end:
        return f"never measured, and {period.label} is over"
    return NOT_MEASURED


def since(outcome: Outcome, now: datetime) -> str:
    """``since 2 days (3 runs)``."""
    runs = f"{outcome.runs} run{'' if outcome.runs == 1 else 's'}"
    return f"since {age(now - outcome.since)} ({runs})"


def _blank(status: Status, reason: str) -> Score:
    return Score(None, None, None, None, None, status, reason)


def _held_score(key_result: KeyResult, outcome: Outcome) -> Score:
    blank = _blank(Status.UNKNOWN, f"held: {outcome.reason}")
    if outcome.stored is None:
        return blank
    share, reached = progress(key_result, outcome.stored), score(key_result, outcome.stored)
    return replace(blank, progress=share, score=reached)


def _tree(
    config: Config, scores: Mapping[str, ObjectiveScore], lines: Mapping[str, Line]
) -> tuple[Branch, ...]:
    """Nested by parent. A parent may be a key result: then it is that one's objective."""
    above = {id_: _objective_above(config, one) for id_, one in config.objectives.items()}
    placed: set[str] = set()

    def branch(id_: str) -> Branch:
        placed.add(id_)
        objective = config.objectives[id_]
        own = tuple(lines[name] for name in objective.key_results if name in lines)
        beneath = [child for child, parent in above.items() if parent == id_]
        children = tuple(branch(child) for child in beneath if child not in placed)
        return Branch(objective, scores[id_], own, children)

    tops = [branch(id_) for id_, parent in above.items() if parent is None]
    circling = [branch(id_) for id_ in config.objectives if id_ not in placed]
    return (*tops, *circling)


def _objective_above(config: Config, objective: Objective) -> str | None:
    parent = objective.parent
    if parent is not None and parent in config.rules:
        parent = config.rules[parent].key_result.objective
    return parent if parent in config.objectives and parent != objective.id else None


def _attention(
    lines: Mapping[str, Line], kpis: tuple[Kpi, ...], now: datetime
) -> Iterator[Attention]:
    """Failed, held, stale, missed, off track, then flags and the KPIs: in this order. A closed
    period needs none any more."""
    for kind in ("failed", "held", "stale", "missed", "off track"):
        for id_, line in lines.items():
            if _kind(line) == kind and not line.closed:
                yield Attention(kind, id_, _message(line, now), _cure(line))
    for id_, line in lines.items():
        for flag in line.score.flags:
            yield Attention(flag.kind, id_, flag.message, _cure(line))
    for kpi in kpis:
        if kpi.outcome is not None and kpi.status in KPI_KINDS:
            yield Attention(KPI_KINDS[kpi.status], kpi.metric.id, kpi.reason, _kpi_cure(kpi))


def _pairs(config: Config, moves: Mapping[str, Decimal]) -> Iterator[Attention]:
    key_results = [rule.key_result for rule in config.rules.values()]
    for found in pair_warnings(key_results, moves):
        yield Attention("pair", found.key_result, found.message, f"okrsync history {found.pair}")


def _overrides(config: Config, now: datetime) -> Iterator[Attention]:
    """Those that end soon: then the measured value comes back."""
    today = now.astimezone(config.timezone).date()
    for id_, rule in config.rules.items():
        override = rule.override
        if override is not None and today <= override.until <= today + ENDS_SOON:
            said = amount(override.value, rule.key_result.unit)
            message = f"{said} until {override.until} by {override.by}: {override.reason}"
            yield Attention("override", id_, message, f"edit {override.place}")


def _kind(line: Line) -> str:
    outcome = line.outcome
    if outcome is not None and outcome.verdict in {Verdict.FAILED, Verdict.HELD}:
        return outcome.verdict.value
    return line.score.status.value.replace("_", " ")


def _message(line: Line, now: datetime) -> str:
    outcome = line.outcome
    if outcome is not None and outcome.verdict in {Verdict.FAILED, Verdict.HELD}:
        return f"{outcome.reason}, {since(outcome, now)}"
    return line.score.reason


def _cure(line: Line) -> str:
    known = line.outcome.cure if line.outcome else ""
    return known or f"okrsync explain {line.key_result.id}"


def _kpi_cure(kpi: Kpi) -> str:
    return (kpi.outcome.cure if kpi.outcome else "") or f"okrsync history {kpi.metric.id}"


def _kpi(metric: Metric, outcome: Outcome | None, now: datetime) -> Kpi:
    if outcome is None:
        return Kpi(metric, None, Status.UNKNOWN, NOT_MEASURED)
    if outcome.value is None:
        return Kpi(metric, outcome, Status.UNKNOWN, f"{outcome.reason}, {since(outcome, now)}")
    if metric.guard.max_age is not None and now - outcome.value.as_of > metric.guard.max_age:
        old = f"the value is {age(now - outcome.value.as_of)} old"
        return Kpi(metric, outcome, Status.STALE, old)
    if outcome.score is None:
        return Kpi(metric, outcome, Status.UNKNOWN, "not judged")
    return Kpi(metric, outcome, outcome.score.status, outcome.score.reason)


def _perspectives(config: Config) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, list[str]] = {name: [] for name in PERSPECTIVES}
    kpis = (metric for metric in config.metrics.values() if metric.watched)
    carriers: list[Objective | Metric] = [*config.objectives.values(), *kpis]
    for one in carriers:
        if one.perspective:
            found.setdefault(perspective_name(one.perspective), []).append(one.id)
    if not any(found.values()):
        return ()
    return tuple((name, tuple(ids)) for name, ids in found.items())
