"""A cell that cannot be read, described without showing it."""

from __future__ import annotations


class Unreadable(Exception):
    """``reason`` completes "the cell ..."; ``cure`` is what to do about it, where there is one.

    ``column`` is the name of the column, once somebody knew it.
    """

    column = ""

    def __init__(self, reason: str, cure: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.cure = cure

    def again(self) -> Unreadable:
        """A fresh one to raise: one that is kept would keep the traces of all its raises."""
        fresh = Unreadable(self.reason, self.cure)
        fresh.column = self.column
        return fresh


def shape(text: str) -> str:
    """Describe a cell by its kind of characters only: it may hold a secret or a person's name."""
    digits = sum(character.isdigit() for character in text)
    letters = sum(character.isalpha() for character in text)
    parts = [
        f"{count} {what}" for count, what in ((digits, "digits"), (letters, "letters")) if count
    ]
    rest = len(text) - digits - letters
    if rest:
        parts.append(f"{rest} other characters")
    return ", ".join(parts)
