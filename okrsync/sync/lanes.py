"""Each store has a lane: what it is asked, one after the other, side by side with the other stores.

A store that does not answer, or not in time, is left alone for the rest of the run: that costs its
own key results and nobody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar

from okrsync.errors import OutsideError, SignInRefused, Unreachable
from okrsync.side_by_side import SideBySide

GivenT = TypeVar("GivenT")

MOST_IN_VAIN: Final = 3
"""So many steps in a row without an answer, or with a refused sign-in, are enough: each further one
may leave one more unknown outcome, and some services lock an account that is refused too often."""

SETTLING, READING, WRITING = 0.4, 0.6, 1.0
"""Shares of the run's time, from its start, after which no store is waited for any more."""

_UNDER_WAY: Final = 4.0
"""Seconds that the writes under way have when the run is asked to stop."""

_TO_ARRIVE: Final = timedelta(seconds=1)
"""Requests end with the run; what they ended with still arrives."""


class Lane:
    """One store's turn-taking."""

    def __init__(self, store: str) -> None:
        self._store = store
        self._in_vain = 0
        self._ended: OutsideError | None = None

    def take(self, step: Callable[[], GivenT]) -> GivenT:
        """What ``step`` gives. Raises OutsideError, at once where the lane has ended."""
        if self._ended is not None:
            raise self._ended
        try:
            given = step()
        except OutsideError as error:
            self._note(error)
            raise
        self._in_vain = 0
        return given

    def end(self, why: OutsideError) -> None:
        """Nothing more is asked of this store in this run."""
        self._ended = self._ended or why

    def _note(self, error: OutsideError) -> None:
        refused = isinstance(error, SignInRefused)
        silent = isinstance(error, Unreachable) and error.silent
        self._in_vain = self._in_vain + 1 if refused or silent else 0
        if self._in_vain >= MOST_IN_VAIN:
            self.end(error if refused else self._left_alone(error))

    def _left_alone(self, error: OutsideError) -> Unreachable:
        return Unreachable(
            f"not tried: {MOST_IN_VAIN} times in a row the store `{self._store}` gave no answer",
            next_step=error.next_step or f"okrsync doctor {self._store}",
        )


class Lanes:
    """The lanes of one run. ``time_left`` is the run's, of ``deadline`` in all."""

    def __init__(self, time_left: Callable[[], timedelta], deadline: timedelta) -> None:
        self._time_left = time_left
        self._deadline = deadline
        self._lanes: dict[str, Lane] = {}

    def run(
        self, work: Mapping[str, Callable[[Lane], GivenT]], *, until: float
    ) -> dict[str, GivenT | OutsideError]:
        """What each store's work gives, or why there is nothing of it.

        Raises what else goes wrong in one of them, and what asks the run to stop: then the steps
        under way are finished, and nothing new is begun.
        """
        lanes = {name: self._lanes.setdefault(name, Lane(name)) for name in work}
        asked = SideBySide(
            {name: partial(attempted, partial(work[name], lanes[name])) for name in work}
        )
        try:
            asked.start()
            done = asked.wait(lambda: self._seconds_left(until))
        except BaseException:
            for lane in self._lanes.values():
                lane.end(Unreachable("the run was asked to stop", next_step="okrsync sync"))
            asked.settle(_UNDER_WAY)
            raise
        for name in lanes.keys() - done.keys():
            done[name] = _too_late(name)
            lanes[name].end(_too_late(name))
        return done

    def _seconds_left(self, until: float) -> float:
        kept = self._deadline * (1 - until)
        return max(0.0, (self._time_left() - kept + _TO_ARRIVE).total_seconds())


def attempted(step: Callable[[], GivenT]) -> GivenT | OutsideError:
    """What it gives, or why it gives nothing."""
    try:
        return step()
    except OutsideError as error:
        return error


def _too_late(name: str) -> Unreachable:
    return Unreachable(
        f"the store `{name}` was not done when its part of the run's time was over",
        next_step="give the run more time with `deadline` in [limits]; the next one does the rest",
    )
