"""The value of an expression over metrics, exact and with its unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from okrsync.errors import NoValue
from okrsync.mapping.algebra import Algebra, Operand
from okrsync.mapping.expression import (
    Binary,
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
from okrsync.mapping.numbers import MAX_MAGNITUDE
from okrsync.model import Quantity

_TRUTHS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"})


def evaluate(
    expression: Expression,
    metric: Callable[[str], Quantity],
    score: Callable[[str], Decimal],
    rates: Mapping[str, Decimal],
) -> Quantity:
    """The number that the expression gives, with 34 digits and its unit.

    ``metric`` and ``score`` are asked only for the names that the result needs; what they raise
    goes through. Raises NoValue, with the reason in words, for a zero denominator, for units that
    do not go together, beyond 10**30, and where the expression gives true or false.
    """
    if gives_truth(expression):
        raise NoValue(
            "the expression gives true or false, and a number is needed",
            next_step="write 1 if ... else 0",
        )
    operand = _Evaluation(metric, score, Algebra(rates)).number(expression.root)
    if operand.value.copy_abs() >= MAX_MAGNITUDE:
        raise NoValue("the result is too large to be kept")
    return Quantity(_without_exponent(operand.value), operand.unit)


def evaluate_truth(
    expression: Expression,
    metric: Callable[[str], Quantity],
    score: Callable[[str], Decimal],
    rates: Mapping[str, Decimal],
) -> bool:
    """Whether the expression is true. Raises NoValue as ``evaluate``, also for a number."""
    if not gives_truth(expression):
        raise NoValue(
            "the expression gives a number, and true or false is needed",
            next_step="compare it with something, such as a >= 10",
        )
    return _Evaluation(metric, score, Algebra(rates)).truth(expression.root)


def gives_truth(expression: Expression) -> bool:
    """Whether an expression over metrics gives true or false instead of a number."""
    return _is_truth(expression.root)


def _is_truth(node: Node) -> bool:
    match node:
        case Truth() | Not():
            return True
        case Binary(operator=operator):
            return operator in _TRUTHS
        case Choice(then=then):
            return _is_truth(then)
        case _:
            return False


class _Evaluation:
    """One walk over one tree."""

    def __init__(
        self, metric: Callable[[str], Quantity], score: Callable[[str], Decimal], algebra: Algebra
    ) -> None:
        self._metric = metric
        self._score = score
        self._algebra = algebra

    def number(self, node: Node) -> Operand:
        match node:
            case Number(value=value):
                return Operand(value, literal=True)
            case Name(name=name):
                quantity = self._metric(name)
                return _named(quantity, f"`{name}`")
            case Negation(operand=operand):
                return self._algebra.negative(self.number(operand))
            case Call():
                return self._call(node)
            case Choice(condition=condition, then=then, otherwise=otherwise):
                return self.number(then if self.truth(condition) else otherwise)
            case Binary():
                return self._arithmetic(node)
            case _:
                raise NoValue("a number is needed here")

    def truth(self, node: Node) -> bool:
        match node:
            case Truth(value=value):
                return value
            case Not(operand=operand):
                return not self.truth(operand)
            case Choice(condition=condition, then=then, otherwise=otherwise):
                return self.truth(then if self.truth(condition) else otherwise)
            case Binary(operator="and", left=left, right=right):
                return self.truth(left) and self.truth(right)
            case Binary(operator="or", left=left, right=right):
                return self.truth(left) or self.truth(right)
            case Binary(operator="in" | "not in", right=ListOf(items=items)):
                found = any(self._equal(node.left, item) for item in items)
                return found == (node.operator == "in")
            case Binary():
                return self._comparison(node)
            case _:
                raise NoValue("true or false is needed here")

    def _arithmetic(self, node: Binary) -> Operand:
        operations = {
            "+": self._algebra.add,
            "-": self._algebra.subtract,
            "*": self._algebra.multiply,
            "/": self._algebra.divide,
            "%": self._algebra.remainder,
        }
        operation = operations.get(node.operator)
        if operation is None:
            raise NoValue("a number is needed here")
        return operation(self.number(node.left), self.number(node.right))

    def _comparison(self, node: Binary) -> bool:
        if node.operator in {"==", "!="}:
            return self._equal(node.left, node.right) == (node.operator == "==")
        order = self._algebra.order(self.number(node.left), self.number(node.right))
        return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[node.operator]

    def _equal(self, left: Node, right: Node) -> bool:
        if _is_truth(left):
            return self.truth(left) == self.truth(right)
        return self._algebra.order(self.number(left), self.number(right)) == 0

    def _call(self, call: Call) -> Operand:
        if call.function == "score":
            return self._scored(call.arguments[0])
        operands = [self.number(argument) for argument in call.arguments]
        algebra = self._algebra
        match call.function:
            case "pct":
                return algebra.percent(*operands)
            case "ratio":
                return algebra.divide(*operands)
            case "abs":
                return algebra.absolute(*operands)
            case "round":
                digits = operands[1] if len(operands) > 1 else Operand(Decimal(0))
                return algebra.rounded(operands[0], digits)
            case _:
                over_all = {
                    "sum": algebra.total,
                    "mean": algebra.mean,
                    "min": algebra.smallest,
                    "max": algebra.largest,
                }
                return over_all[call.function](operands)

    def _scored(self, argument: Node) -> Operand:
        if not isinstance(argument, Text):
            raise NoValue("score() takes an id in quotes")
        return _named(Quantity(self._score(argument.value)), f"score('{argument.value}')")


def _named(quantity: Quantity, name: str) -> Operand:
    if not quantity.value.is_finite():
        raise NoValue(f"{name} is infinite or not a number")
    return Operand(quantity.value, quantity.unit, name=name)


def _without_exponent(value: Decimal) -> Decimal:
    return Decimal(format(value, "f")) if value else Decimal(0)
