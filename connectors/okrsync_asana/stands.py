"""A goal with where it stands, and how a check-in is recognised in it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from okrsync.errors import Refused
from okrsync.model import CheckIn, Receipt
from okrsync.standings import Standing, following, number_is_there
from okrsync_asana.goals import Goal, Metric
from okrsync_asana.numbers import kept, shown
from okrsync_asana.words import signature


@dataclass(frozen=True, slots=True)
class Stand:
    """``value`` is the number that the goal shows, ``key`` as in StoredKeyResult."""

    goal: Goal
    metric: Metric
    value: Decimal
    kept: Standing
    key: str | None

    @property
    def revision(self) -> str:
        return self.kept.revision


def signed(check_in: CheckIn, stand: Stand) -> Receipt | None:
    """The check-in, where the number came from it or the newest text carries its key."""
    if stand.key == check_in.key:
        return Receipt(check_in.key, stand.revision, already_there=True)
    left = signature(stand.goal.title)
    if left is None or left.key != check_in.key:
        return None
    revision = following(check_in.base, stand.goal.update, left.value)
    return Receipt(check_in.key, str(revision), already_there=True)


def stands_alone(check_in: CheckIn, stand: Stand) -> bool:
    """Whether the check-in's number is there, and no other check-in of okrsync's explains it."""
    unit = stand.metric.unit
    number = shown(kept(check_in.value, unit, stand.metric.decimals), unit)
    there = number_is_there(check_in, number, stand.value, stand.goal.update, stand.kept)
    return there and stand.key is None


def refuse_other_unit(check_in: CheckIn, metric: Metric) -> None:
    """A share is 25 in one place and 0.25 in the other, and amounts are never converted."""
    share = metric.unit == "%" and check_in.unit != "%"
    amount = metric.unit not in {"", "%"} and check_in.unit not in {"", metric.unit}
    if share or amount:
        raise Refused(
            f"{check_in.ref.id} is measured in {metric.unit} in Asana, and in "
            f"{check_in.unit or 'plain numbers'} here",
            next_step="give both the same unit",
        )


def words_of(update: Mapping[str, Any]) -> dict[str, str]:
    """Author, time and text of a status update, each "" where there is none."""
    author = update.get("author")
    name = author.get("name", "") if isinstance(author, dict) else ""
    parts = {"author": name, "at": update.get("created_at"), "text": update.get("text")}
    return {part: str(value or "") for part, value in parts.items()}
