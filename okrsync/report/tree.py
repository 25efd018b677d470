"""The report as text: attention first, then the tree of objectives, KPIs and perspectives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from okrsync.config.config import Config
from okrsync.model import Ambition, Outcome
from okrsync.report import numbers, signs
from okrsync.report.export import plain
from okrsync.report.lines import advice, labelled, wrap
from okrsync.report.provenance import from_where
from okrsync.report.status import line_sign, line_word, objective_words, story_lines
from okrsync.report.view import Branch, Kpi, Line, View, build
from okrsync.scoring.grade import bands
from okrsync.scoring.status import ENOUGH_HISTORY

STEP = "  "
LABEL = 10
ROLL_UP = (
    "An objective's score is the weighted mean of its key results, its confidence that of the"
    " weakest, its status the worst. One without key results of its own takes them from the"
    " objectives beneath it."
)
CONFIDENCE = (
    "Confidence is computed from the history of values: the probability that the target is met in"
    " time. A forecast's range holds 80 % of what may come. Status follows confidence, and pace"
    f" while a key result has fewer than {ENOUGH_HISTORY} earlier values in its period. Whether to"
    " believe it: okrsync calibrate."
)


def report_text(
    config: Config,
    outcomes: Mapping[str, Outcome],
    now: datetime,
    *,
    width: int = 80,
    colour: bool = False,
    moves: Mapping[str, Decimal] | None = None,
) -> str:
    """The whole report, at most ``width`` columns but for links and commands.

    ``moves`` are recent changes of progress by key result, to watch pairs by."""
    view = build(config, outcomes, now, moves=moves)
    bold = signs.heading(colour=colour)
    parts = [[f"OKR report   {numbers.moment(now, config.timezone)}"]]
    parts.append([bold("Needs attention"), *_attention(view, width)])
    parts.append([bold("Objectives"), *_branches(view, config, width, colour=colour)])
    if view.kpis:
        parts.append([bold("KPIs"), *_kpis(view, config, width)])
    if view.perspectives:
        parts.append([bold("Perspectives"), *_perspectives(view, width)])
    parts.append([bold("How to read this"), *reading_rules(width)])
    return "\n\n".join("\n".join(lines) for lines in parts)


def reading_rules(width: int) -> list[str]:
    """Bands and roll-up in words."""
    told = ["Score 0-1. " + "; ".join(bands(ambition) for ambition in Ambition) + "."]
    told += [ROLL_UP, CONFIDENCE]
    return [line for text in told for line in wrap(text, width, STEP)]


def healthy_range(kpi: Kpi) -> str:
    """``healthy at most 40``."""
    low, high, unit = kpi.metric.healthy_min, kpi.metric.healthy_max, kpi.metric.unit
    if low is not None and high is not None:
        return f"healthy {numbers.number(low)} to {numbers.amount(high, unit)}"
    if low is not None:
        return f"healthy at least {numbers.amount(low, unit)}"
    return f"healthy at most {numbers.amount(high, unit)}" if high is not None else "no range"


def kpi_words(kpi: Kpi) -> str:
    """``19, healthy at most 40: inside its healthy range``."""
    value = kpi.outcome.value if kpi.outcome else None
    shown = numbers.amount(value.number, value.unit) if value else "no value"
    return f"{shown}, {healthy_range(kpi)}: {kpi.reason}"


def _attention(view: View, width: int) -> list[str]:
    if not view.attention:
        return [f"{STEP}Nothing."]
    lines, beneath = [], " " * (LABEL + 2 * len(STEP))
    for one in view.attention:
        lines += labelled(f"{STEP}{one.kind.ljust(LABEL)}  ", plain(one.subject), width)
        lines += wrap(plain(one.message), width, beneath)
        lines += advice(plain(one.cure), width, beneath, label="next: ")
    return lines


def _branches(view: View, config: Config, width: int, *, colour: bool) -> list[str]:
    if not view.tree:
        return [f"{STEP}None yet."]
    return [
        line for branch in view.tree for line in _branch(branch, view, config, width, colour=colour)
    ]


def _branch(
    branch: Branch, view: View, config: Config, width: int, *, colour: bool, depth: int = 1
) -> Iterator[str]:
    indent = STEP * min(depth, 10)
    paint = signs.of_status(branch.score.status, colour=colour)
    title = f"{signs.SIGNS[branch.score.status]} {plain(branch.objective.title)}"
    yield from map(paint, wrap(title, width, indent))
    period = branch.objective.period.label
    told = f"{branch.objective.id}, {period}: {objective_words(branch.score)}"
    missing = f"; {branch.score.reason}" if branch.score.missing else ""
    yield from wrap(plain(told + missing), width, indent + STEP)
    for line in branch.lines:
        yield from _line(line, view, config, width, indent + STEP, colour=colour)
    for child in branch.children:
        yield from _branch(child, view, config, width, colour=colour, depth=depth + 1)


def _line(
    line: Line, view: View, config: Config, width: int, indent: str, *, colour: bool
) -> Iterator[str]:
    paint = signs.of_status(line.score.status, colour=colour)
    yield from map(paint, wrap(f"{line_sign(line)} {line_words(line)}", width, indent))
    yield from story_lines(line, view, config, width, indent + STEP * 2)


def line_words(line: Line) -> str:
    """``fewer-bugs: 19, target 10; score 0.72, confidence 0.81, on track``."""
    score = line.score
    words = [
        f"{numbers.value(line.key_result, line.number)}, target {numbers.target(line.key_result)}"
    ]
    judged = [f"score {numbers.score(score.score)}"] if score.score is not None else []
    if score.confidence is not None:
        judged.append(f"confidence {numbers.probability(score.confidence)}")
    return f"{plain(line.name)}: {'; '.join([*words, ', '.join([*judged, line_word(line)])])}"


def _kpis(view: View, config: Config, width: int) -> Iterator[str]:
    for kpi in view.kpis:
        name = plain(kpi.metric.title or kpi.metric.id)
        sign = signs.SIGNS[kpi.status]
        yield from wrap(f"{sign} {name}: {plain(kpi_words(kpi))}", width, STEP)
        if kpi.outcome is not None and kpi.outcome.value is not None:
            told = from_where(kpi.outcome.value, config.timezone)
            yield from wrap(plain(told), width, STEP * 3)


def _perspectives(view: View, width: int) -> Iterator[str]:
    for name, ids in view.perspectives:
        yield from wrap(plain(f"{name}: {', '.join(ids) or 'empty'}"), width, STEP)
