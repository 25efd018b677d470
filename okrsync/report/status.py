"""Every key result with the last word on it, grouped by objective."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from okrsync.config.config import Config
from okrsync.model import Closing, Outcome, Status, Verdict
from okrsync.report import numbers, signs
from okrsync.report.export import plain
from okrsync.report.lines import advice, wrap
from okrsync.report.people import word_sentence
from okrsync.report.provenance import from_where
from okrsync.report.table import Column, Row, render
from okrsync.report.view import NOT_MEASURED, Line, View, build, since
from okrsync.scoring.rollup import ObjectiveScore

COLUMNS = (
    Column(""),
    Column("key result", names=True),
    Column("value", right=True, shrinks=True),
    Column("target", right=True, shrinks=True),
    Column("score", right=True),
    Column("pace", right=True),
    Column("confidence", right=True),
    Column("status"),
)
INDENT = "     "
NEXT = "next: "


def status_text(
    config: Config,
    outcomes: Mapping[str, Outcome],
    now: datetime,
    *,
    width: int = 80,
    colour: bool = False,
) -> str:
    """One table; beneath each line why it stands there and where its number came from."""
    view = build(config, outcomes, now)
    head = f"okrsync status   {numbers.moment(now, config.timezone)}"
    if not view.lines:
        return f"{head}\n\nThere are no key results. To begin: okrsync init"
    rows = list(_rows(config, view, width, colour=colour))
    return "\n\n".join([head, render(COLUMNS, rows, width), _counts(view)])


def line_cells(line: Line) -> list[str]:
    """Sign, name, value, target, score, pace, confidence, status."""
    score, key_result = line.score, line.key_result
    return [
        line_sign(line),
        plain(line.name),
        numbers.value(key_result, line.number),
        numbers.target(key_result),
        numbers.score(score.score),
        numbers.points(score.pace),
        numbers.probability(score.confidence),
        line_word(line),
    ]


def line_sign(line: Line) -> str:
    outcome = line.outcome
    if outcome is not None and outcome.verdict in {Verdict.HELD, Verdict.FAILED}:
        return signs.VERDICT_SIGNS[outcome.verdict]
    return signs.SIGNS[line.score.status]


def line_word(line: Line) -> str:
    """The status, or held / failed, which beat it."""
    outcome = line.outcome
    if outcome is not None and outcome.verdict in {Verdict.HELD, Verdict.FAILED}:
        return outcome.verdict.value
    return signs.WORDS[line.score.status]


def line_story(line: Line, now: datetime, config: Config) -> list[str]:
    """Sentences: why it stands there, where the number came from, what to type."""
    outcome = line.outcome
    if outcome is None:
        due = line.score.reason == NOT_MEASURED
        return [f"{line.score.reason}{'; to measure it: okrsync sync' if due else ''}"]
    if line.closed is not None:
        return frozen_story(line, line.closed, config)
    words = [word_sentence(outcome.word, config.timezone, outcome.score)] if outcome.word else []
    if outcome.verdict in {Verdict.HELD, Verdict.FAILED}:
        told = [f"{plain(outcome.reason)}, {since(outcome, now)}", *words]
        return [*told, f"{NEXT}{plain(outcome.cure) or f'okrsync explain {line.key_result.id}'}"]
    said = numbers.sentence(line.key_result, line.score)
    told = [plain(said)] if said else []
    needed = numbers.weekly(line.key_result, line.score)
    if needed and line.score.status in {Status.AT_RISK, Status.OFF_TRACK}:
        told.append(plain(f"needs {needed}"))
    told += [plain(flag.message) for flag in line.score.flags]
    if line.value is not None:
        told.append(plain(from_where(line.value, config.timezone)))
    return told + words


def frozen_story(line: Line, closed: Closing, config: Config) -> list[str]:
    """How it ended, where that number came from, who froze it, and whether it was foreseen."""
    outcome = line.outcome
    unwell = outcome is not None and outcome.verdict in {Verdict.HELD, Verdict.FAILED}
    told = [outcome.reason] if outcome is not None and unwell else []
    said = numbers.sentence(line.key_result, line.score)
    told += [said] if said and line.number is not None else []
    if line.value is not None:
        told.append(from_where(line.value, config.timezone))
    told.append(frozen_words(closed, config))
    return [plain(one) for one in told]


def frozen_words(closed: Closing, config: Config) -> str:
    """``frozen 2027-01-08 09:00 CET by ops; confidence 0.81 on 2026-12-28: it came true``."""
    words = f"frozen {numbers.moment(closed.at, config.timezone)} by {closed.by}"
    if closed.author:
        words += f"; in the store by {closed.author}"
    if closed.believed is None:
        return words
    words += f"; confidence {numbers.probability(closed.believed)}"
    if closed.believed_at is not None:
        words += f" on {closed.believed_at.astimezone(config.timezone).date()}"
    if closed.came_true is None:
        return words
    return f"{words}: the target was {'' if closed.came_true else 'not '}met"


def story_lines(line: Line, view: View, config: Config, width: int, indent: str) -> list[str]:
    """The story in lines; a command to type stays in one piece."""
    lines: list[str] = []
    for told in line_story(line, view.now, config):
        label = NEXT if told.startswith(NEXT) else ""
        lines += advice(told.removeprefix(label), width, indent, label=label)
    return lines


def objective_words(scored: ObjectiveScore) -> str:
    """``score 0.65, confidence 0.40, at risk``."""
    words = [f"score {numbers.score(scored.score)}"]
    if scored.confidence is not None:
        words.append(f"confidence {numbers.probability(scored.confidence)}")
    return ", ".join([*words, signs.WORDS[scored.status]])


def _rows(config: Config, view: View, width: int, *, colour: bool) -> Iterator[Row]:
    for objective in config.objectives.values():
        lines = [view.lines[id_] for id_ in objective.key_results if id_ in view.lines]
        if not lines:
            continue
        bold = signs.heading(colour=colour)
        title = wrap(f"{objective.id}  {plain(objective.title)}", width)
        scored = f"  {objective_words(view.objectives[objective.id])}"
        yield Row([""] * len(COLUMNS), beneath=[*map(bold, title), scored])
        for line in lines:
            beneath = story_lines(line, view, config, width, INDENT)
            paint = signs.of_status(line.score.status, colour=colour)
            yield Row(line_cells(line), paint, beneath)


def _counts(view: View) -> str:
    words = [line_word(line) for line in view.lines.values()]
    return ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words)) + "."
