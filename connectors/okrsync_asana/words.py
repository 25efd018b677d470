"""What a status update says, and how a check-in is recognised by its title. Pure.

The title is what a list of goals shows of an update, so the check-in's key travels there together
with the number that it came with: ``31 · okrsync 5f1c0a9b``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from okrsync.decimals import plain
from okrsync.model import CheckIn, Status

# "achieved" and "missed" would close the goal, which is a person's to do.
STATUS_TYPES: Final = {
    Status.ACHIEVED: "on_track",
    Status.ON_TRACK: "on_track",
    Status.AT_RISK: "at_risk",
    Status.OFF_TRACK: "off_track",
    Status.MISSED: "off_track",
}
GOAL_STATUS: Final = {"green": "on_track", "yellow": "at_risk", "red": "off_track"}
WITHOUT_NOTE: Final = "Computed by okrsync."
_TITLE: Final = re.compile(r"(?P<value>-?[0-9.]+)(?: %)? · okrsync (?P<key>\S+)")


@dataclass(frozen=True, slots=True)
class Signature:
    """What okrsync left in a title."""

    key: str
    value: Decimal


def title(check_in: CheckIn, value: Decimal, unit: str) -> str:
    """``value`` as the goal shows it."""
    return f"{plain(value)}{' %' if unit == '%' else ''} · okrsync {check_in.key}"


def signature(written: str) -> Signature | None:
    """None for a title that a person wrote."""
    found = _TITLE.fullmatch(written)
    return Signature(found["key"], Decimal(found["value"])) if found else None


def note_of(text: str) -> str:
    return "" if text == WITHOUT_NOTE else text


def counted(number: int, what: str) -> str:
    """1 goal, 2 goals."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
