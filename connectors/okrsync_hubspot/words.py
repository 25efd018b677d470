"""A question as people read it in the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from okrsync_hubspot.groups import Filter, Group, Groups
from okrsync_hubspot.planning import HubSpotQuestion, Planned

_SIGNS: Final[Mapping[str, str]] = {
    "EQ": "=",
    "NEQ": "!=",
    "LT": "<",
    "LTE": "<=",
    "GT": ">",
    "GTE": ">=",
    "IN": "in",
    "NOT_IN": "not in",
    "HAS_PROPERTY": "has a value",
    "NOT_HAS_PROPERTY": "has no value",
}


def query(plan: Planned) -> str:
    """What was asked, and with which filters HubSpot was asked for it."""
    question = plan.question
    where = f" where {question.query.where}" if question.query.where else ""
    filters = _groups(plan.search.groups)
    asked = f", asked for {filters}" if filters else ""
    archived = ", deleted records too" if plan.search.archived else ""
    return f"{question.asked_in_words()} in {plan.search.object}{where}{archived}{asked}"


def past(question: HubSpotQuestion, now: datetime) -> Iterator[str]:
    if question.is_past(now):
        yield f"by {question.on}; everything else about the records is as it is now"


def _groups(groups: Groups) -> str:
    if () in groups:
        return ""
    if len(groups) == 1:
        return _group(groups[0])
    return " or ".join(f"({_group(group)})" for group in groups)


def _group(group: Group) -> str:
    return " and ".join(map(_filter, group))


def _filter(one: Filter) -> str:
    values = ", ".join(one.values)
    value = one.when or (f"({values})" if one.operator in {"IN", "NOT_IN"} else values)
    return f"{one.property} {_SIGNS[one.operator]} {value}".rstrip()
