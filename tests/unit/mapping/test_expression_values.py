"""Arithmetic over metrics: exact numbers, units that make sense, and "no value" in words."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.errors import NoValue, Unreachable
from okrsync.mapping.evaluate import evaluate, evaluate_truth, gives_truth
from okrsync.mapping.parser import ExpressionError, parse
from okrsync.model import Quantity

METRICS = {
    "small": Quantity(Decimal(14)),
    "merged": Quantity(Decimal(118)),
    "zero": Quantity(Decimal(0)),
    "leads": Quantity(Decimal(40), "leads"),
    "deals": Quantity(Decimal(10), "deals"),
    "days": Quantity(Decimal(2), "d"),
    "hours": Quantity(Decimal(12), "h"),
    "rate": Quantity(Decimal(30), "%"),
    "euros": Quantity(Decimal(100), "EUR"),
    "kronor": Quantity(Decimal(1150), "SEK"),
    "pounds": Quantity(Decimal(5), "GBP"),
    "coverage": Quantity(Decimal(3), "x"),
    "huge": Quantity(Decimal("9e29")),
    "nan": Quantity(Decimal("NaN")),
    "infinite": Quantity(Decimal("-Infinity")),
}
RATES = {"SEK": Decimal(1), "EUR": Decimal("11.5")}


def value(text: str) -> Quantity:
    return evaluate(parse(text, "metrics"), METRICS.__getitem__, lambda _: Decimal("0.7"), RATES)


def truth(text: str) -> bool:
    return evaluate_truth(
        parse(text, "metrics"), METRICS.__getitem__, lambda _: Decimal("0.7"), RATES
    )


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("small + merged * 2", "250", ""),
        ("(small + merged) * 2", "264", ""),
        ("0.1 + 0.2", "0.3", ""),
        ("-small % 5", "1", ""),
        ("small % -5", "-1", ""),
        ("pct(deals, leads)", "25", "%"),
        ("pct(hours, days)", "25", "%"),
        ("ratio(leads, deals)", "4", ""),
        ("days + hours", "2.5", "d"),
        ("hours + days", "60", "h"),
        ("days / hours", "4", ""),
        ("days * 2", "4", "d"),
        ("days / 4", "0.5", "d"),
        ("days + 1", "3", "d"),
        ("euros + kronor", "200", "EUR"),
        ("kronor / euros", "1", ""),
        ("euros / deals", "10", "EUR"),
        ("euros / 0.5", "200", "EUR"),
        ("deals * euros", "1000", "EUR"),
        ("rate + 1", "31", "%"),
        ("2 * rate", "60", "%"),
        ("rate * euros", "30", "EUR"),
        ("rate / rate", "1", ""),
        ("leads + small", "54", "leads"),
        ("small + leads", "54", "leads"),
        ("min(days, hours)", "0.5", "d"),
        ("max(3, small, 5)", "14", ""),
        ("mean(small, 0)", "7", ""),
        ("mean(days, hours)", "1.25", "d"),
        ("sum(1, 2, small)", "17", ""),
        ("coverage + 1", "4", "x"),
        ("coverage * leads", "120", "leads"),
        ("abs(-days)", "2", "d"),
        ("round(2.5)", "2", ""),
        ("round(3.5)", "4", ""),
        ("round(small / merged, 3)", "0.119", ""),
        ("round(merged * 10, -2)", "1200", ""),
        ("score('team.goal') * 100", "70", ""),
        ("1 if days > hours else 0", "1", ""),
        ("small if merged < 1 else zero", "0", ""),
    ],
)
def test_numbers_and_units_come_out_right(text: str, number: str, unit: str) -> None:
    assert value(text) == Quantity(Decimal(number), unit)


def test_a_result_has_no_exponent() -> None:
    assert str(value("round(merged * 10, -2)").value) == "1200"
    assert str(value("small * 0").value) == "0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("small >= 14 and merged != 118 or true", True),
        ("small == 14", True),
        ("days == 48 and hours < 13", False),
        ("days > hours", True),
        ("days <= hours", False),
        ("not (small > 1)", False),
        ("small in [1, 14]", True),
        ("small not in [1, 14]", False),
        ("kronor == euros", True),
        ("(small > 1) == true", True),
        ("true if small > 1 else false", True),
        ("score('x') >= 0.7", True),
    ],
)
def test_comparisons_are_true_or_false(text: str, expected: bool) -> None:
    assert truth(text) is expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("small / zero", "`zero` is 0"),
        ("pct(small, zero)", "`zero` is 0"),
        ("ratio(zero, zero)", "`zero` is 0"),
        ("small % zero", "`zero` is 0"),
        ("small / (merged - merged)", "denominator is 0"),
        ("rate + small", "do not go together"),
        ("days + euros", "do not go together"),
        ("leads + deals", "do not go together"),
        ("euros + pounds", "exchange rate for GBP"),
        ("1 if euros > pounds else 0", "exchange rate for GBP"),
        ("euros * euros", "has no unit"),
        ("days * hours", "has no unit"),
        ("rate * small", "has no unit"),
        ("small / days", "has no unit"),
        ("pct(euros, deals)", "has no unit"),
        ("huge * huge * huge * huge", "range of numbers"),
        ("huge * 2", "too large"),
        ("nan + 1", "`nan` is infinite or not a number"),
        ("infinite", "`infinite` is infinite or not a number"),
        ("round(small, 0.5)", "digits"),
        ("round(small, 99)", "digits"),
        ("small > 1", "true or false"),
    ],
)
def test_guarantee_21_what_has_no_number_is_no_value_with_the_reason(
    text: str, reason: str
) -> None:
    with pytest.raises(NoValue) as caught:
        value(text)
    assert reason in caught.value.message


def test_a_number_is_not_a_truth() -> None:
    assert gives_truth(parse("small > 1", "metrics"))
    with pytest.raises(NoValue, match="true or false is needed"):
        truth("small")


def test_a_score_that_is_not_a_number_is_no_value() -> None:
    with pytest.raises(NoValue, match="score"):
        evaluate(parse("score('x')", "metrics"), METRICS.__getitem__, lambda _: Decimal("NaN"), {})


def test_only_what_the_result_needs_is_asked() -> None:
    def failing(name: str) -> Quantity:
        if name == "down":
            raise Unreachable("no answer")
        return METRICS[name]

    def of(text: str) -> Quantity:
        return evaluate(parse(text, "metrics"), failing, lambda _: Decimal(0), {})

    assert of("small if small > 1 else down").value == 14
    assert of("1 if small > 1 or down > 1 else 0").value == 1
    with pytest.raises(Unreachable):
        of("small + down")


# A formula as text beside the same formula in exact fractions.
Pair = tuple[str, Fraction | None]
LEAVES: st.SearchStrategy[Pair] = st.integers(0, 1000).map(lambda n: (str(n), Fraction(n)))


def _combined(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    def join(operator: str, left: Pair, right: Pair) -> Pair:
        text = f"({left[0]} {operator} {right[0]})"
        a, b = left[1], right[1]
        if a is None or b is None or (operator in "/%" and b == 0):
            return text, None
        operations: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
            "+": lambda x, y: x + y,
            "-": lambda x, y: x - y,
            "*": lambda x, y: x * y,
            "/": lambda x, y: x / y,
        }
        return text, operations[operator](a, b)

    return st.builds(join, st.sampled_from(["+", "-", "*", "/"]), inner, inner)


@given(st.recursive(LEAVES, _combined, max_leaves=8))
@settings(max_examples=200)
def test_guarantee_21_arithmetic_agrees_with_exact_fractions(pair: Pair) -> None:
    text, exact = pair
    try:
        got = Fraction(value(text).value)
    except NoValue:
        # A denominator that is 0, or that rounding made 0, has no value.
        assert exact is None or "/" in text
        return
    if exact is not None:
        assert abs(got - exact) <= max(abs(exact), Fraction(10**12)) * Fraction(1, 10**12)


WORDS = st.sampled_from([*METRICS, "1", "0.5", "7", "1_000_000_000", *"+-*/%(),>"]) | (
    st.sampled_from(["pct(", "mean(", "round(", "and", "if", "else"])
)


@given(
    st.lists(
        WORDS,
        max_size=40,
    )
)
@settings(max_examples=200)
def test_guarantee_31_every_evaluation_ends_with_a_number_or_no_value(words: list[str]) -> None:
    try:
        quantity = value(" ".join(words))
    except (ExpressionError, NoValue):
        return
    assert quantity.value.is_finite()
