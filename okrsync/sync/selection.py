"""Which key results a command is about, and which of those are due now."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase

from okrsync.config.config import Config
from okrsync.errors import UsageError
from okrsync.mapping.periods import deadline
from okrsync.mapping.rules import Ask, Fixed, Formula, Manual, Rule, Steps, ValueRule
from okrsync.mapping.schedule import due, parse_schedule


@dataclass(frozen=True, slots=True)
class Due:
    """``rules`` to run now, the schedule ``slots`` that this run fulfils, and why others wait.

    ``over`` are those that somebody named although their period is over, and its grace too, and
    nobody has closed it yet. ``to_close`` are the labels of all such periods, named or not.
    """

    rules: tuple[Rule, ...]
    slots: Mapping[str, datetime]
    not_due: int = 0
    not_started: int = 0
    closed: int = 0
    over: tuple[Rule, ...] = ()
    to_close: tuple[str, ...] = ()


def select(config: Config, patterns: Sequence[str]) -> tuple[Rule, ...]:
    """Key results by id, glob, ``owner:...`` or ``source:...``; all of them without a pattern.

    Raises UsageError for a pattern that fits nothing.
    """
    if not patterns:
        return tuple(config.rules.values())
    chosen: dict[str, Rule] = {}
    for pattern in patterns:
        found = {id_: rule for id_, rule in config.rules.items() if _fits(config, rule, pattern)}
        if not found:
            raise UsageError(
                f"no key result fits `{pattern}`", next_step=_closest(pattern, config.rules)
            )
        chosen |= found
    return tuple(rule for id_, rule in config.rules.items() if id_ in chosen)


def one(config: Config, id_: str, also: Iterable[str] = ()) -> Rule:
    """The key result with exactly this id; UsageError with the closest name otherwise, which may
    be one of ``also``."""
    rule = config.rules.get(id_)
    if rule is None:
        near = _closest(id_, [*config.rules, *also])
        raise UsageError(f"no key result is called `{id_}`", next_step=near)
    return rule


def in_play(
    config: Config, rules: Iterable[Rule], now: datetime, closed: Container[str] = ()
) -> tuple[Rule, ...]:
    """Those whose period has begun and has not ended, and those that late data may still reach;
    none of a period that was closed."""
    today = now.astimezone(config.timezone).date()
    return tuple(
        rule
        for rule in rules
        if rule.key_result.period.start <= today
        and (today < rule.key_result.period.end or _in_grace(config, rule, now))
        and rule.key_result.period.label not in closed
    )


def _in_grace(config: Config, rule: Rule, now: datetime) -> bool:
    """Within its grace, and its number can still be had as of the period's last instant."""
    end = deadline(rule.key_result.period, config.timezone) + rule.grace
    return now < end and all(_looks_back(config, ask) for ask in asks_of(config, rule.value))


def _looks_back(config: Config, ask: Ask) -> bool:
    """A window of dates ends with the period; a state of now needs dates, and a source that
    remembers."""
    if ask.window not in {"now", "all"}:
        return True
    if ask.on is None:
        return False
    connection = config.sources[ask.source]
    return connection.spec is not None and connection.source_spec().answers_past


def due_now(
    config: Config,
    rules: Sequence[Rule],
    done: Mapping[str, datetime],
    now: datetime,
    *,
    regardless: bool = False,
    named: Container[str] = (),
    closed: Container[str] = (),
) -> Due:
    """The rules whose schedule has a slot that was not done yet; one without a schedule always is.

    ``done`` holds the last slot done for each key result. ``regardless`` runs all that are in play,
    ``named`` those that somebody asked for by their ids. ``closed`` are labels of periods whose
    numbers are frozen.
    """
    today = now.astimezone(config.timezone).date()
    playing = in_play(config, rules, now, closed)
    slots: dict[str, datetime] = {}
    chosen = []
    for rule in playing:
        if rule.schedule is None:
            chosen.append(rule)
            continue
        id_ = rule.key_result.id
        slot = due(parse_schedule(rule.schedule), done.get(id_), now, config.timezone)
        if slot is not None:
            slots[id_] = slot
        if slot is not None or regardless or id_ in named:
            chosen.append(rule)
    not_started = sum(rule.key_result.period.start > today for rule in rules)
    running = {rule.key_result.id for rule in playing}
    ended = [
        rule
        for rule in rules
        if rule.key_result.period.end <= today
        and rule.key_result.id not in running
        and rule.key_result.period.label not in closed
    ]
    over = tuple(rule for rule in ended if rule.key_result.id in named)
    return Due(
        rules=tuple(chosen),
        slots=slots,
        not_due=len(playing) - len(chosen),
        not_started=not_started,
        closed=len(rules) - len(playing) - not_started - len(over),
        over=over,
        to_close=tuple(sorted({rule.key_result.period.label for rule in ended})),
    )


def sources_of(config: Config, rule: Rule) -> frozenset[str]:
    """All sources that a key result's value is made of, also by way of other scores."""
    if isinstance(rule.value, Ask):
        return frozenset((rule.value.source,))
    own = frozenset(ask.source for ask in asks_of(config, rule.value))
    return own.union(*(sources_of(config, scored) for scored in _scored_by(config, rule.value)))


def _scored_by(config: Config, value: ValueRule) -> Iterator[Rule]:
    """The key results whose scores a formula reads, an objective's one by one."""
    if not isinstance(value, Formula):
        return
    for _, id_ in value.scores:
        parts = (id_,) if id_ in config.rules else config.objectives[id_].key_results
        yield from (config.rules[part] for part in parts)


def asks_of(config: Config, value: ValueRule) -> list[Ask]:
    """Every question behind a value rule or a metric's rule, metrics followed to their ends."""
    match value:
        case Ask():
            return [value]
        case Formula():
            metrics = (config.metrics[metric] for _, metric in value.names)
            return [ask for metric in metrics for ask in asks_of(config, metric.rule)]
        case Steps():
            return [ask for step in value.computed for ask in asks_of(config, step.when)]
        case Manual() | Fixed():
            return []


def _fits(config: Config, rule: Rule, pattern: str) -> bool:
    kind, colon, wanted = pattern.partition(":")
    if colon and kind == "owner":
        return fnmatchcase(rule.key_result.owner, wanted)
    if colon and kind == "source":
        return any(fnmatchcase(source, wanted) for source in sources_of(config, rule))
    return fnmatchcase(rule.key_result.id, pattern)


def _closest(wanted: str, names: Iterable[str]) -> str:
    names = list(names)
    same_end = [name for name in names if name.endswith(f".{wanted}")]
    close = same_end[:1] or get_close_matches(wanted, names, n=1)
    return f"did you mean `{close[0]}`?" if close else "okrsync status lists all key results"
