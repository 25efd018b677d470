"""What can be said of a statement by reading it. Pure functions.

This is the first of three locks, for good messages and for what no transaction stops, such as a
file written by the server. The second is the read-only transaction, the third the account.
"""

from __future__ import annotations

import re

BUILT_IN = frozenset({"start", "end", "as_of", "start_date", "end_date", "as_of_date"})

# SQLAlchemy's own rule for :name, so that both see the same names.
_NAME = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")
_QUIET = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`"  # texts and quoted names
    r"|--[^\n]*|/\*.*?\*/"  # comments
    r"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$",  # PostgreSQL's dollar quotes
    re.DOTALL,
)
_COMMENTS = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*", re.DOTALL)
_READS = frozenset({"select", "with", "values", "table"})
_EXECUTED_COMMENT = re.compile(r"/\*M?!")
_WRITES_FILE = re.compile(r"\b(?:outfile|dumpfile)\b", re.IGNORECASE)


def names_in(sql: str) -> frozenset[str]:
    """Every ``:name`` that a value is bound to, also inside quotes: write ``\\:`` to avoid that."""
    return frozenset(_NAME.findall(sql))


def problem_with(sql: str) -> str:
    """Why this is not one statement that reads; empty when it may be."""
    if "\0" in sql:
        return "a statement holds no NUL"
    if _EXECUTED_COMMENT.search(sql):
        return "a comment that some databases execute (/*! ... */) is not allowed"
    if _WRITES_FILE.search(sql):
        return "INTO OUTFILE and INTO DUMPFILE write files, and okrsync only reads"
    first = re.match(r"\w*", sql[_begin(sql) :])
    if first is None or first[0].lower() not in _READS:
        return "only a statement that reads is sent: SELECT ... or WITH ..."
    if ";" in _QUIET.sub(" ", sql).rstrip().removesuffix(";"):
        return "only one statement is sent; take out everything after the first `;`"
    return ""


def without_end(sql: str) -> str:
    """The statement without a semicolon behind it, which not all databases take."""
    return sql.rstrip().removesuffix(";")


def _begin(sql: str) -> int:
    found = _COMMENTS.match(sql)
    return found.end() if found else 0
