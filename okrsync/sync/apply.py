"""Apply: intent to the state, post to the store, receipt to the state, one check-in at a time.

Killed anywhere in between, the next run finds the intent and settles it by looking into the store
first; it never sends blindly again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from okrsync.contracts import Clock, Store
from okrsync.errors import MovedOn, OkrsyncError, OutcomeUnknown, OutsideError
from okrsync.model import Change, CheckIn, Receipt, Verdict
from okrsync.state.records import Intent
from okrsync.state.state import State
from okrsync.sync.termination import Termination
from okrsync.sync.verdicts import amended, fail

_ALL_READY: Mapping[str, OutsideError] = MappingProxyType({})


@dataclass(slots=True)
class Settled:
    """Intents of earlier runs: the receipts found or made now, and those still unknown."""

    receipts: list[Receipt] = field(default_factory=list)
    unknown: dict[str, Intent] = field(default_factory=dict)


class Applier:
    def __init__(
        self,
        state: State,
        store_of: Callable[[str], Store],
        run: str,
        clock: Clock,
        termination: Termination,
    ) -> None:
        self._state = state
        self._store_of = store_of
        self._run = run
        self._clock = clock
        self._termination = termination

    def settle(self, pending: Sequence[Intent]) -> Settled:
        settled = Settled()
        for intent in pending:
            try:
                receipt = self._settle(intent)
            except OutsideError:
                settled.unknown[intent.check_in.key_result] = intent
                continue
            if receipt is not None:
                settled.receipts.append(receipt)
        return settled

    def apply(
        self, changes: Sequence[Change], not_ready: Mapping[str, OutsideError] = _ALL_READY
    ) -> tuple[list[Receipt], list[Change]]:
        """Write what is to be posted; returns the receipts and the changes that failed.

        ``not_ready`` says of a store why nothing can be written to it.
        """
        receipts: list[Receipt] = []
        failures: list[Change] = []
        for change in changes:
            if change.verdict is not Verdict.POST or change.check_in is None:
                continue
            try:
                _refuse(not_ready.get(change.check_in.ref.store))
                receipts.append(self._write(change.check_in))
            except OutsideError as error:
                failures.append(amended(change, fail(error)))
        return receipts, failures

    def _write(self, check_in: CheckIn) -> Receipt:
        with self._termination.finishing():
            intent = self._state.outbox.intend(self._run, self._clock(), check_in)
            return self._post(intent.check_in)

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
        with self._termination.finishing():
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


def _refuse(why: OutsideError | None) -> None:
    if why is not None:
        raise why


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
