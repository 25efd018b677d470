"""Every value of a key result or a metric, as text, CSV and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from okrsync.report import numbers
from okrsync.report.export import csv_text, plain
from okrsync.report.json import envelope
from okrsync.report.past import Past
from okrsync.report.table import Column, Row, render

COLUMNS = (
    Column("as of"),
    Column("value", right=True),
    Column("rows", right=True),
    Column("origin", shrinks=True),
)
HEADER = ("key_result", "as_of", "value", "unit", "origin", "rows", "approximate")


def history_text(readings: Sequence[Past], zone: tzinfo, *, width: int = 80) -> str:
    """A table, oldest first."""
    if not readings:
        return "No value yet. To measure: okrsync sync"
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
    return render(COLUMNS, rows, width)


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


def history_json(key_result: str, readings: Sequence[Past], now: datetime) -> str:
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
    return envelope("history", 0, now, summary={"values": len(items)}, items=items)
