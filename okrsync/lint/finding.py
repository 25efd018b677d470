"""One piece of advice, at its line."""

from __future__ import annotations

from dataclasses import dataclass

from okrsync.model import Place


@dataclass(frozen=True, slots=True)
class Finding:
    """``message`` says what stands there, ``cure`` what to write or to think about instead."""

    place: Place
    code: str
    message: str
    cure: str

    def __str__(self) -> str:
        return f"{self.place}  {self.code}  {self.message}"
