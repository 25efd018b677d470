"""Small whole nouns for tests: give what matters, the rest is filled in."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, TypeVar

from okrsync.model import (
    Change,
    CheckIn,
    KeyResult,
    Kind,
    Objective,
    Period,
    Place,
    Question,
    Status,
    StoreRef,
    Verdict,
    Window,
)

QueryT = TypeVar("QueryT", bound=Hashable)

NOON: Final = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
QUARTER: Final = Period("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))
_PLACE: Final = Place("mappings/sample.toml", 1)


def a_key_result(
    id_: str = "sample.reliable.bugs",
    *,
    store: str = "store",
    title: str = "Open bugs from 42 to 10",
    unit: str = "",
    baseline: Decimal | None = Decimal(42),
    target: Decimal | None = Decimal(10),
    kind: Kind = Kind.DECREASE,
) -> KeyResult:
    return KeyResult(
        id=id_,
        objective=id_.rpartition(".")[0],
        title=title,
        kind=kind,
        period=QUARTER,
        store_ref=StoreRef(store, id_),
        place=_PLACE,
        unit=unit,
        baseline=baseline,
        target=target,
    )


def an_objective(
    id_: str = "sample.reliable", *, title: str = "Customers trust us with their data"
) -> Objective:
    return Objective(id=id_, title=title, period=QUARTER, place=_PLACE)


def a_check_in(
    ref: StoreRef,
    value: Decimal | int = 31,
    *,
    key: str | None = None,
    base: str = "",
    note: str = "",
    at: datetime = NOON,
) -> CheckIn:
    """``key`` is made of the rest unless it is given, as okrsync does."""
    return CheckIn(
        key=key or f"{ref.id}|{base}|{value}",
        key_result=ref.id,
        ref=ref,
        base=base,
        value=Decimal(value),
        unit="",
        as_of=at,
        score=Decimal("0.34"),
        confidence=0.5,
        status=Status.ON_TRACK,
        note=note,
    )


def a_post(check_in: CheckIn) -> Change:
    """The plan's line that is to write it."""
    return Change(
        key_result=check_in.key_result,
        title="Open bugs from 42 to 10",
        verdict=Verdict.POST,
        reason="the value has changed",
        place=_PLACE,
        check_in=check_in,
    )


def a_question(
    query: QueryT,
    *,
    source: str = "source",
    measure: str | None = None,
    agg: str | None = "count",
    on: str | None = None,
    as_of: datetime = NOON,
) -> Question[QueryT]:
    """A question over all records, as of now."""
    return Question(
        source=source,
        query=query,
        measure=measure,
        agg=agg,
        on=on,
        window=Window("all"),
        as_of=as_of,
    )
