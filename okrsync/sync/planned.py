"""A plan with what it left out, the KPIs measured along the way, and what it was made from."""

from __future__ import annotations

from dataclasses import dataclass

from okrsync.model import Outcome, Plan
from okrsync.sync.knowledge import Knowledge
from okrsync.sync.selection import Due


@dataclass(frozen=True, slots=True)
class Planned:
    plan: Plan
    due: Due
    kpis: tuple[Outcome, ...]
    knowledge: Knowledge
