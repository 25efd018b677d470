"""What makes a check-in, and a plan, the same one again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from okrsync.decimals import plain
from okrsync.model import Change, StoreRef


def check_in_key(tenant: str, ref: StoreRef, base: str, last: str = "") -> str:
    """Names a check-in by the one it follows, not by its value.

    A retry keeps the key, moving on changes it: so 0, 1, 0 in one day are three check-ins.
    ``last`` is the key that was last sent: where a person deletes that check-in, the store stands
    where it stood before it, and what comes next is another one all the same.
    """
    return _digest([tenant, ref.store, ref.id, base, last])[:32]


def fingerprint(changes: Iterable[Change]) -> str:
    """Over what was decided and from what; not over anything that changes by itself."""
    return _digest(
        [
            [
                change.key_result,
                change.verdict.value,
                "" if change.check_in is None else change.check_in.key,
                change.stored_revision,
                "" if change.value is None else plain(change.value.number),
                change.code,
            ]
            for change in sorted(changes, key=lambda change: change.key_result)
        ]
    )


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
