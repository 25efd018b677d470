"""What an expression says of one row: the tree turned into functions of the row's cells.

Every part is read as what its neighbours need. A column next to a number is a number (an empty
cell is None and meets no comparison), next to a text it is its trimmed text, next to a date an
instant. Two columns are equal as texts and ordered as numbers. A date without a time compares as a
day in the zone, so that "<= '2026-12-31'" includes that whole day.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any, TypeVar

from okrsync.mapping.cells import Unreadable, moment
from okrsync.mapping.cells.dates import from_microseconds, microseconds
from okrsync.mapping.expression import (
    Binary,
    Call,
    Choice,
    ListOf,
    Name,
    Negation,
    Node,
    Not,
    Number,
    Text,
    Truth,
)
from okrsync.mapping.functions import FUNCTIONS
from okrsync.mapping.rows.blocks import Table

Cells = Sequence[str]
Value = TypeVar("Value")
Of = Callable[[Cells], Value]

ARITHMETIC = Context(prec=60)
ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SUMS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "/": ARITHMETIC.divide,
    "%": ARITHMETIC.remainder,
}
_ORDERED = frozenset({"<", "<=", ">", ">="})


def sort_of(node: Node) -> str:
    """number, text, truth, date or cell (a column, which is what is asked of it)."""
    match node:
        case Number() | Negation():
            return "number"
        case Text():
            return "text"
        case Name() | ListOf():
            return "cell"
        case Call(function=function):
            return FUNCTIONS["rows"][function].gives
        case Choice(then=then, otherwise=otherwise):
            return sort_of(otherwise) if sort_of(then) == "cell" else sort_of(then)
        case Binary(operator=sign):
            return "number" if sign in _SUMS else "truth"
        case _:
            return "truth"


def is_day(node: Node) -> bool:
    """Whether a date has no time of day: date(...), or a literal like '2026-12-31'."""
    if isinstance(node, Text):
        return len(node.value) == len("2026-12-31")
    return isinstance(node, Call) and node.function == "date"


class Scalars:
    """Makes functions of the cells of ``columns``, which it gathers on the way."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.columns: list[int] = []

    def truth(self, node: Node) -> Of[bool]:
        match node:
            case Truth(value=value):
                return lambda _: value
            case Not(operand=operand):
                part = self.truth(operand)
                return lambda cells: not part(cells)
            case Binary(operator="and" | "or" as sign, left=left, right=right):
                return _joined(self.truth(left), self.truth(right), decides=sign == "or")
            case Binary(operator="in" | "not in" as sign, left=left, right=ListOf(items=items)):
                equal = [self._compared("==", left, item) for item in items]
                return lambda cells: any(one(cells) for one in equal) == (sign == "in")
            case Binary(operator=sign, left=left, right=right):
                return self._compared(sign, left, right)
            case Call():
                return self._test(node)
            case Choice():
                return self._choice(node, self.truth)
            case _:
                return self._cell_truth(node)

    def _compared(self, sign: str, left: Node, right: Node) -> Of[bool]:
        sorts = {sort_of(left), sort_of(right)}
        if "truth" in sorts:
            return _related(sign, self.truth(left), self.truth(right))
        if "number" in sorts:
            return _related(sign, self.number(left), self.number(right))
        literal = isinstance(left, Text) or isinstance(right, Text)
        if "date" in sorts or (sign in _ORDERED and literal):
            return self._dates_compared(sign, left, right)
        if sign in _ORDERED and "text" not in sorts:
            return _related(sign, self.number(left), self.number(right))
        return _related(sign, self.text(left), self.text(right))

    def _dates_compared(self, sign: str, left: Node, right: Node) -> Of[bool]:
        if is_day(left) or is_day(right):
            return _related(sign, self.day(left), self.day(right))
        return _related(sign, self.instant(left), self.instant(right))

    def number(self, node: Node) -> Of[Decimal | None]:
        match node:
            case Number(value=value):
                return lambda _: value
            case Name(name=name):
                column, cell = self._column(name)
                read = self.table.numbers(column).number
                return lambda cells: read(cell(cells))
            case Negation(operand=operand):
                part = self.number(operand)
                return lambda cells: None if (value := part(cells)) is None else -value
            case Binary(operator=sign, left=left, right=right):
                return _computed(sign, self.number(left), self.number(right))
            case Choice():
                return self._choice(node, self.number)
            case Call(function="year" | "month" as part_of_date, arguments=(argument,)):
                return self._part_of_date(argument, part_of_date)
            case Call(function="abs", arguments=(argument,)):
                part = self.number(argument)
                return lambda cells: None if (value := part(cells)) is None else abs(value)
            case Call(arguments=arguments):
                return self._rounded(*arguments)
            case _:
                raise TypeError(node)

    def _rounded(self, argument: Node, digits: Node = Number(Decimal(0))) -> Of[Decimal | None]:  # noqa: B008
        value, places = self.number(argument), self.number(digits)

        def rounded(cells: Cells) -> Decimal | None:
            number, count = value(cells), places(cells)
            if number is None or count is None:
                return None
            step = Decimal(1).scaleb(-max(-20, min(20, int(count))))
            with localcontext(ARITHMETIC):
                return (number / step).to_integral_value(ROUND_HALF_UP) * step

        return rounded

    def _part_of_date(self, node: Node, part: str) -> Of[Decimal | None]:
        when = self.day(node)

        def number(cells: Cells) -> Decimal | None:
            day = when(cells)
            return None if day is None else Decimal(getattr(day, part))

        return number

    def text(self, node: Node) -> Of[str]:
        match node:
            case Text(value=value):
                return lambda _: value
            case Name(name=name):
                return self._column(name)[1]
            case Call(function="lower" | "upper" as case, arguments=(argument,)):
                part = self.text(argument)
                return lambda cells: (
                    str.lower(part(cells)) if case == "lower" else part(cells).upper()
                )
            case Choice():
                return self._choice(node, self.text)
            case _:
                raise TypeError(node)

    def instant(self, node: Node) -> Of[int | None]:
        """Microseconds since 1970."""
        match node:
            case Text(value=value):
                when = literal_instant(value, self.table)
                return lambda _: when
            case Name(name=name):
                column, cell = self._column(name)
                read = self.table.dates(column).instant
                return lambda cells: read(cell(cells))
            case Call(function="date", arguments=(argument,)):
                return self.instant(argument)
            case Choice():
                return self._choice(node, self.instant)
            case _:
                part, table = self.text(node), self.table
                return lambda cells: _instant_of(part(cells), table)

    def day(self, node: Node) -> Of[Any]:
        when, zone = self.instant(node), self.table.zone

        def day(cells: Cells) -> object:
            count = when(cells)
            return None if count is None else from_microseconds(count, zone).date()

        return day

    def _test(self, call: Call) -> Of[bool]:
        if call.function == "empty":
            return self._empty(call.arguments[0])
        whole, part = (self.text(argument) for argument in call.arguments)
        if call.function == "contains":
            return lambda cells: part(cells) in whole(cells)
        if call.function == "starts_with":
            return lambda cells: whole(cells).startswith(part(cells))
        return lambda cells: whole(cells).endswith(part(cells))

    def _empty(self, node: Node) -> Of[bool]:
        if sort_of(node) in {"cell", "text"}:
            text = self.text(node)
            return lambda cells: not text(cells)
        read: Of[object] = {"number": self.number, "date": self.instant}.get(
            sort_of(node), self.truth
        )(node)
        return lambda cells: read(cells) is None

    def _cell_truth(self, node: Node) -> Of[bool]:
        text = self.text(node)

        def truth(cells: Cells) -> bool:
            written = text(cells).lower()
            if written not in {"true", "false"}:
                raise Unreadable("is neither true nor false")
            return written == "true"

        return truth

    def _choice(self, node: Choice, read: Callable[[Node], Of[Value]]) -> Of[Value]:
        condition, then, otherwise = (
            self.truth(node.condition),
            read(node.then),
            read(node.otherwise),
        )
        return lambda cells: then(cells) if condition(cells) else otherwise(cells)

    def _column(self, name: str) -> tuple[int, Of[str]]:
        column = self.table.header.place(name)
        if column not in self.columns:
            self.columns.append(column)
        return column, operator.itemgetter(self.columns.index(column))


def literal_instant(text: str, table: Table) -> int:
    """An ISO literal; the parser has already seen that it is one."""
    when = datetime.fromisoformat(text)
    return microseconds(when if when.tzinfo else when.replace(tzinfo=table.zone))


def next_day(text: str, table: Table) -> int:
    """The midnight that ends the day of a literal without a time."""
    following = datetime.fromisoformat(text) + timedelta(days=1)
    return microseconds(following.replace(tzinfo=table.zone))


def _instant_of(text: str, table: Table) -> int | None:
    return microseconds(moment(text, table.style.dates, table.zone)) if text else None


def _related(sign: str, left: Of[Any], right: Of[Any]) -> Of[bool]:
    holds = ORDERS[sign]

    def related(cells: Cells) -> bool:
        one, other = left(cells), right(cells)
        return one is not None and other is not None and holds(one, other)

    return related


def _computed(sign: str, left: Of[Decimal | None], right: Of[Decimal | None]) -> Of[Decimal | None]:
    compute = _SUMS[sign]

    def computed(cells: Cells) -> Decimal | None:
        one, other = left(cells), right(cells)
        if one is None or other is None or (sign in "/%" and not other):
            return None
        return compute(one, other)

    return computed


def _joined(left: Of[bool], right: Of[bool], *, decides: bool) -> Of[bool]:
    """Kleene's "and", "or": what is unreadable does not matter where the other side decides."""

    def joined(cells: Cells) -> bool:
        try:
            first = left(cells)
        except Unreadable:
            if right(cells) == decides:
                return decides
            raise
        return first if first == decides else right(cells)

    return joined
