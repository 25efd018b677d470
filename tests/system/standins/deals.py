"""Deals of a made-up year: the same ones for the same number."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

PIPELINES: Final = {
    "New business": ("Contacted", "Offer", "Contract sent", "Closed won", "Closed lost"),
    "Renewals": ("Due", "Talks", "Renewed", "Gone"),
}
_WON: Final = frozenset({"Closed won", "Renewed"})
_LOST: Final = frozenset({"Closed lost", "Gone"})
OWNERS: Final = ("north@acme.example", "south@acme.example", "")
# Quarters begin at midnight in Stockholm, which is another day in UTC.
_EDGES: Final = (
    datetime(2026, 9, 30, 21, 59, 59, tzinfo=UTC),
    datetime(2026, 9, 30, 22, 0, 0, tzinfo=UTC),
    datetime(2026, 9, 30, 22, 0, 1, tzinfo=UTC),
)


def some_deals(count: int, *, currencies: Sequence[str] = ("EUR", "SEK")) -> list[dict[str, Any]]:
    """``count`` deals, some without an amount, some archived, some closed at a quarter's edge."""
    chance = random.Random(count)  # noqa: S311 it must be the same again, not secret
    return [_deal(chance, number, currencies) for number in range(1, count + 1)]


def _deal(chance: random.Random, number: int, currencies: Sequence[str]) -> dict[str, Any]:
    pipeline = chance.choice(list(PIPELINES))
    stage = chance.choice(PIPELINES[pipeline])
    status = "won" if stage in _WON else "lost" if stage in _LOST else "open"
    created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(420_000))
    closed = min(created + timedelta(hours=chance.randrange(1_500)), _NOW)
    if chance.random() < 0.01:
        closed = chance.choice(_EDGES)
    return {
        "id": str(10_000_000 + number),
        "title": f"Deal {number}",
        "amount": "" if chance.random() < 0.05 else f"{chance.randrange(10_000_000) / 100:.2f}",
        "currency": chance.choice(currencies),
        "stage": stage,
        "status": status,
        "pipeline": pipeline,
        "created": created.isoformat().replace("+00:00", "Z"),
        "closed": "" if status == "open" else closed.isoformat().replace("+00:00", "Z"),
        "owner": chance.choice(OWNERS),
        "archived": chance.random() < 0.03,
    }


_NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)
