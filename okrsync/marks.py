"""How okrsync knows a check-in again in a text that a service keeps for it.

A mark is ``KEY NUMBER``; at the end of a note it is a line of its own, ``okrsync KEY NUMBER``. A
person who changes the number beside it leaves the mark as it is: then the two no longer agree, and
the check-in is that person's.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal

_MARK = re.compile(r"(?P<key>\S+) (?P<number>-?[0-9]+(\.[0-9]+)?)")
_LINE = re.compile(rf"okrsync {_MARK.pattern}")
_MOST_DIGITS = 100


def mark(key: str, value: Decimal) -> str:
    return f"{key} {value:f}"


def key_in(text: str, value: Decimal | None, *, digits: int | None = None) -> str | None:
    """okrsync's key in a mark that agrees with ``value``, compared to so many digits."""
    return _agreeing(_MARK.fullmatch(text.strip()), value, digits)


def signed(note: str, key: str, value: Decimal) -> str:
    """The note with its last line."""
    line = f"okrsync {mark(key, value)}"
    return f"{note}\n{line}" if note else line


def unsigned(
    text: str, value: Decimal | None, *, digits: int | None = None
) -> tuple[str, str | None]:
    """The note without its last line, and okrsync's key; None where a person wrote ``value``."""
    note, _, last = text.rpartition("\n")
    found = _LINE.fullmatch(last.strip())
    return (text, None) if found is None else (note, _agreeing(found, value, digits))


def same(one: Decimal, other: Decimal, digits: int | None = None) -> bool:
    """Whether two numbers are one in a store that keeps so many digits."""
    context = Context(prec=digits or _MOST_DIGITS)
    return context.plus(one) == context.plus(other)


def _agreeing(found: re.Match[str] | None, value: Decimal | None, digits: int | None) -> str | None:
    if found is None or value is None:
        return None
    return found["key"] if same(Decimal(found["number"]), value, digits) else None
