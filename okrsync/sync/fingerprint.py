"""What makes a check-in, and a plan, the same one again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from okrsync.decimals import plain
from okrsync.model import Change, CheckIn, StoreRef


def check_in_key(
    tenant: str, ref: StoreRef, base: str, last: str, *, number: Decimal, as_of: datetime
) -> str:
    """Names a check-in by the one it follows, and by its number and the time of its data.

    A retry sends what was frozen, with its key; moving on changes it: so 0, 1, 0 in one day are
    three check-ins. ``last`` is the key that was last sent: where a person deletes that check-in,
    the store stands where it stood before it, and what comes next is another one all the same.
    Where nobody can read the store, and an old copy of the state was put back, both are those of a
    check-in that the service has already: its number and time tell them apart.
    """
    told = [plain(number), as_of.astimezone(UTC).isoformat()]
    return _digest([tenant, ref.store, ref.id, base, last, *told])[:32]


def fingerprint(changes: Iterable[Change]) -> str:
    """Over what was decided and from what; not over anything that changes by itself."""
    return _digest(
        [
            [
                change.key_result,
                change.verdict.value,
                [] if change.check_in is None else _follows(change.check_in),
                change.stored_revision,
                "" if change.value is None else plain(change.value.number),
                change.code,
            ]
            for change in sorted(changes, key=lambda change: change.key_result)
        ]
    )


def _follows(check_in: CheckIn) -> list[str]:
    """All of its key but what moves with the clock."""
    return [check_in.ref.store, check_in.ref.id, check_in.base]


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
