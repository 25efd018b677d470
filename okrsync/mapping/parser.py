"""From an expression's text to its tree: recursive descent along the grammar in expression.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache

from okrsync.mapping.cursor import NEVER_NAMES, Cursor
from okrsync.mapping.expression import (
    Binary,
    Bound,
    Call,
    Choice,
    Expression,
    ListOf,
    Name,
    Negation,
    Node,
    Not,
    Number,
    Text,
    Truth,
)
from okrsync.mapping.expression_size import MAX_CHARACTERS, MAX_DEPTH, check_size, too_large
from okrsync.mapping.expression_types import check_types
from okrsync.mapping.functions import FUNCTIONS, Dialect
from okrsync.mapping.numbers import MAX_DIGITS
from okrsync.mapping.problems import ExpressionError
from okrsync.mapping.tokens import KEYWORDS, Token, tokens_of

__all__ = ["Dialect", "ExpressionError", "parse", "plain_equality"]

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_OR = frozenset({"or"})
_AND = frozenset({"and"})
_SUM = frozenset({"+", "-"})
_PRODUCT = frozenset({"*", "/", "%"})
_NO_NAMES = KEYWORDS | NEVER_NAMES

# A column equal to a text: what key results that pick their rows out of one table all write, each
# with a text of its own. Read in one step, without a tree, it takes a fiftieth of the time.
_PLAIN = re.compile(r"\s*([^\W\d]\w*)\s*==\s*'([^'\\]*)'\s*")


# Every key result may have a condition of its own, read when it is checked and when it is asked.
@lru_cache(maxsize=1 << 17)
def parse(text: str, dialect: Dialect) -> Expression:
    """The expression's tree, checked for what can be known of its types.

    Raises ExpressionError with the place in ``text`` and the cure; nothing else, on any text.
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            f"this expression has more than {MAX_CHARACTERS} characters",
            width=len(text),
            cure="split it into metrics of their own",
        )
    parser = _Parser(Cursor(tokens_of(text, dialect)), dialect)
    root = parser.whole()
    check_size(root, len(text))
    check_types(root, dialect)
    return Expression(text, root, tuple(parser.names), tuple(parser.scores), tuple(parser.bound))


def plain_equality(text: str) -> tuple[str, str] | None:
    """Column and text of a condition over rows that is nothing but column == 'text', else None."""
    plain = _PLAIN.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if plain is None or plain[1] in _NO_NAMES:
        return None
    return plain[1], plain[2]


class _Parser:
    """One method for each rule of the grammar, in the grammar's order."""

    def __init__(self, cursor: Cursor, dialect: Dialect) -> None:
        self._cursor = cursor
        self._dialect: Dialect = dialect
        self._functions = FUNCTIONS[dialect]
        self._depth = 0
        self.names: list[Name] = []
        self.scores: list[Name] = []
        self.bound: list[Bound] = []

    def whole(self) -> Node:
        if self._cursor.ended:
            raise ExpressionError("this expression is empty", cure="write a name or a formula")
        root = self._expression()
        if not self._cursor.ended:
            raise self._cursor.unexpected()
        return root

    def _expression(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise too_large(self._cursor.now.offset, self._cursor.now.width)
        then = self._or()
        if self._cursor.takes("if"):
            condition = self._or()
            if not self._cursor.takes("else"):
                raise ExpressionError(
                    "`if` needs an `else`",
                    offset=self._cursor.now.offset,
                    width=self._cursor.now.width,
                    cure="write a if condition else b",
                )
            then = Choice(condition, then, self._expression())
        self._depth -= 1
        return then

    def _or(self) -> Node:
        return self._chain(self._and, _OR)

    def _and(self) -> Node:
        return self._chain(self._not, _AND)

    def _not(self) -> Node:
        count = self._count("not")
        node = self._comparison()
        for _ in range(count):
            node = Not(node)
        return node

    def _comparison(self) -> Node:
        left = self._sum()
        offset = self._cursor.now.offset
        operator = self._comparison_operator()
        if operator is None:
            return left
        node = Binary(operator, left, self._sum(), offset)
        second = self._cursor.now
        if self._comparison_operator() is not None:
            raise ExpressionError(
                "comparisons cannot be chained",
                offset=second.offset,
                width=second.width,
                cure="write a < b and b < c",
            )
        return node

    def _comparison_operator(self) -> str | None:
        if self._cursor.at_one_of(_COMPARISONS):
            return self._cursor.take().text
        return "not in" if self._cursor.takes_not_in() else None

    def _sum(self) -> Node:
        return self._chain(self._product, _SUM)

    def _product(self) -> Node:
        return self._chain(self._sign, _PRODUCT)

    def _sign(self) -> Node:
        count = self._count("-")
        node = self._atom()
        for _ in range(count):
            node = Negation(node)
        return node

    def _atom(self) -> Node:
        token = self._cursor.now
        if token.sort == "number":
            return self._number()
        if token.sort == "text":
            return Text(self._cursor.take().text)
        if self._cursor.takes("("):
            node = self._expression()
            self._cursor.close(")", token)
            return node
        if self._cursor.takes("["):
            return ListOf(self._items("]", token))
        if token.sort == "name" and token.text not in _NO_NAMES:
            return self._named()
        if token.sort == "bound":
            return self._bound()
        if self._cursor.takes("true"):
            return Truth(value=True)
        if self._cursor.takes("false"):
            return Truth(value=False)
        raise self._cursor.unexpected()

    def _chain(self, part: Callable[[], Node], operators: frozenset[str]) -> Node:
        node = part()
        while self._cursor.at_one_of(operators):
            operator = self._cursor.take()
            node = Binary(operator.text, node, part(), operator.offset)
        return node

    def _count(self, prefix: str) -> int:
        count = 0
        while self._cursor.takes(prefix):
            count += 1
        return count

    def _number(self) -> Number:
        token = self._cursor.take()
        if len(token.text.replace(".", "")) > MAX_DIGITS:
            raise ExpressionError(
                f"this number has more than {MAX_DIGITS} digits",
                offset=token.offset,
                width=token.width,
            )
        return Number(Decimal(token.text))

    def _bound(self) -> Bound:
        token = self._cursor.take()
        constant = Bound(token.text, token.offset)
        self.bound.append(constant)
        return constant

    def _named(self) -> Node:
        token = self._cursor.take()
        if self._cursor.at("("):
            return self._call(token)
        name = Name(token.text, token.offset)
        if self._cursor.at("["):
            name = Name(self._column(token), token.offset)
        self.names.append(name)
        return name

    def _column(self, row: Token) -> str:
        opened = self._cursor.take()
        column = self._cursor.now
        rows = self._dialect == "rows"
        if not rows or row.text != "row" or column.sort != "text" or not column.text:
            raise ExpressionError(
                "only row['...'] picks a column by its name"
                if rows
                else "nothing can be picked out of a metric",
                offset=row.offset,
                width=row.width,
                cure="write row['Story Points']" if rows else "write the metric's name alone",
            )
        self._cursor.take()
        self._cursor.close("]", opened)
        return column.text

    def _call(self, token: Token) -> Call:
        function = self._functions.get(token.text)
        if function is None:
            raise self._unknown_function(token)
        opened = self._cursor.take()
        first = self._cursor.now
        arguments = self._items(")", opened)
        if not function.accepts(len(arguments)):
            raise ExpressionError(
                f"{token.text}() has the wrong number of arguments",
                offset=token.offset,
                width=token.width,
                cure=f"write {function.usage}",
            )
        if token.text == "score":
            self._remember_score(arguments[0], first)
        return Call(token.text, arguments, token.offset)

    def _remember_score(self, argument: Node, token: Token) -> None:
        if not isinstance(argument, Text) or token.sort != "text" or not argument.value:
            raise ExpressionError(
                "score() takes the id of an objective or key result in quotes",
                offset=token.offset,
                width=token.width,
                cure="write score('team.objective')",
            )
        self.scores.append(Name(argument.value, token.offset))

    def _items(self, closing: str, opened: Token) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self._cursor.at(closing):
            items.append(self._expression())
            if not self._cursor.takes(","):
                break
        self._cursor.close(closing, opened)
        return tuple(items)

    def _unknown_function(self, token: Token) -> ExpressionError:
        close = get_close_matches(token.text.lower(), self._functions, n=1)
        return ExpressionError(
            "there is no such function",
            offset=token.offset,
            width=token.width,
            suggestion=close[0] if close else "",
            cure=f"there are {', '.join(self._functions)}",
        )
