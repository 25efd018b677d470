"""Which key result of a store is which of ours: scores, reasons, and one for one. Pure.

A score is the weighted mean of what both sides know: title, objective, team, period, numbers. A
period that does not touch ours rules a match out. Where another choice would be almost as good the
match is ambiguous, and a person must choose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from okrsync.lifecycle.likeness import likeness
from okrsync.model import StoredKeyResult

PLAUSIBLE: Final = 0.6
NEAR: Final = 0.1
_WEIGHTS: Final = {
    "title": 50, "objective": 18, "target": 12, "baseline": 7, "period": 7, "team": 6,
}  # fmt: skip
_SAME: Final = 0.995


@dataclass(frozen=True, slots=True)
class Facts:
    """What one side knows of a key result; None and "" where it does not."""

    name: str
    title: str
    objective: str = ""
    team: str = ""
    start: date | None = None
    end: date | None = None
    baseline: Decimal | None = None
    target: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Likely:
    """A possible match: ``score`` 0-1, ``why`` in words."""

    ours: str
    theirs: str
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """``rivals`` are other choices that are near, best first; with any it is ambiguous."""

    best: Likely
    rivals: tuple[Likely, ...] = ()


def facts_of(stored: StoredKeyResult) -> Facts:
    known = stored.definition
    return Facts(
        name=stored.ref.id,
        title=stored.title,
        objective=known.objective,
        team=known.team,
        start=known.start,
        end=known.end,
        baseline=known.baseline,
        target=known.target,
        unit=stored.unit,
    )


def match(ours: Sequence[Facts], theirs: Sequence[Facts]) -> Sequence[Match]:
    """One for one, in the order of ``ours``; those that nothing plausible was found for are left
    out."""
    likely = [
        found
        for one in ours
        for other in theirs
        if (found := compare(one, other)) is not None and found.score >= PLAUSIBLE
    ]
    chosen = _one_for_one(likely)
    choices = _Choices(likely, chosen)
    matches = {one.ours: Match(one, choices.rivals(one)) for one in chosen.values()}
    return [matches[one.name] for one in ours if one.name in matches]


def compare(ours: Facts, theirs: Facts) -> Likely | None:
    """None where it cannot be: the periods do not touch."""
    period = _period(ours, theirs)
    if period == 0:
        return None
    parts = {
        "title": likeness(ours.title, theirs.title),
        "objective": _text(ours.objective, theirs.objective),
        "team": _text(ours.team, theirs.team),
        "period": period,
        "baseline": _number(ours.baseline, theirs.baseline, ours.unit == "%"),
        "target": _number(ours.target, theirs.target, ours.unit == "%"),
    }
    known = {name: part for name, part in parts.items() if part is not None}
    whole = sum(_WEIGHTS[name] for name in known)
    score = sum(_WEIGHTS[name] * part for name, part in known.items()) / whole
    return Likely(ours.name, theirs.name, score, tuple(_why(known, ours, theirs)))


def _one_for_one(likely: Sequence[Likely]) -> Mapping[str, Likely]:
    """The best pair first, then the best of the rest; by our names."""
    chosen: dict[str, Likely] = {}
    taken: set[str] = set()
    for one in sorted(likely, key=lambda one: (-one.score, one.ours, one.theirs)):
        if one.ours not in chosen and one.theirs not in taken:
            chosen[one.ours] = one
            taken.add(one.theirs)
    return chosen


class _Choices:
    """What else could have been chosen."""

    def __init__(self, likely: Sequence[Likely], chosen: Mapping[str, Likely]) -> None:
        self._scores = {(one.ours, one.theirs): one.score for one in likely}
        self._chosen = chosen
        self._owners = {one.theirs: one for one in chosen.values()}
        self._of_ours: defaultdict[str, list[Likely]] = defaultdict(list)
        self._of_theirs: defaultdict[str, list[Likely]] = defaultdict(list)
        for one in likely:
            self._of_ours[one.ours].append(one)
            self._of_theirs[one.theirs].append(one)

    def rivals(self, match: Likely) -> tuple[Likely, ...]:
        """Other choices for either side whose loss would be small."""
        others = [
            *((one, self._owners.get(one.theirs)) for one in self._of_ours[match.ours]),
            *((one, self._chosen.get(one.ours)) for one in self._of_theirs[match.theirs]),
        ]
        near = [
            one
            for one, taken in others
            if one is not match and self._loss(match, one, taken) < NEAR
        ]
        return tuple(sorted(near, key=lambda one: (-one.score, one.ours, one.theirs)))

    def _loss(self, match: Likely, other: Likely, taken: Likely | None) -> float:
        """Where the other one is chosen for somebody else, that of both changing places."""
        loss = match.score - other.score
        if taken is None:
            return loss
        ours = taken.ours if other.ours == match.ours else match.ours
        theirs = match.theirs if other.ours == match.ours else taken.theirs
        return loss + taken.score - self._scores.get((ours, theirs), 0.0)


@lru_cache(maxsize=20_000)  # few objectives and teams, in all pairs of key results
def _text(ours: str, theirs: str) -> float | None:
    return likeness(ours, theirs) if ours and theirs else None


def _number(ours: Decimal | None, theirs: Decimal | None, share: bool) -> float | None:  # noqa: FBT001
    """A percentage may be kept as 25 or as 0.25."""
    if ours is None or theirs is None:
        return None
    return 1.0 if ours == theirs or (share and ours == theirs * 100) else 0.0


def _period(ours: Facts, theirs: Facts) -> float | None:
    """The days that both have, as a share of those that either has."""
    if not (ours.start and ours.end and theirs.start and theirs.end):
        return None
    both = (min(ours.end, theirs.end) - max(ours.start, theirs.start)).days
    either = (max(ours.end, theirs.end) - min(ours.start, theirs.start)).days
    return max(both, 0) / either if either > 0 else 0.0


def _why(known: Mapping[str, float], ours: Facts, theirs: Facts) -> Iterator[str]:
    for name in ("title", "objective", "team", "period"):
        part = known.get(name)
        if part is not None:
            yield f"same {name}" if part >= _SAME else f"{name} {int(part * 100)} % alike"
    for name in ("baseline", "target"):
        part = known.get(name)
        if part is not None:
            wanted, there = getattr(ours, name), getattr(theirs, name)
            yield f"{name} {wanted}" if part else f"{name} {wanted} here, {there} there"
