"""The closed expression language of mappings, as a syntax tree.

Two dialects share one grammar. In "metrics" a name is a metric; a name reaches as far as letters,
digits, ``_``, ``-`` and ``.`` go, so a minus sign needs a space before it. In "rows" a name is a
column, ``row['...']`` a column with any name, ``:name`` a constant of the mapping's [vars]. There
are no attributes, no powers, no calls but the listed ones, and both length and depth are limited,
so a mapping cannot run code and every expression ends at once.

    expression  = or [ "if" or "else" expression ]
    or          = and { "or" and }
    and         = not { "and" not }
    not         = "not" not | comparison
    comparison  = sum [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in" ) sum ]
    sum         = product { ( "+" | "-" ) product }
    product     = sign { ( "*" | "/" | "%" ) sign }
    sign        = "-" sign | atom
    atom        = number | text | "true" | "false" | name | call | row "[" text "]" | ":" name
                | list | "(" expression ")"
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Number:
    value: Decimal


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Truth:
    value: bool


@dataclass(frozen=True, slots=True)
class Name:
    """A metric or a column; ``offset`` is where it stands in the expression's text."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Bound:
    """A constant that is known by its name until the expression meets the mapping's [vars]."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one of the functions that the dialect knows."""

    function: str
    arguments: tuple[Node, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """Arithmetic minus."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Not:
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """``operator`` is one of + - * / % == != < <= > >= in "not in" and or."""

    operator: str
    left: Node
    right: Node
    offset: int


@dataclass(frozen=True, slots=True)
class Choice:
    """``then if condition else otherwise``."""

    condition: Node
    then: Node
    otherwise: Node


Node = Number | Text | Truth | Name | Bound | Call | ListOf | Negation | Not | Binary | Choice


@dataclass(frozen=True, slots=True)
class Expression:
    """``names`` are all names in it, in order; ``scores`` the arguments of score(); ``bound`` the
    constants that are still only names."""

    text: str
    root: Node
    names: tuple[Name, ...]
    scores: tuple[Name, ...] = ()
    bound: tuple[Bound, ...] = ()
