"""What a query would have found on an earlier day, where JQL itself can say.

Conditions on what never changes stay as they are. ``status = X`` becomes ``status WAS X ON day``,
and so on for the few fields whose history JQL can search. Everything else is refused: today's
labels are not those of last month.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from okrsync.errors import SourceError
from okrsync_jira.jql import Token, quoted, tokens, unquoted
from okrsync_jira.statuses import Statuses

_LASTING = frozenset({"project", "issuetype", "type", "id", "issue", "issuekey", "key", "creator"})
_DATED = frozenset({"created", "createddate", "resolved", "resolutiondate"})
_KEPT = frozenset({"status", "assignee", "reporter", "priority", "resolution", "fixversion"})
_CATEGORY = "statuscategory"
# A field that may be empty: "is not X" would then mean something else than "was not X".
_NEVER_EMPTY = frozenset({"status"})
_ABSOLUTE = re.compile(
    r"""["']?[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2})?["']?"""
)
_JOINTS = frozenset({"AND", "OR", "NOT", "&&", "||", "&", "|", "!"})
_WAS = {
    "=": "WAS",
    "IS": "WAS",
    "IN": "WAS IN",
    "!=": "WAS NOT",
    "IS NOT": "WAS NOT",
    "NOT IN": "WAS NOT IN",
}
_NEGATIVE = frozenset({"!=", "NOT IN", "IS NOT"})


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison of a query and where it stands in the text; ``name`` is as it was written."""

    name: str
    field: str
    operator: str
    operand: str
    calls: bool
    start: int
    end: int


def as_of(condition: str, moment: str, statuses: Statuses | None = None) -> str:
    """The condition as of ``moment``, a quoted minute in Jira's zone.

    ``statuses`` are needed where ``names_categories`` says so. Raises ``SourceError`` where JQL
    keeps no history.
    """
    written, place = "", 0
    for clause in clauses(condition):
        written += condition[place : clause.start] + _was(clause, condition, moment, statuses)
        place = clause.end
    return written + condition[place:]


def names_categories(condition: str) -> bool:
    """True where the site's statuses are needed to look back."""
    return any(clause.field == _CATEGORY for clause in clauses(condition))


def clauses(condition: str) -> Iterator[Clause]:
    """The comparisons of a condition, in order. Raises ``SourceError`` for what is none."""
    found = tokens(condition)
    place = 0
    while place < len(found):
        token = found[place]
        if token.kind in {"open", "close"} or token.text.upper() in _JOINTS:
            place += 1
            continue
        operator, operand = _operator(found, place + 1)
        end = _end_of_operand(found, operand)
        yield Clause(
            name=token.text,
            field=unquoted(token.text).casefold(),
            operator=operator,
            operand=condition[found[operand].start : found[end - 1].end],
            calls=_calls(found[operand:end]),
            start=token.start,
            end=found[end - 1].end,
        )
        place = end


def _was(clause: Clause, condition: str, moment: str, statuses: Statuses | None) -> str:
    written = condition[clause.start : clause.end]
    if clause.calls:
        raise _cannot("a function is answered as of today")
    if clause.field in _LASTING:
        return written
    if clause.field in _DATED:
        if _ABSOLUTE.fullmatch(clause.operand) or clause.operand.upper() == "EMPTY":
            return written
        raise _cannot("a relative date is counted from today")
    if clause.field == _CATEGORY and statuses is not None:
        return _was_in_category(clause, moment, statuses)
    if clause.field in _KEPT and _lookable(clause):
        return f"{clause.name} {_WAS[clause.operator]} {clause.operand} ON {moment}"
    raise _cannot(f"it keeps no history that answers the condition on {clause.field!r}")


def _lookable(clause: Clause) -> bool:
    if clause.operator in _NEGATIVE and clause.field not in _NEVER_EMPTY:
        return False
    return clause.operator in _WAS


def _was_in_category(clause: Clause, moment: str, statuses: Statuses) -> str:
    if clause.operator not in {"=", "!=", "IN", "NOT IN"}:
        raise _cannot("it compares status categories with = and IN only")
    written = [token for token in tokens(clause.operand) if token.kind in {"word", "quoted"}]
    names: list[str] = []
    for token in written:
        key = statuses.key_of_category(unquoted(token.text))
        if key is None:
            raise _cannot("this site has no such status category")
        names += statuses.of_category(key)
    operator = "WAS NOT IN" if clause.operator in _NEGATIVE else "WAS IN"
    return f"status {operator} ({', '.join(map(quoted, names))}) ON {moment}"


def _operator(found: list[Token], place: int) -> tuple[str, int]:
    """The operator at ``place`` and the place of its operand."""
    words = [token.text.upper() for token in found[place : place + 2]]
    if words in (["IS", "NOT"], ["NOT", "IN"]):
        operator, after = " ".join(words), place + 2
    elif words and (found[place].kind == "operator" or words[0] in {"IN", "IS"}):
        operator, after = words[0], place + 1
    else:
        raise _cannot("it has no look-back for WAS, CHANGED and what else is not a comparison")
    if after >= len(found):
        raise _cannot("the condition is not complete")
    return operator, after


def _end_of_operand(found: list[Token], place: int) -> int:
    """The place after an operand: a value, a list in parentheses, or a function with its own."""
    end = place + 1
    if found[place].kind != "open":
        if end >= len(found) or found[end].kind != "open":
            return end
        end += 1
    depth = 1
    while depth:
        depth += {"open": 1, "close": -1}.get(found[end].kind, 0)
        end += 1
    return end


def _calls(operand: list[Token]) -> bool:
    """True where a function is called: a word with an opening parenthesis behind it."""
    return any(
        first.kind in {"word", "quoted"} and second.kind == "open"
        for first, second in pairwise(operand)
    )


def _cannot(why: str) -> SourceError:
    return SourceError(
        f"JQL cannot say what this query would have found on an earlier day: {why}",
        next_step="leave out backfill for it, or ask by project, type, status and created",
    )
