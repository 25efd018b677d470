"""What the state and the store know before a plan is made; read once, in bulk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from okrsync.errors import OkrsyncError
from okrsync.model import KeyResult, Outcome, StoredKeyResult, StoreRef
from okrsync.scoring.history import NO_HISTORY, History
from okrsync.state.records import Approval, Intent, ManualValue, Reading, Sent


def _no_history(_: KeyResult) -> History:
    return NO_HISTORY


class Unsettled:
    """Intents of earlier runs whose outcome is still unknown."""

    def __init__(self, intents: Iterable[Intent] = ()) -> None:
        check_ins = [(intent.check_in, intent) for intent in intents]
        self._by_name = {check_in.key_result: intent for check_in, intent in check_ins}
        self._by_place = {check_in.ref: intent for check_in, intent in check_ins}

    def of(self, key_result: KeyResult) -> Intent | None:
        """Also where it had another name when it was sent to the same place in the store."""
        return self._by_name.get(key_result.id) or self._by_place.get(key_result.store_ref)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the stores show, and what the state remembers.

    ``store_failures`` says of a store why it could not be read; then nothing of it can be compared.
    ``unread`` says it of a single key result in a store that could be read.
    ``outcomes`` and ``history`` are read when the first key result asks for them.
    """

    stored: Mapping[StoreRef, StoredKeyResult] = field(default_factory=dict)
    store_failures: Mapping[str, OkrsyncError] = field(default_factory=dict)
    unread: Mapping[StoreRef, OkrsyncError] = field(default_factory=dict)
    sent: Mapping[str, Sent] = field(default_factory=dict)
    unsettled: Unsettled = field(default_factory=Unsettled)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    baselines: Mapping[tuple[str, str], Reading] = field(default_factory=dict)
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    manual: Mapping[str, ManualValue] = field(default_factory=dict)
    history: Callable[[KeyResult], History] = _no_history

    def unreadable(self, ref: StoreRef) -> OkrsyncError | None:
        return self.store_failures.get(ref.store) or self.unread.get(ref)

    def frozen_baseline(self, key_result: str, period: str) -> Decimal | None:
        reading = self.baselines.get((key_result, period))
        return None if reading is None else reading.number
