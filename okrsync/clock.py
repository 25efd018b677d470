"""The one clock: whatever needs the time takes a ``Clock``; only the program's edge uses this."""

from __future__ import annotations

from datetime import UTC, datetime


def system_clock() -> datetime:
    return datetime.now(UTC)
