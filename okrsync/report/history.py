"""Every value of a key result or a metric, as text, CSV and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from okrsync.model import Final
from okrsync.report import numbers, signs
from okrsync.report.export import csv_text, plain
from okrsync.report.items import final_item
from okrsync.report.json import envelope
from okrsync.report.past import Past
from okrsync.report.table import Column, Row, render, wrap

COLUMNS = (
    Column("as of"),
    Column("value", right=True),
    Column("rows", right=True),
    Column("origin", shrinks=True),
)
HEADER = ("key_result", "as_of", "value", "unit", "origin", "rows", "approximate")


def history_text(
    readings: Sequence[Past], zone: tzinfo, *, finals: Sequence[Final] = (), width: int = 80
) -> str:
    """A table, oldest first; then what each closed period was frozen at."""
    frozen = [line for one in finals for line in wrap(plain(_final(one, zone)), width)]
    if not readings:
        return "\n".join(frozen) or "No value yet. To measure: okrsync sync"
    rows = [
        Row(
            [
                numbers.moment(one.as_of, zone),
                ("about " if one.approximate else "") + numbers.amount(one.number, one.unit),
                str(one.rows) if one.rows else numbers.NOTHING,
                plain(one.origin),
            ]
        )
        for one in readings
    ]
    return "\n".join([render(COLUMNS, rows, width), *([""] if frozen else []), *frozen])


def _final(one: Final, zone: tzinfo) -> str:
    """``2026-Q4 closed at 31, score 0.34, missed; frozen 2027-01-08 09:00 CET by ops``."""
    outcome, closed = one.outcome, one.outcome.closed
    number = None if outcome.value is None else outcome.value.number
    words = f"{one.key_result.period.label} closed at {numbers.value(one.key_result, number)}"
    if outcome.score is not None:
        status = signs.WORDS[outcome.score.status]
        words += f", score {numbers.score(outcome.score.score)}, {status}"
    if closed is None:
        return words
    return f"{words}; frozen {numbers.moment(closed.at, zone)} by {closed.by}"


def history_csv(readings: Sequence[Past]) -> str:
    """Exact numbers; no cell can be read as a formula."""
    rows = (
        (
            one.subject,
            one.as_of.isoformat(),
            one.number,
            one.unit,
            one.origin,
            one.rows,
            "yes" if one.approximate else "no",
        )
        for one in readings
    )
    return csv_text(HEADER, rows)


def history_json(
    key_result: str, readings: Sequence[Past], now: datetime, *, finals: Sequence[Final] = ()
) -> str:
    items = [
        {
            "kr": key_result,
            "as_of": one.as_of,
            "value": one.number,
            "unit": one.unit or None,
            "origin": one.origin,
            "rows": one.rows,
            "approximate": one.approximate,
        }
        for one in readings
    ]
    frozen = [final_item(one) for one in finals]
    summary = {"values": len(items), "frozen": frozen}
    return envelope("history", 0, now, summary=summary, items=items)
