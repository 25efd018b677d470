"""What a backfill found, and which days it could not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from okrsync.model import Value
from okrsync.report import numbers
from okrsync.report.export import plain
from okrsync.report.json import envelope
from okrsync.report.lines import wrap

Values = Mapping[str, Sequence[Value]]
Gaps = Mapping[str, Sequence[tuple[date, str]]]


def backfill_text(values: Values, gaps: Gaps, *, width: int = 80) -> str:
    """One line a key result, then the days without a value and why, days of one reason together."""
    lines = []
    for id_, found in values.items():
        span = f", {_span(found)}" if found else ""
        told = f"{plain(id_)}  {len(found)} value{'' if len(found) == 1 else 's'}{span}"
        lines += wrap(told, width)
    for id_, missing in gaps.items():
        for days, why in _grouped(missing):
            lines += wrap(f"{plain(id_)}  no value {days}: {plain(why)}", width)
    if not lines:
        return "No value was found."
    return "\n".join([*lines, "Nothing was posted. To see them: okrsync history KR"])


def backfill_json(run: str, values: Values, gaps: Gaps, now: datetime, exit_code: int) -> str:
    items = [
        {"kr": id_, "as_of": one.as_of, "value": one.number, "unit": one.unit or None}
        for id_, found in values.items()
        for one in found
    ]
    diagnostics = [
        {"code": "no-value", "kr": id_, "day": day, "message": why}
        for id_, missing in gaps.items()
        for day, why in missing
    ]
    summary = {"values": len(items), "gaps": len(diagnostics)}
    return envelope(
        "backfill",
        exit_code,
        now,
        run_id=run,
        summary=summary,
        items=items,
        diagnostics=diagnostics,
    )


def _grouped(missing: Sequence[tuple[date, str]]) -> Iterator[tuple[str, str]]:
    """``on 6 days, 2026-10-05 to 2026-11-09`` and why, in the order in which reasons came up."""
    days_of: dict[str, list[date]] = {}
    for day, why in missing:
        days_of.setdefault(why, []).append(day)
    for why, days in days_of.items():
        one = len(days) == 1
        yield f"on {days[0]}" if one else f"on {len(days)} days, {days[0]} to {days[-1]}", why


def _span(found: Sequence[Value]) -> str:
    first, last = found[0], found[-1]
    return (
        f"{first.as_of:%Y-%m-%d} {numbers.amount(first.number, first.unit)}"
        f" to {last.as_of:%Y-%m-%d} {numbers.amount(last.number, last.unit)}"
    )
