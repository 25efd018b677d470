"""Apply: intent to the state, post to the store, receipt to the state, one check-in at a time.

Killed anywhere in between, the next run finds the intent and settles it by looking into the store
first; it never sends blindly again. Stores are written side by side, each in its own lane.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Final

from okrsync.contracts import Clock, Store
from okrsync.errors import OutcomeUnknown, OutsideError, RateLimited, Refused
from okrsync.model import Change, CheckIn, Receipt, Verdict
from okrsync.state.records import Intent
from okrsync.state.state import State
from okrsync.sync.lanes import SETTLING, WRITING, Lane, Lanes, attempted
from okrsync.sync.stores import plugged_in
from okrsync.sync.verdicts import amended, fail

Step = Callable[[], Receipt | None]
Outcome = Receipt | OutsideError | None
"""None where an earlier check-in is history: the store has moved on, or refuses it."""

_NOTHING: Mapping[str, Callable[[], object]] = MappingProxyType({})
_MOST_TIMES: Final = 4
_LOOKS: Final = "okrsync sync looks into the store before it sends again"


@dataclass(slots=True)
class Settled:
    """Intents of earlier runs: the receipts found or made now, and those still unknown."""

    receipts: list[Receipt] = field(default_factory=list)
    unknown: list[Intent] = field(default_factory=list)


@dataclass(slots=True)
class Applied:
    """``refused`` says by store why it took nothing, not even its definitions."""

    receipts: list[Receipt] = field(default_factory=list)
    failures: list[Change] = field(default_factory=list)
    refused: dict[str, OutsideError] = field(default_factory=dict)


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
        outcomes, _ = self._in_lanes(steps, _NOTHING, SETTLING)
        settled = Settled()
        for intent in pending:
            outcome = outcomes[intent.check_in.key]
            if isinstance(outcome, Receipt):
                settled.receipts.append(outcome)
            elif outcome is not None:
                settled.unknown.append(intent)
        return settled

    def apply(
        self, changes: Sequence[Change], first: Mapping[str, Callable[[], object]] = _NOTHING
    ) -> Applied:
        """Write what is to be posted. ``first`` is by store what must have gone well before."""
        to_post = [
            (change, change.check_in)
            for change in changes
            if change.verdict is Verdict.POST and change.check_in is not None
        ]
        steps = [(one, partial(self._write, one)) for _, one in to_post]
        outcomes, refused = self._in_lanes(steps, first, WRITING)
        applied = Applied(refused=refused)
        for change, check_in in to_post:
            outcome = outcomes[check_in.key]
            if isinstance(outcome, OutsideError):
                applied.failures.append(amended(change, fail(outcome)))
            elif outcome is not None:
                applied.receipts.append(outcome)
        return applied

    def _in_lanes(
        self,
        steps: Sequence[tuple[CheckIn, Step]],
        first: Mapping[str, Callable[[], object]],
        until: float,
    ) -> tuple[Mapping[str, Outcome], dict[str, OutsideError]]:
        """What became of each check-in, by its key, and by store why nothing could."""
        outcomes: dict[str, Outcome] = {}
        by_store: defaultdict[str, list[tuple[CheckIn, Step]]] = defaultdict(list)
        for check_in, step in steps:
            by_store[check_in.ref.store].append((check_in, step))

        def work(store: str, lane: Lane) -> None:
            if store in first:
                lane.take(first[store])
            for check_in, step in by_store.get(store, ()):
                outcomes[check_in.key] = _under_way()
                outcomes[check_in.key] = attempted(partial(lane.take, step))

        stores = dict.fromkeys([*first, *by_store])
        ended = self._lanes.run({name: partial(work, name) for name in stores}, until=until)
        done = dict(outcomes)  # a lane that is late may still add to the other one
        refused = {name: error for name, error in ended.items() if error is not None}
        return {one.key: done.get(one.key, refused.get(one.ref.store)) for one, _ in steps}, refused

    def _write(self, check_in: CheckIn) -> Receipt:
        intent = self._state.outbox.intend(self._run, self._clock(), check_in)
        if (intent.run, intent.check_in) != (self._run, check_in):
            raise _meant_before(intent)
        return self._post(check_in)

    def _post(self, check_in: CheckIn) -> Receipt:
        try:
            receipt = self._sent(check_in)
        except OutcomeUnknown:
            raise
        except OutsideError as error:
            self._state.outbox.give_up(check_in.key, error.message, self._clock())
            raise
        self._state.outbox.receive(receipt, self._clock())
        return receipt

    def _sent(self, check_in: CheckIn) -> Receipt:
        """Turned away for coming too often, nothing was done, and the door waits as long as it was
        told. The store then looks again at what stands there before it sends again: a person may
        have been quicker."""
        with _owning_up():
            store = self._store_of(check_in.ref.store)
            for _ in range(_MOST_TIMES - 1):
                with suppress(RateLimited):
                    return _whole(store.post(check_in), check_in)
            return _whole(store.post(check_in), check_in)

    def _settle(self, intent: Intent) -> Receipt | None:
        """Look first. What is certainly not there is sent as it was frozen, unless the store has
        moved on or refuses it: then it is history, and the plan decides anew."""
        check_in = intent.check_in
        with _owning_up():
            found = self._store_of(check_in.ref.store).find(check_in)
            receipt = None if found is None else _whole(found, check_in)
        if receipt is not None:
            receipt = replace(receipt, already_there=True)
            self._state.outbox.receive(receipt, self._clock())
            return receipt
        try:
            return self._post(check_in)
        except OutcomeUnknown:
            raise
        except OutsideError:
            return None


def _meant_before(intent: Intent) -> Refused:
    """What was frozen then is another number than the plan's: neither may be sent."""
    return Refused(
        f"its check-in has the key of one that run {intent.run} froze on {intent.at:%Y-%m-%d}",
        next_step=f"okrsync history {intent.check_in.key_result}",
    )


def _whole(receipt: object, check_in: CheckIn) -> Receipt:
    if not isinstance(receipt, Receipt) or receipt.key != check_in.key:
        raise TypeError("no receipt for this check-in")
    return receipt


def _under_way() -> OutcomeUnknown:
    return OutcomeUnknown(
        "its store had not answered when the run's time was over", next_step=_LOOKS
    )


def _owning_up() -> AbstractContextManager[None]:
    """A bug in a store's connector leaves one outcome unknown; it must not stop the others."""
    return plugged_in(
        lambda kind: OutcomeUnknown(
            f"the store's connector failed with {kind}: a bug in it", next_step=_LOOKS
        )
    )
