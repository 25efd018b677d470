"""What should come of a quarter, kept beside it by the rules as people would say them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tests.system.harness.quarter import FIRST, LAST

ENOUGH = 8
"""From so many earlier values on a status follows the forecast; before, it follows pace."""


@dataclass
class Account:
    """What one key result's store should hold: ``ours`` are okrsync's check-ins, in their order.
    ``shown`` is what people see there: a number."""

    policy: str = "hold"
    shown: int | str | None = None
    by_person: bool = False
    ours: list[int] = field(default_factory=list)
    theirs: list[int | None] = field(default_factory=list)

    def edited(self, value: int) -> None:
        self.shown, self.by_person = value, True
        self.theirs.append(value)

    def measured(self, value: int) -> bool:
        """Whether the value is held back."""
        if value == self.shown:
            return False
        if self.by_person and self.policy != "ours":
            return self.policy == "hold"
        self.shown, self.by_person = value, False
        self.ours.append(value)
        return False


@dataclass
class WordAccount(Account):
    """Of a store without numbers, where people see a word: an update is due when the number or the
    word for it becomes another. ``words`` are those of ``ours``."""

    words: list[str] = field(default_factory=list)
    values: int = 0
    due: int | None = None

    def edited(self, _: int) -> None:
        self.shown, self.by_person = "at_risk", True
        self.theirs.append(None)

    def measured(self, value: int) -> bool:
        self.values += 1
        if self.by_person and self.policy != "ours":
            return self.policy == "hold"
        self.due = value
        return False

    def judged(self, word: str) -> None:
        """What the run made of the value that was measured."""
        if self.due is None:
            return
        if self.by_person or [self.due, word] != [*self.ours[-1:], self.shown]:
            self.shown, self.by_person = word, False
            self.ours.append(self.due)
            self.words.append(word)
        self.due = None


def sayable(value: int, target: int, day: date, values: int) -> set[str]:
    """The words that fit a value, which is the last of so many; one alone where no forecast is
    needed."""
    done = value / target
    if day > LAST:
        return {"achieved" if done >= 0.7 else "missed"}
    if done >= 1:
        return {"achieved", "on_track"}  # it may be lost again, unless it is a running count
    if values > ENOUGH:
        return {"on_track", "at_risk", "off_track"}
    behind = (day - FIRST).days / ((LAST - FIRST).days + 1) - done
    if behind <= 0.05:
        return {"on_track"}
    return {"at_risk" if behind <= 0.2 else "off_track"}
