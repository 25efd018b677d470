"""Arithmetic on quantities: which units go together, and what comes out.

Sums, comparisons, min, max and mean need units that convert. A number written in the expression
takes the unit of what it stands beside. In products and quotients a count (leads) is a plain
number, a % is a share of something that has a unit, and like units divide to a plain number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    Underflow,
)

from okrsync.errors import NoValue
from okrsync.mapping.units import Sort, UnitError, convert, named, sort_of
from okrsync.model import Quantity

_COUNTING = frozenset({Sort.PLAIN, Sort.COUNT})
_MEASURED = frozenset({Sort.DURATION, Sort.CURRENCY})
_MOST_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Operand:
    """A number in the making; ``literal`` when it is made only of numbers in the expression,
    ``name`` for messages when it is a metric or a score."""

    value: Decimal
    unit: str = ""
    literal: bool = False
    name: str = ""

    @property
    def sort(self) -> Sort:
        return sort_of(self.unit)


class Algebra:
    """One calculation, with 34 digits. Every operation raises NoValue, with the reason in words,
    where there is no result."""

    def __init__(self, rates: Mapping[str, Decimal]) -> None:
        self._rates = rates
        self._context = Context(
            prec=34,
            rounding=ROUND_HALF_EVEN,
            Emax=99,
            Emin=-99,
            traps=[InvalidOperation, DivisionByZero, Overflow, Underflow],
        )

    def add(self, left: Operand, right: Operand) -> Operand:
        return self._joined(self._context.add, left, right)

    def subtract(self, left: Operand, right: Operand) -> Operand:
        return self._joined(self._context.subtract, left, right)

    def remainder(self, left: Operand, right: Operand) -> Operand:
        """With the sign of the right side, so that -1 % 7 is 6."""
        _refuse_zero(right)
        rest = self._joined(self._context.remainder, left, right)
        if rest.value != 0 and rest.value.is_signed() != right.value.is_signed():
            return self.add(rest, right)
        return rest

    def multiply(self, left: Operand, right: Operand) -> Operand:
        unit, divisor = _product_unit(left, right)
        product = self._try(lambda: self._context.multiply(left.value, right.value))
        return _made(self._try(lambda: self._context.divide(product, divisor)), unit, left, right)

    def divide(self, left: Operand, right: Operand) -> Operand:
        _refuse_zero(right)
        unit = _quotient_unit(left, right)
        if unit is None:
            (above, below), _ = self.aligned((left, right))
            unit = ""
        else:
            above, below = left.value, right.value
        return _made(self._try(lambda: self._context.divide(above, below)), unit, left, right)

    def percent(self, part: Operand, whole: Operand) -> Operand:
        """100 * part / whole, in %."""
        ratio = self.divide(part, whole)
        if ratio.sort not in _COUNTING:
            raise _refused("pct() of", part, whole)
        return Operand(self._try(lambda: self._context.multiply(ratio.value, Decimal(100))), "%")

    def total(self, operands: Sequence[Operand]) -> Operand:
        values, unit = self.aligned(operands)
        total = Decimal(0)
        for value in values:
            total = self._sum(total, value)
        return _made(total, unit, *operands)

    def mean(self, operands: Sequence[Operand]) -> Operand:
        return self.divide(self.total(operands), Operand(Decimal(len(operands)), literal=True))

    def smallest(self, operands: Sequence[Operand]) -> Operand:
        values, unit = self.aligned(operands)
        return _made(min(values), unit, *operands)

    def largest(self, operands: Sequence[Operand]) -> Operand:
        values, unit = self.aligned(operands)
        return _made(max(values), unit, *operands)

    def negative(self, operand: Operand) -> Operand:
        return Operand(operand.value.copy_negate(), operand.unit, operand.literal)

    def absolute(self, operand: Operand) -> Operand:
        return Operand(operand.value.copy_abs(), operand.unit, operand.literal)

    def rounded(self, operand: Operand, digits: Operand) -> Operand:
        """Half to even, as the rounding that does not drift."""
        places = digits.value
        if digits.unit or places != places.to_integral_value() or abs(places) > _MOST_DIGITS:
            raise NoValue(
                f"round() to something else than {-_MOST_DIGITS} to {_MOST_DIGITS} digits",
                next_step="write round(a, 2)",
            )
        step = Decimal(1).scaleb(-int(places))
        value = self._try(lambda: operand.value.quantize(step, context=self._context))
        return Operand(value, operand.unit, operand.literal)

    def order(self, left: Operand, right: Operand) -> int:
        """-1, 0 or 1, in the same unit."""
        (a, b), _ = self.aligned((left, right))
        return (a > b) - (a < b)

    def aligned(self, operands: Sequence[Operand]) -> tuple[list[Decimal], str]:
        """The numbers in one unit, which is that of the first one that has a unit to give."""
        given = [operand for operand in operands if not operand.literal]
        plain = given[0].unit if given else ""
        unit = next((one.unit for one in given if one.sort is not Sort.PLAIN), plain)
        try:
            return [self._in(operand, unit) for operand in operands], unit
        except UnitError as error:
            raise NoValue(
                f"units do not go together: {error.message}", next_step=error.cure
            ) from None

    def _in(self, operand: Operand, unit: str) -> Decimal:
        if operand.literal:
            return operand.value
        return self._try(
            lambda: convert(Quantity(operand.value, operand.unit), unit, self._rates).value
        )

    def _joined(
        self, operation: Callable[[Decimal, Decimal], Decimal], left: Operand, right: Operand
    ) -> Operand:
        (a, b), unit = self.aligned((left, right))
        return _made(self._try(lambda: operation(a, b)), unit, left, right)

    def _sum(self, left: Decimal, right: Decimal) -> Decimal:
        return self._try(lambda: self._context.add(left, right))

    def _try(self, operation: Callable[[], Decimal]) -> Decimal:
        try:
            return operation()
        except DecimalException:
            raise NoValue("the calculation leaves the range of numbers that can be kept") from None


def _made(value: Decimal, unit: str, *parts: Operand) -> Operand:
    return Operand(value, unit, literal=not unit and all(part.literal for part in parts))


def _refuse_zero(divisor: Operand) -> None:
    if divisor.value == 0:
        raise NoValue(f"{divisor.name or 'the denominator'} is 0, and nothing can be divided by it")


def _product_unit(left: Operand, right: Operand) -> tuple[str, Decimal]:
    """The product's unit, and what to divide it by: 100 where a % is a share of the other."""
    one, hundred = Decimal(1), Decimal(100)
    for a, b in ((left, right), (right, left)):
        if a.sort is Sort.PERCENT and b.sort is Sort.PLAIN and b.literal:
            return "%", one
        if a.sort is Sort.PERCENT and b.sort in _MEASURED | {Sort.COUNT}:
            return b.unit, hundred
        if a.sort is Sort.PLAIN and b.sort in _COUNTING:
            return (b.unit if b.sort is Sort.COUNT else ""), one
        if a.sort in _COUNTING and b.sort in _MEASURED:
            return b.unit, one
    raise _refused("the product of", left, right)


def _quotient_unit(left: Operand, right: Operand) -> str | None:
    """The quotient's unit; None when both sides must first be brought to one unit."""
    if right.sort in _COUNTING:
        return "" if left.sort in _COUNTING and right.sort is Sort.COUNT else _kept(left.unit)
    if left.sort is right.sort:
        return None
    raise _refused("the quotient of", left, right)


def _kept(unit: str) -> str:
    return "" if sort_of(unit) is Sort.PLAIN else unit


def _refused(what: str, left: Operand, right: Operand) -> NoValue:
    return NoValue(
        f"{what} {named(left.unit)} and {named(right.unit)} has no unit",
        next_step="use numbers in the same unit, or ratio(a, b) to make a plain share",
    )
