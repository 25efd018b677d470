"""How often the stated confidence came true, as text and JSON."""

from __future__ import annotations

from datetime import datetime

from okrsync.report.json import envelope
from okrsync.report.lines import wrap
from okrsync.report.table import Column, Row, render
from okrsync.scoring.calibration import ENOUGH, Calibration

COLUMNS = (
    Column("stated"),
    Column("check-ins", right=True),
    Column("on average", right=True),
    Column("came true", right=True),
)
NONE_YET = (
    "No period with check-ins is over yet. When one is, this shows how often what was said to be"
    " likely came true."
)
YARDSTICK = (
    "0 is perfect, 0.25 is what saying 0.5 each time gets; the pace rule would have had"
    " {pace:.3f} on the same check-ins, so {verdict}."
)
FEW = f"Fewer than {ENOUGH} check-ins: chance says more than this table."


def calibration_text(found: Calibration, *, width: int = 80) -> str:
    """The reliability table, and the Brier score beside that of the pace rule."""
    if found.brier is None or found.pace_brier is None:
        return "\n".join(wrap(NONE_YET, width))
    head = (
        f"okrsync calibrate   {_count(found.count, 'check-in')} of "
        f"{_count(found.key_results, 'key result')} in {_count(found.periods, 'closed period')}"
    )
    rows = [
        Row(
            [
                f"{band.low:.2f} to {band.high:.2f}",
                str(band.count),
                f"{band.said:.2f}",
                f"{band.came_true:.2f}",
            ]
        )
        for band in found.bands
    ]
    better = found.brier < found.pace_brier
    verdict = "the forecast was the better guide" if better else "pace was as good a guide"
    said = (
        f"Brier score {found.brier:.3f}: {YARDSTICK.format(pace=found.pace_brier, verdict=verdict)}"
    )
    parts = [head, render(COLUMNS, rows, width), "\n".join(wrap(said, width))]
    return "\n\n".join(parts if found.enough else [*parts, "\n".join(wrap(FEW, width))])


def calibration_json(found: Calibration, now: datetime) -> str:
    return envelope(
        "calibrate",
        0,
        now,
        summary={
            "check_ins": found.count,
            "key_results": found.key_results,
            "periods": found.periods,
            "brier": found.brier,
            "brier_pace": found.pace_brier,
            "enough": found.enough,
        },
        items=[
            {
                "from": band.low,
                "to": band.high,
                "check_ins": band.count,
                "stated": band.said,
                "came_true": band.came_true,
            }
            for band in found.bands
        ],
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
