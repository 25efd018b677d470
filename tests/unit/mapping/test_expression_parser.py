"""Expressions: what parses, how it binds, and what a wrong one is told."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from okrsync.mapping.expression_size import MAX_DEPTH, MAX_NODES
from okrsync.mapping.parser import ExpressionError, parse, plain_equality

Dialect = Literal["metrics", "rows"]


def written(node: Node) -> str:
    """The tree with every bracket written, in words that parse again to the same tree."""
    match node:
        case Binary(operator=operator, left=left, right=right):
            return f"({written(left)} {operator} {written(right)})"
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return f"({written(then)} if {written(condition)} else {written(otherwise)})"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(written, arguments))})"
        case ListOf(items=items):
            return f"[{', '.join(map(written, items))}]"
        case Negation(operand=operand):
            return f"(-{written(operand)})"
        case Not(operand=operand):
            return f"(not {written(operand)})"
        case _:
            return leaf(node)


def leaf(node: Number | Text | Truth | Name | Bound) -> str:
    match node:
        case Number(value=value):
            return format(value, "f")
        case Text(value=text):
            return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
        case Truth(value=truth):
            return str(truth).lower()
        case Bound(name=name):
            return f":{name}"
        case Name(name=name):
            return name


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("a + b * c", "(a + (b * c))"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b % c", "((a / b) % c)"),
        ("-a * b", "((-a) * b)"),
        ("a -b", "(a - b)"),
        ("bugs-open - bugs-new", "(bugs-open - bugs-new)"),
        ("platform.bugs-open / 2", "(platform.bugs-open / 2)"),
        ("1_000 + 1.5", "(1000 + 1.5)"),
        ("a if b > 1 and not c < 2 else d", "(a if ((b > 1) and (not (c < 2))) else d)"),
        ("1 if a > 1 else 2 if b > 1 else 3", "(1 if (a > 1) else (2 if (b > 1) else 3))"),
        ("a == 1 or b == 2 and c == 3", "((a == 1) or ((b == 2) and (c == 3)))"),
        ("a not in [1, -2]", "(a not in [1, (-2)])"),
        ("not a in [1]", "(not (a in [1]))"),
        ("pct(small-prs, prs,)", "pct(small-prs, prs)"),
        ("mean(score('x.y'), 1)", "mean(score('x.y'), 1)"),
        ("true and (a > 1) == false", "(true and ((a > 1) == false))"),
    ],
)
def test_metrics_bind_as_in_arithmetic(text: str, bound: str) -> None:
    assert written(parse(text, "metrics").root) == bound


@pytest.mark.parametrize(
    "text",
    [
        "stage == 'closedwon' and amount > 0",
        "stage in ['closedwon', 'closedlost']",
        "row['Story Points'] >= 3",
        'contains(lower(title), "it\'s")',
        "closed >= date('2026-10-01') or empty(closed)",
        "closed >= '2026-10-01'",
        "year(closed) == 2026 and month(closed) in [10, 11, 12]",
        "not starts_with(key, 'OPS-')",
        "round(amount / 1000, 1) > 2.5",
        "active",
        "größe > 3",
    ],
)
def test_rows_are_chosen_by_what_stands_in_their_columns(text: str) -> None:
    assert parse(text, "rows").text == text


def test_names_and_scores_are_listed_with_their_places() -> None:
    expression = parse("pct(a, b) + score('team.goal')", "metrics")
    assert expression.names == (Name("a", 4), Name("b", 7))
    assert expression.scores == (Name("team.goal", 18),)


def test_a_column_with_any_name_is_in_brackets() -> None:
    (column,) = parse("row['Kund (\\'A\\')'] == 1", "rows").names
    assert column == Name("Kund ('A')", 0)


def test_texts_keep_escaped_quotes_and_backslashes() -> None:
    root = parse(r"""a == 'it\'s' or a == "say \"x\" \\ y" """, "rows").root
    assert isinstance(root, Binary)
    texts = [side.right for side in (root.left, root.right) if isinstance(side, Binary)]
    assert texts == [Text("it's"), Text('say "x" \\ y')]


@pytest.mark.parametrize(
    ("text", "dialect", "offset", "hint"),
    [
        ("", "metrics", 0, "write a name"),
        ("a = b", "metrics", 2, "=="),
        ("a <> b", "rows", 2, "!="),
        ("a > 1 && b > 1", "rows", 6, "and"),
        ("a > 1 || b > 1", "rows", 6, "or"),
        ("a > 1 AND b > 1", "rows", 6, "and"),
        ("a is 1", "rows", 2, "=="),
        ("!a", "rows", 0, "not"),
        ("a > 1 ? 1 : 2", "metrics", 6, "if condition else"),
        ("a ** 2", "metrics", 2, "no powers"),
        ("9**9**9", "metrics", 1, "no powers"),
        ("a.b", "rows", 1, "row["),
        ("a[0]", "metrics", 0, "metric's name"),
        ("a['x']", "rows", 0, "row["),
        ("row[x]", "rows", 0, "row["),
        ("{start} > 1", "rows", 0, "without braces"),
        ("x == 'open", "rows", 5, "close it"),
        ("(a + b", "metrics", 0, "add a `)`"),
        ("a + b)", "metrics", 5, "not expected"),
        ("a +", "metrics", 3, "too early"),
        ("a b", "metrics", 2, "not expected"),
        ("a < b < c", "metrics", 6, "a < b and b < c"),
        ("a if b > 1", "metrics", 10, "else"),
        ("a > 60 % and b > 1", "metrics", 9, "60, not 60 %"),
        ("10k + a", "metrics", 0, "100_000"),
        ("1e9", "metrics", 0, "100_000"),
        ("pctt(a, b)", "metrics", 0, "pct"),
        ("contains(a, 'x')", "metrics", 0, "there are"),
        ("pct(a)", "metrics", 0, "pct(part, whole)"),
        ("mean()", "metrics", 0, "mean(a, b, ...)"),
        ("score(a)", "metrics", 6, "score('team.objective')"),
        ("score('a' + 'b')", "metrics", 6, "score('team.objective')"),
        ("a == 'x'", "metrics", 2, "without quotes"),
        ("'x' + 1", "rows", 4, "number"),
        ("amount + 'x'", "rows", 7, "number"),
        ("a > 'soon'", "rows", 2, "'2026-10-01'"),
        ("a > '2026-13-01'", "rows", 2, "'2026-10-01'"),
        ("date('soon') < closed", "rows", 0, "'2026-10-01'"),
        ("a and b > 1", "metrics", 0, "compare it"),
        ("not a", "metrics", 4, "compare it"),
        ("1 if a else 2", "metrics", 5, "compare it"),
        ("a in 3", "metrics", 2, "list"),
        ("a in []", "rows", 2, "empty"),
        ("[1] == a", "rows", 4, "after `in`"),
        ("a == '\\n'", "rows", 6, "backslash"),
        ("a # b", "rows", 2, "no meaning"),
        ("amount * 2", "rows", 7, "compare it"),
        ("lower(a)", "rows", 0, "compare it"),
        ("'x'", "rows", 0, "compare it"),
        ("1" * 31, "metrics", 0, "30 digits"),
        ("a" * 2001, "metrics", 0, "2000 characters"),
    ],
)
def test_a_wrong_expression_is_told_where_and_what_to_write(
    text: str, dialect: Dialect, offset: int, hint: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, dialect)
    error = caught.value
    assert error.offset == offset
    assert error.width >= 1
    assert hint in f"{error.message} {error.suggestion} {error.cure}"


def test_a_misspelt_function_is_suggested() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("conains(a, 'x')", "rows")
    assert caught.value.suggestion == "contains"
    assert caught.value.width == len("conains")


@pytest.mark.parametrize("text", ["a == 'ghp_c4n4ry", "a > 'ghp_c4n4ry'", "pct('ghp_c4n4ry', 1)"])
@pytest.mark.parametrize("dialect", ["metrics", "rows"])
def test_no_message_repeats_a_text(text: str, dialect: Dialect) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, dialect)
    assert "c4n4ry" not in str(caught.value)


HOSTILE = [
    "__import__('os').system('x')",
    "().__class__.__bases__[0]",
    "lambda: 1",
    "[x for x in y]",
    "(yield 1)",
    "f'{a}'",
    "a := 1",
    "exec('x')",
    "eval('1')",
    "open('/etc/passwd')",
    "getattr(a, 'b')",
    "a; b",
    "a\\\nb",
    "import os",
    "print(1)",
    "9**9**9",
    "2 ** 10",
    "1 << 1000000",
    "~1",
    "@a",
    "a @ b",
    "'x' * 10_000_000",
    "{}",
    "{'a': 1}",
    "...",
    "a[0:1]",
    "`a`",
    "\x00",
    "(" * 1000,
    "[" * 1000,
    "-" * 1999,
    "not " * 400 + "a",
    "min(" * 400,
    "+".join("a" * 900),
    "1 if 1 > 2 else " * 100 + "1",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("dialect", ["metrics", "rows"])
def test_guarantee_31_what_could_run_code_or_run_away_does_not_parse(
    text: str, dialect: Dialect
) -> None:
    with pytest.raises(ExpressionError):
        parse(text, dialect)


def refusal(text: str, dialect: Dialect) -> ExpressionError | None:
    try:
        parse(text, dialect)
    except ExpressionError as error:
        return error
    return None


@given(st.text(max_size=300), st.sampled_from(["metrics", "rows"]))
@settings(max_examples=200)
def test_guarantee_31_any_text_parses_or_is_an_expression_error(
    text: str, dialect: Dialect
) -> None:
    error = refusal(text, dialect)
    assert error is None or 0 <= error.offset <= len(text)


SIGNS = ["==", "!=", "<=", ">=", *"()[],+-*/%<>"]
KEYWORDS = ["in", "not", "and", "or", "if", "else", "true"]
VALUES = ["a", "b-c", "1", "2.5", "'x'", '"2026-10-01"', "pct(", "mean(", "lower(", "row[", "date("]
WORDS = st.sampled_from([*SIGNS, *KEYWORDS, *VALUES])


@given(st.lists(WORDS, max_size=60), st.sampled_from(["metrics", "rows"]))
@settings(max_examples=200)
def test_guarantee_31_any_words_parse_or_are_an_expression_error(
    words: list[str], dialect: Dialect
) -> None:
    text = " ".join(words)
    error = refusal(text, dialect)
    assert error is None or 0 <= error.offset <= len(text)


NUMBERS = st.decimals(min_value=0, max_value=10**9, places=3).map(Number)
NAMES = st.sampled_from(["a", "b-c", "team.d"]).map(lambda name: Name(name, 0))


def _numeric(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def binary(operator: str, left: Node, right: Node) -> Node:
        return Binary(operator, left, right, 0)

    comparison = st.builds(binary, st.sampled_from(["==", "<", ">="]), inner, inner)
    return st.one_of(
        st.builds(binary, st.sampled_from(["+", "-", "*", "/", "%"]), inner, inner),
        st.builds(Negation, inner),
        st.builds(lambda x, y: Call("pct", (x, y), 0), inner, inner),
        st.builds(Choice, comparison, inner, inner),
    )


TREES: st.SearchStrategy[Node] = st.recursive(NUMBERS | NAMES, _numeric, max_leaves=12)


@given(TREES)
@settings(max_examples=150)
def test_a_tree_written_out_parses_to_the_same_tree(tree: Node) -> None:
    text = written(tree)
    assert written(parse(text, "metrics").root) == text


def test_the_limits_of_depth_and_size_are_where_they_are_said_to_be() -> None:
    assert len(parse("+".join("a" * MAX_DEPTH), "metrics").names) == MAX_DEPTH
    with pytest.raises(ExpressionError, match="deeper"):
        parse(" + ".join("a" * (MAX_DEPTH + 1)), "metrics")
    wide = parse(f"sum({', '.join('a' * (MAX_NODES - 1))})", "metrics")
    assert len(wide.names) == MAX_NODES - 1
    with pytest.raises(ExpressionError, match="parts"):
        parse(f"sum({', '.join('a' * MAX_NODES)})", "metrics")


def test_numbers_are_exact() -> None:
    assert parse("0.1", "metrics").root == Number(Decimal("0.1"))


@pytest.mark.parametrize(
    "text", ["a == 'x'", " Status=='won, lost' ", "a == ''", "kund_2 == 'å'", "\ta  ==\n'x' "]
)
def test_a_plain_equality_says_what_its_tree_says(text: str) -> None:
    root = parse(text, "rows").root
    assert isinstance(root, Binary)
    assert isinstance(root.left, Name)
    assert isinstance(root.right, Text)
    assert plain_equality(text) == (root.left.name, root.right.value)


@pytest.mark.parametrize(
    "text",
    [
        *("a != 'x'", "'x' == a", "a == b", "a == 'x' and b == 'y'", "not a == 'x'"),
        *(r"a == 'it\'s'", 'a == "x"', "row['a'] == 'x'", "in == 'x'", "a == 'x"),
    ],
)
def test_anything_else_is_no_plain_equality(text: str) -> None:
    assert plain_equality(text) is None
