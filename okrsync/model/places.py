"""Where something is written, and in which period it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the mapping something was written; ``file`` relative to config.toml's folder."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Quantity:
    value: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in the config's time zone; ``end`` is the day after the last one."""

    label: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class StoreRef:
    """A key result as the store knows it; ``store`` is the name of the store's table."""

    store: str
    id: str
