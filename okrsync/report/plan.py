"""A plan as a table: what would be written, what not, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from okrsync.config.config import Config
from okrsync.model import Change, KeyResult, Period, Plan, Value, Verdict
from okrsync.report import numbers, signs
from okrsync.report.export import plain
from okrsync.report.left_out import LeftOut, left_out_lines
from okrsync.report.lines import advice, labelled, wrap
from okrsync.report.people import word_sentence
from okrsync.report.table import Column, Row, fits, render

COLUMNS = (
    Column(""),
    Column("key result", names=True),
    Column("store", right=True, shrinks=True),
    Column("new", right=True, shrinks=True),
    Column("target", right=True, shrinks=True),
    Column("pace", right=True),
    Column("forecast", right=True, shrinks=True),
    Column("confidence"),
)
LABEL = 8
NAMED_AT_MOST = 3
APPLY = "okrsync apply"


def plan_text(
    plan: Plan,
    config: Config,
    *,
    due: LeftOut | None = None,
    warnings: Sequence[str] = (),
    width: int = 80,
    colour: bool = False,
    apply: str = APPLY,
) -> str:
    """The whole plan; ``due`` says what it left out, ``warnings`` are of no key result, ``apply``
    is the command that writes it."""
    parts = [plan_head(plan, config)]
    if plan.changes:
        parts.append(_table(plan.changes, config, width, colour=colour))
    parts.append("\n".join([plan_summary(plan.changes), *left_out_lines(due, width)]))
    trouble = trouble_lines(plan.changes, width) + word_lines(plan.changes, config, width)
    parts += ["\n".join(trouble)] if trouble else []
    parts += ["\n".join(warning_lines(warnings, width))] if warnings else []
    costs = cost_lines(plan, width)
    parts += ["\n".join(costs)] if costs else []
    parts.append(last_line(plan.changes, apply))
    return "\n\n".join(parts)


def plan_head(plan: Plan, config: Config) -> str:
    """Which period, how far in, which store."""
    rules = (config.rules.get(change.key_result) for change in plan.changes)
    periods = {rule.key_result.period for rule in rules if rule is not None}
    words = ["okrsync plan"]
    if len(periods) == 1:
        words.append(day_of(periods.pop(), plan.made_at, config))
    elif periods:
        words.append(", ".join(sorted(period.label for period in periods)))
    return "   ".join([*words, _stores(config)])


def _stores(config: Config) -> str:
    names = [f"{name} ({store.type})" for name, store in config.stores.items()]
    if len(names) > 1:
        return f"stores: {', '.join(names)}"
    return f"store: {', '.join(store.type for store in config.stores.values())}"


def day_of(period: Period, now: datetime, config: Config) -> str:
    """``2026-Q4, day 53 of 92 (58 % of the period)``."""
    length = (period.end - period.start).days
    day = (now.astimezone(config.timezone).date() - period.start).days + 1
    if day < 1:
        return f"{period.label}, not begun"
    if day > length:
        return f"{period.label}, over"
    share = 100 * day / length
    return f"{period.label}, day {day} of {length} ({share:.0f} % of the period)"


def plan_summary(changes: Sequence[Change]) -> str:
    if not changes:
        return "Plan: no key result is due."
    counts = [
        f"{count} {signs.VERDICT_WORDS[verdict]}"
        for verdict in Verdict
        if (count := sum(change.verdict is verdict for change in changes))
    ]
    return f"Plan: {', '.join(counts)}."


def last_line(changes: Sequence[Change], apply: str) -> str:
    """What was not written, and the command that writes it."""
    count = sum(change.verdict is Verdict.POST for change in changes)
    if count == 0:
        return "Nothing was written, and nothing waits to be written."
    return f"Nothing was written. To write the {count}: {apply}"


def warning_lines(warnings: Sequence[str], width: int) -> list[str]:
    return [line for warning in warnings for line in wrap(plain(warning), width, "  ")]


def cost_lines(plan: Plan, width: int) -> list[str]:
    """What asking took, in each source's own terms."""
    indent = " " * (LABEL + 2)
    return [
        line
        for source, words in plan.costs
        for line in advice(plain(words), width, indent, label=f"{plain(source).ljust(LABEL)}  ")
    ]


def trouble_lines(changes: Sequence[Change], width: int) -> list[str]:
    """Why key results are held or failed, last what to type, then what else is to be known of them.
    Those that have the same trouble share one block: a source that is down is one problem, not
    fifty."""
    alike: dict[tuple[Verdict, str, str], list[Change]] = {}
    for change in changes:
        if change.verdict in {Verdict.HELD, Verdict.FAILED}:
            key = (change.verdict, change.code, change.reason)
            alike.setdefault(key, []).append(change)
    lines = [line for group in alike.values() for line in _trouble(group, width)]
    return lines + [
        line for said, ids in notes(changes).items() for line in _note(ids, said, width)
    ]


def notes(changes: Sequence[Change]) -> dict[str, list[str]]:
    """Who has put a value in place of a measured one, and what the stores cannot hold: each thing
    once with all key results that it befalls."""
    alike: dict[str, list[str]] = {}
    for change in changes:
        for said in (*_override(change.value), *change.warnings):
            alike.setdefault(said, []).append(plain(change.key_result))
    return alike


def _override(value: Value | None) -> tuple[str, ...]:
    if value is None or value.origin != "override":
        return ()
    return (f"in place of the measured value: {value.remark}",)


def word_lines(changes: Sequence[Change], config: Config, width: int) -> list[str]:
    """What people wrote in the stores since okrsync's last check-in there."""
    return [
        line
        for change in changes
        if change.word is not None
        for line in _note(
            [plain(change.key_result)],
            word_sentence(change.word, config.timezone, change.score),
            width,
            label="person",
        )
    ]


def _note(ids: Sequence[str], text: str, width: int, label: str = "note") -> list[str]:
    names = labelled(f"  {label.ljust(LABEL - 2)}  ", ", ".join(ids), width)
    return [*names, *wrap(plain(text), width, " " * (LABEL + 2))]


def _trouble(group: Sequence[Change], width: int) -> list[str]:
    first, indent = group[0], " " * (LABEL + 2)
    names = wrap(", ".join(plain(change.key_result) for change in group), width, indent)
    return [
        f"  {first.verdict.value.ljust(LABEL - 2)}  {names[0].lstrip()}",
        *names[1:],
        *wrap(plain(first.reason), width, indent),
        *(
            line
            for label, do in _cures(group)
            for line in advice(do, width, indent, label=f"{label.ljust(LABEL)}  ")
        ),
    ]


def _cures(group: Sequence[Change]) -> list[tuple[str, str]]:
    see = ("see it:", f"okrsync explain {group[0].key_result}")
    cures = list(dict.fromkeys(plain(change.cure) for change in group))
    if any("okrsync approve" in cure for cure in cures):
        others = [cure.partition(", or ")[2] for cure in cures if ", or " in cure]
        return [see, *_approvals(group), *(("or:", other) for other in others)]
    if not any(cures):
        return [see]
    if not cures[0].startswith("okrsync"):
        return [*(("to do:", cure) for cure in cures if cure), see]
    return [see, ("next:", cures[0])]


def _approvals(group: Sequence[Change]) -> list[tuple[str, str]]:
    """By name, or, where nobody would type all the names, by a plan that has been looked at."""
    if len(group) <= NAMED_AT_MOST:
        names = " ".join(plain(change.key_result) for change in group)
        return [("accept:", f'okrsync approve {names} --reason "..."')]
    return [
        ("accept:", "okrsync plan --out PLAN, look at it, then"),
        ("", 'okrsync approve PLAN --reason "..."'),
    ]


def _table(changes: Sequence[Change], config: Config, width: int, *, colour: bool) -> str:
    """With full ids where they fit, else grouped by objective with short ones."""
    rows = [_row(change, config, change.key_result, colour=colour) for change in changes]
    if fits(COLUMNS, rows, width):
        return render(COLUMNS, rows, width)
    grouped = []
    for objective, own in groupby(changes, lambda change: change.key_result.rpartition(".")[0]):
        grouped.append(Row([""] * len(COLUMNS), beneath=wrap(plain(objective), width)))
        for change in own:
            name = change.key_result.removeprefix(f"{objective}.")
            grouped.append(_row(change, config, name, colour=colour))
    return render(COLUMNS, grouped, width)


def _row(change: Change, config: Config, name: str, *, colour: bool) -> Row:
    rule = config.rules.get(change.key_result)
    cells = _cells(change, rule.key_result if rule else None)
    cells[1] = plain(name)
    return Row(cells, signs.of_verdict(change.verdict, colour=colour))


def _cells(change: Change, key_result: KeyResult | None) -> list[str]:
    unit = change.value.unit if change.value else ""
    new = numbers.value(key_result, change.value.number if change.value else None, unit)
    score = change.score
    return [
        signs.VERDICT_SIGNS[change.verdict],
        plain(change.key_result),
        numbers.value(key_result, change.stored, unit),
        f"about {new}" if change.value and change.value.approximate else new,
        numbers.target(key_result) if key_result else numbers.NOTHING,
        numbers.points(score.pace if score and change.verdict is not Verdict.HELD else None),
        _forecast(change, key_result),
        _confidence(change),
    ]


def _forecast(change: Change, key_result: KeyResult | None) -> str:
    """The middle of the forecast; a held or failed value has none."""
    if change.verdict in {Verdict.HELD, Verdict.FAILED} or change.score is None:
        return numbers.NOTHING
    return numbers.middle(key_result, change.score)


def _confidence(change: Change) -> str:
    if change.verdict in {Verdict.HELD, Verdict.FAILED}:
        return change.verdict.value
    if change.score is None:
        return numbers.NOTHING
    word = signs.WORDS[change.score.status]
    if change.score.confidence is None:
        return word
    return f"{numbers.probability(change.score.confidence)} {word}"
