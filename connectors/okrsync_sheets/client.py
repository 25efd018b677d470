"""Google Sheets' requests, and what its refusals mean.

Everything is written RAW: a text stays the text it is, also one that begins with = + - or @.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from okrsync.errors import BadAnswer, Refused
from okrsync_sheets.grid import quoted

if TYPE_CHECKING:
    from okrsync.http import Answer, Door

# 60 reads and 60 writes a minute are allowed, and a check-in takes two reads and one write.
BURST: Final = 30
PER_SECOND: Final = 1.0
UNSAID_WAIT: Final = 10.0  # a "too often" does not say for how long
LARGEST: Final = 100_000_000

_REFUSALS: Final = (400, 403, 404)
_FIELDS: Final = (
    "sheets(properties(title,hidden),data(startRow,startColumn,rowData(values("
    "effectiveValue,userEnteredValue(formulaValue),effectiveFormat(numberFormat(type))))))"
)

Written = str | Decimal


class Sheets:
    """One spreadsheet; ``account`` is whom it has to be shared with, for messages."""

    def __init__(self, door: Door, spreadsheet: str, account: str) -> None:
        self._door = door
        self._path = f"v4/spreadsheets/{spreadsheet}"
        self._account = account or "the account of the token"

    def sheets(self, titles: Sequence[str]) -> list[Mapping[str, Any]]:
        """These sheets with all their cells, in this order, in one request."""
        answer = self._door.get(
            self._path,
            params={"ranges": [quoted(title) for title in titles], "fields": _FIELDS},
            accept=_REFUSALS,
        )
        self._raise_refusal(answer, titles)
        said = answer.json()
        found = {
            sheet["properties"]["title"].casefold(): sheet
            for sheet in (said.get("sheets", ()) if isinstance(said, dict) else ())
        }
        if not {title.casefold() for title in titles} <= found.keys():
            raise BadAnswer("Google Sheets answered without a sheet that was asked for")
        return [found[title.casefold()] for title in titles]

    def set(self, cells: Mapping[str, Written]) -> None:
        """Cells by their addresses, all of them or none."""
        data = [{"range": address, "values": [[value]]} for address, value in cells.items()]
        answer = self._door.post(
            f"{self._path}/values:batchUpdate",
            json={"valueInputOption": "RAW", "data": data},
            accept=_REFUSALS,
        )
        self._raise_refusal(answer, ())

    def append(self, table: str, row: Sequence[Written | None]) -> None:
        """A new row below the table that holds the range ``table``; None leaves a cell empty."""
        answer = self._door.post(
            f"{self._path}/values/{quote(table, safe='')}:append",
            params={"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"},
            json={"values": [list(row)]},
            accept=_REFUSALS,
        )
        self._raise_refusal(answer, ())

    def _raise_refusal(self, answer: Answer, titles: Sequence[str]) -> None:
        match answer.status:
            case HTTPStatus.NOT_FOUND:
                raise Refused(
                    "there is no such spreadsheet (404)",
                    next_step="copy its address from the browser into spreadsheet",
                )
            case HTTPStatus.FORBIDDEN:
                raise Refused(
                    "the spreadsheet may not be read or written, or a cell is protected (403)",
                    next_step=f"share it with {self._account} as an editor; protected ranges too; "
                    "the Google Sheets API must be on in the account's project",
                )
            case HTTPStatus.BAD_REQUEST:
                named = " or ".join(titles) or "a range"
                raise Refused(
                    f"Google Sheets cannot find {named} (400)",
                    next_step="check the names of the sheets in sheet and history",
                )
