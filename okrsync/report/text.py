"""Everything that a terminal shows, in one place for the commands."""

from __future__ import annotations

from collections.abc import Sequence

from okrsync.lint.finding import Finding
from okrsync.report.explain import explain_text
from okrsync.report.export import plain
from okrsync.report.lines import advice, wrap
from okrsync.report.plan import plan_text
from okrsync.report.status import status_text
from okrsync.report.summary import summary_text
from okrsync.report.tree import report_text

__all__ = [
    "explain_text",
    "lint_text",
    "plan_text",
    "report_text",
    "status_text",
    "summary_text",
]


def lint_text(findings: Sequence[Finding], *, width: int = 80) -> str:
    """Each finding at its line, with what to do about it."""
    if not findings:
        return "Nothing to say about these OKRs."
    lines = [line for one in findings for line in _finding(one, width)]
    count = f"{len(findings)} finding{'' if len(findings) == 1 else 's'}. This is advice."
    return "\n".join([*lines, count])


def _finding(finding: Finding, width: int) -> list[str]:
    said = f"{finding.place}: {finding.code}: {plain(finding.message)}"
    return [*wrap(said, width), *advice(plain(finding.cure), width, "    ")]
