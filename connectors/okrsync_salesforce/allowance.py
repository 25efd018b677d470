"""How many of the org's daily calls are left, and where okrsync stops."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from okrsync.errors import RateLimited

_USAGE: Final = re.compile(r"(?:^|[;,\s])api-usage=([0-9]{1,12})/([0-9]{1,12})(?![0-9])")


class Allowance:
    """Reads ``Sforce-Limit-Info`` of every answer; shared by threads.

    ``floor`` is "10 %" of the allowance, or a number of calls, that is left to others.
    """

    def __init__(self, floor: str) -> None:
        self._floor = floor
        self._lock = threading.Lock()
        self._used: int | None = None
        self._most = 0

    def note(self, headers: Mapping[str, str]) -> None:
        found = _USAGE.search(headers.get("sforce-limit-info", ""))
        if found and int(found[2]):
            with self._lock:
                # Answers may come in another order than they were counted in.
                self._used = max(int(found[1]), self._used or 0)
                self._most = int(found[2])

    def check(self) -> None:
        """Raise ``RateLimited`` where the next call would go below the floor."""
        with self._lock:
            used, most = self._used, self._most
        if used is None or most - used > self._kept(most):
            return
        raise RateLimited(
            f"{most - used:,} of the org's {most:,} calls in 24 hours are left, and okrsync stops "
            f"at {self._floor}",
            next_step="run again later, or lower `floor` in the source's table",
        )

    def words(self) -> str:
        """For the plan: what the org has used."""
        with self._lock:
            if self._used is None:
                return "Salesforce did not say how many calls the org has left"
            return f"{self._used:,} of the org's {self._most:,} calls in 24 hours are used"

    def _kept(self, most: int) -> Decimal:
        if self._floor.endswith("%"):
            return most * Decimal(self._floor.removesuffix("%").strip()) / 100
        return Decimal(self._floor)
