"""The text of a status update, which is Markdown: a note is written so that it reads as it is.

Lines end in hard breaks, and what Markdown would take for markup is escaped, but for addresses,
which are to stay links. The last paragraph holds the check-in's key, and before it the number where
the note does not tell it: ``31 bugs · okrsync 5f1c0a9b``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from okrsync.decimals import plain
from okrsync.model import CheckIn

_LINK: Final = re.compile(r"(https?://[^\s\\]+)")
_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~@])")
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_BREAK: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\\n| {2,}\n")
_SIGNATURE: Final = re.compile(r"(?:.* · )?okrsync (?P<key>\S+)")


@dataclass(frozen=True, slots=True)
class Body:
    """``key`` is None for a text that a person wrote."""

    note: str
    key: str | None


def body_of(check_in: CheckIn) -> str:
    number = f"{plain(check_in.value)} {check_in.unit}".rstrip()
    told = plain(check_in.value) in check_in.note
    signature = f"{'' if told else f'{_escaped(number)} · '}okrsync {_escaped(check_in.key)}"
    if not check_in.note:
        return signature
    return "\\\n".join(_escaped(line) for line in check_in.note.split("\n")) + f"\n\n{signature}"


def read_body(written: str) -> Body:
    """A note of okrsync's comes back letter by letter, a person's text as they wrote it."""
    note, between, last = written.rstrip("\n").rpartition("\n\n")
    signature = _SIGNATURE.fullmatch(_unescaped(last))
    if signature is None:
        return Body(written, None)
    return Body(_unescaped(_BREAK.sub("\\1\n", note)) if between else "", signature["key"])


def _escaped(line: str) -> str:
    parts = _LINK.split(line)
    return "".join(
        part if place % 2 else _MARKUP.sub(r"\\\1", part) for place, part in enumerate(parts)
    )


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
