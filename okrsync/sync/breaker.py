"""The circuit breaker: too large a share of one source's key results changing at once. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from okrsync.config.config import Config, Limits
from okrsync.mapping.rules import Rule
from okrsync.mapping.units import show
from okrsync.model import Change, HoldCode, Verdict
from okrsync.sync.guard import Hold
from okrsync.sync.knowledge import Knowledge
from okrsync.sync.selection import in_play, sources_of


@dataclass(slots=True)
class Crowd:
    """The key results of one source that have a check-in to change.

    ``changing`` would change in this run. ``compared`` counts those that were measured and compared
    with what their store shows, ``failed`` those of this run that could not be, ``others`` those
    that are not of this run.
    """

    changing: list[str] = field(default_factory=list)
    compared: int = 0
    failed: int = 0
    others: int = 0


def breaker(crowds: Mapping[str, Crowd], limits: Limits) -> dict[str, Hold]:
    """Key results to hold because too large a share of their source's changes at once."""
    held: dict[str, Hold] = {}
    for source, crowd in crowds.items():
        base = _counted_from(crowd, limits.max_changed_from)
        if base is not None and Decimal(len(crowd.changing)) > limits.max_changed * base:
            hold = Hold(HoldCode.TOO_MANY_CHANGES, _reason(source, crowd, limits))
            held.update(dict.fromkeys(crowd.changing, hold))
    return held


def _counted_from(crowd: Crowd, least: int) -> int | None:
    """How many the share is of; None where they are too few for one.

    One that failed says nothing about the others: it makes the source no smaller, and the change of
    the others no more likely. A run that looks at a few only goes by the whole source.
    """
    looked_at = crowd.compared + crowd.failed
    if looked_at >= least:
        return max(crowd.compared, least)
    everyone = looked_at + crowd.others
    return everyone if everyone >= least else None


def _reason(source: str, crowd: Crowd, limits: Limits) -> str:
    looked_at = crowd.compared + crowd.failed
    few = looked_at < limits.max_changed_from
    of = looked_at + crowd.others if few else crowd.compared
    rest = f" and {crowd.failed} more could not be compared," if crowd.failed and not few else ""
    return (
        f"{len(crowd.changing)} of {of} key results of source `{source}` would change at once,"
        f"{rest} {show(limits.max_changed * 100, '%')} are allowed"
    )


def crowds(
    config: Config,
    knowledge: Knowledge,
    changes: Iterable[Change],
    waved_through: Callable[[Change], bool],
    now: datetime,
) -> Mapping[str, Crowd]:
    """By source. What was ``waved_through`` by a person does not count as changing."""
    found: defaultdict[str, Crowd] = defaultdict(Crowd)
    of_this_run = set()
    for change in changes:
        of_this_run.add(change.key_result)
        changing = change.verdict is Verdict.POST and not waved_through(change)
        for source in change.sources:
            if change.stored is not None:
                found[source].compared += 1
                found[source].changing += [change.key_result] if changing else []
            elif change.verdict is Verdict.FAILED:
                known = _has_a_check_in(knowledge, config.rules[change.key_result])
                found[source].failed += known
    if any(crowd.changing for crowd in found.values()):
        _count_others(config, knowledge, of_this_run, found, now)
    return found


def _count_others(
    config: Config,
    knowledge: Knowledge,
    of_this_run: set[str],
    found: Mapping[str, Crowd],
    now: datetime,
) -> None:
    others = (rule for id_, rule in config.rules.items() if id_ not in of_this_run)
    for rule in in_play(config, others, now):
        sources = sources_of(config, rule) & found.keys()
        if sources and _has_a_check_in(knowledge, rule):
            for source in sources:
                found[source].others += 1


def _has_a_check_in(knowledge: Knowledge, rule: Rule) -> bool:
    """As the store shows, or as it was known last."""
    id_ = rule.key_result.id
    stored = knowledge.stored.get(rule.key_result.store_ref)
    if (stored is not None and stored.value is not None) or id_ in knowledge.sent:
        return True
    outcome = knowledge.outcomes.get(id_)
    return outcome is not None and outcome.stored is not None
