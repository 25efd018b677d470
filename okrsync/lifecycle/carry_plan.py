"""What becomes of each key result in the next period: carried from its last value, or left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from okrsync.config.config import Config
from okrsync.mapping.rules import Formula, Rule
from okrsync.model import Ambition, Kind, Outcome
from okrsync.report import numbers
from okrsync.scoring.progress import met
from okrsync.sync.selection import asks_of

_MOST_DIGITS = 12
_SOME_DIGITS = 6
_WAYS = (Kind.INCREASE, Kind.DECREASE)
_COUNTED = (Kind.DONE, Kind.MILESTONES)
_BOUNDS = (Kind.AT_LEAST, Kind.AT_MOST, Kind.RANGE)


@dataclass(frozen=True, slots=True)
class Last:
    """Where a key result stood: ``number`` None where nothing is known; ``words`` say when.
    ``follows`` says that its target is written relative to the baseline."""

    rule: Rule
    number: Decimal | None
    words: str
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """``left_out`` says why it is not carried, "" where it is. ``baseline`` is the new one, None
    where the old one stays; the two remarks stand beside baseline and target."""

    rule: Rule
    left_out: str = ""
    baseline: Decimal | None = None
    about_baseline: str = ""
    about_target: str = ""


def steps(config: Config, lasts: Sequence[Last], period: str) -> Mapping[str, Step]:
    """By id. What reads the score of something left out is left out with it."""
    made = {last.rule.key_result.id: _step(config, last, period) for last in lasts}
    while True:
        orphan = next(_orphans(config, made), None)
        if orphan is None:
            return made
        id_, gone = orphan
        reason = f"it is made of the score of {gone}, which is left out"
        made[id_] = Step(made[id_].rule, left_out=reason)


def words_of(rule: Rule, number: Decimal | None, outcome: Outcome | None, day: str) -> str:
    """``2026-Q4 closed at 31``; ``day`` is today's, for a period that is still open."""
    period = rule.key_result.period.label
    if number is None or outcome is None:
        return f"{period} left no value"
    shown = numbers.value(rule.key_result, number)
    if outcome.closed is not None:
        return f"{period} closed at {shown}"
    return f"{period} stood at {shown} on {day}, and is not closed"


def _step(config: Config, last: Last, period: str) -> Step:
    rule, key_result = last.rule, last.rule.key_result
    if key_result.period.label != period:
        return Step(rule, left_out=f"it is of {key_result.period.label}")
    finished = _finished(last)
    if finished:
        return Step(rule, left_out=finished)
    if key_result.kind in _WAYS:
        return _way(config, last)
    return Step(rule, about_target=f"is it still right? {last.words}")


def _finished(last: Last) -> str:
    """A bound that was kept is not finished: it is there to be kept on."""
    key_result = last.rule.key_result
    if last.number is None or not met(key_result, last.number) or key_result.kind in _BOUNDS:
        return ""
    if key_result.kind in _COUNTED:
        return f"done: {last.words}"
    promised = key_result.ambition is Ambition.COMMITTED
    return f"committed, and met: {last.words}" if promised else ""


def _way(config: Config, last: Last) -> Step:
    rule, key_result, number = last.rule, last.rule.key_result, last.number
    think = "is it still right?"
    if key_result.baseline_first:
        first = "the first value of the new period"
        return Step(rule, about_baseline=first, about_target=f"{think} {last.words}")
    if number is None:
        return Step(rule, about_baseline=last.words, about_target=think)
    if _counts_anew(config, rule):
        anew = "it counts anew in each period"
        return Step(rule, about_baseline=anew, about_target=f"{think} {last.words}")
    if last.follows:
        moves = "it moves with the baseline"
        if number == 0:
            return Step(rule, about_baseline=f"{last.words}, and nothing is relative to 0")
        return Step(rule, "", _readable(number), last.words, moves)
    if _beyond(rule, number):
        beyond = f"write the next one, and a new baseline: {last.words}, which is there already"
        return Step(rule, about_target=beyond)
    began = numbers.value(key_result, key_result.baseline)
    return Step(rule, "", _readable(number), f"{last.words}; it began at {began}", think)


def _readable(number: Decimal) -> Decimal:
    """A quotient without end, such as 39.0728476821..., in the digits that a person would write."""
    if len(number.as_tuple().digits) <= _MOST_DIGITS:
        return number
    return Context(prec=_SOME_DIGITS, rounding=ROUND_HALF_EVEN).plus(number)


def _counts_anew(config: Config, rule: Rule) -> bool:
    """What is counted since the period began, and what is made of its scores."""
    if scores_of(config, rule):
        return True
    windows = {ask.window for ask in asks_of(config, rule.value)}
    restarts = any(one == "period" or one.startswith("this_") for one in windows)
    return rule.key_result.cumulative and restarts


def _beyond(rule: Rule, number: Decimal) -> bool:
    """From there no way leads to the old target."""
    target = rule.key_result.target
    if target is None:
        return False
    return number >= target if rule.key_result.kind is Kind.INCREASE else number <= target


def _orphans(config: Config, made: Mapping[str, Step]) -> Iterator[tuple[str, str]]:
    gone = {id_ for id_, step in made.items() if step.left_out}
    for id_, step in made.items():
        if step.left_out:
            continue
        for scored in scores_of(config, step.rule):
            parts = _parts(config, scored)
            if parts and all(part in gone for part in parts):
                yield id_, scored


def scores_of(config: Config, rule: Rule) -> list[str]:
    """Ids of objectives and key results whose scores its value is made of."""
    value = rule.value
    if not isinstance(value, Formula):
        return []
    found = [id_ for _, id_ in value.scores]
    for _, name in value.names:
        metric = config.metrics[name].rule
        if isinstance(metric, Formula):
            found += [id_ for _, id_ in metric.scores]
    return found


def _parts(config: Config, id_: str) -> Sequence[str]:
    return (id_,) if id_ in config.rules else config.objectives[id_].key_results
