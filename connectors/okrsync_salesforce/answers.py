"""From Salesforce's answers to numbers; everything that is not plainly one is an error."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Context, Decimal
from typing import Any, Final

from okrsync.contracts import RowAnswer
from okrsync.errors import BadAnswer, NoValue, SourceError
from okrsync_salesforce.asked import FILLED, ROWS_BEHIND, VALUE, Aggregated, One, Size

AVERAGES: Final = Context(prec=28)  # as okrsync's own averages over rows
_ABOUT_THE_RECORD = "attributes"


def size(body: Any, asked: Size) -> RowAnswer:
    """Raises ``BadAnswer``."""
    count = size_of(body)
    return RowAnswer(Decimal(count), "", count, notes=asked.notes)


def aggregated(body: Any, asked: Aggregated) -> RowAnswer:
    """Raises ``NoValue`` for a null, which is Salesforce's sum of nothing."""
    [record] = _records(body, exactly=1)
    rows, filled = _whole(record, ROWS_BEHIND), _whole(record, FILLED)
    if filled > rows:
        raise _not_trusted("counts more values than records")
    if not filled and not asked.zero_is_true:
        raise _nothing(asked.measure, rows)
    value = _number(record.get(VALUE), asked.measure)
    if asked.average:
        value = AVERAGES.divide(value, Decimal(filled))
    skipped = f"left out {rows - filled} records with an empty {asked.measure}"
    notes = (*asked.notes, skipped) if rows > filled else asked.notes
    return RowAnswer(value, asked.unit, filled, notes=notes)


def one(body: Any, asked: One) -> RowAnswer:
    """Raises ``BadAnswer`` for two records, ``NoValue`` for none and for an empty field."""
    count = size_of(body)
    if count > 1:
        raise BadAnswer(
            f"{'2 or more' if asked.soql.endswith(' LIMIT 2') else count} records match, and "
            "exactly one was expected",
            next_step='narrow the query, or say how to join them: agg = "sum", agg = "last", ...',
        )
    if not count:
        raise NoValue(
            "no record matches",
            next_step="look whether the records are there yet, or widen the query",
        )
    [record] = _records(body, exactly=1)
    value = _only_number(record, asked.measure)
    return RowAnswer(value, asked.unit, 1, notes=asked.notes)


def size_of(body: Any) -> int:
    """How many records match: ``totalSize`` of a whole answer."""
    count = body.get("totalSize") if isinstance(body, dict) else None
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise _not_trusted("does not say how many records match")
    return count


def flat(record: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Columns of a record, those of related records by their path: Owner.Name."""
    if not isinstance(record, dict):
        raise _not_trusted("holds a record that is not one")
    for name, value in record.items():
        if name == _ABOUT_THE_RECORD:
            continue
        if isinstance(value, dict) and "records" in value:
            continue  # a query inside the query: rows of its own
        if isinstance(value, dict):
            yield from flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _only_number(record: dict[str, Any], measure: str | None) -> Decimal:
    columns = dict(flat(record))
    if measure is None:
        if len(columns) != 1:
            raise SourceError(
                f"the query answers with {len(columns)} columns",
                next_step='say which one is meant: measure = "..."',
            )
        return _number(next(iter(columns.values())), "the only column")
    named = {name.lower(): value for name, value in columns.items()}
    if measure.lower() not in named:
        raise SourceError(
            f"the query does not answer with a column {measure}",
            next_step="add it to SELECT, or say the name that SELECT gives it",
        )
    return _number(named[measure.lower()], measure)


def _records(body: Any, *, exactly: int) -> list[dict[str, Any]]:
    records = body.get("records") if isinstance(body, dict) else None
    if not isinstance(records, list) or body.get("done") is not True:
        raise _not_trusted("is not whole")
    if len(records) != exactly or not all(isinstance(record, dict) for record in records):
        raise _not_trusted(f"holds {len(records)} records where {exactly} was expected")
    return records


def _whole(record: dict[str, Any], column: str) -> int:
    value = record.get(column)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _not_trusted("has no count where one was asked for")
    return value


def _number(value: object, column: str) -> Decimal:
    if value is None:
        raise NoValue(
            f"{column} is empty (null)", next_step="look whether the field is filled in Salesforce"
        )
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    raise BadAnswer(
        f"{column} is not a number", next_step="measure a field of type number, currency or percent"
    )


def _nothing(measure: str, rows: int) -> NoValue:
    if rows:
        return NoValue(
            f"all {rows} records that match have an empty {measure}",
            next_step="look whether the field is filled in Salesforce",
        )
    return NoValue(
        "no record matches",
        next_step="look whether the records are there yet, or widen `where` or `window`",
    )


def _not_trusted(what: str) -> BadAnswer:
    return BadAnswer(f"Salesforce's answer {what}", next_step="run again: okrsync sync")
