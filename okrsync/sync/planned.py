"""A plan with what it left out, the KPIs measured along the way, and what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from okrsync.model import Outcome, Plan
from okrsync.sync import kpis
from okrsync.sync.knowledge import Knowledge
from okrsync.sync.selection import Due
from okrsync.sync.verdicts import exit_code_of


@dataclass(frozen=True, slots=True)
class Planned:
    """``before`` are the last words of earlier runs; they are read only when there is trouble."""

    plan: Plan
    due: Due
    kpis: tuple[Outcome, ...]
    knowledge: Knowledge
    before: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0, 3 where something is held or failed or a KPI has no value, 4 for a refused sign-in."""
        return max(exit_code_of(self.plan.changes), kpis.exit_code(self.kpis))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What stands on no line of the plan."""
        return kpis.warnings(self.kpis)
