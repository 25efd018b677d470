"""Repositories and owners by their names: there, hidden or renamed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from okrsync.errors import OutsideError, Refused
from okrsync_github.answers import table, text
from okrsync_github.graph import TooMuch


def checked_name(asked: str, there: object, key: str) -> Mapping[str, Any]:
    """``there``, which GitHub found under a name.

    Raises ``Refused`` where that is nothing, or has another name by now. A search in a place that
    the account cannot see finds 0: that is not a number.
    """
    kind = "repository" if "/" in asked else "owner"
    if there is None:
        raise Refused(
            f"the {kind} {asked} is not there, or hidden from this account",
            next_step="check the name, and what the token or the App may read",
        )
    found = table(there, kind)
    name = text(found.get(key), key)
    if name.casefold() != asked.casefold():
        raise Refused(
            f"the {kind} {asked} is called {name} now, and a search by the old name may find less",
            next_step="write the new name into the mapping",
        )
    return found


def named(error: OutsideError, name: str) -> OutsideError:
    """The same error, saying which repository or owner it is about."""
    if isinstance(error, TooMuch) or name in error.message:
        return error
    return type(error)(f"{name}: {error.message}", next_step=error.next_step)
