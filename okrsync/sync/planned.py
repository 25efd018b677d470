"""A plan with what it left out, the KPIs measured along the way, and what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from okrsync.model import Outcome, Plan
from okrsync.sync.knowledge import Knowledge
from okrsync.sync.selection import Due


@dataclass(frozen=True, slots=True)
class Planned:
    """``before`` are the last words of earlier runs; they are read only when there is trouble."""

    plan: Plan
    due: Due
    kpis: tuple[Outcome, ...]
    knowledge: Knowledge
    before: Mapping[str, Outcome] = field(default_factory=dict)
