"""Text in lines of a terminal: as wide as it is, and no wider than may be."""

from __future__ import annotations

import re
import textwrap
import unicodedata

NARROWEST = 8
# a number keeps its groups, its % and its currency together
_INSIDE = re.compile(r"(?<=\d) (?=%|\d{3}\b|M?[A-Z]{3}\b)")
_PARTS, _SYLLABLES = re.compile(r"(?<=\.)"), re.compile(r"(?<=-)")


def columns_of(text: str) -> int:
    """How many columns of a terminal ``text`` takes."""
    return sum(_columns(sign) for sign in text)


def cut(text: str, width: int) -> str:
    """``text`` in at most ``width`` columns; a cut is marked with … at its end."""
    if columns_of(text) <= width:
        return text
    kept = text
    while kept and columns_of(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept}…" if width > 0 else ""


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most ``width`` columns. A link stays in one piece however long it is; an id that
    is longer than a line goes on in the next one after a ``.`` or ``-``."""
    width = max(width, len(indent) + NARROWEST)
    words = (_in_pieces(word, width - len(indent)) for word in text.split(" "))
    lines = textwrap.wrap(
        _INSIDE.sub("\u00a0", " ".join(words)),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\u00a0", " ") for line in lines]


def advice(text: str, width: int, indent: str = "", *, label: str = "") -> list[str]:
    """What to do next, behind a label: a sentence is wrapped, a command stays in one piece."""
    if "okrsync " in text:
        return [f"{indent}{label}{text}"]
    return labelled(f"{indent}{label}", text, width)


def labelled(label: str, text: str, width: int) -> list[str]:
    """``text`` behind a label, its lines below one another. One long word, as links and ids are,
    has a line of its own."""
    lines = wrap(text, width, " " * len(label))
    if not lines:
        return [label.rstrip()]
    if " " not in text and len(label) + columns_of(text) > width:
        return [label.rstrip(), *wrap(text, width, " " * (len(label) - len(label.lstrip()) + 2))]
    return [f"{label}{lines[0].lstrip()}", *lines[1:]]


def _in_pieces(word: str, room: int) -> str:
    """With spaces where it may be broken, each piece as long as there is room for."""
    if len(word) <= room or "://" in word:
        return word
    parts = [
        piece
        for part in _PARTS.split(word)
        for piece in ([part] if len(part) <= room else _SYLLABLES.split(part))
    ]
    lines = [""]
    for piece in parts:
        if lines[-1] and len(lines[-1]) + len(piece) > room:
            lines.append("")
        lines[-1] += piece
    return " ".join(lines)


def _columns(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1
