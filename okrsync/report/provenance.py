"""Where a number came from, in one line."""

from __future__ import annotations

from datetime import datetime, tzinfo

from okrsync.model import Value
from okrsync.report.numbers import moment


def origin(value: Value) -> str:
    """``jira``, ``github + jira``, or who said it."""
    sources = dict.fromkeys(operand.measurement.evidence.source for operand in value.operands)
    if sources:
        return " + ".join(sources)
    return value.remark or value.origin


def from_where(value: Value, zone: tzinfo) -> str:
    """``from jira, 19 rows, as of 2026-11-22 06:00 CET``."""
    words = [f"from {origin(value)}" if value.operands else origin(value)]
    if value.operands:
        rows = sum(operand.measurement.rows for operand in value.operands)
        words.append(f"{rows} row{'' if rows == 1 else 's'}")
    if value.approximate:
        words.append("approximate")
    words.append(f"as of {moment(value.as_of, zone)}")
    if value.remark and value.operands:
        words.append(value.remark)
    return ", ".join(words)


def read_at(value: Value) -> datetime | None:
    """When the oldest of its measurements was read; None for a person's word."""
    return min((operand.measurement.evidence.read_at for operand in value.operands), default=None)
