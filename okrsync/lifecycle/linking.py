"""Link: which key result of the store is which of ours; `store_id` written where that is sure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from okrsync.config.config import Config, Connection
from okrsync.contracts import Clock
from okrsync.errors import UsageError
from okrsync.lifecycle.mapping_text import NotEditable, with_store_ids, write_whole
from okrsync.lifecycle.matching import Facts, Match, facts_of, match
from okrsync.lifecycle.outside import browse, capabilities_of, store_of
from okrsync.mapping.rules import Rule
from okrsync.model import StoredKeyResult
from okrsync.sync.selection import select

OF_A_PERIOD = re.compile(r"-\d{4}(?:-[A-Z0-9]\w*)*$")
"""How `carry` ends the names of teams: platform-2027-Q1."""


@dataclass(frozen=True, slots=True)
class Links:
    """``linked`` have their place in the store already; ``lost`` name one that the store does not
    have; ``unmatched`` found nothing plausible. ``makes_its_own`` says that the store takes its key
    results from the mappings, so that there is nothing to link. ``titles`` are the store's."""

    store: str
    matches: Sequence[Match] = ()
    unmatched: Sequence[Rule] = ()
    lost: Sequence[Rule] = ()
    linked: int = 0
    free: Sequence[StoredKeyResult] = ()
    stored: Mapping[str, StoredKeyResult] = field(default_factory=dict)
    makes_its_own: bool = False


def find_links(config: Config, clock: Clock, patterns: Sequence[str], store: str | None) -> Links:
    """Look into the store and match; writes nothing. Raises UsageError, OutsideError.

    A key result whose period is over is written no more, and needs no place.
    """
    connection = store_of(config, store)
    today = clock().astimezone(config.timezone).date()
    chosen = [rule for rule in select(config, patterns) if _writes_to(rule, connection)]
    rules = [rule for rule in chosen if rule.key_result.period.end > today]
    if rules and capabilities_of(config, rules[0].key_result.store_ref).keeps_definitions:
        return Links(connection.name, makes_its_own=True, linked=len(rules))
    listed = browse(config, clock, connection)
    return propose(config, connection.name, rules, listed)


def propose(
    config: Config, store: str, rules: Sequence[Rule], listed: Sequence[StoredKeyResult]
) -> Links:
    """The matches for those of ``rules`` that have no place in the store. Pure."""
    stored = {one.ref.id: one for one in listed}
    everyone = {rule.key_result.store_ref.id for rule in config.rules.values()}
    free = [one for id_, one in stored.items() if id_ not in everyone]
    linked = [rule for rule in rules if rule.key_result.store_ref.id in stored]
    away = [rule for rule in rules if rule.key_result.store_ref.id not in stored]
    lost = [rule for rule in away if rule.key_result.store_ref.id != rule.key_result.id]
    open_ = [rule for rule in away if rule.key_result.store_ref.id == rule.key_result.id]
    matches = match([_facts(config, rule) for rule in open_], [facts_of(one) for one in free])
    found = {one.best.ours for one in matches}
    return Links(
        store=store,
        matches=matches,
        unmatched=[rule for rule in open_ if rule.key_result.id not in found],
        lost=lost,
        linked=len(linked),
        free=free,
        stored=stored,
    )


def sure(links: Links, at_least: int) -> dict[str, str]:
    """What may be written without asking: no rival, and a score of ``at_least`` percent."""
    return {
        one.best.ours: one.best.theirs
        for one in links.matches
        if not one.rivals and percent(one.best.score) >= at_least
    }


def asked(links: Links, ask: Callable[[Match], str | None]) -> dict[str, str]:
    """What a person chose, match by match; nothing is given away twice."""
    chosen: dict[str, str] = {}
    for one in links.matches:
        theirs = ask(one)
        if theirs is not None and theirs not in chosen.values():
            chosen[one.best.ours] = theirs
    return chosen


def percent(score: float) -> int:
    """Rounded down: what is not wholly the same is never 100 %."""
    return int(score * 100 + 1e-9)


def write_links(config: Config, chosen: Mapping[str, str]) -> Sequence[Path]:
    """Write each chosen `store_id` into its mapping file; the files that were written.

    All files are made ready before the first is written. Raises UsageError.
    """
    by_file: dict[str, dict[tuple[str, str], str]] = {}
    for id_, theirs in chosen.items():
        rule = config.rules[id_]
        by_file.setdefault(rule.place.file, {})[names_of(config, rule)] = theirs
    ready = {config.root / file: _written(config.root / file, ids) for file, ids in by_file.items()}
    for path, text in ready.items():
        write_whole(path, text)
    return tuple(ready)


def _written(path: Path, ids: Mapping[tuple[str, str], str]) -> str:
    try:
        return with_store_ids(path.read_bytes().decode("utf-8"), ids)
    except NotEditable as error:
        raise UsageError(
            f"{path}: `{error}` cannot get a line without touching others; nothing was written",
            next_step=f'write store_id = "..." there by hand, and leave {error} out',
        ) from None


def _writes_to(rule: Rule, connection: Connection) -> bool:
    return rule.key_result.store_ref.store == connection.name


def names_of(config: Config, rule: Rule) -> tuple[str, str]:
    """The names of its two tables in the file."""
    key_result = rule.key_result
    team = config.objectives[key_result.objective].team
    objective = key_result.objective.removeprefix(f"{team}.") if team else key_result.objective
    return objective, key_result.id.removeprefix(f"{key_result.objective}.")


def _facts(config: Config, rule: Rule) -> Facts:
    key_result = rule.key_result
    objective = config.objectives[key_result.objective]
    return Facts(
        name=key_result.id,
        title=key_result.title,
        objective=objective.title,
        team=OF_A_PERIOD.sub("", objective.team),
        start=key_result.period.start,
        end=key_result.period.end,
        baseline=key_result.baseline,
        target=key_result.target,
        unit=key_result.unit,
    )
