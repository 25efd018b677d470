"""Counts and sums out of Pipedrive's own totals. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal

from okrsync.errors import BadAnswer, NoValue, SourceError
from okrsync_pipedrive.client import entries, mapping, number, whole

Measure = Literal["value", "weighted_value"]
_VALUES: Final[Mapping[Measure, str]] = {
    "value": "values_total",
    "weighted_value": "weighted_values_total",
}
_CONVERTED: Final[Mapping[Measure, str]] = {
    "value": "total_currency_converted_value",
    "weighted_value": "total_weighted_currency_converted_value",
}
_AGAIN: Final = "run again later: okrsync sync"


@dataclass(slots=True)
class Totals:
    """How many deals, and what they come to in each currency; ``counts`` by currency are there
    only where Pipedrive tells them. ``converted`` is the sum in the user's default currency, None
    where Pipedrive left out a part of it."""

    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    converted: Decimal | None = Decimal(0)

    def add(self, other: Totals) -> None:
        self.count += other.count
        for code, amount in other.amounts.items():
            self.amounts[code] = self.amounts.get(code, Decimal(0)) + amount
        for code, count in other.counts.items():
            self.counts[code] = self.counts.get(code, 0) + count
        if self.converted is None or other.converted is None:
            self.converted = None
        else:
            self.converted += other.converted


def of_summary(data: Any, measure: Measure) -> Totals:
    """A summary's totals. Raises BadAnswer where its parts do not add up to its whole."""
    found = mapping(data, "summary")
    count = whole(found.get("total_count"), "total_count")
    totals = Totals(count)
    for code, entry in _by_currency(found, "values_total").items():
        totals.counts[code] = whole(mapping(entry, code).get("count"), "count")
    for code, entry in _by_currency(found, _VALUES[measure]).items():
        totals.amounts[code] = number(mapping(entry, code).get("value"), "value")
    counted = sum(totals.counts.values())
    if counted != count:
        raise BadAnswer(
            f"Pipedrive says {count} deals and {counted} in all currencies together",
            next_step=_AGAIN,
        )
    totals.converted = _converted(found, _CONVERTED[measure], count)
    return totals


def _converted(totals: Mapping[str, Any], key: str, count: int) -> Decimal | None:
    value = totals.get(key)
    if value is None:
        return None if count else Decimal(0)
    return number(value, key)


def _by_currency(summary: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    values = summary.get(key)
    return {} if values == [] else mapping(values, key)  # without deals it is an empty list


def of_timeline(data: Any, starts: Iterable[str], status: str, measure: Measure) -> Totals:
    """The totals of consecutive spans, which must begin on the days that were asked for."""
    spans = [data] if isinstance(data, dict) else entries(data, "timeline")
    days = list(starts)
    begun = [str(span.get("period_start", ""))[:10] for span in spans]
    if begun != days:
        raise BadAnswer(
            "Pipedrive's timeline has other spans than were asked for", next_step=_AGAIN
        )
    totals = Totals()
    for span in spans:
        totals.add(_of_span(span, status, measure))
    return totals


def _of_span(span: Mapping[str, Any], status: str, measure: Measure) -> Totals:
    if measure == "weighted_value" and status != "open":
        raise SourceError(
            "only open deals have a weighted value in Pipedrive's timeline",
            next_step='say status = "open", or leave `on` and `window` out',
        )
    totals = mapping(span.get("totals"), "totals")
    count = whole(totals.get(f"{status}_count"), f"{status}_count")
    one = f"{status}_value" if measure == "value" else f"weighted_{status}_value"
    key = f"{one}s"
    values = totals.get(key)
    # without deals it is an empty list, or left out
    by_currency = {} if values in (None, []) else mapping(values, key)
    amounts = {code: number(value, key) for code, value in by_currency.items()}
    # there only where it was asked for, and without deals an empty list
    together = span.get("totals_converted") or {}
    converted = _converted(mapping(together, "totals_converted"), one, count)
    return Totals(count, amounts, converted=converted)


def counted(totals: Totals, currency: str | None) -> int:
    if currency is None:
        return totals.count
    if totals.count and not totals.counts:
        raise SourceError(
            "Pipedrive does not tell how many deals are in one currency by date",
            next_step="add rows = true to look at each deal",
        )
    return totals.counts.get(currency, 0)


def summed(totals: Totals, currency: str | None) -> tuple[Decimal, str]:
    """The sum and its currency. Raises NoValue over no deals, BadAnswer over several currencies."""
    if currency is not None and currency in totals.amounts:
        return totals.amounts[currency], currency
    if not totals.count or currency is not None:
        raise NoValue("no deal matches", next_step="look whether the deals are there yet")
    if len(totals.amounts) != 1:
        codes = ", ".join(sorted(totals.amounts)) or "none"
        raise BadAnswer(
            f"the deals are in different currencies: {codes}",
            next_step='say currency = "EUR" for one of them, or convert = true',
        )
    [(code, amount)] = totals.amounts.items()
    return amount, code


def converted(totals: Totals) -> Decimal:
    if not totals.count:
        raise NoValue("no deal matches", next_step="look whether the deals are there yet")
    if totals.converted is None:
        raise BadAnswer("Pipedrive's answer holds no converted sum", next_step=_AGAIN)
    return totals.converted
