"""The limits of an expression, which make it safe to walk its tree by recursion."""

from __future__ import annotations

from okrsync.mapping.expression import Binary, Call, Choice, ListOf, Negation, Node, Not
from okrsync.mapping.problems import ExpressionError

MAX_CHARACTERS = 2_000
MAX_DEPTH = 50
MAX_NODES = 500


def check_size(root: Node, width: int) -> None:
    """Refuse a tree deeper than MAX_DEPTH or with more than MAX_NODES nodes.

    ``width`` is the length of the expression's text. Walks level by level, as a tree that is too
    deep could not be walked by recursion.
    """
    nodes = 0
    level: list[Node] = [root]
    for _ in range(MAX_DEPTH):
        nodes += len(level)
        level = [child for node in level for child in children_of(node)]
        if not level or nodes > MAX_NODES:
            break
    if level or nodes > MAX_NODES:
        raise too_large(0, width)


def children_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly below this one, from left to right."""
    match node:
        case Call(arguments=children) | ListOf(items=children):
            return children
        case Negation(operand=child) | Not(operand=child):
            return (child,)
        case Binary(left=left, right=right):
            return (left, right)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case _:
            return ()


def too_large(offset: int, width: int) -> ExpressionError:
    """The error for a part of an expression that is too deep or has too many parts."""
    return ExpressionError(
        f"this expression is nested deeper than {MAX_DEPTH} or has more than {MAX_NODES} parts",
        offset=offset,
        width=max(width, 1),
        cure="use sum(a, b, ...) or `in [...]`, or split it into metrics of their own",
    )
