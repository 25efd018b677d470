"""From the row language to the neutral tree of okrsync.conditions, as far as that goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Final

from okrsync.conditions import (
    NO_VALUES,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Constant,
    Not,
    Operator,
    without_not,
)
from okrsync.errors import SourceError
from okrsync.mapping.binding import bind
from okrsync.mapping.expression import (
    Binary,
    Call,
    ListOf,
    Name,
    Negation,
    Node,
    Number,
    Text,
    Truth,
)
from okrsync.mapping.expression import Not as NotNode
from okrsync.mapping.parser import ExpressionError, parse

_SAME: Final[dict[str, Operator]] = {
    "==": "==",
    "!=": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_MIRRORED: Final[dict[str, Operator]] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
_PARTS: Final[dict[str, Operator]] = {
    "contains": "contains",
    "starts_with": "starts_with",
    "ends_with": "ends_with",
}
_ORDERED: Final = frozenset({"<", "<=", ">", ">="})
_DAY: Final = len("2026-12-31")


def neutral(text: str, zone: tzinfo, values: Mapping[str, Constant] = NO_VALUES) -> Condition:
    """The condition as a tree. Raises SourceError for what the tree cannot say."""
    try:
        root = bind(parse(text, "rows"), values).root
    except ExpressionError as error:
        raise SourceError(f"where: {error.message}", next_step=error.cure) from None
    return _Reader(zone).condition(root)


class _Reader:
    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def condition(self, node: Node) -> Condition:
        match node:
            case Truth(value=value):
                return AllOf(()) if value else AnyOf(())
            case Name(name=column):
                return Comparison(column, "==", (True,))
            case NotNode(operand=operand):
                return Not(self.condition(operand))
            case Binary(operator="and" | "or" as operator):
                parts = tuple(self.condition(part) for part in _chain(node, operator))
                return AllOf(parts) if operator == "and" else AnyOf(parts)
            case Binary(operator="in" | "not in" as operator, left=left, right=ListOf(items=items)):
                some = self._membership(left, items)
                return some if operator == "in" else without_not(Not(some))
            case Binary():
                return self._compared(node)
            case Call():
                return self._called(node)
            case _:
                raise _refused("`if ... else`")

    def _compared(self, node: Binary) -> Condition:
        if node.operator not in _SAME:
            raise _refused("arithmetic")
        if _is_column(node.left):
            return self._against(node.left, _SAME[node.operator], node.right)
        if _is_column(node.right):
            return self._against(node.right, _MIRRORED[node.operator], node.left)
        raise _refused("arithmetic, or a function of a column")

    def _against(self, side: Node, operator: Operator, other: Node) -> Condition:
        value = self._constant(other, dated=operator in _ORDERED or isinstance(side, Call))
        if isinstance(side, Call):
            value = self._day(value)
        column = _column(side)
        if value != "":
            return Comparison(column, operator, (value,))
        empty = Comparison(column, "empty")
        return empty if operator == "==" else Not(empty)

    def _membership(self, left: Node, items: tuple[Node, ...]) -> Condition:
        column = _column(left)
        values = self._members(left, items)
        some = tuple(value for value in values if value != "")
        parts: list[Condition] = [Comparison(column, "in", some)] if some else []
        if "" in values:
            parts.append(Comparison(column, "empty"))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _members(self, left: Node, items: tuple[Node, ...]) -> list[Constant]:
        if not isinstance(left, Name):
            raise _refused("a function before `in`")
        return [self._constant(item, dated=False) for item in items]

    def _called(self, call: Call) -> Condition:
        column, *rest = call.arguments
        if call.function == "empty":
            return Comparison(_column(column), "empty")
        if call.function not in _PARTS or not isinstance(rest[0], Text):
            raise _refused(f"{call.function}() as it stands here")
        if not rest[0].value:
            return AllOf(())  # every text holds the empty one
        return Comparison(_column(column), _PARTS[call.function], (rest[0].value,))

    def _constant(self, node: Node, *, dated: bool) -> Constant:
        match node:
            case Number(value=value):
                return value
            case Negation(operand=Number(value=value)):
                return -value
            case Truth(value=truth):
                return truth
            case Text(value=text):
                return self._moment(text) if dated else text
            case Call(function="date", arguments=(Text(value=text),)):
                return self._day(self._moment(text))
            case _:
                raise _refused("a comparison of columns, arithmetic, or a function of a column")

    def _moment(self, text: str) -> date | datetime:
        if len(text) == _DAY:
            return date.fromisoformat(text)
        when = datetime.fromisoformat(text)
        return when if when.tzinfo else when.replace(tzinfo=self._zone)

    def _day(self, value: Constant) -> date:
        if isinstance(value, datetime):
            return value.astimezone(self._zone).date()
        if isinstance(value, date):
            return value
        raise _refused("date() next to something that is not a date")


def _chain(node: Node, operator: str) -> list[Node]:
    """The parts of ``a and b and c``, which the parser has joined two by two."""
    if isinstance(node, Binary) and node.operator == operator:
        return [*_chain(node.left, operator), *_chain(node.right, operator)]
    return [node]


def _is_column(node: Node) -> bool:
    return isinstance(node, Name) or (
        isinstance(node, Call) and node.function == "date" and isinstance(node.arguments[0], Name)
    )


def _column(node: Node) -> str:
    if isinstance(node, Call) and node.function == "date":
        node = node.arguments[0]
    if isinstance(node, Name):
        return node.name
    raise _refused("a function of a column")


def _refused(what: str) -> SourceError:
    return SourceError(
        f"where: {what} cannot be asked of this source",
        next_step="compare a column with a number, a text or a date",
    )
