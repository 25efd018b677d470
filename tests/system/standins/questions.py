"""The forty questions, and their answers worked out in plain Python.

A question is a condition over the columns (all of ``where`` must hold; "" is an empty cell), what
is made of the deals that meet it, and the date and window that count. Each system writes it in its
own words.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import product

from okrsync.model import Window
from tests.system.standins.many_deals import NOBODYS_STAGE, QUARTER, STOCKHOLM, Deal

Answer = Decimal | None
"""None: there is no value."""

ALL = Window("all")
THIS_QUARTER = Window("period", *QUARTER)
THIRD_QUARTER = Window("last_quarter", datetime(2026, 7, 1, tzinfo=STOCKHOLM), QUARTER[0])


@dataclass(frozen=True)
class DealQuestion:
    """``where`` holds (column, text) pairs; a column with "!" behind it must differ."""

    name: str
    where: tuple[tuple[str, str], ...] = ()
    measure: str | None = None
    agg: str = "count"
    on: str | None = None
    window: Window = ALL

    def expected(self, deals: Iterable[Deal]) -> Answer:
        met = [deal for deal in deals if self._meets(deal)]
        if self.measure is None:
            return Decimal(len(met))
        texts = [deal[self.measure] for deal in met if deal[self.measure]]
        if self.agg == "distinct":
            return Decimal(len(set(texts)))
        return _AGGREGATES[self.agg](sorted(map(Decimal, texts))) if texts else None

    def _meets(self, deal: Deal) -> bool:
        for column, text in self.where:
            if (deal[column.rstrip("!")] == text) == column.endswith("!"):
                return False
        if self.on is None or self.window.start is None or self.window.end is None:
            return True
        when = deal[self.on]
        return bool(when) and self.window.start <= datetime.fromisoformat(when) < self.window.end


def _percentile(percent: int) -> Callable[[Sequence[Decimal]], Decimal]:
    def value(numbers: Sequence[Decimal]) -> Decimal:
        place, rest = divmod((len(numbers) - 1) * percent, 100)
        if not rest:
            return numbers[place]
        return numbers[place] + (numbers[place + 1] - numbers[place]) * rest / 100

    return value


_AGGREGATES: dict[str, Callable[[Sequence[Decimal]], Decimal]] = {
    "count": lambda numbers: Decimal(len(numbers)),
    "sum": lambda numbers: sum(numbers, Decimal(0)),
    "avg": lambda numbers: sum(numbers, Decimal(0)) / len(numbers),
    "min": min,
    "max": max,
    "median": statistics.median,
    "p85": _percentile(85),
}

_LIVE = ("archived", "false")
_WON, _LOST, _OPEN = ("status", "won"), ("status", "lost"), ("status", "open")


def _questions() -> Iterable[DealQuestion]:
    for status, currency in product((_WON, _LOST, _OPEN), ("SEK", "EUR", "USD")):
        where = (_LIVE, status, ("currency", currency))
        yield DealQuestion(f"sum of {status[1]} in {currency}", where, "amount", "sum")
    for window, status in product((THIS_QUARTER, THIRD_QUARTER), (_WON, _LOST)):
        for measure, agg in ((None, "count"), ("amount", "sum")):
            where = (_LIVE, status, ("currency", "SEK"))
            name = f"{agg} of {status[1]}, {window.label}"
            yield DealQuestion(name, where, measure, agg, "closed", window)
    for window in (THIS_QUARTER, THIRD_QUARTER):
        yield DealQuestion(f"created, {window.label}", (_LIVE,), on="created", window=window)
    for agg in ("avg", "median", "min", "max", "p85"):
        where = (_LIVE, _WON, ("currency", "SEK"))
        yield DealQuestion(f"{agg} of won", where, "amount", agg, "closed", THIS_QUARTER)
    for stage in ("qualified", "proposal", "negotiation", "contract", ""):
        yield DealQuestion(f"open in {stage or 'no stage'}", (_LIVE, _OPEN, ("stage", stage)))
    for pipeline in ("new business", "renewals"):
        parts = (_LIVE, _OPEN, ("pipeline", pipeline), ("currency", "EUR"))
        yield DealQuestion(f"pipeline of {pipeline}", parts, "amount", "sum")
    yield DealQuestion("all of them")
    yield DealQuestion("archived", (("archived", "true"),))
    yield DealQuestion("archived and won", (("archived", "true"), _WON), "amount", "count")
    yield DealQuestion("not archived", (("archived!", "true"),))
    yield DealQuestion("with an amount", (_LIVE,), "amount", "count")
    yield DealQuestion("owners", (_LIVE,), "owner", "distinct")
    yield DealQuestion("without an owner", (_LIVE, ("owner", "")))
    yield DealQuestion("nobody has this stage", (("stage", NOBODYS_STAGE),))
    yield DealQuestion("sum of nothing", (("stage", NOBODYS_STAGE),), "amount", "sum")


FORTY: tuple[DealQuestion, ...] = tuple(_questions())
