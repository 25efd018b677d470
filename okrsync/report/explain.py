"""How one number is made, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from okrsync.config.config import Config
from okrsync.mapping.rules import Ask, Fixed, Formula, Guard, Manual, Rule, Steps
from okrsync.model import KeyResult, Operand, Outcome, Score, Verdict
from okrsync.report import numbers, signs
from okrsync.report.export import plain
from okrsync.report.hint import hint_for, newest_before
from okrsync.report.lines import labelled, wrap
from okrsync.report.past import Past
from okrsync.report.people import word_sentence
from okrsync.report.status import frozen_words
from okrsync.report.view import NOT_MEASURED, line_of, not_measured, since
from okrsync.report.words import Permission, use_of

LABEL = 12


def explain_text(
    rule: Rule,
    outcome: Outcome | None,
    config: Config,
    history: Sequence[Past],
    now: datetime,
    *,
    approvals: Sequence[Permission] = (),
    width: int = 80,
) -> str:
    """Rule, operands with evidence, value, what was before, guard, judgement, next command."""
    key_result = rule.key_result
    head = [f"{key_result.id}   {plain(key_result.title)}", f"  {rule.place}", ""]
    steps = [
        *_rule_steps(rule),
        *_value_steps(rule, outcome, now, config),
        *_before(key_result, outcome, history, config),
        ("guard", guard_words(rule.guard)),
        *_override(rule),
        *_approvals(approvals, config),
        *_judgement(rule, outcome, now, config),
        *_word(outcome, config),
        *_hint(outcome, history, config),
        *_ending(rule, outcome, now, config),
    ]
    lines = [line for label, text in steps for line in _step(label, text, width)]
    return "\n".join([line for text in head for line in (wrap(text, width) or [""])] + lines)


def guard_words(guard: Guard) -> str:
    """What would hold a value back."""
    words = []
    if guard.max_step is not None:
        words.append(f"steps up to {numbers.percent(guard.max_step)} of the way")
    if guard.max_age is not None:
        words.append(f"data up to {numbers.age(guard.max_age)} old")
    words.append("a fall to zero is allowed" if guard.allow_zero else "no fall to zero")
    if guard.allow_fall:
        words.append("a running count may fall")
    return ", ".join(words)


def evidence_steps(operand: Operand, config: Config) -> list[tuple[str, str]]:
    """One operand: its number and all that is needed to ask for it again by hand."""
    measurement, evidence = operand.measurement, operand.measurement.evidence
    about = ", approximate" if measurement.approximate else ""
    shown = numbers.amount(measurement.value, measurement.unit)
    rows = f"{measurement.rows} row{'' if measurement.rows == 1 else 's'}"
    steps = [
        ("operand", f"{operand.name} = {shown} ({rows}{about})"),
        ("  source", evidence.source),
        ("  query", evidence.query),
        ("  window", f"{evidence.window or 'none'}, days in {evidence.zone}"),
        ("  data of", numbers.moment(measurement.as_of, config.timezone)),
        ("  read at", numbers.moment(evidence.read_at, config.timezone)),
    ]
    steps += [("  link", evidence.link)] if evidence.link else []
    return steps + [("  note", note) for note in evidence.notes]


def _rule_steps(rule: Rule) -> list[tuple[str, str]]:
    match rule.value:
        case Ask() as ask:
            how = " ".join(word for word in (ask.agg, ask.measure) if word) or "one number"
            return [("measured", f"{how} from {ask.source}, window {ask.window}")]
        case Formula(text=text):
            return [("computed", text)]
        case Manual():
            return [("said", f"by a person: okrsync set {rule.key_result.id} VALUE")]
        case Steps():
            done = [one.title for one in rule.key_result.milestones if one.done]
            total = len(rule.key_result.milestones)
            return [("milestones", f"{len(done)} of {total} written as done")]
        case Fixed(done=done_already):
            return [("written", "done" if done_already else "not done")]


def _value_steps(
    rule: Rule, outcome: Outcome | None, now: datetime, config: Config
) -> list[tuple[str, str]]:
    key_result = rule.key_result
    if outcome is None:
        return [("value", not_measured(rule, now, config))]
    value = outcome.value
    if value is None:
        return [("value", f"none: {outcome.reason}")]
    steps = [step for operand in value.operands for step in evidence_steps(operand, config)]
    steps.append(("value", f"{numbers.value(key_result, value.number)} ({value.origin})"))
    steps += [("remark", value.remark)] if value.remark else []
    steps.append(("target", _way(key_result)))
    return [*steps, ("run", f"{outcome.run}, {numbers.moment(outcome.at, config.timezone)}")]


def _way(key_result: KeyResult) -> str:
    if key_result.baseline is None:
        first = "; the baseline is the period's first value" if key_result.baseline_first else ""
        return f"{numbers.target(key_result)}{first}"
    start = numbers.value(key_result, key_result.baseline)
    frozen = ", the period's first value" if key_result.baseline_first else ""
    return f"{numbers.target(key_result)}, from {start}{frozen}"


def _before(
    key_result: KeyResult, outcome: Outcome | None, history: Sequence[Past], config: Config
) -> list[tuple[str, str]]:
    """The newest value in the history that is older than the last one."""
    if not history:
        return []
    count = f"{len(history)} value{'' if len(history) == 1 else 's'} in the history"
    last = newest_before(outcome, history)
    if last is None:
        return [("before", count)]
    shown = numbers.value(key_result, last.number)
    return [("before", f"{shown} as of {numbers.moment(last.as_of, config.timezone)} ({count})")]


def _hint(
    outcome: Outcome | None, history: Sequence[Past], config: Config
) -> list[tuple[str, str]]:
    """Where to look first when a value is held."""
    if outcome is None or outcome.verdict is not Verdict.HELD or outcome.closed is not None:
        return []
    hint = hint_for(outcome, history, config.timezone)
    return [("hint", hint)] if hint else []


def _override(rule: Rule) -> list[tuple[str, str]]:
    if rule.override is None:
        return []
    said = rule.override
    shown = numbers.value(rule.key_result, said.value)
    return [("override", f"{shown} until {said.until} by {said.by}: {said.reason} ({said.place})")]


def _approvals(approvals: Sequence[Permission], config: Config) -> list[tuple[str, str]]:
    """Those that no run has used yet, and the last one that let a value through."""
    opened = [one for one in approvals if one.used_run is None]
    used = [one for one in approvals if one.used_run is not None][-1:]
    return [("approved", _approval(one, config)) for one in (*used, *opened)]


def _approval(approval: Permission, config: Config) -> str:
    shown = numbers.amount(approval.number, approval.unit)
    said = f"by {approval.by}, {numbers.moment(approval.at, config.timezone)}: {approval.reason}"
    return f"{shown} {said} ({use_of(approval)})"


def _judgement(
    rule: Rule, outcome: Outcome | None, now: datetime, config: Config
) -> list[tuple[str, str]]:
    if outcome is None or (outcome.verdict is Verdict.FAILED and outcome.closed is None):
        return []
    score = line_of(rule, outcome, now, config).score
    share = numbers.NOTHING if score.progress is None else numbers.percent(score.progress)
    if outcome.verdict is Verdict.HELD and outcome.closed is None:
        return [("progress", f"{share} by what the store shows")]
    steps = [
        ("progress", f"{share}, score {numbers.score(score.score)}"),
        ("pace", _pace(score)),
        ("status", f"{signs.WORDS[score.status]}: {score.reason}"),
    ]
    if score.confidence is not None:
        chance, why = numbers.probability(score.confidence), score.confidence.reason
        steps.insert(2, ("confidence", f"{chance} {score.confidence.origin}; {why}"))
    return steps + _ahead(rule.key_result, score)


def _ahead(key_result: KeyResult, score: Score) -> list[tuple[str, str]]:
    """Where it will be, what it would take, and what deserves a look."""
    steps = [
        ("forecast", numbers.fan(key_result, score)),
        ("needed", numbers.weekly(key_result, score)),
    ]
    steps += [("look", flag.message) for flag in score.flags]
    return [step for step in steps if step[1]]


def _word(outcome: Outcome | None, config: Config) -> list[tuple[str, str]]:
    if outcome is None or outcome.word is None:
        return []
    return [("person", word_sentence(outcome.word, config.timezone, outcome.score))]


def _pace(score: Score) -> str:
    if score.pace is None or score.expected is None:
        return "not judged"
    points = numbers.points(score.pace)
    return f"{points} points; {numbers.percent(score.expected)} was due by then"


def _ending(
    rule: Rule, outcome: Outcome | None, now: datetime, config: Config
) -> list[tuple[str, str]]:
    if outcome is None:
        if not_measured(rule, now, config) != NOT_MEASURED:
            return []
        return [("next", f"okrsync sync {rule.key_result.id}")]
    if outcome.closed is not None:
        told = [(outcome.verdict.value, outcome.reason)]
        unwell = outcome.verdict in {Verdict.HELD, Verdict.FAILED}
        return [
            *(told if unwell else []),
            ("frozen", frozen_words(outcome.closed, config).removeprefix("frozen ")),
        ]
    if outcome.verdict not in {Verdict.HELD, Verdict.FAILED}:
        done = "checked in" if outcome.verdict is Verdict.POST else outcome.verdict.value
        return [("last run", f"{done}: {outcome.reason}" if outcome.reason else done)]
    shown = numbers.value(rule.key_result, outcome.stored)
    steps = [("in store", shown)] if outcome.stored is not None else []
    steps.append((outcome.verdict.value, f"{outcome.reason}, {since(outcome, now)}"))
    return steps + ([("next", outcome.cure)] if outcome.cure else [])


def _step(label: str, text: str, width: int) -> list[str]:
    return labelled(f"  {label.ljust(LABEL)}", plain(text), width)
