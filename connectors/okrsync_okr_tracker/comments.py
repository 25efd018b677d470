"""The comment of a check-in: the note, and a last line that says that okrsync wrote which number.

The line is ``okrsync KEY NUMBER``. A person who changes the number in OKR Tracker leaves the
comment as it is: then the two no longer agree, and the check-in is that person's.

OKR Tracker escapes a comment's HTML characters before it keeps it, and gives it back escaped.
"""

from __future__ import annotations

import html
import re
from decimal import Context, Decimal

_LINE = re.compile(r"okrsync (?P<key>\S+) (?P<number>[0-9.]+)")
_DOUBLE = Context(prec=15)


def signed(note: str, key: str, value: Decimal) -> str:
    line = f"okrsync {key} {value:f}"
    return f"{note}\n{line}" if note else line


def read(comment: str, value: Decimal | None) -> tuple[str, str | None]:
    """The note and okrsync's key, None where a person wrote ``value``."""
    text = html.unescape(comment)
    note, _, last = text.rpartition("\n")
    found = _LINE.fullmatch(last.strip())
    if found is None:
        return text, None
    ours = value is not None and same(Decimal(found["number"]), value)
    return note, found["key"] if ours else None


def same(one: Decimal, other: Decimal) -> bool:
    """Whether two numbers are one in a store of binary floats."""
    return _DOUBLE.plus(one) == _DOUBLE.plus(other)
