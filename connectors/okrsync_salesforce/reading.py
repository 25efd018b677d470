"""What can be seen in a SOQL text without Salesforce: its texts, its :names, its object.

Literals are told from the rest first, so that nothing in quotes is ever taken for a part of the
query. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

# A :name stands alone; the colons in 2026-10-01T08:00:00Z and LAST_N_DAYS:30 do not begin one.
_PARTS: Final = re.compile(
    r"(?P<text>'(?:[^'\\]|\\.)*')|(?P<open>')|(?<![\w:]):(?P<name>[A-Za-z_]\w*)", re.DOTALL
)
_BRACKETS: Final = re.compile(r"\([^()]*\)")
_FROM: Final = re.compile(r"\bFROM\s+([A-Za-z]\w*)", re.IGNORECASE)
_COUNT: Final = re.compile(r"\s*SELECT\s+COUNT\s*\(\s*\)\s+FROM\b", re.IGNORECASE)
_WRITES: Final = re.compile(
    r"\bFOR\s+(VIEW|REFERENCE|UPDATE)\b|\bUPDATE\s+(TRACKING|VIEWSTAT)\b", re.IGNORECASE
)
_USERS_DAYS: Final = re.compile(
    r"\b(TODAY|YESTERDAY|TOMORROW|(?:LAST|THIS|NEXT)_(?:N_)?(?:\d+_)?[A-Z_]*(?:DAY|WEEK|MONTH|QUARTER"
    r"|YEAR)S?|N_[A-Z_]+_AGO|DAY_ONLY|CALENDAR_\w+|FISCAL_\w+|(?:DAY|WEEK|HOUR)_IN_\w+)\b",
    re.IGNORECASE,
)
_COMPARED: Final = re.compile(
    r"(?P<field>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*|(?P<day>DAY_ONLY)\s*\([^()]*(?:\([^()]*\))?[^()]*\))"
    r"\s*(?P<sign><=|>=|!=|<|>|=)\s*$",
    re.IGNORECASE,
)

START, END, AS_OF = "start", "end", "as_of"
DATES: Final = frozenset({START, END, AS_OF})


@dataclass(frozen=True, slots=True)
class Bind:
    """A :name in a query, and the field and sign before it where there are any.

    ``field`` is "" next to DAY_ONLY(...), which is a day whatever is in it.
    """

    name: str
    field: str | None
    sign: str


def binds(soql: str) -> list[Bind]:
    """Every :name in it, in order."""
    return [_bind(soql, found) for found in _PARTS.finditer(soql) if found["name"]]


def bound(soql: str, write: Callable[[Bind], str]) -> str:
    """``soql`` with what ``write`` says in place of every :name."""

    def put(found: re.Match[str]) -> str:
        return write(_bind(soql, found)) if found["name"] else found[0]

    return _PARTS.sub(put, soql)


def object_of(soql: str) -> str | None:
    """The object after the outermost FROM."""
    found = _FROM.search(_outermost(_bare(soql)))
    return found[1] if found else None


def is_count(soql: str) -> bool:
    """True for SELECT COUNT(), whose answer is its size and not a record."""
    return _COUNT.match(soql) is not None


def users_days(soql: str) -> str | None:
    """A word in it that counts days in the zone of the Salesforce user, or in UTC."""
    found = _USERS_DAYS.search(_bare(soql))
    return found[1] if found else None


def problems(soql: str) -> Iterator[str]:
    """What is certainly wrong with it."""
    if any(found["open"] for found in _PARTS.finditer(soql)):
        yield "a quote is opened and never closed"
        return
    bare = _bare(soql)
    outermost = _outermost(bare)
    if not re.match(r"\s*SELECT\b", bare, re.IGNORECASE):
        yield "a query begins with SELECT"
    elif not _FROM.search(outermost):
        yield "a query names its object: SELECT ... FROM Opportunity"
    if "(" in outermost.replace("()", "") or ")" in outermost.replace("()", ""):
        yield "a bracket is without its partner"
    if _WRITES.search(bare):
        yield "FOR VIEW, FOR REFERENCE, FOR UPDATE and UPDATE change records: okrsync only reads"


def _bind(soql: str, found: re.Match[str]) -> Bind:
    before = _COMPARED.search(_bare(soql[: found.start()]))
    if before is None:
        return Bind(found["name"], None, "")
    return Bind(found["name"], "" if before["day"] else before["field"], before["sign"])


def _bare(soql: str) -> str:
    """The query with every text empty."""
    return _PARTS.sub(lambda found: "''" if found["text"] else found[0], soql)


def _outermost(bare: str) -> str:
    """The query with nothing in its brackets."""
    while (emptied := _BRACKETS.sub("\0", bare)) != bare:
        bare = emptied
    return bare.replace("\0", "()")
