"""What a connector says of itself, for ``okrsync doctor``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@runtime_checkable
class SelfExamining(Protocol):
    """A source or store that can say more of itself than one number: for ``okrsync doctor``."""

    def examine(self) -> Iterable[Remark]:
        """What works and what should be known: who is signed in, which rights, what expires."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of ``okrsync doctor``; ``cure`` says what to do where all is not well."""

    message: str
    well: bool = True
    cure: str = ""
