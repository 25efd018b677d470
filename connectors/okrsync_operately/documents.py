"""A check-in's message: the rich-text document of Operately's editor, and the note in it. Pure.

Each line of a note is a paragraph. The last one is okrsync's own: ``okrsync 5f1c0a9b``, the key by
which the check-in is recognised.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from okrsync.errors import BadAnswer

_SIGNATURE: Final = re.compile(r"okrsync (?P<key>\S+)")


@dataclass(frozen=True, slots=True)
class Message:
    """``key`` is None for a message that a person wrote."""

    note: str
    key: str | None


def document(note: str, key: str) -> str:
    """The message as JSON text: the API wants a text that holds JSON."""
    lines = [*(note.split("\n") if note else []), f"okrsync {key}"]
    content = [_paragraph(line) for line in lines]
    return json.dumps({"type": "doc", "content": content}, ensure_ascii=False)


def message(written: Any) -> Message:
    """The message of an answer, which is a JSON text as well."""
    if not written:
        return Message("", None)
    try:
        lines = _lines(json.loads(written))
    except (TypeError, ValueError, RecursionError):
        raise BadAnswer(
            "the message of an Operately check-in is not a document", next_step="okrsync doctor"
        ) from None
    signature = _SIGNATURE.fullmatch(lines[-1]) if lines else None
    if signature is None:
        return Message("\n".join(lines), None)
    return Message("\n".join(lines[:-1]), signature["key"])


def _paragraph(line: str) -> dict[str, Any]:
    if not line:
        return {"type": "paragraph"}  # the editor has no empty texts
    return {"type": "paragraph", "content": [{"type": "text", "text": line}]}


def _lines(node: Any) -> list[str]:
    """Each block of the document is a line; lists and quotes hold blocks of their own."""
    parts = _parts(node)
    if any(_is_block(part) for part in parts):
        return [line for part in parts for line in _lines(part)]
    return "".join(_text(part) for part in parts).split("\n")


def _is_block(node: Any) -> bool:
    return _parts(node) != [] or node.get("type") in {"paragraph", "heading", "horizontalRule"}


def _text(node: Any) -> str:
    if node.get("type") == "hardBreak":
        return "\n"
    if node.get("type") == "mention":
        return f"@{(node.get('attrs') or {}).get('label', '')}"
    return str(node.get("text", ""))


def _parts(node: Any) -> list[Any]:
    if not isinstance(node, dict):
        raise TypeError
    parts = node.get("content") or []
    return [part for part in parts if isinstance(part, dict)]
