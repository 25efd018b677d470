"""The time of day comes from the run's clock, never from the machine's."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READINGS = {"now", "utcnow", "today"}


def _reads_the_machine(node: ast.AST) -> bool:
    """``datetime.now(...)``, ``date.today()``: named on the class, not on a clock of ours."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr in READINGS
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date"}
    )


def test_only_the_clock_asks_the_machine_for_the_time() -> None:
    modules = [*ROOT.glob("okrsync/**/*.py"), *ROOT.glob("connectors/*/**/*.py")]
    asking = [
        str(module.relative_to(ROOT))
        for module in modules
        if any(map(_reads_the_machine, ast.walk(ast.parse(module.read_text("utf-8")))))
    ]
    assert asking == ["okrsync/clock.py"]
