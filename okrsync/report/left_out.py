"""What a run did not look at, and what to do about a period that is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from okrsync.report.export import plain
from okrsync.report.lines import advice

LABEL = 12


class LeftOut(Protocol):
    """How many key results a run did not look at, and why; ``to_close`` are the labels of periods
    that are over and not closed yet."""

    @property
    def not_due(self) -> int: ...
    @property
    def not_started(self) -> int: ...
    @property
    def closed(self) -> int: ...
    @property
    def to_close(self) -> Sequence[str]: ...


def left_out_lines(due: LeftOut | None, width: int) -> list[str]:
    """The counts, then for each period that is over what is left to do."""
    if due is None:
        return []
    counts = (
        (due.not_due, "not due"),
        (due.not_started, "not begun"),
        (due.closed, "of a period that is over"),
    )
    words = [f"{count} {why}" for count, why in counts if count]
    lines = [f"{'Left out'.ljust(LABEL)}{', '.join(words)}"] if words else []
    for period in map(plain, due.to_close):
        for step in (
            f"{period} is over. To freeze its scores: okrsync close {period}",
            f"To write the next period's mappings: okrsync carry {period}",
        ):
            lines += advice(step, width, label=" " * LABEL)
    return lines


def left_out_markdown(due: LeftOut | None) -> list[str]:
    """The same in one sentence each."""
    return [" ".join(line.split()) for line in left_out_lines(due, width=10_000)]
