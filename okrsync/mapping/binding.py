"""From :name in a condition to the constant it stands for; nothing is pasted into the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches

from okrsync.conditions import Constant
from okrsync.mapping.expression import (
    Binary,
    Bound,
    Call,
    Choice,
    Expression,
    ListOf,
    Negation,
    Node,
    Not,
    Number,
    Text,
    Truth,
)
from okrsync.mapping.expression_types import check_types
from okrsync.mapping.problems import ExpressionError


def bind(expression: Expression, values: Mapping[str, Constant]) -> Expression:
    """The expression with a constant in place of every :name.

    Raises ExpressionError for a name that ``values`` does not have, and where a constant does not
    go together with what it is compared with.
    """
    if not expression.bound:
        return expression
    root = _bound(expression.root, values)
    check_types(root, "rows")
    return replace(expression, root=root, bound=())


def _bound(node: Node, values: Mapping[str, Constant]) -> Node:
    match node:
        case Bound():
            return _constant(node, values)
        case Call(arguments=parts):
            return replace(node, arguments=tuple(_bound(part, values) for part in parts))
        case ListOf(items=parts):
            return ListOf(tuple(_bound(part, values) for part in parts))
        case Negation(operand=part) | Not(operand=part):
            return replace(node, operand=_bound(part, values))
        case Binary(left=left, right=right):
            return replace(node, left=_bound(left, values), right=_bound(right, values))
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return Choice(*(_bound(part, values) for part in (condition, then, otherwise)))
        case _:
            return node


def _constant(node: Bound, values: Mapping[str, Constant]) -> Node:
    if node.name not in values:
        raise _unknown(node, values)
    value = values[node.name]
    if isinstance(value, bool):
        return Truth(value=value)
    if isinstance(value, Decimal):
        return Number(value)
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, datetime):
        return Text(value.isoformat())
    if isinstance(value, date):
        return Call("date", (Text(value.isoformat()),), node.offset)
    raise TypeError(type(value))


def _unknown(node: Bound, values: Mapping[str, Constant]) -> ExpressionError:
    close = get_close_matches(node.name, values, n=1)
    return ExpressionError(
        "this value is not defined",
        offset=node.offset,
        width=len(node.name) + 1,
        suggestion=f":{close[0]}" if close else "",
        cure="define it in the mapping's [vars], or in this table's vars",
    )
