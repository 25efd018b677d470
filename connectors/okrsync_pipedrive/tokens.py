"""The day's tokens: what asking costs is known before it is asked."""

from __future__ import annotations

import re
import threading
from datetime import UTC
from typing import Final

from okrsync.contracts import Clock, Memory
from okrsync.errors import NoValue

_KEY: Final = "tokens"
_KEPT: Final = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{1,12})")


class Tokens:
    """What okrsync has spent today, over all its runs; safe to share by threads."""

    def __init__(self, daily: int, memory: Memory, clock: Clock) -> None:
        self._daily = daily
        self._memory = memory
        self._clock = clock
        self._lock = threading.Lock()
        self.spent = 0
        """In this run."""

    def left(self) -> int:
        return self._daily - self._used(self._today())

    def spend(self, cost: int) -> None:
        """Take ``cost`` for a request that is about to be sent. Raises NoValue beyond the day's."""
        with self._lock:
            day = self._today()
            used = self._used(day)
            if used + cost > self._daily:
                raise self.refused(cost, self._daily - used)
            self.spent += cost
            self._memory.remember(_KEY, f"{day} {used + cost}")

    def refused(self, cost: int, left: int) -> NoValue:
        """What to answer with where ``cost`` is more than is ``left``."""
        return NoValue(
            f"this costs {cost:,} of Pipedrive's tokens, and {max(0, left):,} of today's "
            f"{self._daily:,} are left",
            next_step="run again tomorrow (UTC), ask less often, or raise daily_tokens in its "
            "[source] table",
        )

    def words(self) -> str:
        return f"{self.spent:,} tokens; {self.left():,} of today's {self._daily:,} are left"

    def _today(self) -> str:
        return self._clock().astimezone(UTC).date().isoformat()

    def _used(self, day: str) -> int:
        kept = _KEPT.fullmatch(self._memory.recall(_KEY) or "")
        return int(kept[2]) if kept is not None and kept[1] == day else 0
