"""SOQL, as much of it as counts and adds, answered from SQLite.

Written against Salesforce's published grammar and not against okrsync's own queries: it refuses
what Salesforce refuses (AND and OR side by side without brackets, a date next to a datetime field,
an unescaped quote), and compares as Salesforce does (texts without regard to capitals, null as a
value that is unequal to every other).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))"
    r"|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<number>(?:[A-Z]{3}(?=\d))?[+-]?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)"
    r"|(?P<sign><=|>=|!=|[<>=(),]))",
    re.DOTALL,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
AGGREGATES = {"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"}
TEXTS = {"string", "picklist", "id", "reference"}


class Malformed(Exception):
    """``code`` is Salesforce's error code."""

    def __init__(self, message: str, code: str = "MALFORMED_QUERY") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Column:
    """A field: its kind, and the columns of SQLite that hold it, its text for comparing, and an
    amount in the org's own currency and in the user's."""

    path: str
    kind: str
    sql: str
    folded: str = ""
    org: str = ""
    user: str = ""


@dataclass(frozen=True)
class Item:
    """What stands in SELECT: a field, or a function of one under a name."""

    function: str
    column: Column | None
    name: str


@dataclass
class Select:
    table: str
    items: list[Item] = field(default_factory=list)
    where: str = "1"
    values: list[object] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    limit: int | None = None

    @property
    def counts(self) -> bool:
        return self.items[0].name == "COUNT()"

    @property
    def aggregates(self) -> bool:
        return any(item.function in AGGREGATES for item in self.items)


Find = Callable[[str, str], Column]
Rate = Callable[[str], Decimal]


class Parser:
    """``find(object, path)`` gives a column or raises ``Malformed``; ``scale`` is the power of ten
    that numbers are kept in, ``rate(code)`` one unit of a currency in the org's own."""

    def __init__(self, soql: str, find: Find, scale: int, rate: Rate) -> None:
        self._tokens = list(tokens(soql))
        self._at = 0
        self._find = find
        self._scale = scale
        self._rate = rate
        table = self._table()
        self._made = Select(table)

    def select(self) -> Select:
        self._word("SELECT")
        self._made.items = [self._item(0)]
        while self._took(","):
            self._made.items.append(self._item(len(self._made.items)))
        self._word("FROM")
        self._next()
        if self._took("WHERE"):
            self._made.where = self._condition()
        if self._took("ORDER"):
            self._word("BY")
            self._made.order = [self._ordered()]
            while self._took(","):
                self._made.order.append(self._ordered())
        if self._took("LIMIT"):
            self._made.limit = int(self._next("number")[1])
        if self._at != len(self._tokens):
            raise Malformed(f"unexpected token: '{self._tokens[self._at][1]}'")
        if self._made.aggregates and self._made.limit is not None:
            raise Malformed("Non-grouped query that uses overall aggregate functions cannot LIMIT")
        return self._made

    def _table(self) -> str:
        names = [text for kind, text in self._tokens if kind == "name"]
        upper = [name.upper() for name in names]
        if "FROM" not in upper or upper.index("FROM") + 1 >= len(names):
            raise Malformed("expecting FROM")
        return names[upper.index("FROM") + 1]

    def _item(self, place: int) -> Item:
        name = self._next("name")[1]
        if not self._took("("):
            return Item("", self._column(name), name)
        if name.upper() == "COUNT" and self._took(")"):
            return Item("COUNT", None, "COUNT()")
        column = self._column(self._next("name")[1])
        self._word(")")
        if name.lower() == "convertcurrency":
            return Item("", replace(column, sql=column.user or column.sql), column.path)
        if name.upper() not in AGGREGATES:
            raise Malformed(f"Unknown function {name}")
        if name.upper() in {"SUM", "AVG"} and column.kind in {*TEXTS, "date", "datetime"}:
            raise Malformed(f"field {column.path} does not support {name}", "INVALID_FIELD")
        alias = self._peek("name")
        if alias and alias.upper() != "FROM":
            self._next()
            return Item(name.upper(), column, alias)
        return Item(name.upper(), column, f"expr{place}")

    def _condition(self) -> str:
        """Side by side only ANDs or only ORs: Salesforce wants brackets for anything else."""
        parts = [self._term()]
        joined = ""
        while (word := (self._peek("name") or "").upper()) in {"AND", "OR"}:
            if joined and joined != word:
                raise Malformed(f"unexpected token: '{word}'")
            joined = word
            self._next()
            parts.append(self._term())
        return f"({f' {joined} '.join(parts)})"

    def _term(self) -> str:
        if self._took("NOT"):
            return f"(NOT {self._term()})"
        if self._took("("):
            inside = self._condition()
            self._word(")")
            return inside
        return self._comparison(self._column(self._next("name")[1]))

    def _comparison(self, column: Column) -> str:
        if self._took("LIKE"):
            return self._like(column)
        if self._took("IN"):
            return f"({self._key(column)} IN ({self._list(column)}))"
        if self._took("NOT"):
            self._word("IN")
            listed = self._list(column)
            return f"({column.sql} IS NULL OR {self._key(column)} NOT IN ({listed}))"
        sign = self._next("sign")[1]
        if self._peek("name") and (self._peek("name") or "").upper() == "NULL":
            self._next()
            return self._null(column, sign)
        self._value(column)
        if sign == "!=":
            return f"({column.sql} IS NULL OR {self._key(column)} != ?)"
        if sign != "=" and column.kind == "boolean":
            raise Malformed("invalid operator for boolean", "INVALID_FIELD")
        return f"({self._key(column)} {sign} ?)"

    def _null(self, column: Column, sign: str) -> str:
        if sign not in {"=", "!="} or column.kind == "boolean":
            raise Malformed(f"{column.path}: null is only = or !=", "INVALID_FIELD")
        return f"({column.sql} IS {'NOT ' if sign == '!=' else ''}NULL)"

    def _like(self, column: Column) -> str:
        if column.kind not in {"string", "picklist"}:
            raise Malformed(f"invalid operator on id field: {column.path}", "INVALID_FIELD")
        kind, text = self._next()
        if kind != "text":
            raise Malformed("LIKE takes a text")
        self._made.values.append(unquoted(text, keep_wild=True).casefold())
        return f"({column.folded} LIKE ? ESCAPE '\\')"

    def _list(self, column: Column) -> str:
        self._word("(")
        self._value(column)
        marks = ["?"]
        while self._took(","):
            self._value(column)
            marks.append("?")
        self._word(")")
        return ", ".join(marks)

    def _value(self, column: Column) -> None:
        kind, text = self._next()
        self._made.values.append(self._constant(column, kind, text))

    def _constant(self, column: Column, kind: str, text: str) -> object:
        wanted = column.kind
        if wanted in TEXTS and kind == "text":
            return unquoted(text).casefold()
        if wanted == "boolean" and kind == "name" and text.upper() in {"TRUE", "FALSE"}:
            return int(text.upper() == "TRUE")
        if wanted in {"currency", "double"} and kind == "number":
            return self._amount(text)
        if wanted == "date" and kind == "date":
            datetime.fromisoformat(text)
            return text
        if wanted == "datetime" and kind == "datetime":
            return seconds(text)
        raise Malformed(f"{column.path}: filter criteria must be of type {wanted}", "INVALID_FIELD")

    def _amount(self, text: str) -> Any:
        """A number as a whole one; one that lies between two of them stays between them."""
        code, digits = (text[:3], text[3:]) if text[:1].isalpha() else ("", text)
        number = Decimal(digits).scaleb(self._scale) * self._rate(code)
        return int(number) if number == number.to_integral_value() else float(number)

    def _ordered(self) -> str:
        column = self._column(self._next("name")[1])
        way = "DESC" if self._took("DESC") else "ASC"
        if way == "ASC":
            self._took("ASC")
        return f"{column.sql} {way}"

    def _key(self, column: Column) -> str:
        return column.folded or column.org or column.sql

    def _column(self, path: str) -> Column:
        return self._find(self._made.table, path)

    def _peek(self, kind: str) -> str | None:
        there = self._at < len(self._tokens) and self._tokens[self._at][0] == kind
        return self._tokens[self._at][1] if there else None

    def _next(self, kind: str | None = None) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise Malformed("unexpected token: <EOF>")
        token = self._tokens[self._at]
        if kind is not None and token[0] != kind:
            raise Malformed(f"unexpected token: '{token[1]}'")
        self._at += 1
        return token

    def _took(self, word: str) -> bool:
        there = self._at < len(self._tokens) and self._tokens[self._at]
        if there and there[0] != "text" and there[1].upper() == word:
            self._at += 1
            return True
        return False

    def _word(self, word: str) -> None:
        if not self._took(word):
            raise Malformed(f"expecting {word}")


def tokens(soql: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(soql.rstrip())
    while at < end:
        found = TOKEN.match(soql, at)
        if found is None:
            raise Malformed(f"unexpected token at {at}")
        kind = str(found.lastgroup)
        yield kind, found[kind]
        at = found.end()


def unquoted(text: str, *, keep_wild: bool = False) -> str:
    r"""The text between the quotes; ``keep_wild`` leaves \% and \_ for LIKE."""

    def plain(found: re.Match[str]) -> str:
        letter = found[1]
        if letter in "%_":
            if not keep_wild:
                raise Malformed("invalid string escape")
            return f"\\{letter}"
        if letter not in ESCAPES:
            raise Malformed("invalid string escape")
        return ESCAPES[letter]

    return re.sub(r"\\(.)", plain, text[1:-1], flags=re.DOTALL)


def seconds(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
