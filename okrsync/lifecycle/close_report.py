"""What a close froze, or why it did not: as text and in the JSON envelope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from okrsync.config.config import Config
from okrsync.lifecycle.closing import Closed, Refused
from okrsync.model import FinalWord, Verdict
from okrsync.report import numbers, signs
from okrsync.report.export import plain
from okrsync.report.items import final_item
from okrsync.report.json import envelope
from okrsync.report.lines import cut, wrap
from okrsync.report.table import Column, Row, render

REFUSED = 3
_INDENT = "     "
_COLUMNS = (
    Column(""),
    Column("key result", names=True),
    Column("value", right=True, shrinks=True),
    Column("target", right=True, shrinks=True),
    Column("score", right=True),
    Column("ended"),
    Column("confidence", right=True),
    Column("by", shrinks=True),
)


def closed_text(closed: Closed, config: Config, *, width: int = 80) -> str:
    """One line a key result; beneath it what was wrong, where it was frozen anyway."""
    head = f"okrsync close   {closed.closed.period.label}"
    early = ", before its end" if closed.closed.early else ""
    frozen = f"frozen {numbers.moment(closed.closed.at, config.timezone)} by {closed.closed.by}"
    count = f"{len(closed.finals)} key result{'' if len(closed.finals) == 1 else 's'}"
    said = f"{count} {frozen}{early}."
    if closed.already:
        said = f"It is closed already: {count} {frozen}{early}. Nothing was changed."
    rows = list(_rows(closed.finals, width))
    return "\n\n".join([head, render(_COLUMNS, rows, width), "\n".join(wrap(plain(said), width))])


def refused_text(refused: Refused, *, width: int = 80) -> str:
    """Each key result in the way, and the command that freezes it as it is."""
    label = refused.period.label
    lines = [f"okrsync close   {label}", ""]
    for id_, trouble in refused.troubles.items():
        lines += wrap(f"{trouble.kind.ljust(7)}  {plain(id_)}: {plain(trouble.reason)}", width)
        lines.append(f"         look: okrsync explain {plain(id_)}")
    anyway = " ".join(f"--anyway {plain(id_)}" for id_ in refused.troubles)
    lines += ["", "Nothing was frozen. To freeze these as they are:"]
    return "\n".join([*lines, f"  okrsync close {label} {anyway}"])


def closed_json(closed: Closed, config: Config, now: datetime) -> str:
    about = closed.closed
    summary = {
        "period": about.period.label,
        "frozen_at": about.at.astimezone(config.timezone),
        "by": about.by,
        "early": about.early,
        "already": closed.already,
        "frozen": len(closed.finals),
    }
    items = [final_item(one) for one in closed.finals]
    return envelope("close", 0, now.astimezone(config.timezone), summary=summary, items=items)


def refused_json(refused: Refused, now: datetime) -> str:
    label = refused.period.label
    diagnostics = [
        {
            "code": trouble.kind,
            "kr": id_,
            "message": trouble.reason,
            "next": f"okrsync close {label} --anyway {id_}",
        }
        for id_, trouble in refused.troubles.items()
    ]
    summary = {"period": label, "frozen": 0}
    return envelope("close", REFUSED, now, summary=summary, diagnostics=diagnostics)


def _rows(finals: Sequence[FinalWord], width: int) -> Iterator[Row]:
    """Key results by the names within their objectives, which stand above them."""
    objective = ""
    for one in sorted(finals, key=lambda one: one.key_result.objective):
        if one.key_result.objective != objective:
            objective = one.key_result.objective
            yield Row([""] * len(_COLUMNS), beneath=[cut(plain(objective), width)])
        yield _row(one, width)


def _row(one: FinalWord, width: int) -> Row:
    return Row(_cells(one), beneath=list(_beneath(one, width)) if _unwell(one) else ())


def _unwell(one: FinalWord) -> bool:
    return one.outcome.verdict in {Verdict.HELD, Verdict.FAILED}


def _cells(one: FinalWord) -> list[str]:
    key_result, outcome, closed = one.key_result, one.outcome, one.outcome.closed
    score = outcome.score
    number = None if outcome.value is None else outcome.value.number
    status = None if score is None else score.status
    sign = signs.VERDICT_SIGNS[outcome.verdict] if _unwell(one) or not status else ""
    return [
        sign or signs.SIGNS[status] if status else sign,
        plain(key_result.id.removeprefix(f"{key_result.objective}.")),
        numbers.value(key_result, number),
        numbers.target(key_result),
        numbers.score(None if score is None else score.score),
        outcome.verdict.value if _unwell(one) or not status else signs.WORDS[status],
        numbers.probability(None if closed is None else closed.believed),
        plain(closed.author) if closed and closed.author else numbers.NOTHING,
    ]


def _beneath(one: FinalWord, width: int) -> Iterator[str]:
    yield from wrap(plain(one.outcome.reason), width, _INDENT)
