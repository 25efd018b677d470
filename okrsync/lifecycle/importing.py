"""What a store holds as the text of a mapping, ready for `from` lines. Pure.

Whatever stands in the store's titles, the text is TOML that says exactly that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from okrsync.lifecycle.wording import period_value, quoted, slug, toml_number
from okrsync.mapping.periods import PeriodError, between_days
from okrsync.mapping.units import UnitError, canonical_unit
from okrsync.model import Period, StoredDefinition, StoredKeyResult
from okrsync.report.export import plain

OPEN_LINE: Final = '# from = "..."'
_NO_OBJECTIVE: Final = "Key results without an objective"
_NO_TITLE: Final = "Untitled"


@dataclass(frozen=True, slots=True)
class Head:
    """``team`` is the first part of all ids, ``taken`` the names of objectives that it has already;
    ``period`` is that of most key results, None where the store says of none. ``chosen`` says that
    there are several stores, of which the mapping names its own."""

    store: str
    team: str
    day: date
    fiscal_year_starts: int = 1
    taken: AbstractSet[str] = frozenset()
    period: Period | None = None
    chosen: bool = False


@dataclass(slots=True)
class Group:
    """An objective of the store with its key results."""

    title: str
    team: str
    period: Period | None
    key_results: list[StoredKeyResult] = field(default_factory=list)


def mapping_text(stored: Sequence[StoredKeyResult], head: Head) -> str:
    """The whole file."""
    groups = grouped(stored, head.fiscal_year_starts)
    several_teams = len({group.team for group in groups}) > 1
    names: set[str] = set(head.taken)
    lines = list(_head(head))
    for group in groups:
        name = slug(group.title, names, otherwise="objective")
        names.add(name)
        lines += _objective(group, name, head, several_teams=several_teams)
    return "\n".join(lines) + "\n"


def grouped(stored: Sequence[StoredKeyResult], fiscal_year_starts: int) -> list[Group]:
    """By objective, team and period, in the store's order."""
    groups: dict[tuple[str, str, Period | None], Group] = {}
    for one in stored:
        known = one.definition
        period = period_of(known, fiscal_year_starts)
        title = known.objective if known.objective.strip() else _NO_OBJECTIVE
        key = (title, known.team, period)
        groups.setdefault(key, Group(title, known.team, period)).key_results.append(one)
    return list(groups.values())


def period_of(known: StoredDefinition, fiscal_year_starts: int) -> Period | None:
    if known.start is None or known.end is None or known.end <= known.start:
        return None
    try:
        return between_days(known.start, known.end, fiscal_year_starts)
    except PeriodError:  # at the calendar's edge
        return None


def _head(head: Head) -> Iterator[str]:
    yield f"# What the store `{plain(head.store)}` held on {head.day}."
    yield "# Left to do: say where each number comes from. Take the # away in front of `from`,"
    yield "# name a [source] of config.toml, and say what to ask it. `okrsync validate` names each"
    yield "# one that is left."
    yield ""
    yield "version = 1"
    yield f"team = {quoted(head.team)}"
    if head.chosen:
        yield f"store = {quoted(head.store)}"
    if head.period is None:
        yield "# The store does not say which period this is."
        yield 'period = "this_quarter"'
    else:
        yield f"period = {period_value(head.period)}"


def _objective(group: Group, name: str, head: Head, *, several_teams: bool) -> Iterator[str]:
    yield ""
    if several_teams and group.team:
        yield f"# team: {plain(group.team)}"
    yield f"[objective.{name}]"
    yield f"title = {quoted(group.title)}"
    if group.period is not None and group.period != head.period:
        yield f"period = {period_value(group.period)}"
    names: set[str] = set()
    for one in group.key_results:
        own = slug(one.title, names, otherwise="key-result")
        names.add(own)
        yield from _key_result(one, f"{name}.kr.{own}")


def _key_result(one: StoredKeyResult, name: str) -> Iterator[str]:
    known = one.definition
    yield ""
    if known.link:
        yield f"# {plain(known.link)}"
    if one.automated:
        yield f"# The store lets nobody write this one: {plain(one.automated)}"
    yield f"[objective.{name}]"
    yield f"title = {quoted(one.title or _NO_TITLE)}"
    if known.owner:
        yield f"owner = {quoted(known.owner)}"
    yield from _numbers(one)
    yield f"store_id = {quoted(one.ref.id)}"


def _numbers(one: StoredKeyResult) -> Iterator[str]:
    """What it takes to be met, and the line that is left to fill in."""
    baseline, target = toml_number(one.definition.baseline), toml_number(one.definition.target)
    if target is None:
        yield "# The store has no target here. Instead of manual: baseline, target and from."
        yield "manual = true"
        return
    if baseline is None:
        yield from _from_first(one)
    elif one.definition.baseline == one.definition.target:
        yield "# In the store it ends where it starts: a level to keep."
        yield f"at_least = {target}"
    else:
        yield f"baseline = {baseline}"
        yield f"target = {target}"
    if one.unit:
        yield _unit(one.unit)
    yield OPEN_LINE


def _from_first(one: StoredKeyResult) -> Iterator[str]:
    target, now = one.definition.target, one.value
    falls = target is not None and now is not None and now > target
    yield "# The store does not say where it starts: is it the first number measured, and this way?"
    yield 'baseline = "first"'
    yield f'kind = "{"decrease" if falls else "increase"}"'
    yield f"target = {toml_number(target)}"


def _unit(unit: str) -> str:
    try:
        canonical_unit(unit)
    except UnitError:
        return f"# In the store it is counted in: {plain(unit)}"
    return f"unit = {quoted(unit)}"


def most_common(periods: Sequence[Period | None]) -> Period | None:
    """The first of those that most key results have."""
    known = [period for period in periods if period is not None]
    return max(dict.fromkeys(known), key=known.count, default=None)
