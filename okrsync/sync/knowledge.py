"""What the state and the store know before a plan is made; read once, in bulk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from okrsync.errors import OkrsyncError
from okrsync.model import KeyResult, Outcome, StoredKeyResult, StoreRef
from okrsync.scoring.history import NO_HISTORY, History
from okrsync.state.records import Approval, Intent, ManualValue, Reading, Sent


def _no_history(_: KeyResult) -> History:
    return NO_HISTORY


@dataclass(frozen=True, slots=True)
class Knowledge:
    """``unsettled`` are intents of earlier runs whose outcome is still unknown, by key result.

    ``store_failures`` says of a store why it could not be read; then nothing of it can be compared.
    ``unread`` says it of a single key result in a store that could be read.
    ``outcomes`` and ``history`` are read when the first key result asks for them.
    """

    stored: Mapping[StoreRef, StoredKeyResult] = field(default_factory=dict)
    store_failures: Mapping[str, OkrsyncError] = field(default_factory=dict)
    unread: Mapping[StoreRef, OkrsyncError] = field(default_factory=dict)
    sent: Mapping[str, Sent] = field(default_factory=dict)
    unsettled: Mapping[str, Intent] = field(default_factory=dict)
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
