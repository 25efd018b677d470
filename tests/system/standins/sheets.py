"""A spreadsheet behind Google's API, as far as the published discovery document and guides say.

Numbers are binary floats. USER_ENTERED text that begins with = becomes a formula, RAW text stays
what it is. A row is appended below the table that begins at the given range, so a blank row in
between catches it. A service account signs in with a JWT that is verified.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from tests.system.standins.serving import Asked, Reply
from tests.system.standins.stores import LEAD, OKRSYNC, Clock, StoreStandIn

ID: Final = "1AbCdEfGhIjKlMnOp"
ACCOUNT: Final = "okrsync@acme-okr.iam.example"
SCOPE: Final = "https://www.googleapis.com/auth/spreadsheets"
LIST: Final = ("id", "title", "value", "status", "confidence", "note", "as of", "okrsync", "target")
HISTORY: Final = ("id", "value", "status", "confidence", "note", "as of", "okrsync")
_A1: Final = re.compile(r"'(?P<title>(?:[^']|'')+)'(?:!(?P<column>[A-Z]+)(?P<row>\d+)(?::\w+)?)?")


@dataclass(frozen=True)
class Formula:
    written: str
    shows: float | str


@dataclass(frozen=True)
class Percent:
    """A number in a cell that is formatted as a percentage by itself."""

    kept: float


@dataclass(frozen=True)
class Error:
    kind: str = "REF"


Cell = float | str | bool | Formula | Percent | Error | None


@dataclass
class Tab:
    """``percent`` are the headers of columns that are formatted as percentages."""

    rows: list[list[Cell]]
    hidden: bool = False
    percent: set[str] = field(default_factory=set)

    def column(self, head: str) -> int:
        return self.rows[0].index(head)

    def of(self, id_: str) -> list[Cell]:
        """The newest row of a key result."""
        place = self.column("id")
        return next(row for row in reversed(self.rows) if len(row) > place and row[place] == id_)

    def get(self, id_: str, head: str) -> Cell:
        row, place = self.of(id_), self.column(head)
        return row[place] if place < len(row) else None

    def put(self, id_: str, head: str, value: Cell) -> None:
        _set(self.of(id_), self.column(head), value)


@cache
def private_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


class Spreadsheet(StoreStandIn):
    """``history`` says whether check-ins get a row each in a sheet History."""

    def __init__(self, ids: Sequence[str], clock: Clock, *, history: bool = False) -> None:
        super().__init__(clock)
        self.tabs = {"OKRs": Tab([list(LIST)])}
        for id_ in ids:
            self.tabs["OKRs"].rows.append([id_, f"Title of {id_}"])
        if history:
            self.tabs["History"] = Tab([list(HISTORY)])
        self.shared = True
        self.acts_for: str | None = None
        self.before_write: Callable[[], object] = lambda: None
        self.tokens = 0

    @property
    def written(self) -> Tab:
        return self.tabs.get("History", self.tabs["OKRs"])

    def service_account(self) -> str:
        """The key file of an account that may sign in here."""
        return json.dumps(
            {
                "type": "service_account",
                "client_email": ACCOUNT,
                "private_key": private_key(),
                "token_uri": f"{self.url}/token",
            }
        )

    def person(self, ref: str, value: float, *, text: str = "") -> None:
        if "History" in self.tabs:
            self.written.rows.append([ref])
        self.written.put(ref, "value", float(value))
        if text:
            self.written.put(ref, "note", text)
        self.note(ref, float(value), LEAD)

    def shown(self, ref: str) -> Decimal | None:
        """The number in its newest row; None where that holds none."""
        try:
            cell = self.written.get(ref, "value")
        except StopIteration:
            return None
        return Decimal(repr(cell)) if isinstance(cell, float) else None

    def writes(self, asked: Asked) -> bool:
        return asked.method == "POST" and asked.path != "/token"

    def respond(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            return self._token(asked)
        if asked.headers.get("authorization") != f"Bearer token-{self.tokens}":
            return _error(401, "UNAUTHENTICATED")
        path = unquote(asked.path).removeprefix(f"/v4/spreadsheets/{ID}")
        if path == asked.path:
            return _error(404, "NOT_FOUND")
        if not self.shared:
            return _error(403, "PERMISSION_DENIED")
        if not path:
            return self._shown(parse_qs(asked.query)["ranges"])
        self.before_write()
        if path == "/values:batchUpdate":
            return self._set(asked.body)
        return self._append(path, asked)

    def _token(self, asked: Asked) -> Reply:
        import jwt
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        public = load_pem_private_key(private_key().encode(), None).public_key()
        try:
            claims = jwt.decode(
                asked.body["assertion"],
                public,  # type: ignore[arg-type]
                algorithms=["RS256"],
                audience=f"{self.url}/token",
                options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat"]},
            )
        except jwt.PyJWTError:
            return Reply({"error": "invalid_grant"}, 400)
        if (claims["iss"], claims.get("scope"), claims.get("sub")) != (
            ACCOUNT,
            SCOPE,
            self.acts_for,
        ):
            return Reply({"error": "unauthorized_client"}, 401)
        self.tokens += 1
        return Reply({"access_token": f"token-{self.tokens}", "expires_in": 3599})

    def _shown(self, ranges: Sequence[str]) -> Reply:
        titles = [_A1.fullmatch(range_) for range_ in ranges]
        names = [found["title"].replace("''", "'") for found in titles if found]
        if len(names) < len(ranges) or not set(names) <= self.tabs.keys():
            return _error(400, "Unable to parse range")
        return Reply({"sheets": [_sheet(title, self.tabs[title]) for title in names]})

    def _set(self, body: Mapping[str, Any]) -> Reply:
        raw = body["valueInputOption"] == "RAW"
        for part in body["data"]:
            found = _A1.fullmatch(part["range"])
            if found is None or found["title"].replace("''", "'") not in self.tabs:
                return _error(400, "Unable to parse range")
        changed = set()
        for part in body["data"]:
            found = _A1.fullmatch(part["range"])
            assert found is not None
            tab = self.tabs[found["title"].replace("''", "'")]
            row = int(found["row"]) - 1
            while len(tab.rows) <= row:
                tab.rows.append([])
            entered = _entered(part["values"][0][0], raw=raw)
            _set(tab.rows[row], column_number(found["column"]), entered)
            changed.add(row)
        for row in changed:
            self._noted(self.written.rows[row])
        return Reply({"spreadsheetId": ID, "totalUpdatedRows": len(changed)})

    def _append(self, path: str, asked: Asked) -> Reply:
        found = _A1.fullmatch(path.removeprefix("/values/").removesuffix(":append"))
        if found is None or asked.params["insertDataOption"] != "INSERT_ROWS":
            return _error(400, "Unable to parse range")
        rows = self.tabs[found["title"]].rows
        end = int(found["row"]) - 1
        while end < len(rows) and any(cell not in (None, "") for cell in rows[end]):
            end += 1
        raw = asked.params["valueInputOption"] == "RAW"
        row = [_entered(cell, raw=raw) for cell in asked.body["values"][0]]
        rows.insert(end, row)
        self._noted(row)
        return Reply({"spreadsheetId": ID, "updates": {"updatedRows": 1}})

    def _noted(self, row: Sequence[Cell]) -> None:
        tab = self.written
        value, mark = row[tab.column("value")], str(row[tab.column("okrsync")])
        assert isinstance(value, float), "a number that is sent as text"
        status, key = row[tab.column("status")], mark.partition(" ")[0]
        self.note(str(row[tab.column("id")]), value, OKRSYNC, key=key, status=str(status or ""))


def _sheet(title: str, tab: Tab) -> dict[str, Any]:
    heads = tab.rows[0]
    formats = ["PERCENT" if head in tab.percent else "" for head in heads]
    rows = [
        {
            "values": [
                _cell(cell, formats[i] if i < len(formats) else "") for i, cell in enumerate(r)
            ]
        }
        if r
        else {}
        for r in tab.rows
    ]
    properties: dict[str, Any] = {"title": title}
    if tab.hidden:
        properties["hidden"] = True
    return {"properties": properties, "data": [{"rowData": rows}]}


def _cell(cell: Cell, kind: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    shown = cell.shows if isinstance(cell, Formula) else cell
    if isinstance(shown, Percent):
        shown, kind = shown.kept, "PERCENT"
    match shown:
        case bool():
            made["effectiveValue"] = {"boolValue": shown}
        case float() | int():
            whole = shown == int(shown)
            made["effectiveValue"] = {"numberValue": int(shown) if whole else shown}
        case str() if shown:
            made["effectiveValue"] = {"stringValue": shown}
        case Error():
            made["effectiveValue"] = {"errorValue": {"type": shown.kind, "message": "-"}}
    if isinstance(cell, Formula):
        made["userEnteredValue"] = {"formulaValue": cell.written}
    if kind:
        made["effectiveFormat"] = {"numberFormat": {"type": kind}}
    return made


def _entered(value: Any, *, raw: bool) -> Cell:
    if value is None or value == "":
        return None
    if isinstance(value, str) and not raw and value.startswith(("=", "+", "-", "@")):
        return Formula(value, "#ERROR!")
    return value if isinstance(value, str | bool) else float(value)


def _set(row: list[Cell], place: int, value: Cell) -> None:
    row.extend([None] * (place + 1 - len(row)))
    row[place] = value


def column_number(column: str) -> int:
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _error(status: int, message: str) -> Reply:
    return Reply({"error": {"code": status, "message": message, "status": message}}, status)
