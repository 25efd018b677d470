"""The store's verbs.

Rows are looked for anew in every verb, by their id and by the header: people sort, insert, delete
and move. After a write the sheet is read again, because a row may have moved in the instant
between; what then stands in another's row is said loudly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from okrsync.contracts import Remark, Toolbox
from okrsync.decimals import plain
from okrsync.errors import MovedOn, OutcomeUnknown, OutsideError, Refused, StoreError
from okrsync.model import CheckIn, Receipt, StoredKeyResult, StoreRef
from okrsync_sheets import marks
from okrsync_sheets.client import Sheets, Written
from okrsync_sheets.grid import Grid, grid, letters, quoted
from okrsync_sheets.marks import Mark
from okrsync_sheets.settings import SheetsSettings
from okrsync_sheets.standing import (
    Book,
    Standing,
    distorted,
    kept_number,
    revision,
    standing,
    stored,
)

_LIST: Final = ("id", "title", "objective", "team", "owner", "unit", "baseline", "target")
_ENTRY: Final = ("id", "value", "key", "status", "confidence", "note", "as_of")
_LONGEST: Final = 50_000
_MOST: Final = 5  # problems that doctor shows
_AGAIN: Final = "run again: okrsync looks into the store before it sends anything"


class SheetsStore:
    def __init__(
        self, sheets: Sheets, settings: SheetsSettings, toolbox: Toolbox, account: str
    ) -> None:
        self._sheets = sheets
        self._settings = settings
        self._toolbox = toolbox
        self._account = account

    def read(self, refs: Sequence[StoreRef], /) -> Mapping[StoreRef, StoredKeyResult]:
        if not refs:
            return {}
        book = self._book()
        found = ((ref, standing(book, ref.id)) for ref in refs)
        return {ref: stored(ref, now, book) for ref, now in found if now is not None}

    def browse(self) -> Iterator[StoredKeyResult]:
        book = self._book()
        for id_ in book.listed.by_id:
            now = standing(book, id_)
            if now is not None:
                yield stored(StoreRef(self._toolbox.name, id_), now, book)

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        """A number that stands there distorted is not yet there: ``post`` puts it right."""
        book = self._book()
        if distorted(book, check_in.ref.id, check_in.key) is not None:
            return None
        return _there(check_in, book)

    def post(self, check_in: CheckIn, /) -> Receipt:
        book = self._book()
        there = _there(check_in, book)
        if there is None:
            self._write(check_in, book)
            book = self._book_again(check_in)
        elif distorted(book, check_in.ref.id, check_in.key) is None:
            return there
        return self._seen_again(check_in, self._put_right(check_in, book))

    def examine(self) -> Iterator[Remark]:
        book = self._book()
        yield Remark(f"signed in as {self._account or 'the account of the token'}")
        for sheet in filter(None, (book.listed, book.history)):
            if sheet.hidden:
                yield Remark(f"the sheet {sheet.title} is hidden; it is used all the same")
        for shown in [shown for shown in self.browse() if shown.automated][:_MOST]:
            told = f"{shown.ref.id} is {shown.automated}"
            yield Remark(told, well=False, cure="correct it in the spreadsheet")
        yield Remark("nobody is notified, unless people have set that up in the spreadsheet")

    def _book(self) -> Book:
        said = self._settings
        columns = {name: str(text) for name, text in said.columns.model_dump().items()}
        titles = [said.sheet, *filter(None, [said.history])]
        answered = self._sheets.sheets(titles)
        if not said.history:
            needed = ("id", "value", "key")
            return Book(grid(answered[0], columns, said.header_row, needed), None)
        entries = {name: columns[name] for name in _ENTRY}
        return Book(
            grid(answered[0], {name: columns[name] for name in _LIST}, said.header_row, ("id",)),
            grid(answered[1], entries, said.header_row, ("id", "value", "key")),
        )

    def _that_it_follows(self, check_in: CheckIn, book: Book) -> Standing:
        id_, now = check_in.ref.id, standing(book, check_in.ref.id)
        if now is None:
            raise Refused(
                f"the sheet {book.listed.title} has no row for {id_}",
                next_step=f"add a row with this id, or correct store_id of {check_in.key_result}",
            )
        if now.problem:
            raise Refused(f"{id_} is {now.problem}", next_step="correct it in the spreadsheet")
        if check_in.base != now.revision:
            raise MovedOn(
                f"{id_} has a newer check-in in the sheet {book.written.title} than the plan saw",
                next_step="plan again: okrsync plan",
            )
        return now

    # What is written

    def _write(self, check_in: CheckIn, book: Book) -> None:
        now = self._that_it_follows(check_in, book)
        if book.history is None:
            self._sheets.set(self._cells(check_in, now, book.listed))
        else:
            self._sheets.append(_table(book.history), self._row(check_in, book.history))

    def _put_right(self, check_in: CheckIn, book: Book) -> Book:
        """Write the number anew where the row got another format than the one above it has.
        Returns the spreadsheet as it is then."""
        row, sheet = distorted(book, check_in.ref.id, check_in.key), book.written
        if row is None:
            return book
        percent = sheet.cell(row, "value").percent
        cells: dict[str, Written] = {
            "value": kept_number(check_in.value, percent=percent),
            "key": sheet.cell(row, "key").text,  # so that a row that moves meanwhile is noticed
        }
        try:
            self._sheets.set({sheet.address(row.number, name): new for name, new in cells.items()})
        except OutcomeUnknown:
            raise
        except OutsideError as error:
            raise _shows_another(check_in, error) from None
        after = self._book_again(check_in)
        if distorted(after, check_in.ref.id, check_in.key) is not None:
            raise _shows_another(check_in)
        return after

    def _cells(self, check_in: CheckIn, now: Standing, sheet: Grid) -> dict[str, Written]:
        row = now.row or now.listed
        percent = sheet.cell(row, "value").percent
        cells: dict[str, Written] = {"value": kept_number(check_in.value, percent=percent)}
        seen: dict[str, str] = {}
        for name, new in self._shared(check_in).items():
            if name not in sheet.places:
                continue
            letter, there = marks.WORDS[name], sheet.cell(row, name).text
            if there and not (now.mark is not None and now.mark.wrote(name, there)):
                seen[letter] = "-"  # a person's: it stays
                continue
            cells[name] = new
            seen[letter] = marks.digest(_as_shown(new))
        if "as_of" in sheet.places:
            cells["as_of"] = self._as_of(check_in)
        cells["key"] = Mark(check_in.key, check_in.value, seen).written()
        return {sheet.address(row.number, name): value for name, value in cells.items()}

    def _row(self, check_in: CheckIn, sheet: Grid) -> list[Written | None]:
        percent = bool(sheet.rows) and sheet.cell(sheet.rows[-1], "value").percent
        said: dict[str, Written] = {
            "id": check_in.ref.id,
            "value": kept_number(check_in.value, percent=percent),
            "key": Mark(check_in.key, check_in.value).written(),
            "as_of": self._as_of(check_in),
            **self._shared(check_in),
        }
        row: list[Written | None] = [None] * (max(sheet.places.values()) + 1)
        for name, place in sheet.places.items():
            row[place] = said.get(name)
        return row

    def _shared(self, check_in: CheckIn) -> dict[str, Written]:
        confidence = check_in.confidence
        return {
            "status": check_in.status.value.replace("_", " "),
            "confidence": "" if confidence is None else Decimal(str(round(confidence, 4))),
            "note": check_in.note[:_LONGEST],
        }

    def _as_of(self, check_in: CheckIn) -> str:
        return check_in.as_of.astimezone(self._toolbox.zone).strftime("%Y-%m-%d %H:%M")

    # What came of it

    def _book_again(self, check_in: CheckIn) -> Book:
        try:
            return self._book()
        except OutsideError:
            raise OutcomeUnknown(
                f"{check_in.ref.id} was written to the spreadsheet, which could not be read again",
                next_step=_AGAIN,
            ) from None

    def _seen_again(self, check_in: CheckIn, book: Book) -> Receipt:
        there = _there(check_in, book)
        if there is not None:
            return Receipt(there.key, there.remote_id)
        for row, _ in book.marked(check_in.key):
            sheet = book.written
            raise StoreError(
                f"rows moved while okrsync wrote: {sheet.address(row.number, 'value')} now holds "
                f"the number of {check_in.ref.id}, in the row of {sheet.cell(row, 'id').text}",
                next_step="undo that edit in the spreadsheet's version history, then plan again: "
                "okrsync plan",
            )
        return Receipt(check_in.key, f"behind another {check_in.key}")  # a person was quicker


def _there(check_in: CheckIn, book: Book) -> Receipt | None:
    """The check-in in its key result's own row or rows; its revision is the one that it had when it
    was written, also where a person has changed the number since."""
    rows = list(book.entries(check_in.ref.id))
    for row, mark in book.marked(check_in.key):
        if row in rows:
            place = 0 if book.history is None else rows.index(row) + 1
            made = revision(place, mark.number, book.written.cell(row, "key").text.strip())
            return Receipt(check_in.key, made, already_there=True)
    return None


def _shows_another(check_in: CheckIn, error: OutsideError | None = None) -> OutcomeUnknown:
    """Not a failure that ends the check-in: its row is there, and the next run puts it right."""
    told = f"the row of {check_in.ref.id} has a format that makes another number of it"
    if error is None:
        return OutcomeUnknown(told, next_step=_AGAIN)
    return OutcomeUnknown(f"{told}: {error.message}", next_step=error.next_step or _AGAIN)


def _table(sheet: Grid) -> str:
    """The range of the header. Raises ``Refused`` where a new row would not come last."""
    gap = next((f"row {row.number}" for row in sheet.rows if row.empty), "")
    width = max(sheet.places.values())
    for column in range(width):
        if not gap and not sheet.header.at(column).text.strip():
            gap = f"the header of column {letters(column)}"
    if gap:
        raise Refused(
            f"{gap} of the sheet {sheet.title} is empty, and a new row would land elsewhere",
            next_step="delete what is empty, or fill it",
        )
    row = sheet.header.number
    return f"{quoted(sheet.title)}!A{row}:{letters(width)}{row}"


def _as_shown(value: Written) -> str:
    return plain(value) if isinstance(value, Decimal) else value
