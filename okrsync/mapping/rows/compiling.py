"""From the syntax tree of ``where`` to conditions; equal parts of different questions are one."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import fields

from okrsync.mapping.expression import Binary, Name, Node, Not, Number, Text
from okrsync.mapping.rows.blocks import Table
from okrsync.mapping.rows.conditions import (
    Always,
    Condition,
    Joined,
    Negated,
    NumberIs,
    OneColumn,
    Several,
    TextIs,
    Within,
)
from okrsync.mapping.rows.masks import either
from okrsync.mapping.rows.scalars import ORDERS, Scalars, is_day, literal_instant, next_day

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Compiler:
    def __init__(self, table: Table) -> None:
        self._table = table
        self._kept: dict[Hashable, Condition] = {}

    def conjuncts(self, node: Node) -> list[Condition]:
        """The parts that must all hold, each once."""
        if isinstance(node, Binary) and node.operator == "and":
            return [*self.conjuncts(node.left), *self.conjuncts(node.right)]
        return [self._condition(node)]

    def all_of(self, parts: list[Condition]) -> Condition:
        """The parts in one order, so that questions share what they have in common."""
        unique = sorted({id(part): part for part in parts}.values(), key=id)
        if len(unique) == 1:
            return unique[0]
        key = ("all", *map(id, unique))
        return self._keep(key, lambda: Joined(unique) if unique else Always())

    def text_is(self, column: int, text: str) -> Condition:
        return self._keep(("is", column, text), lambda: TextIs(column, text))

    def within(self, column: int, start: int | None, end: int | None) -> Condition:
        key = ("within", column, start, end)
        return self._keep(key, lambda: Within(self._table, column, start, end))

    def _condition(self, node: Node) -> Condition:
        match node:
            case Binary(operator="and"):
                return self.all_of(self.conjuncts(node))
            case Binary(operator="or", left=left, right=right):
                parts = [self._condition(left), self._condition(right)]
                return self._keep(("any", *map(id, parts)), lambda: Joined(parts, either))
            case Not(operand=operand):
                part = self._condition(operand)
                return self._keep(("not", id(part)), lambda: Negated(part))
            case Binary(operator=sign, left=Name(name=name), right=right) if sign in ORDERS:
                return self._comparison(node, name, sign, right)
            case Binary(operator=sign, left=left, right=Name(name=name)) if sign in ORDERS:
                return self._comparison(node, name, _MIRRORED[sign], left)
            case _:
                return self._test(node)

    def _comparison(self, node: Node, name: str, sign: str, other: Node) -> Condition:
        """A column against a literal, the usual condition, in its quick form."""
        column = self._table.header.place(name)
        match other:
            case Number(value=value):
                key = ("number", column, sign, value)
                return self._keep(key, lambda: NumberIs(self._table, column, sign, value))
            case Text(value=text) if sign == "==":
                return self.text_is(column, text)
            case Text(value=text) if sign != "!=":
                return self._dated(column, sign, text)
            case _:
                return self._test(node)

    def _dated(self, column: int, sign: str, text: str) -> Condition:
        """A literal without a time of day stands for the whole day."""
        when = literal_instant(text, self._table)
        after = next_day(text, self._table) if is_day(Text(text)) else when + 1
        start, end = {
            "<": (None, when),
            "<=": (None, after),
            ">": (after, None),
            ">=": (when, None),
        }[sign]
        return self.within(column, start, end)

    def _test(self, node: Node) -> Condition:
        """Anything else, row by row."""
        return self._keep(_key(node), lambda: self._scalar(node))

    def _scalar(self, node: Node) -> Condition:
        scalars = Scalars(self._table)
        holds = scalars.truth(node)
        if len(scalars.columns) == 1:
            return OneColumn(scalars.columns[0], holds)
        return Several(scalars.columns, holds)

    def _keep(self, key: Hashable, make: Callable[[], Condition]) -> Condition:
        known = self._kept.get(key)
        if known is None:
            known = self._kept[key] = make()
        return known


def _key(part: object) -> Hashable:
    """A part of the tree without the places in the text."""
    if isinstance(part, tuple):
        return tuple(map(_key, part))
    if not hasattr(part, "__dataclass_fields__"):
        return (type(part).__name__, part)
    values = (getattr(part, f.name) for f in fields(part) if f.name != "offset")  # type: ignore[arg-type]
    return (type(part).__name__, *map(_key, values))
