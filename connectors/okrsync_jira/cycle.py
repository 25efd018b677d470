"""From an issue's moves between statuses to the times that work took. Pure functions.

Started: the first entry into a start status. Done: the last entry into the done statuses that still
holds; moving on between two of them (Done to Released, or a migration years later) is no entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Stage = Literal["start", "done", "other"]

# An entry this long after the resolution's date, with no work in between, was made by a migration.
_MIGRATED = timedelta(days=180)
# One transition sets the status and the resolution; their times may differ by a moment.
_AT_ONCE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Status:
    """``name`` is as the history recorded it, in whatever language that was."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One change of status; ``order`` tells apart what happened at the same instant."""

    at: datetime
    old: Status
    new: Status
    order: int = 0


@dataclass(frozen=True, slots=True)
class Life:
    """An issue: its moves in the order of time, and what its fields say now."""

    created: datetime
    status: Status
    moves: tuple[Move, ...]
    resolved: datetime | None = None

    @classmethod
    def of(
        cls,
        created: datetime,
        status: Status,
        moves: Iterable[Move],
        resolved: datetime | None = None,
    ) -> Life:
        in_order = sorted(moves, key=lambda move: (move.at, move.order))
        return cls(created, status, tuple(in_order), resolved)

    @property
    def first_status(self) -> Status:
        return self.moves[0].old if self.moves else self.status

    def until(self, moment: datetime) -> Life:
        """The same issue as it stood at ``moment``."""
        before = tuple(move for move in self.moves if move.at <= moment)
        after = self.moves[len(before) :]
        status = after[0].old if after else self.status
        resolved = self.resolved if self.resolved and self.resolved <= moment else None
        return Life(self.created, status, before, resolved)


StageOf = Callable[[Status], Stage | None]
"""None for a status that is no longer there."""

Elapsed = Callable[[datetime, datetime], timedelta]


def started_at(life: Life, stage_of: StageOf) -> datetime | None:
    """The first entry into a start status; its creation, where it began in one."""
    if stage_of(life.first_status) == "start":
        return life.created
    return next((move.at for move in life.moves if stage_of(move.new) == "start"), None)


def done_at(life: Life, stage_of: StageOf) -> datetime | None:
    """The last entry into the done statuses that still holds; None for an issue that is open."""
    is_done = _judge(life, stage_of)
    entered = life.created if is_done(life.first_status) else None
    for move in life.moves:
        if not is_done(move.new):
            entered = None
        elif entered is None or not is_done(move.old):
            entered = move.at
    return None if entered is None else _before_migration(life, entered, is_done)


def cycle_time(life: Life, stage_of: StageOf, elapsed: Elapsed) -> timedelta | None:
    """From started to done; None where either is missing or they are the wrong way round."""
    return _between(started_at(life, stage_of), done_at(life, stage_of), elapsed)


def lead_time(life: Life, stage_of: StageOf, elapsed: Elapsed) -> timedelta | None:
    """From creation to done; None for an issue that is open."""
    return _between(life.created, done_at(life, stage_of), elapsed)


def time_in(
    life: Life, inside: Callable[[Status], bool], now: datetime, elapsed: Elapsed
) -> timedelta:
    """All the time spent in some statuses until ``now``."""
    total = timedelta()
    entered, status = life.created, life.first_status
    for move in life.moves:
        if inside(status):
            total += elapsed(entered, max(entered, move.at))
        entered, status = move.at, move.new
    return total + elapsed(entered, max(entered, now)) if inside(status) else total


def _between(start: datetime | None, end: datetime | None, elapsed: Elapsed) -> timedelta | None:
    if start is None or end is None or end < start:
        return None
    return elapsed(start, end)


def _judge(life: Life, stage_of: StageOf) -> Callable[[Status], bool]:
    """A status that was deleted since counts as done where entering it resolved the issue."""
    settled = {
        move.new.id
        for move in life.moves
        if life.resolved is not None
        and stage_of(move.new) is None
        and abs(move.at - life.resolved) <= _AT_ONCE
    }
    return lambda status: stage_of(status) == "done" or status.id in settled


def _before_migration(life: Life, entered: datetime, is_done: Callable[[Status], bool]) -> datetime:
    resolved = life.resolved
    if resolved is None or entered - resolved <= _MIGRATED:
        return entered
    return entered if _worked(life.moves, resolved, entered, is_done) else resolved


def _worked(
    moves: Sequence[Move], after: datetime, before: datetime, is_done: Callable[[Status], bool]
) -> bool:
    """True when the issue was taken up again between the two."""
    return any(after < move.at < before and not is_done(move.new) for move in moves)
