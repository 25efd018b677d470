"""Exact positions in a TOML text, by tree-sitter. Loaded only once there is a problem to show."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from okrsync.config.wording import MASK, is_ordinary, looks_secret

if TYPE_CHECKING:
    from collections.abc import Collection

    from tree_sitter import Node, Parser

    from okrsync.config.documents import KeyPath

KEYS: Final = frozenset({"bare_key", "quoted_key"})
ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|.)|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Span:
    """``line`` from 1; ``start`` and ``end`` are characters of that line, from 0."""

    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Token:
    """What stands on a line: a key, a header's key, a value or punctuation."""

    span: Span
    kind: Literal["key", "header", "value", "mark"]
    path: KeyPath = ()


@dataclass(frozen=True, slots=True)
class Quoted:
    """A line fit to be shown, and where in it the token lies that was asked for."""

    text: str
    caret: int
    width: int


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_toml

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))


class Positions:
    """Where every key and value of one text stands."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self._bytes = [line.encode() for line in self.lines]
        self._keys: dict[KeyPath, Span] = {}
        self._values: dict[KeyPath, Span] = {}
        self._tables: dict[KeyPath, Span] = {}
        self._tokens: defaultdict[int, list[Token]] = defaultdict(list)
        self._unclear: set[int] = set()
        self._array_lengths: defaultdict[KeyPath, int] = defaultdict(int)
        try:
            self._walk(_parser().parse(text.encode()).root_node, ())
        except RecursionError:  # thousands of dots or brackets: every line stays masked
            self._unclear.update(range(1, len(self.lines) + 1))

    def key(self, path: KeyPath) -> Span:
        return self._keys.get(path) or self.table(path)

    def value(self, path: KeyPath) -> Span:
        return self._values.get(path) or self.key(path)

    def table(self, path: KeyPath) -> Span:
        """The header or key that defines ``path``, or the nearest one around it."""
        while path:
            found = self._tables.get(path) or self._keys.get(path) or self._values.get(path)
            if found:
                return found
            path = path[:-1]
        return Span(1, 0, 1)

    def inside(self, path: KeyPath, offset: int, width: int) -> Span:
        """Part of a string value, counted in the characters that it stands for."""
        whole = self.value(path)
        literal = self.lines[whole.line - 1][whole.start : whole.end]
        if literal[:1] not in {'"', "'"} or literal.startswith(('"""', "'''")):
            return whole
        starts = [match.start() for match in ESCAPE.finditer(literal[1:-1])]
        if literal[0] == "'":
            starts = list(range(len(literal) - 2))
        starts.append(len(literal) - 2)
        first, last = min(offset, len(starts) - 1), min(offset + width, len(starts) - 1)
        start = whole.start + 1 + starts[first]
        return Span(whole.line, start, max(start + 1, whole.start + 1 + starts[last]))

    def quote(self, span: Span, show: Collection[KeyPath], known: Collection[str]) -> Quoted:
        """The line of ``span``, every value masked but those in ``show``, comments left out."""
        if span.line in self._unclear:
            return Quoted(MASK, 0, len(MASK))
        if not self._tokens[span.line]:
            return Quoted("", 0, 1)
        source, shown, edges = self.lines[span.line - 1], "", {}
        previous = 0
        for token in sorted(self._tokens[span.line], key=lambda token: token.span.start):
            shown += " " * (token.span.start - previous)
            edges[token.span.start] = len(shown)
            piece = source[token.span.start : token.span.end]
            text = _visible(piece, token, show, known)
            if text == piece:  # an unmasked token keeps the places inside it
                for place in range(token.span.start, token.span.end + 1):
                    edges[place] = len(shown) + place - token.span.start
            shown += text
            previous = token.span.end
            edges[previous] = len(shown)
        return _with_caret(shown, edges, span, self._tokens[span.line])

    def _span(self, node: Node) -> Span:
        (row, start), (end_row, end) = node.start_point, node.end_point
        raw = self._bytes[row]
        if end_row != row:
            end = len(raw.rstrip(b"\r"))
        first = len(raw[:start].decode(errors="replace"))
        return Span(row + 1, first, first + len(raw[start:end].decode(errors="replace")))

    def _token(
        self, node: Node, kind: Literal["key", "header", "value", "mark"], path: KeyPath
    ) -> Span:
        span = self._span(node)
        self._tokens[span.line].append(Token(span, kind, path))
        if node.end_point[0] != node.start_point[0]:
            self._unclear.update(range(span.line + 1, node.end_point[0] + 2))
        return span

    def _walk(self, node: Node, path: KeyPath) -> None:
        if node.type in {"document", "inline_table"}:
            self._children(node, path)
        elif node.type == "table":
            self._table(node, self._header(node, array=False))
        elif node.type == "table_array_element":
            self._table(node, self._header(node, array=True))
        elif node.type == "pair":
            self._pair(node, path)
        elif node.type == "array":
            self._array(node, path)
        elif node.type in {"ERROR", "comment"} or node.is_missing:
            self._skip(node)
        elif node.is_named:
            self._values[path] = self._token(node, "value", path)
        else:
            self._token(node, "mark", path)

    def _children(self, node: Node, path: KeyPath) -> None:
        if node.type == "inline_table":
            self._values.setdefault(path, self._span(node))
        for child in node.children:
            self._walk(child, path)

    def _skip(self, node: Node) -> None:
        if node.type != "comment":
            self._unclear.update(range(node.start_point[0] + 1, node.end_point[0] + 2))

    def _header(self, node: Node, *, array: bool) -> KeyPath:
        name = next(child for child in node.children if child.is_named)
        path = self._key_parts(name, (), "header")
        self._tables[path] = self._span(name)
        if not array:
            return path
        self._array_lengths[path] += 1
        element = (*path, self._array_lengths[path] - 1)
        self._tables[element] = self._span(name)
        return element

    def _table(self, node: Node, path: KeyPath) -> None:
        header_seen = False
        for child in node.children:
            if not header_seen and child.is_named and child.type != "comment":
                header_seen = True  # the name, read by _header
            else:
                self._walk(child, path)

    def _pair(self, node: Node, path: KeyPath) -> None:
        name, *rest = node.children
        full = self._key_parts(name, path, "key")
        for child in rest:
            self._walk(child, full)

    def _array(self, node: Node, path: KeyPath) -> None:
        self._values[path] = self._span(node)
        index = 0
        for child in node.children:
            named = child.is_named and child.type != "comment"
            self._walk(child, (*path, index) if named else path)
            index += named

    def _key_parts(self, node: Node, path: KeyPath, kind: Literal["key", "header"]) -> KeyPath:
        if node.type in KEYS:
            text = (node.text or b"").decode(errors="replace")
            full = (*path, text.strip("\"'") if node.type == "quoted_key" else text)
            self._keys.setdefault(full, self._token(node, kind, full))
            return full
        for child in node.children:
            if child.is_named:
                path = self._key_parts(child, path, kind)
            else:
                self._token(child, "mark", path)
        return path


def _visible(piece: str, token: Token, show: Collection[KeyPath], known: Collection[str]) -> str:
    name = str(token.path[-1]) if token.path else ""
    if token.kind == "mark" or (token.kind == "key" and (name in known or is_ordinary(name))):
        return piece
    if token.kind == "header" and not looks_secret(name):
        return piece
    if token.kind == "value" and token.path in show:
        return piece
    quoted = token.kind == "value" and piece[:1] in {'"', "'"}
    return f'"{MASK}"' if quoted else MASK


def _with_caret(line: str, edges: dict[int, int], span: Span, tokens: list[Token]) -> Quoted:
    """Find the span again in the masked line; inside a masked token, all of the token."""
    start, end = span.start, span.end
    if start not in edges or end not in edges:
        around = [t.span for t in tokens if t.span.start <= start < t.span.end]
        start, end = (around[0].start, around[0].end) if around else (min(edges), max(edges))
    caret = edges[start]
    stripped = line.lstrip()
    caret -= len(line) - len(stripped)
    return Quoted(stripped.rstrip(), caret, max(1, edges[end] - edges[start]))
