"""Records read page by page to the end, as rows for okrsync's own aggregation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from okrsync.contracts import RowBatch
from okrsync.errors import BadAnswer, SourceError
from okrsync_salesforce.answers import flat, size_of
from okrsync_salesforce.asked import Column, Records
from okrsync_salesforce.calls import Body, Calls
from okrsync_salesforce.durations import Timing

Reader = Callable[[Mapping[str, Any]], str]
"""One cell of a record."""


def table(
    calls: Calls, asked: Records, most: int, timing: Timing
) -> tuple[list[str], Iterator[RowBatch]]:
    """Header and rows. The rows raise ``BadAnswer`` where a page is missing or comes twice."""
    pages = _pages(calls, asked.soql, most)
    if asked.columns is not None:
        readers = [_reader(column, timing) for column in asked.columns]
        return [column.name for column in asked.columns], _batches(pages, readers)
    # A query of the mapping's own: of its columns only these are looked at.
    wanted = list(dict.fromkeys(name for name in (asked.row.measure, asked.row.on) if name))
    return wanted, _batches(pages, [partial(_cell, path=name) for name in wanted])


def _pages(calls: Calls, soql: str, most: int) -> Iterator[list[Any]]:
    body = calls.query(soql)
    total = size_of(body)
    if total > most:
        raise SourceError(
            f"{total:,} records match, and okrsync reads at most {most:,} of them",
            next_step="narrow where, raise max_rows, or measure what Salesforce can add by itself",
        )
    seen: set[str] = set()
    read = 0
    while True:
        records, following = _page(body, total)
        read += len(records)
        yield records
        if following is None:
            break
        if following in seen or not records or read > total:
            raise _lost("answers with the same page again")
        seen.add(following)
        body = calls.next_page(following)
    if read != total:
        raise _lost(f"counts {total:,} records and gave {read:,}")


def _page(body: Body, total: int) -> tuple[list[Any], str | None]:
    """The records, and the address of the next page; None at the end."""
    records = body.get("records") if isinstance(body, dict) else None
    if not isinstance(records, list) or size_of(body) != total:
        raise _lost("changed between two pages")
    done, following = body.get("done"), body.get("nextRecordsUrl")
    if done is True and following is None:
        return records, None
    if done is False and isinstance(following, str):
        return records, following
    raise _lost("does not say whether more is to come")


def _batches(pages: Iterator[list[Any]], columns: Sequence[Reader]) -> Iterator[RowBatch]:
    at, ids = 1, set[str]()
    for records in pages:
        rows = [_row(record, columns) for record in records]
        _check_ids(records, ids)
        yield RowBatch(rows, range(at, at + len(rows)))
        at += len(rows)


def _check_ids(records: list[Any], ids: set[str]) -> None:
    found = [record["Id"] for record in records if isinstance(record.get("Id"), str)]
    before = len(ids)
    ids.update(found)
    if len(ids) - before != len(found):
        raise _lost("holds a record twice")


def _row(record: Any, columns: Sequence[Reader]) -> list[str]:
    # Salesforce does not care for capitals in names, and mappings need not.
    cells = {name.lower(): value for name, value in flat(record)}
    return [read(cells) for read in columns]


def _reader(column: Column, timing: Timing) -> Reader:
    span = column.span
    if span is None:
        return partial(_cell, path=column.field.path)
    return lambda cells: timing.seconds(
        span, _cell(cells, path=span.start.path), _cell(cells, path=span.end.path)
    )


def _cell(cells: Mapping[str, Any], *, path: str) -> str:
    name = path.lower()
    while name not in cells:
        # Behind an empty relation there is no record: Account is null, and so is Account.Name.
        name = name.rpartition(".")[0]
        if not name or (name in cells and cells[name] is not None):
            raise BadAnswer(
                f"a record came without {path}",
                next_step="add it to SELECT, or check the user's right to read it",
            )
    return _text(cells[name], path)


def _text(value: object, path: str) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return format(value, "f") if isinstance(value, Decimal) else str(value)
        case str():
            return value
        case _:
            raise BadAnswer(f"{path} holds more than one value", next_step="measure another field")


def _lost(what: str) -> BadAnswer:
    return BadAnswer(f"Salesforce's answer {what}", next_step="run again: okrsync sync")
