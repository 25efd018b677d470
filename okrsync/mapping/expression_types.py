"""What can be known about an expression before it meets a number or a row."""

from __future__ import annotations

import re
from datetime import datetime

from okrsync.mapping.expression import (
    Binary,
    Bound,
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
from okrsync.mapping.functions import FUNCTIONS, Dialect, Sort
from okrsync.mapping.problems import ExpressionError

_CALENDAR_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ARITHMETIC = frozenset({"+", "-", "*", "/", "%"})
_ORDERING = frozenset({"<", "<=", ">", ">="})


def check_types(root: Node, dialect: Dialect) -> Sort:
    """What the expression gives. Raises ExpressionError where parts cannot go together.

    Rows are chosen by a condition; over metrics both numbers and conditions are of use.
    """
    sort = _Checker(dialect).sort_of(root, 0)
    if dialect == "rows" and not _goes(sort, "truth"):
        raise _mismatch(sort, "truth", _place(root, 0))
    return sort


def is_iso_date(text: str) -> bool:
    """Whether a text literal orders as a date: 2026-10-01, or an instant in ISO 8601."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return _CALENDAR_DAY.match(text) is not None


class _Checker:
    """Finds the sort of every part; ``near`` is where to point for a part that knows no place."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect: Dialect = dialect

    def sort_of(self, node: Node, near: int) -> Sort:
        match node:
            case Negation(operand=operand):
                return self._demand(operand, "number", near)
            case Not(operand=operand):
                return self._demand(operand, "truth", near)
            case Call():
                return self._call(node)
            case Binary():
                return self._binary(node)
            case Choice():
                return self._choice(node, near)
            case _:
                return self._sort_of_leaf(node, near)

    def _sort_of_leaf(self, node: Number | Text | Truth | Name | Bound | ListOf, near: int) -> Sort:
        match node:
            case Number():
                return "number"
            case Truth():
                return "truth"
            case Bound():
                return "unknown"  # looked at again when the mapping's [vars] are known
            case Name():
                return "number" if self._dialect == "metrics" else "unknown"
            case Text() if self._dialect == "rows":
                return "text"
            case Text():
                raise ExpressionError(
                    "a text is not a number", offset=near, cure="write a metric without quotes"
                )
            case ListOf():
                raise ExpressionError(
                    "a list only stands after `in`", offset=near, cure="write a in [1, 2]"
                )

    def _demand(self, node: Node, wanted: Sort, near: int) -> Sort:
        got = self.sort_of(node, _place(node, near))
        if wanted != "unknown" and not _goes(got, wanted):
            raise _mismatch(got, wanted, _place(node, near))
        return wanted

    def _call(self, call: Call) -> Sort:
        function = FUNCTIONS[self._dialect][call.function]
        if call.function == "score":
            return "number"
        for index, argument in enumerate(call.arguments):
            self._demand(argument, function.argument(index), call.offset)
            if call.function in {"date", "year", "month"}:
                _demand_date(argument, call.offset)
        return function.gives

    def _binary(self, node: Binary) -> Sort:
        if node.operator in _ARITHMETIC:
            self._demand(node.left, "number", node.offset)
            return self._demand(node.right, "number", node.offset)
        if node.operator in {"and", "or"}:
            self._demand(node.left, "truth", node.offset)
            return self._demand(node.right, "truth", node.offset)
        if node.operator in {"in", "not in"}:
            return self._membership(node)
        left = self.sort_of(node.left, node.offset)
        right = self.sort_of(node.right, node.offset)
        self._compare(node, left, right)
        return "truth"

    def _compare(self, node: Binary, left: Sort, right: Sort) -> None:
        if node.operator in _ORDERING:
            if "truth" in {left, right}:
                raise ExpressionError("true and false have no order", offset=node.offset)
            for side in (node.left, node.right):
                _demand_date(side, node.offset)
        if not _comparable(left, right):
            raise _mismatch(right, left, node.offset)

    def _membership(self, node: Binary) -> Sort:
        left = self.sort_of(node.left, node.offset)
        if not isinstance(node.right, ListOf):
            raise ExpressionError(
                "`in` needs a list in square brackets",
                offset=node.offset,
                cure="write a in ['x', 'y'], or contains(column, 'x') for a part of a text",
            )
        if not node.right.items:
            raise ExpressionError("this list is empty", offset=node.offset)
        for item in node.right.items:
            got = self.sort_of(item, node.offset)
            if not _comparable(left, got):
                raise _mismatch(got, left, node.offset)
        return "truth"

    def _choice(self, node: Choice, near: int) -> Sort:
        self._demand(node.condition, "truth", near)
        then = self.sort_of(node.then, near)
        otherwise = self.sort_of(node.otherwise, near)
        if not _comparable(then, otherwise):
            raise _mismatch(otherwise, then, near)
        return then if otherwise == "unknown" else otherwise


def _goes(got: Sort, wanted: Sort) -> bool:
    """An ISO text is a date wherever a date is wanted; what is in a column shows only later."""
    return got == wanted or "unknown" in {got, wanted} or (got, wanted) == ("text", "date")


def _comparable(left: Sort, right: Sort) -> bool:
    return _goes(left, right) or _goes(right, left)


def _demand_date(node: Node, near: int) -> None:
    if isinstance(node, Text) and not is_iso_date(node.value):
        raise ExpressionError(
            "only dates and numbers have an order, and this text is not a date",
            offset=near,
            cure="write the date as '2026-10-01', or the number without quotes",
        )


def _mismatch(got: Sort, wanted: Sort, offset: int) -> ExpressionError:
    named = {"truth": "true or false", "unknown": "a column"}
    cures = {
        "truth": "compare it with something, such as a > 0",
        "number": "write a number, a name or arithmetic",
        "text": "write a column, or a text in quotes",
        "date": "write a column, or date('2026-10-01')",
    }
    return ExpressionError(
        f"{named.get(wanted, f'a {wanted}')} belongs here, this is {named.get(got, f'a {got}')}",
        offset=offset,
        cure=cures.get(wanted, ""),
    )


def _place(node: Node, near: int) -> int:
    return node.offset if isinstance(node, Name | Bound | Call | Binary) else near
