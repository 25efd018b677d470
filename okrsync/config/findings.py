"""Collects what is wrong, in any order, and turns it into problems with exact positions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from okrsync.config.documents import Document, KeyPath, Unreadable
from okrsync.config.operators_tables import CONFIG_KEYS
from okrsync.config.tables import KEY_RESULT_KEYS, MAPPING_KEYS, METRIC_KEYS
from okrsync.config.wording import MASK, is_ordinary, looks_secret
from okrsync.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from okrsync.config.positions import Span

At = Literal["key", "value", "table"]

KNOWN_KEYS: Final = CONFIG_KEYS | MAPPING_KEYS | METRIC_KEYS | KEY_RESULT_KEYS
KEY_LINE: Final = re.compile(r"([\w-]{1,40})\s*=")
HEADER_LINE: Final = re.compile(r"(\[\[?)\s*([\w-]+(?:\s*\.\s*[\w-]+)*)\s*(\]?\]?)\s*(#.*)?$")


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem before its position is looked up. ``offset`` counts inside a string value."""

    document: Document
    path: KeyPath
    code: str
    message: str
    at: At = "value"
    suggestion: str = ""
    help: tuple[str, ...] = ()
    show: bool = False
    offset: int | None = None
    width: int = 1
    warning: bool = False

    def problem(self) -> Problem:
        positions = self.document.positions
        span = self._span()
        shown = {self.path} if self.show else set()
        quoted = positions.quote(span, shown, KNOWN_KEYS)
        return Problem(
            file=self.document.name,
            line=span.line,
            column=span.start + 1,
            code=self.code,
            message=self.message,
            source_line=quoted.text,
            caret=quoted.caret,
            width=quoted.width,
            suggestion=self.suggestion,
            help=self.help,
            warning=self.warning,
        )

    def _span(self) -> Span:
        positions = self.document.positions
        if self.at == "table":
            return positions.table(self.path)
        if self.at == "key":
            return positions.key(self.path)
        if self.offset is not None:
            return positions.inside(self.path, self.offset, self.width)
        return positions.value(self.path)


@dataclass(slots=True)
class Findings:
    """All that was found in all files."""

    found: list[Finding] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)

    def add_unreadable(self, name: str, error: Unreadable, text: str, *help_lines: str) -> None:
        """Note a file that gives no tables; ``text`` is its text as far as it has one."""
        lines = text.split("\n")
        line = lines[error.line - 1] if 0 < error.line <= len(lines) else ""
        self.unreadable.append(
            Problem(
                file=name,
                line=error.line,
                column=error.column,
                code=error.code,
                message=error.message,
                source_line=masked_line(line),
                width=max(1, len(masked_line(line))),
                help=help_lines,
            )
        )

    @property
    def failed(self) -> bool:
        return bool(self.unreadable) or any(not finding.warning for finding in self.found)

    def problems(self) -> Sequence[Problem]:
        """All problems in the order of files and lines, each once."""
        return sorted({*self.unreadable, *(finding.problem() for finding in self.found)})


@dataclass(frozen=True, slots=True)
class Page:
    """One file, and where its mistakes are noted."""

    document: Document
    findings: Findings

    @property
    def name(self) -> str:
        return self.document.name

    @property
    def data(self) -> dict[str, Any]:
        return self.document.data

    def add(
        self,
        path: KeyPath,
        code: str,
        message: str,
        *cures: str,
        at: At = "value",
        suggestion: str = "",
        show: bool = False,
        offset: int | None = None,
        width: int = 1,
        warning: bool = False,
    ) -> None:
        """Note one mistake. ``show`` says that the value was proved to be no secret; ``offset``
        and ``width`` mark a part of a text."""
        self.findings.found.append(
            Finding(
                document=self.document,
                path=path,
                code=code,
                message=message,
                at=at,
                suggestion=suggestion,
                help=cures,
                show=show,
                offset=offset,
                width=width,
                warning=warning,
            )
        )


def masked_line(line: str) -> str:
    """A line of a file that is not valid TOML: its key or header, never its value.

    >>> masked_line('token = "something')
    'token = ***'
    """
    text = line.strip()
    if not text:
        return ""
    header = HEADER_LINE.match(text)
    if header:
        names = [name.strip() for name in header[2].split(".")]
        shown = (MASK if looks_secret(name) or not is_ordinary(name) else name for name in names)
        return f"{header[1]}{'.'.join(shown)}{header[3]}"
    key = KEY_LINE.match(text)
    if key and (key[1] in KNOWN_KEYS or is_ordinary(key[1])):
        return f"{key[1]} = {MASK}"
    return MASK
