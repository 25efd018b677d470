"""The words and signs of an expression, each with its place."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from okrsync.mapping.functions import Dialect
from okrsync.mapping.problems import ExpressionError

TokenSort = Literal["number", "text", "name", "bound", "sign", "end"]
KEYWORDS = frozenset({"and", "or", "not", "in", "if", "else", "true", "false"})


class Token(NamedTuple):
    """``text`` is the token as it counts: a text without its quotes and escapes."""

    sort: TokenSort
    text: str
    offset: int
    width: int


_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?")
_NOT_AFTER_NUMBER = re.compile(r"[.\w]")
_NAMES = {
    "metrics": re.compile(r"[^\W\d]\w*(?:[-.]+\w+)*"),
    "rows": re.compile(r"[^\W\d]\w*"),
}
_BOUND = re.compile(r":([^\W\d]\w*)")
_TEXT = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SIGN = re.compile(r"==|!=|<=|>=|[-+*/%<>()\[\],]")

# What people write out of habit from other languages, and what to write here.
_HABITS = (
    ("**", "there are no powers", "multiply: a * a"),
    ("//", "there is no whole division", "write round(a / b)"),
    ("&&", "`&&` is not understood", "write `and`"),
    ("||", "`||` is not understood", "write `or`"),
    ("<>", "`<>` is not understood", "write `!=`"),
    ("=", "`=` is not understood", "write `==` to compare"),
    ("!", "`!` is not understood", "write `not`"),
    ("^", "there are no powers", "multiply: a * a"),
    ("?", "`?` is not understood", "write `a if condition else b`"),
    ("`", "a name stands without quotes", "leave the quotes out"),
    (".", "there are no attributes", "write row['A.B'] for a column with a point in its name"),
    ("{", "nothing is filled in here", "write the name of a metric or a column without braces"),
)


def tokens_of(text: str, dialect: Dialect) -> list[Token]:
    """All tokens and an end. Raises ExpressionError at the first that does not belong here."""
    tokens: list[Token] = []
    offset = 0
    while offset < len(text):
        space = _SPACE.match(text, offset)
        if space:
            offset = space.end()
            continue
        token = _next(text, offset, dialect)
        tokens.append(token)
        offset += token.width
    tokens.append(Token("end", "", len(text), 1))
    return tokens


def _next(text: str, offset: int, dialect: Dialect) -> Token:
    for sort, pattern in (("number", _NUMBER), ("name", _NAMES[dialect]), ("text", _TEXT)):
        found = pattern.match(text, offset)
        if found is None:
            continue
        if sort == "number":
            return _number(text, offset, found.end())
        if sort == "name":
            return Token("name", found[0], offset, len(found[0]))
        return Token("text", _unescaped(found[0], offset), offset, len(found[0]))
    bound = _BOUND.match(text, offset)
    if bound is not None and dialect == "rows":
        return Token("bound", bound[1], offset, len(bound[0]))
    _refuse_habit(text, offset)
    sign = _SIGN.match(text, offset)
    if sign is None:
        raise _stranger(text, offset)
    return Token("sign", sign[0], offset, len(sign[0]))


def _number(text: str, offset: int, end: int) -> Token:
    if _NOT_AFTER_NUMBER.match(text, end):
        raise ExpressionError(
            "this is not a number",
            offset=offset,
            width=end + 1 - offset,
            cure="write numbers in digits, such as 100_000 or 1.5; a name begins with a letter",
        )
    return Token("number", text[offset:end].replace("_", ""), offset, end - offset)


def _unescaped(quoted: str, offset: int) -> str:
    for escape in _ESCAPE.finditer(quoted):
        if escape[1] not in "'\"\\":
            raise ExpressionError(
                "only quotes and backslashes can stand behind a backslash",
                offset=offset + escape.start(),
                width=2,
                cure="write two backslashes for one",
            )
    return _ESCAPE.sub(r"\1", quoted[1:-1])


def _refuse_habit(text: str, offset: int) -> None:
    if text.startswith(("==", "!="), offset):
        return
    for written, message, cure in _HABITS:
        if text.startswith(written, offset):
            raise ExpressionError(message, offset=offset, width=len(written), cure=cure)


def _stranger(text: str, offset: int) -> ExpressionError:
    if text[offset] in "'\"":
        return ExpressionError(
            "this text does not end", offset=offset, cure="close it with the quote it began with"
        )
    return ExpressionError(
        "this sign has no meaning here", offset=offset, cure="leave it out, or put it in quotes"
    )
