"""A clock that only moves when it is told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FrozenClock:
    """A ``Clock``: call it for the time."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **parts: float) -> datetime:
        """Move on by ``timedelta``'s parts, as in ``forward(hours=2)``; returns the new time."""
        self.at += timedelta(**parts)
        return self.at


def frozen_clock(at: datetime = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)) -> FrozenClock:
    """A Monday morning in the middle of a quarter, unless another time is given."""
    return FrozenClock(at)
