"""JQL as text: its parts, joined and quoted, without touching what the user wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r'|(?P<quoted>"(?:[^"\\]|\\.)*"' + r"|'(?:[^'\\]|\\.)*')"
    r"|(?P<open>\()|(?P<close>\))|(?P<comma>,)"
    r"|(?P<operator>!=|!~|>=|<=|&&|\|\||[=~<>!&|])"
    r"""|(?P<word>(?:\\.|[^\s"'(),=~<>!&|\\])+)""",
    re.DOTALL,
)
_ESCAPED = {"\\": "\\\\", '"': '\\"'}
_FILTER = re.compile(r"-?[0-9]{1,12}")


class JqlError(ValueError):
    """What is wrong with a JQL text, without quoting it."""


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is quoted, open, close, comma, operator or word."""

    kind: str
    text: str
    start: int
    end: int

    def says(self, word: str) -> bool:
        """True for this reserved word in any case, outside quotes."""
        return self.kind in {"word", "operator"} and self.text.upper() == word


def tokens(jql: str) -> list[Token]:
    """Raises ``JqlError`` for quotes that never end and parentheses without a partner."""
    found = list(_scanned(jql))
    depth = 0
    for token in found:
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth < 0:
            raise JqlError("a closing parenthesis has no opening one")
    if depth:
        raise JqlError("a parenthesis is never closed")
    return found


def split(jql: str) -> tuple[str, str]:
    """The condition and the ORDER BY of a query, each as it was written; either may be empty."""
    depth = 0
    found = tokens(jql)
    for token, following in zip(found, [*found[1:], None], strict=True):
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth == 0 and token.says("ORDER") and following is not None and following.says("BY"):
            return jql[: token.start].strip(), jql[token.start :].strip()
    return jql.strip(), ""


def all_of(conditions: Sequence[str]) -> str:
    """Conditions that must all hold; each that is not alone is put into parentheses."""
    said = [condition for condition in conditions if condition]
    return said[0] if len(said) == 1 else " AND ".join(f"({condition})" for condition in said)


def quoted(value: str) -> str:
    """A value as a JQL string, whatever is in it. Raises ``JqlError`` for half a character."""
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise JqlError("the text holds half a character")
    return '"' + "".join(_escape(character) for character in value) + '"'


def unquoted(text: str) -> str:
    """What a quoted or bare name stands for."""
    inner = text[1:-1] if text[:1] in {'"', "'"} else text
    return re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL)


def is_link(text: str) -> bool:
    return text.strip().lower().startswith(("https://", "http://"))


def host_of(link: str) -> str | None:
    try:
        return urlsplit(link.strip()).hostname
    except ValueError:
        return None


def condition_of(text: str) -> str:
    """The JQL itself, or the one that a copied address of a search or filter shows.

    Raises ``JqlError`` for an address that shows neither.
    """
    if not is_link(text):
        return text
    asked = parse_qs(urlsplit(text.strip()).query)
    if asked.get("jql"):
        return asked["jql"][0]
    number = asked.get("filter", [""])[0]
    if _FILTER.fullmatch(number) and not number.startswith("-"):
        return f"filter = {number}"
    raise JqlError("this address shows no search: copy one with ?jql=... or ?filter=NUMBER")


def link(site: str, jql: str) -> str:
    """The address that opens the same search in the browser."""
    return f"{site}/issues/?jql={quote(jql, safe='')}"


def _scanned(jql: str) -> Iterator[Token]:
    place = 0
    while place < len(jql):
        match = _TOKEN.match(jql, place)
        if match is None:
            unfinished = jql[place] in "\"'"
            raise JqlError("a quotation mark is never closed" if unfinished else "a \\ at the end")
        place = match.end()
        if match.lastgroup != "space":
            yield Token(str(match.lastgroup), match[0], match.start(), match.end())


def _escape(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    return character if character.isprintable() or character == " " else _as_code(character)


def _as_code(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
