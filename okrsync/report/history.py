"""Every value of a key result or a metric, as text, CSV and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from okrsync.model import FinalWord, Written
from okrsync.report import numbers, signs
from okrsync.report.export import csv_text, plain
from okrsync.report.items import final_item
from okrsync.report.json import envelope
from okrsync.report.lines import wrap
from okrsync.report.past import Past
from okrsync.report.table import Column, Row, render
from okrsync.report.words import Permission, approval_item, use_of

COLUMNS = (
    Column("as of"),
    Column("value", right=True),
    Column("rows", right=True),
    Column("origin", shrinks=True),
)
CHECK_INS = (
    Column("checked in"),
    Column("by", shrinks=True),
    Column("value", right=True),
    Column("confidence", right=True),
    Column("status", shrinks=True),
)
APPROVALS = (
    Column("approved"),
    Column("by", shrinks=True),
    Column("value", right=True),
)
HEADER = ("key_result", "as_of", "value", "unit", "origin", "rows", "approximate")


def history_text(
    readings: Sequence[Past],
    zone: tzinfo,
    written: Sequence[Written] = (),
    *,
    approvals: Sequence[Permission] = (),
    finals: Sequence[FinalWord] = (),
    width: int = 80,
) -> str:
    """The values as a table, oldest first; then who checked in what, and why; who let which held
    value through; then what each closed period was frozen at."""
    if not readings and not written and not approvals and not finals:
        return "No value yet. To measure: okrsync sync"
    blocks = [_values(readings, zone, width)] if readings else []
    blocks += [_check_ins(written, zone, width)] if written else []
    blocks += [_approvals(approvals, zone, width)] if approvals else []
    frozen = [line for one in finals for line in wrap(plain(_final(one, zone)), width)]
    return "\n\n".join([*blocks, *(["\n".join(frozen)] if frozen else [])])


def _check_ins(written: Sequence[Written], zone: tzinfo, width: int) -> str:
    rows = [
        Row(
            [
                numbers.moment(one.at, zone),
                plain(one.by),
                numbers.NOTHING if one.number is None else numbers.amount(one.number, one.unit),
                numbers.NOTHING if one.confidence is None else f"{one.confidence:.2f}",
                plain(one.status.replace("_", " ")) or numbers.NOTHING,
            ],
            beneath=wrap(f"{plain(' '.join(one.why.split()))} (run {one.run})", width, "    "),
        )
        for one in written
    ]
    return render(CHECK_INS, rows, width)


def _approvals(approvals: Sequence[Permission], zone: tzinfo, width: int) -> str:
    rows = [
        Row(
            [
                numbers.moment(one.at, zone),
                plain(one.by),
                numbers.amount(one.number, one.unit),
            ],
            beneath=wrap(f"{plain(one.reason)} ({use_of(one)})", width, "    "),
        )
        for one in approvals
    ]
    return render(APPROVALS, rows, width)


def _values(readings: Sequence[Past], zone: tzinfo, width: int) -> str:
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


def _final(one: FinalWord, zone: tzinfo) -> str:
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
    key_result: str,
    readings: Sequence[Past],
    now: datetime,
    written: Sequence[Written] = (),
    *,
    approvals: Sequence[Permission] = (),
    finals: Sequence[FinalWord] = (),
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
    summary = {
        "values": len(items),
        "check_ins": [_check_in(one) for one in written],
        "approvals": [approval_item(one) for one in approvals],
        "frozen": [final_item(one) for one in finals],
    }
    return envelope("history", 0, now, summary=summary, items=items)


def _check_in(one: Written) -> dict[str, object]:
    return {
        "at": one.at,
        "by": one.by,
        "value": one.number,
        "unit": one.unit or None,
        "store": one.store,
        "run_id": one.run,
        "note": one.why or None,
        "confidence": one.confidence,
        "status": one.status or None,
    }
