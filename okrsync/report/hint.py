"""Where to look first when a value jumped: the operand that moved most since the value before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from decimal import Decimal

from okrsync.model import Operand, Outcome
from okrsync.report.numbers import amount, moment
from okrsync.report.past import Past

WORTH_TELLING = Decimal("0.25")


def hint_for(outcome: Outcome, history: Sequence[Past], zone: tzinfo) -> str:
    """``bugs-open went from 61 to 14 ...``; "" when no operand moved by a quarter or more."""
    before = newest_before(outcome, history)
    if before is None or outcome.value is None:
        return ""
    earlier = {operand.name: operand for operand in before.value().operands}
    moved = [
        (_move(earlier[operand.name], operand), operand)
        for operand in outcome.value.operands
        if operand.name in earlier
    ]
    share, most = max(moved, key=lambda one: one[0], default=(Decimal(0), None))
    if most is None or share < WORTH_TELLING:
        return ""
    return (
        f"{most.name} went from {_shown(earlier[most.name])} to {_shown(most)} since"
        f" {moment(before.as_of, zone)}; was something renamed, moved or filtered there?"
    )


def newest_before(outcome: Outcome | None, history: Sequence[Past]) -> Past | None:
    """The last number of the history that describes an earlier instant than the last word."""
    if not history:
        return None
    newest = max(past.as_of for past in history)
    limit = outcome.value.as_of if outcome and outcome.value else newest
    earlier = [past for past in history if past.as_of < limit]
    return max(earlier, key=lambda past: past.as_of, default=None)


def _move(before: Operand, after: Operand) -> Decimal:
    """The change as a share of the larger of both, 0-1 (up to 2 where the sign turned)."""
    old, new = before.measurement.value, after.measurement.value
    largest = max(abs(old), abs(new))
    return abs(new - old) / largest if largest else Decimal(0)


def _shown(operand: Operand) -> str:
    return amount(operand.measurement.value, operand.measurement.unit)
