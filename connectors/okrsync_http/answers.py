"""What an answer says, where a path may be left out and nothing may stand there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from okrsync.errors import BadAnswer
from okrsync.http.paths import MISSING, compiled, number


def at(document: Any, path: str) -> Any:
    """What stands there; None for null and for nothing."""
    found = compiled(path).find(document) if path else None
    return None if found is MISSING else found


def number_at(document: Any, path: str) -> Decimal | None:
    """None for null and for nothing; raises ``BadAnswer`` for what is no number."""
    found = at(document, path)
    return None if found is None else number(found, path)


def text_at(document: Any, path: str) -> str:
    """ "" for null and for nothing."""
    found = at(document, path)
    if found is None:
        return ""
    if isinstance(found, dict | list):
        raise BadAnswer(
            f"`{path}` is a table or a list, and no text",
            next_step="look at the answer, and correct the path in the store's table",
        )
    return f"{found:f}" if isinstance(found, Decimal) else str(found)
