"""One TOML file: its text, its tables, and where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tomli

if TYPE_CHECKING:
    from okrsync.config.positions import Positions

Key = str | int
KeyPath = tuple[Key, ...]

PART: Final = r"(?:[\w-]+|\"[^\"\\\n]*\"|'[^'\n]*')"
HEADER: Final = re.compile(
    rf"^[ \t]*\[[ \t]*({PART}(?:[ \t]*\.[ \t]*{PART})*)[ \t]*\][ \t]*(?:#.*)?\r?$", re.MULTILINE
)
PARTS: Final = re.compile(r"[\w-]+|\"[^\"]*\"|'[^']*'")
QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")


class Unreadable(Exception):
    """A file that gives no tables. ``line`` and ``column`` count from 1; 0 is the whole file."""

    def __init__(self, code: str, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.code, self.message, self.line, self.column = code, message, line, column


@dataclass(frozen=True)
class Document:
    """``name`` is the path relative to config.toml's folder, as places and problems show it."""

    path: Path
    name: str
    text: str
    raw: bytes = b""
    data: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def positions(self) -> Positions:
        """Exact positions of all keys and values; expensive, for files with a problem only."""
        from okrsync.config.positions import Positions

        return Positions(self.text)

    @cached_property
    def _headers(self) -> dict[KeyPath, int]:
        """Line of each table header; empty when quotes over lines could hide or fake one."""
        if '"""' in self.text or "'''" in self.text:
            return {}
        lines: dict[KeyPath, int] = {}
        line, seen = 1, 0
        for match in HEADER.finditer(self.text):
            line += self.text.count("\n", seen, match.start(1))
            seen = match.start(1)
            lines[_header_path(match[1])] = line
        return lines

    def line_of(self, path: KeyPath) -> int:
        """The line where the table at ``path`` is defined, from 1."""
        return self._headers.get(path) or self.positions.table(path).line


def _header_path(header: str) -> tuple[str, ...]:
    if '"' in header or "'" in header:
        return tuple(part.strip("\"'") for part in PARTS.findall(header))
    return tuple(header.replace(" ", "").replace("\t", "").split("."))


def read(path: Path, name: str) -> Document:
    """Read and parse one file; raises ``Unreadable`` with its code."""
    raw = _bytes(path)
    return Document(path, name, text := _text(raw), raw, _tables(text))


def read_raw(path: Path, name: str) -> Document:
    """The file without its tables, to quote a line of it."""
    raw = _bytes(path)
    return Document(path, name, raw.decode("utf-8", errors="replace"), raw)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Unreadable("no-such-file", "this file does not exist") from None
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise Unreadable("no-such-file", f"this file cannot be read: {reason}") from None


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise Unreadable("not-utf8", "a byte here is not UTF-8 text", line, column) from None


def _tables(text: str) -> dict[str, Any]:
    try:
        return tomli.loads(text, parse_float=Decimal)
    except tomli.TOMLDecodeError as error:
        message = _syntax_message(error.msg)
        raise Unreadable("syntax", message, error.lineno, error.colno) from None
    except RecursionError:
        raise Unreadable("too-large", "lists or tables are nested too deeply") from None
    except (ValueError, InvalidOperation):
        raise Unreadable("too-large", "a number in this file has too many digits") from None


def _mark(quoted: re.Match[str]) -> str:
    """TOML's own marks may be told; any other character may be part of a secret."""
    inside = quoted[0][1:-1]
    return f"`{inside}`" if inside and not inside.strip("[]{}=,'\"") else "a character"


def _syntax_message(message: str) -> str:
    """The parser's message without what it quotes from the file."""
    if "Illegal character '\\n'" in message:
        return "not valid TOML: a text is not closed by the end of its line"
    message = re.sub(r"Illegal character .*", "Illegal character", message)
    quoted = message.find("(")
    twice = "twice" if "twice" in message else ""
    words = message if quoted < 0 else f"{message[:quoted].strip()} {twice}"
    words = QUOTED.sub(_mark, words).strip()
    return f"not valid TOML: {words[:1].lower()}{words[1:]}"
