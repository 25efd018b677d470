"""What is wrong with a query, seen offline."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from okrsync.conditions import Condition, comparisons
from okrsync.errors import SourceError
from okrsync_salesforce import literals, reading
from okrsync_salesforce.settings import SalesforceQuery, SalesforceSettings

_ROWS = "; with rows = true okrsync decides it in the records itself"


def check(settings: SalesforceSettings, query: SalesforceQuery) -> Iterator[tuple[str, str]]:  # noqa: ARG001
    """Raises nothing: (key, message) pairs."""
    if (query.soql is None) == (query.object is None):
        yield "", 'say either soql, or object with where: object = "Opportunity"'
        return
    if query.soql is None:
        return
    for key in ("where", "any_case", "rows"):
        if getattr(query, key):
            yield key, f"{key} goes with object; a query in SOQL has its own WHERE"
    for problem in reading.problems(query.soql):
        yield "soql", problem
    for name in dict.fromkeys(bind.name for bind in reading.binds(query.soql)):
        if name not in reading.DATES and name not in query.vars:
            yield "soql", "a name after a colon is neither :start, :end, :as_of nor one of vars"
    for name in reading.DATES & query.vars.keys():
        yield "vars", f"{name} is okrsync's own name for a date of the window"


def check_where(query: SalesforceQuery, asked: Condition | SourceError) -> Iterator[str]:
    """Why Salesforce cannot be asked this; nothing where okrsync reads the records itself."""
    if query.rows:
        return
    if isinstance(asked, SourceError):
        yield asked.message.removeprefix("where: ") + _ROWS
        return
    for comparison in comparisons(asked):
        part = comparison.operator in {"contains", "starts_with", "ends_with"}
        for value in comparison.values:
            try:
                if isinstance(value, str):
                    literals.pattern(value) if part else literals.text(value)
                elif isinstance(value, Decimal):
                    literals.number(value)
            except SourceError as error:
                yield error.message + (_ROWS if "backslash" in error.message else "")
