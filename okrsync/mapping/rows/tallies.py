"""Aggregations that grow with what they are given: one tally for each question's rows and column.

``wants`` says what a tally is fed with: "rows" (how many), "texts" (the cells that are not empty),
"numbers" (exact, scaled: value / 10**scale), "dated" (instant, place in the file, scaled value) or
"days" (instants).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, tzinfo
from decimal import Context, Decimal

from okrsync.decimals import EXACT
from okrsync.errors import BadAnswer, NoValue, SourceError
from okrsync.mapping.cells.dates import from_microseconds
from okrsync.mapping.rows.spill import Ranking, Store, TextSet, kth_smallest

ROUNDED = Context(prec=28)  # for averages, which may have no last digit

_FED_WRONGLY = "a tally is fed in the one way that it wants"

Dated = tuple[int, int, int]


class Stores:
    """One bound for numbers and one for texts, over all tallies of a pass."""

    def __init__(self, numbers: Store, texts: Store) -> None:
        self.numbers = numbers
        self.texts = texts


class Tally:
    """``wants`` says which of the ``add_`` methods a tally is fed by; the others are refused."""

    wants = "numbers"

    def __init__(self, _: Stores) -> None:
        self.rows = 0
        self.units: set[str] = set()

    def add_rows(self, count: int) -> None:
        raise NotImplementedError(_FED_WRONGLY)

    def add_texts(self, texts: Sequence[str]) -> None:
        raise NotImplementedError(_FED_WRONGLY)

    def add_numbers(self, values: Sequence[int], scale: int) -> None:
        raise NotImplementedError(_FED_WRONGLY)

    def add_dated(self, values: Iterable[Dated], scale: int, unit: str) -> None:
        raise NotImplementedError(_FED_WRONGLY)

    def add_instants(self, instants: Iterable[int]) -> None:
        raise NotImplementedError(_FED_WRONGLY)

    def value(self, agg: str | None) -> Decimal:
        """Raises ``OutsideError`` where there is no such number."""
        raise NotImplementedError("each kind of tally has its own")

    def unit(self) -> str:
        if len(self.units) > 1:
            shown = ", ".join(repr(unit) if unit else "none" for unit in sorted(self.units))
            raise BadAnswer(
                f"the cells have different units: {shown}",
                next_step="narrow `where` to rows of one unit",
            )
        return next(iter(self.units), "")


class Rows(Tally):
    wants = "rows"

    def add_rows(self, count: int) -> None:
        self.rows += count

    def value(self, agg: str | None) -> Decimal:  # noqa: ARG002 - the shape of all tallies
        return Decimal(self.rows)


class Filled(Tally):
    """Counts the cells that are not empty."""

    wants = "texts"

    def add_texts(self, texts: Sequence[str]) -> None:
        self.rows += len(texts)

    def value(self, agg: str | None) -> Decimal:  # noqa: ARG002
        return Decimal(self.rows)


class Distinct(Tally):
    wants = "texts"

    def __init__(self, stores: Stores) -> None:
        super().__init__(stores)
        self._texts = TextSet(stores.texts)

    def add_texts(self, texts: Sequence[str]) -> None:
        self.rows += len(texts)
        self._texts.add(texts)

    def value(self, agg: str | None) -> Decimal:  # noqa: ARG002
        return Decimal(self._texts.count())


class Total(Tally):
    """Sums and averages: one whole number for each scale, so nothing is ever rounded."""

    def __init__(self, stores: Stores) -> None:
        super().__init__(stores)
        self._totals: dict[int, int] = {}

    def add_numbers(self, values: Sequence[int], scale: int) -> None:
        self.rows += len(values)
        self._totals[scale] = self._totals.get(scale, 0) + sum(values)

    def value(self, agg: str | None) -> Decimal:
        total = Decimal(0)
        for scale, part in self._totals.items():
            total = EXACT.add(total, descaled(part, scale))
        return total if agg == "sum" else ROUNDED.divide(total, Decimal(self.rows))


class Extremes(Tally):
    def __init__(self, stores: Stores) -> None:
        super().__init__(stores)
        self._low: Decimal | None = None
        self._high: Decimal | None = None

    def add_numbers(self, values: Sequence[int], scale: int) -> None:
        self.rows += len(values)
        low, high = descaled(min(values), scale), descaled(max(values), scale)
        self._low = low if self._low is None else min(low, self._low)
        self._high = high if self._high is None else max(high, self._high)

    def value(self, agg: str | None) -> Decimal:
        found = self._low if agg == "min" else self._high
        return Decimal(0) if found is None else found


class Ranked(Tally):
    """Medians and percentiles, interpolated between neighbours as PERCENTILE.INC does it."""

    def __init__(self, stores: Stores) -> None:
        super().__init__(stores)
        self._store = stores.numbers
        self._rankings: dict[int, Ranking] = {}

    def add_numbers(self, values: Sequence[int], scale: int) -> None:
        self.rows += len(values)
        if scale not in self._rankings:
            self._rankings[scale] = Ranking(self._store)
        try:
            self._rankings[scale].add(values)
        except OverflowError:
            raise BadAnswer(
                f"agg = median or a percentile needs numbers of at most {18 - scale} digits "
                "before the decimal mark",
                next_step="round the numbers, or narrow `where` to smaller ones",
            ) from None

    def value(self, agg: str | None) -> Decimal:
        percent = 50 if agg in {"median", None} else int(str(agg)[1:])
        scale = max(self._rankings)
        runs = [
            (run, 10 ** (scale - each))
            for each, ranking in self._rankings.items()
            for run in ranking.runs()
        ]
        place, rest = divmod((self.rows - 1) * percent, 100)
        low = kth_smallest(runs, place)
        high = kth_smallest(runs, place + 1) if rest else low
        return descaled(low * 100 + (high - low) * rest, scale + 2)


class Ends(Tally):
    """The first row, the last row, or the only one: by date, then by place in the file."""

    wants = "dated"

    def __init__(self, stores: Stores) -> None:
        super().__init__(stores)
        self._first: tuple[int, int, Decimal, str] | None = None
        self._last: tuple[int, int, Decimal, str] | None = None

    def add_dated(self, values: Iterable[Dated], scale: int, unit: str) -> None:
        values = list(values)
        self.rows += len(values)
        (when, row, value), (late, last_row, last_value) = min(values), max(values)
        first = last = (when, row, descaled(value, scale), unit)
        if last_row != row:
            last = (late, last_row, descaled(last_value, scale), unit)
        self._first = first if self._first is None else min(first, self._first)
        self._last = last if self._last is None else max(last, self._last)

    def value(self, agg: str | None) -> Decimal:
        found = self._first if agg == "first" else self._last
        if found is None:
            raise NoValue("no row matches")
        self.units = {found[3]}
        return found[2]


class Days(Tally):
    """The different moments with a row, to the quarter of an hour: every offset of every zone is a
    multiple of that, so which days they lie in can be told at the end, in any zone."""

    wants = "days"
    QUARTER = 900_000_000  # microseconds

    def __init__(self, stores: Stores) -> None:
        super().__init__(stores)
        self._quarters: set[int] = set()

    def add_instants(self, instants: Iterable[int]) -> None:
        quarters = [instant // self.QUARTER for instant in instants]
        self._quarters.update(quarters)
        self.rows += len(quarters)

    def days(self, zone: tzinfo) -> set[date]:
        return {from_microseconds(q * self.QUARTER, zone).date() for q in self._quarters}


_TALLIES: dict[str | None, type[Tally]] = {
    "distinct": Distinct,
    "sum": Total,
    "avg": Total,
    "min": Extremes,
    "max": Extremes,
    "median": Ranked,
    "first": Ends,
    "last": Ends,
    "days_with": Days,
    "days_without": Days,
    None: Ends,
}


def tally_for(agg: str | None, *, measured: bool) -> type[Tally]:
    """Raises ``SourceError`` for an aggregation that does not exist or lacks its column."""
    if agg == "count":
        return Filled if measured else Rows
    ranked = agg is not None and agg[:1] == "p" and agg[1:].isdigit() and 1 <= int(agg[1:]) <= 99  # noqa: PLR2004
    kind = Ranked if ranked else _TALLIES.get(agg)
    if kind is None:
        raise SourceError(f"there is no aggregation {agg!r}", next_step="count, sum, avg, p85, ...")
    if not measured and kind is not Days:
        raise SourceError(
            "a column is needed to compute with", next_step='say measure = "...", or agg = "count"'
        )
    return kind


def descaled(value: int, scale: int) -> Decimal:
    return EXACT.scaleb(Decimal(value), -scale)
