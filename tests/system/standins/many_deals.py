"""Fifty thousand deals with all that makes numbers differ between systems.

The same ones every time. Amounts are missing, zero, negative and in three currencies; deals were
closed in the last second before a quarter in Stockholm and in its first one, written with several
offsets; some are archived, some have no owner, some no stage.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

Deal = dict[str, str]

COUNT = 50_000
STOCKHOLM = ZoneInfo("Europe/Stockholm")
QUARTER = (datetime(2026, 10, 1, tzinfo=STOCKHOLM), datetime(2027, 1, 1, tzinfo=STOCKHOLM))
NOW = datetime(2026, 12, 20, 9, 30, tzinfo=UTC)
"""When the questions are asked; no deal is later."""

COLUMNS = (
    *("id", "title", "amount", "currency", "stage", "status", "pipeline"),
    *("created", "closed", "owner", "archived"),
)
STAGES = ("qualified", "proposal", "negotiation", "contract")
NOBODYS_STAGE = "handed over"
"""A stage that every CRM knows, and that no deal is in."""
PIPELINES = ("new business", "renewals")
CURRENCIES = ("SEK", "SEK", "SEK", "EUR", "USD")
OWNERS = ("north", "south", "partners", "")
TITLES = ("O'Neill's order", 'The "big" one', "100 % off; final", "Ångström & Søn", "Order")
OFFSETS = (UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-5)), STOCKHOLM)

_FIRST = datetime(2026, 3, 1, tzinfo=UTC)
_EDGES = tuple(
    edge + shift
    for edge in (QUARTER[0], datetime(2026, 7, 1, tzinfo=STOCKHOLM))
    for shift in (timedelta(seconds=-1), timedelta(), timedelta(seconds=1), timedelta(hours=1))
)


def deals(count: int = COUNT) -> Iterator[Deal]:
    dice = Random(20261001)  # noqa: S311 - the same deals every time
    for number in range(1, count + 1):
        yield _deal(number, dice)


def write_csv(path: Path, rows: Sequence[Deal]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def in_a_crm(deal: Deal, *, no_stage: str = "") -> dict[str, Any]:
    """A deal as the stand-ins for CRMs take it: all instants in UTC, as CRMs write them."""
    return {
        **deal,
        "stage": deal["stage"] or no_stage,
        "created": _in_utc(deal["created"]),
        "closed": _in_utc(deal["closed"]) if deal["closed"] else "",
        "archived": deal["archived"] == "true",
    }


def _in_utc(written: str) -> str:
    return datetime.fromisoformat(written).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _deal(number: int, dice: Random) -> Deal:
    status = dice.choices(("open", "won", "lost"), (40, 35, 25))[0]
    created = _moment(dice)
    closed = max(created, _edge(dice) or _moment(dice)) if status != "open" else None
    return {
        "id": str(number),
        "title": f"{dice.choice(TITLES)} {number}",
        "amount": _amount(dice),
        "currency": dice.choice(CURRENCIES),
        "stage": dice.choice(STAGES) if dice.random() > 0.02 else "",
        "status": status,
        "pipeline": dice.choice(PIPELINES),
        "created": _written(created, dice),
        "closed": _written(closed, dice) if closed else "",
        "owner": dice.choice(OWNERS),
        "archived": "true" if dice.random() < 0.07 else "false",
    }


def _amount(dice: Random) -> str:
    kind = dice.random()
    if kind < 0.05:
        return ""
    if kind < 0.07:
        return "0.00"
    cents = dice.randrange(1, 90_000_000)
    return f"{'-' if kind > 0.99 else ''}{cents // 100}.{cents % 100:02d}"


def _moment(dice: Random) -> datetime:
    seconds = int((NOW - _FIRST).total_seconds())
    return _FIRST + timedelta(seconds=dice.randrange(seconds))


def _edge(dice: Random) -> datetime | None:
    """One in ten deals is closed where a quarter begins."""
    return dice.choice(_EDGES) if dice.random() < 0.1 else None


def _written(when: datetime, dice: Random) -> str:
    return when.astimezone(dice.choice(OFFSETS)).isoformat()
