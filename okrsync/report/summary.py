"""What a run did, in a few lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from okrsync.config.config import Config
from okrsync.model import Change, RunReport, Verdict
from okrsync.report import numbers, signs
from okrsync.report.export import plain
from okrsync.report.left_out import LABEL, LeftOut, left_out_lines
from okrsync.report.lines import wrap
from okrsync.report.plan import trouble_lines, warning_lines


def summary_text(
    report: RunReport,
    config: Config,
    *,
    due: LeftOut | None = None,
    width: int = 80,
    colour: bool = False,
) -> str:
    """Checked in, unchanged, held, failed; then each trouble with the command to type."""
    changes = report.plan.changes
    lines = [
        *_block("Checked in", _with_values(posted(report), config), width),
        *_block("Unchanged", _names(changes, Verdict.UNCHANGED), width),
        *_block("Held", _names(changes, Verdict.HELD), width),
        *_block("Failed", _names(changes, Verdict.FAILED), width),
        *_settled(report),
        *left_out_lines(due, width),
    ]
    trouble = trouble_lines(changes, width)
    warnings = warning_lines(report.warnings, width)
    end = signs.heading(colour=colour)(f"Run {report.run}  exit {report.exit_code}")
    done = lines or ["No key result is due."]
    blocks = [done, trouble, warnings, [end]]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def posted(report: RunReport) -> list[Change]:
    """The changes that the store has a receipt for."""
    written = {receipt.key for receipt in report.receipts}
    return [
        one
        for one in report.plan.changes
        if one.check_in is not None and one.check_in.key in written
    ]


def _with_values(changes: Sequence[Change], config: Config) -> list[str]:
    shown = []
    for change in changes:
        rule = config.rules.get(change.key_result)
        number = change.value.number if change.value else None
        unit = change.value.unit if change.value else ""
        value = numbers.value(rule.key_result if rule else None, number, unit)
        shown.append(f"{plain(change.key_result)} {value}")
    return shown


def _names(changes: Iterable[Change], verdict: Verdict) -> list[str]:
    return [plain(change.key_result) for change in changes if change.verdict is verdict]


def _block(label: str, items: Sequence[str], width: int) -> list[str]:
    if not items:
        return []
    wrapped = wrap(", ".join(items), width, " " * LABEL)
    return [f"{label.ljust(LABEL)}{wrapped[0].lstrip()}", *wrapped[1:]]


def _settled(report: RunReport) -> list[str]:
    count = len(report.settled)
    if not count:
        return []
    return [f"{'Settled'.ljust(LABEL)}{count} check-in{'' if count == 1 else 's'} of earlier runs"]
