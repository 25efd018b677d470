"""Deals in a database, with the types that each database has for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    TypeDecorator,
    insert,
)
from sqlalchemy.dialects import mysql

Deal = Mapping[str, str]
_BATCH = 1_000


class Amount(TypeDecorator[Decimal]):
    """Exact everywhere: SQLite has no decimals, so it keeps the text."""

    impl = Numeric(18, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return Text() if dialect.name == "sqlite" else Numeric(18, 2)

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return str(value) if dialect.name == "sqlite" and value is not None else value


class Instant(TypeDecorator[datetime]):
    """With a zone in PostgreSQL; as UTC without one in MySQL; in SQLite the text as it came."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        if dialect.name == "sqlite":
            return Text()
        return mysql.DATETIME(fsp=6) if dialect.name == "mysql" else DateTime(timezone=True)

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        if value is None or dialect.name == "sqlite":
            return value
        when = datetime.fromisoformat(value)
        return when.astimezone(UTC).replace(tzinfo=None) if dialect.name == "mysql" else when


DEALS = Table(
    "deals",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("title", String(200)),
    Column("amount", Amount),
    Column("currency", String(3)),
    Column("stage", String(40)),
    Column("status", String(10)),
    Column("pipeline", String(40)),
    Column("created", Instant),
    Column("closed", Instant),
    Column("owner", String(80)),
    Column("archived", Boolean),
)


def load(engine: Engine, deals: Iterable[Deal]) -> None:
    """Make the table ``deals`` anew and fill it; an empty text is NULL."""
    with engine.begin() as connection:
        DEALS.drop(connection, checkfirst=True)
        DEALS.create(connection)
        rows = map(_row, deals)
        while some := list(islice(rows, _BATCH)):
            connection.execute(insert(DEALS), some)


def _row(deal: Deal) -> dict[str, Any]:
    row: dict[str, Any] = {name: text or None for name, text in deal.items()}
    amount = deal["amount"]
    return row | {
        "id": int(deal["id"]),
        "amount": Decimal(amount) if amount else None,
        "archived": deal["archived"] == "true",
    }
