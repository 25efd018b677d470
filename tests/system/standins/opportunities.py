"""The records behind the Salesforce stand-in, in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.system.standins.soql import Column, Item, Malformed, Parser, Select, seconds

# Name in Salesforce, its kind there, the deal's key.
FIELDS = (
    ("Id", "id", "sf_id"),
    ("DealId__c", "string", "id"),
    ("Name", "string", "title"),
    ("Amount", "currency", "amount"),
    ("Currency__c", "picklist", "currency"),
    ("StageName", "picklist", "stage"),
    ("Status__c", "picklist", "status"),
    ("IsWon", "boolean", "won"),
    ("IsClosed", "boolean", "over"),
    ("Pipeline__c", "picklist", "pipeline"),
    ("CreatedDate", "datetime", "created"),
    ("ClosedAt__c", "datetime", "closed"),
    ("CloseDate", "date", "day"),
    ("OwnerId", "reference", "owner_id"),
    ("Owner__c", "picklist", "owner"),
    ("Archived__c", "boolean", "archived"),
)
TEXTS = {"string", "picklist", "id", "reference"}
COLUMNS = {
    path.lower(): Column(path, kind, key, f"{key}_folded" if kind in TEXTS else "")
    for path, kind, key in FIELDS
}
COLUMNS["amount"] = Column("Amount", "currency", "amount", "", "amount_org", "amount_user")
COLUMNS["owner.name"] = Column("Owner.Name", "string", "owner", "owner_folded")
_CURRENCY = Column("CurrencyIsoCode", "picklist", "currency", "currency_folded")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Opportunities:
    """``currencies`` are the org's and the user's where it has several, ``rates`` one unit of each
    other currency in the org's own."""

    def __init__(
        self,
        deals: Iterable[Mapping[str, Any]],
        currencies: tuple[str, str] | None = None,
        rates: Mapping[str, str] | None = None,
    ) -> None:
        self._many_currencies = currencies is not None
        self._rates = {code: Decimal(rate) for code, rate in (rates or {}).items()}
        self._users = currencies[1] if currencies else ""
        deals = list(deals)
        self._scale = max((_decimals(deal["amount"]) for deal in deals), default=0)
        self._scale += max(map(_decimals, (rates or {}).values()), default=0)
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        stored = [column for column in COLUMNS.values() if column.path != "Owner.Name"]
        names = [name for c in stored for name in filter(None, (c.sql, c.folded, c.org, c.user))]
        self._database.execute(f"CREATE TABLE Opportunity ({', '.join(names)})")
        marks = ", ".join("?" * len(names))
        rows = (self._row(number, deal, stored) for number, deal in enumerate(deals))
        self._database.executemany(f"INSERT INTO Opportunity VALUES ({marks})", rows)  # noqa: S608

    def describe(self, name: str) -> dict[str, Any] | None:
        if name.lower() != "opportunity":
            return None
        return {
            "name": "Opportunity",
            "fields": [_described(path, kind) for path, kind in self._fields()],
        }

    def _fields(self) -> list[tuple[str, str]]:
        more = [("CurrencyIsoCode", "picklist")] if self._many_currencies else []
        return [*((path, kind) for path, kind, _ in FIELDS), *more]

    def answer(self, soql: str) -> tuple[int, list[dict[str, Any]]]:
        """``totalSize`` and all records. Raises ``Malformed``."""
        select = Parser(soql, self._column, self._scale, self._rate).select()
        if select.counts:
            return int(self._rows(select, "COUNT(*)")[0][0]), []
        if select.aggregates:
            [row] = self._rows(select, ", ".join(map(_aggregated, select.items)))
            return 1, [self._aggregate(select.items, row)]
        rows = self._rows(select, ", ".join(i.column.sql for i in select.items if i.column))
        return len(rows), [self._record(select.items, row) for row in rows]

    def _rows(self, select: Select, columns: str) -> list[Any]:
        sql = f"SELECT {columns} FROM Opportunity WHERE {select.where}"  # noqa: S608
        if select.order:
            sql += f" ORDER BY {', '.join(select.order)}"
        if select.limit is not None:
            sql += f" LIMIT {select.limit}"
        return self._database.execute(sql, select.values).fetchall()

    def _column(self, table: str, path: str) -> Column:
        if table.lower() != "opportunity":
            raise Malformed(f"sObject type '{table}' is not supported.", "INVALID_TYPE")
        if self._many_currencies and path == _CURRENCY.path:
            return _CURRENCY
        if path.lower() not in COLUMNS:
            raise Malformed(f"No such column '{path}' on entity 'Opportunity'.", "INVALID_FIELD")
        return COLUMNS[path.lower()]

    def _row(self, number: int, deal: Mapping[str, Any], stored: list[Column]) -> list[object]:
        closed = seconds(deal["closed"]) if deal["closed"] else None
        more = {
            "sf_id": f"006{number:012d}AAA",
            "won": deal["status"] == "won",
            "over": deal["status"] != "open",
            "created": seconds(deal["created"]) if deal["created"] else None,
            "closed": closed,
            "day": None if closed is None else _moment(closed).date().isoformat(),
            "owner_id": f"005{abs(hash(deal['owner'])) % 10**12:012d}AAA",
            **self._amounts(deal["amount"], deal["currency"]),
        }
        values = {**deal, **more}
        row: list[object] = []
        for column in stored:
            value = values[column.sql]
            row.append(None if value == "" else int(value) if isinstance(value, bool) else value)
            if column.folded:
                row.append(None if value == "" else str(value).casefold())
            if column.org:
                row += [more[column.org], more[column.user]]
        return row

    def _amounts(self, amount: str, currency: str) -> dict[str, int | None]:
        if amount == "":
            return dict.fromkeys(("amount", "amount_org", "amount_user"))
        own = Decimal(amount).scaleb(self._scale)
        org = own * self._rate(currency)
        users = org / self._rate(self._users)
        return {"amount": int(own), "amount_org": int(org), "amount_user": round(users)}

    def _rate(self, code: str) -> Decimal:
        return self._rates.get(code, Decimal(1))

    def _aggregate(self, items: list[Item], row: tuple[Any, ...]) -> dict[str, Any]:
        record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        for item, value in zip(items, row, strict=True):
            counts = item.function.startswith("COUNT")
            record[item.name] = value if counts or item.column is None else self._shown(item, value)
        return record

    def _record(self, items: list[Item], row: tuple[Any, ...]) -> dict[str, Any]:
        record: dict[str, Any] = {"attributes": {"type": "Opportunity", "url": "/services/data"}}
        for item, value in zip(items, row, strict=True):
            above, _, last = (item.column.path if item.column else item.name).rpartition(".")
            inside = record.setdefault(above, {"attributes": {"type": "Name"}}) if above else record
            inside[last] = self._shown(item, value)
        return record

    def _shown(self, item: Item, value: Any) -> Any:
        """A number is a double there, a moment has milliseconds and an offset without a colon."""
        kind = item.column.kind if item.column else ""
        if value is None:
            return None
        if kind == "boolean":
            return bool(value)
        if kind == "datetime":
            return f"{_moment(value):%Y-%m-%dT%H:%M:%S}.000+0000"
        return float(Decimal(value).scaleb(-self._scale)) if kind == "currency" else value


def _aggregated(item: Item) -> str:
    column = item.column
    assert column is not None
    if item.function == "COUNT_DISTINCT":
        return f"COUNT(DISTINCT {column.folded or column.sql})"
    return f"{item.function}({column.org or column.sql})"


def _described(path: str, kind: str) -> dict[str, Any]:
    return {
        "name": path,
        "type": kind,
        "filterable": True,
        "aggregatable": kind != "boolean",
        "groupable": kind not in {"currency", "double", "datetime"},
        "relationshipName": "Owner" if path == "OwnerId" else None,
        "referenceTo": ["Group", "User"] if path == "OwnerId" else [],
    }


def _decimals(amount: str) -> int:
    if amount == "":
        return 0
    exponent = Decimal(amount).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _moment(count: int) -> datetime:
    return _EPOCH + timedelta(seconds=count)
