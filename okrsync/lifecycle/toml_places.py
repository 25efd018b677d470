"""Where every key, table and list element of a TOML text begins and ends, to edit the text itself.

Offsets count bytes. Edits are collected and made from the end to the beginning, so that none moves
another one's place; what no edit names stays byte for byte.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from okrsync.config.documents import KeyPath

if TYPE_CHECKING:
    from tree_sitter import Node

_KEYS = frozenset({"bare_key", "quoted_key"})


@dataclass(frozen=True, slots=True)
class Place:
    """From ``start`` to ``end``; ``value`` is where the value of a key begins. ``inline`` says that
    it stands within a line together with others."""

    start: int
    end: int
    value: int = 0
    inline: bool = False


class Places:
    """``keys`` by their whole path, ``tables`` by path (each that has a header of its own),
    ``elements`` of lists by path and number."""

    def __init__(self, text: bytes) -> None:
        import tree_sitter
        import tree_sitter_toml

        self.text = text
        self.keys: dict[KeyPath, Place] = {}
        self.tables: dict[KeyPath, Place] = {}
        self.elements: dict[KeyPath, Place] = {}
        self._lengths: defaultdict[KeyPath, int] = defaultdict(int)
        parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
        for node in parser.parse(text).root_node.named_children:
            if node.type == "pair":
                self._pair(node, (), inline=False)
            elif node.type in {"table", "table_array_element"}:
                self._table(node)

    def within(self, path: KeyPath) -> list[Place]:
        """The tables at ``path`` and beneath it."""
        return [place for own, place in self.tables.items() if own[: len(path)] == path]

    def shown(self, place: Place) -> str:
        """The text of a key's value, or of an element."""
        return self.text[place.value or place.start : place.end].decode()

    def line_start(self, offset: int) -> int:
        return self.text.rfind(b"\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Before the line's end."""
        found = self.text.find(b"\n", offset)
        end = len(self.text) if found < 0 else found
        return end - 1 if self.text[end - 1 : end] == b"\r" else end

    def _table(self, node: Node) -> None:
        header = next(child for child in node.named_children if child.type != "comment")
        path = _path(header, ())
        if node.type == "table_array_element":
            self._lengths[path] += 1
            path = (*path, self._lengths[path] - 1)
        end = header.end_byte
        for child in node.named_children:
            if child.type == "pair":
                end = self._pair(child, path, inline=False)
        self.tables[path] = Place(node.start_byte, end)

    def _pair(self, node: Node, path: KeyPath, *, inline: bool) -> int:
        name, value = [child for child in node.named_children if child.type != "comment"][:2]
        full = _path(name, path)
        self.keys[full] = Place(node.start_byte, value.end_byte, value.start_byte, inline)
        self._value(value, full)
        return value.end_byte

    def _value(self, node: Node, path: KeyPath) -> None:
        if node.type == "inline_table":
            for child in node.named_children:
                if child.type == "pair":
                    self._pair(child, path, inline=True)
        elif node.type == "array":
            elements = [child for child in node.named_children if child.type != "comment"]
            for number, child in enumerate(elements):
                own = (*path, number)
                self.elements[own] = Place(child.start_byte, child.end_byte, inline=True)
                self._value(child, own)


class Edits:
    """Changes to one text."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._made: list[tuple[int, int, str]] = []
        self._remarks: dict[int, list[str]] = {}
        self.end = "\r\n" if b"\r\n" in places.text else "\n"

    def replace(self, start: int, end: int, text: str) -> None:
        self._made.append((start, end, text))

    def write_value(self, place: Place, text: str) -> None:
        self.replace(place.value, place.end, text)

    def remark(self, place: Place, words: str) -> None:
        """At the end of the key's last line; within a line there is no room for one."""
        if place.inline:
            return
        self._remarks.setdefault(place.end, []).append(f"carried: {words}")

    def comment_out(self, place: Place, words: str) -> None:
        """The key's lines become comments, below one that says why."""
        if place.inline:
            self.remove(place)
            return
        start, end = self._places.line_start(place.start), self._places.line_end(place.end)
        lines = self._places.text[start:end].decode().splitlines()
        told = [f"# carried: {words}", *(f"# {line}".rstrip() for line in lines)]
        self.replace(start, end, self.end.join(told))

    def remove(self, place: Place) -> None:
        """A key or element within a line, with the comma that belongs to it."""
        text = self._places.text
        start, end = place.start, place.end
        after = end + len(text[end:]) - len(text[end:].lstrip(b" \t\r\n"))
        if text[after : after + 1] == b",":
            rest = text[after + 1 :]
            end = after + 1 + len(rest) - len(rest.lstrip(b" \t"))
        else:
            before = text[:start].rstrip(b" \t\r\n")
            start = len(before) - 1 if before.endswith(b",") else start
        self.replace(start, end, "")

    def remove_table(self, place: Place, words: str) -> None:
        """A table's lines, with a comment in their place; "" for none."""
        start, end = self._places.line_start(place.start), self._places.line_end(place.end)
        if words:
            self.replace(start, end, f"# carried: {words}")
            return
        following = self._places.text.find(b"\n", end)
        self.replace(start, len(self._places.text) if following < 0 else following + 1, "")

    def insert(self, offset: int, lines: list[str]) -> None:
        self.replace(offset, offset, "".join(f"{line}{self.end}" for line in lines))

    def _remarked(self, offset: int, told: list[str]) -> tuple[int, int, str]:
        end = self._places.line_end(offset)
        has_comment = b"#" in self._places.text[offset:end]
        return end, end, f"{'; ' if has_comment else '  # '}{'; '.join(told)}"

    def text(self) -> str:
        """The text with all changes; of two that touch each other, the one that removes more
        counts."""
        made: list[tuple[int, int, str]] = []
        remarks = [self._remarked(offset, told) for offset, told in self._remarks.items()]
        for start, end, words in sorted([*self._made, *remarks], key=lambda one: (one[0], -one[1])):
            if made and start < made[-1][1]:
                continue
            made.append((start, end, words))
        result = self._places.text
        for start, end, words in reversed(made):
            result = result[:start] + words.encode() + result[end:]
        return result.decode()


def _path(node: Node, path: KeyPath) -> KeyPath:
    if node.type in _KEYS:
        text = (node.text or b"").decode()
        return (*path, text.strip("\"'") if node.type == "quoted_key" else text)
    for child in node.named_children:
        path = _path(child, path)
    return path
