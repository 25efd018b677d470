"""Apply: intent to the state, post to the store, receipt to the state, one check-in at a time.

Killed anywhere in between, the next run finds the intent and settles it by looking into the store
first; it never sends blindly again. Stores are written side by side, each in its own lane.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType

from okrsync.contracts import Clock, Store
from okrsync.errors import MovedOn, OkrsyncError, OutcomeUnknown, OutsideError, Refused
from okrsync.model import Change, CheckIn, Receipt, Verdict
from okrsync.state.records import Intent
from okrsync.state.state import State
from okrsync.sync.lanes import SETTLING, WRITING, Lane, Lanes
from okrsync.sync.verdicts import amended, fail

_ALL_READY: Mapping[str, OutsideError] = MappingProxyType({})

Outcome = Receipt | OutsideError | None
"""None where the store has moved on and an earlier check-in is history."""

Step = Callable[[], Receipt | None]


@dataclass(slots=True)
class Settled:
    """Intents of earlier runs: the receipts found or made now, and those still unknown."""

    receipts: list[Receipt] = field(default_factory=list)
    unknown: dict[str, Intent] = field(default_factory=dict)


class Applier:
    def __init__(
        self, state: State, store_of: Callable[[str], Store], lanes: Lanes, run: str, clock: Clock
    ) -> None:
        self._state = state
        self._store_of = store_of
        self._lanes = lanes
        self._run = run
        self._clock = clock

    def settle(self, pending: Sequence[Intent]) -> Settled:
        steps = [(intent.check_in, partial(self._settle, intent)) for intent in pending]
        outcomes = self._in_lanes(steps, SETTLING)
        settled = Settled()
        for intent in pending:
            outcome = outcomes[intent.check_in.key]
            if isinstance(outcome, Receipt):
                settled.receipts.append(outcome)
            elif outcome is not None:
                settled.unknown[intent.check_in.key_result] = intent
        return settled

    def apply(
        self, changes: Sequence[Change], not_ready: Mapping[str, OutsideError] = _ALL_READY
    ) -> tuple[list[Receipt], list[Change]]:
        """Write what is to be posted; returns the receipts and the changes that failed.

        ``not_ready`` says of a store why nothing can be written to it.
        """
        to_post = [
            (change, change.check_in)
            for change in changes
            if change.verdict is Verdict.POST and change.check_in is not None
        ]
        ready = [one for _, one in to_post if one.ref.store not in not_ready]
        outcomes = self._in_lanes([(one, partial(self._write, one)) for one in ready], WRITING)
        receipts: list[Receipt] = []
        failures: list[Change] = []
        for change, check_in in to_post:
            outcome = not_ready.get(check_in.ref.store) or outcomes[check_in.key]
            if isinstance(outcome, OutsideError):
                failures.append(amended(change, fail(outcome)))
            elif outcome is not None:
                receipts.append(outcome)
        return receipts, failures

    def _in_lanes(
        self, steps: Sequence[tuple[CheckIn, Step]], until: float
    ) -> Mapping[str, Outcome]:
        """What became of each check-in, by its key."""
        outcomes: dict[str, Outcome] = {}
        by_store: defaultdict[str, list[tuple[CheckIn, Step]]] = defaultdict(list)
        for check_in, step in steps:
            by_store[check_in.ref.store].append((check_in, step))

        def work(own: Sequence[tuple[CheckIn, Step]], lane: Lane) -> None:
            for check_in, step in own:
                outcomes[check_in.key] = _under_way()
                outcomes[check_in.key] = _taken(lane, step)

        ended = self._lanes.run(
            {store: partial(work, own) for store, own in by_store.items()}, until=until
        )
        done = dict(outcomes)  # a lane that is late may still add to the other one
        return {one.key: done.get(one.key, ended[one.ref.store]) for one, _ in steps}

    def _write(self, check_in: CheckIn) -> Receipt:
        intent = self._state.outbox.intend(self._run, self._clock(), check_in)
        if (intent.run, intent.check_in) != (self._run, check_in):
            raise _meant_before(intent)
        return self._post(check_in)

    def _post(self, check_in: CheckIn) -> Receipt:
        try:
            with _owning_up():
                receipt = self._store_of(check_in.ref.store).post(check_in)
        except OutcomeUnknown:
            raise
        except OutsideError as error:
            self._state.outbox.give_up(check_in.key, error.message, self._clock())
            raise
        self._state.outbox.receive(receipt, self._clock())
        return receipt

    def _settle(self, intent: Intent) -> Receipt | None:
        """Look first. What is certainly not there is sent as it was frozen, unless the store has
        moved on: then a newer check-in stands there and this one is history."""
        with _owning_up():
            found = self._store_of(intent.check_in.ref.store).find(intent.check_in)
        if found is not None:
            receipt = replace(found, already_there=True)
            self._state.outbox.receive(receipt, self._clock())
            return receipt
        try:
            return self._post(intent.check_in)
        except MovedOn:
            return None


def _taken(lane: Lane, step: Step) -> Outcome:
    try:
        return lane.take(step)
    except OutsideError as error:
        return error


def _meant_before(intent: Intent) -> Refused:
    """What was frozen then is another number than the plan's: neither may be sent."""
    return Refused(
        f"its check-in has the key of one that run {intent.run} froze on {intent.at:%Y-%m-%d}",
        next_step=f"okrsync history {intent.check_in.key_result}",
    )


def _under_way() -> OutcomeUnknown:
    return OutcomeUnknown(
        "its store had not answered when the run's time was over",
        next_step="okrsync sync looks into the store before it sends again",
    )


@contextmanager
def _owning_up() -> Iterator[None]:
    """A bug in a store's connector leaves one outcome unknown; it must not stop the others. Its
    text may hold anything, also a secret."""
    try:
        yield
    except OkrsyncError:
        raise
    except Exception as error:  # noqa: BLE001
        raise OutcomeUnknown(
            f"the store's connector failed with {type(error).__name__}: a bug in it",
            next_step="okrsync sync looks into the store before it sends again",
        ) from None
