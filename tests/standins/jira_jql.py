"""As much of JQL as a stand-in for Jira needs, evaluated over its issues.

Written apart from the connector, so that the two can disagree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.standins.jira import Ticket

Test = Callable[["Ticket"], bool]

_LEXEMES = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|[()=,]|!=|>=|<=|<|>|[^\s"()=!<>,]+)""", re.DOTALL)
_SIMPLE: dict[str, Callable[[Ticket], set[Any]]] = {
    "project": lambda ticket: {ticket.project},
    "type": lambda ticket: {ticket.type},
    "issuetype": lambda ticket: {ticket.type},
    "status": lambda ticket: {ticket.status.name},
    "statuscategory": lambda ticket: {ticket.status.category_name, ticket.status.category},
    "parent": lambda ticket: {ticket.parent},
    "epic link": lambda ticket: {ticket.parent},
    "fixversion": lambda ticket: set(ticket.versions),
    "sprint": lambda ticket: {str(sprint) for sprint in ticket.sprints},
    "labels": lambda ticket: set(ticket.labels),
    "key": lambda ticket: {ticket.key},
}
_DATES = {"created", "resolved", "updated", "due"}


class Bad(ValueError):
    """What Jira would answer 400 to."""


def _lexemes(text: str) -> Iterator[str]:
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _LEXEMES.match(text, place)
        if found is None:
            raise Bad("Error in the JQL Query: a quoted string is not closed.")
        place = found.end()
        yield found[1]


class Query:
    """A parsed query; ``zone`` is that in which its dates are read."""

    def __init__(self, text: str, zone: tzinfo) -> None:
        self._zone = zone
        self._words = list(_lexemes(text))
        self._place = 0
        upper = [word.upper() for word in self._words]
        self._end = upper.index("ORDER") if "ORDER" in upper else len(upper)
        self.matches: Test = self._any() if self._end else lambda _: True
        if self._place != self._end:
            raise Bad(f"Error in the JQL Query: Expecting the end, got '{self._peek()}'.")

    def _any(self) -> Test:
        parts = [self._all()]
        while self._took("OR"):
            parts.append(self._all())
        return lambda ticket: any(part(ticket) for part in parts)

    def _all(self) -> Test:
        parts = [self._one()]
        while self._took("AND"):
            parts.append(self._one())
        return lambda ticket: all(part(ticket) for part in parts)

    def _one(self) -> Test:
        if self._took("NOT"):
            inner = self._one()
            return lambda ticket: not inner(ticket)
        if self._took("("):
            inside = self._any()
            self._must(")")
            return inside
        return self._clause(self._value().lower())

    def _clause(self, field: str) -> Test:
        if self._took("WAS"):
            return self._was(field)
        if self._took("IS"):
            wanted = not self._took("NOT")
            self._must("EMPTY")
            return lambda ticket: (not self._values(field, ticket)) is wanted
        if field in _DATES or field.startswith("cf["):
            return self._compared(field)
        negative = self._took("NOT") or self._peek() == "!="
        self._place += 1
        chosen = self._operand()
        return lambda ticket: bool(self._values(field, ticket) & chosen) is not negative

    def _was(self, field: str) -> Test:
        if field != "status":
            raise Bad(f"History searches do not support the '{field}' field.")
        negative = self._took("NOT")
        self._took("IN")
        chosen = self._operand()
        self._must("ON")
        moment = self._moment(self._value())
        return lambda ticket: (ticket.status_at(moment).name in chosen) is not negative

    def _compared(self, field: str) -> Test:
        operator, text = self._next(), self._value()
        if operator not in {">=", "<", "<=", ">"}:
            raise Bad(f"The operator '{operator}' is not supported by the '{field}' field.")
        compare: Callable[[Any, Any], bool] = {
            ">=": lambda one, other: one >= other,
            "<": lambda one, other: one < other,
            "<=": lambda one, other: one <= other,
            ">": lambda one, other: one > other,
        }[operator]

        def test(ticket: Ticket) -> bool:
            value = ticket.value(field)
            if value is None:
                return False
            if isinstance(value, datetime):
                return compare(value, self._moment(text))
            return compare(str(value), text)

        return test

    def _values(self, field: str, ticket: Ticket) -> set[str]:
        if field in _SIMPLE:
            return {str(value) for value in _SIMPLE[field](ticket) if value is not None}
        value = ticket.value(field)
        return set() if value is None else {str(value)}

    def _moment(self, text: str) -> datetime:
        local = datetime.strptime(text.replace("/", "-"), "%Y-%m-%d %H:%M")  # noqa: DTZ007
        return local.replace(tzinfo=self._zone)

    def _operand(self) -> set[str]:
        if not self._took("("):
            return {self._value()}
        chosen = {self._value()}
        while self._took(","):
            chosen.add(self._value())
        self._must(")")
        return chosen

    def _value(self) -> str:
        word = self._next()
        if word.startswith('"'):
            return re.sub(r"\\(.)", r"\1", word[1:-1])
        if not re.fullmatch(r"[\w.\[\]-]+", word):
            raise Bad(f"Error in the JQL Query: Expecting a value but got '{word}'.")
        return word

    def _peek(self) -> str:
        return self._words[self._place] if self._place < self._end else ""

    def _next(self) -> str:
        word = self._peek()
        self._place += 1
        return word

    def _took(self, word: str) -> bool:
        if self._peek().upper() != word:
            return False
        self._place += 1
        return True

    def _must(self, word: str) -> None:
        if not self._took(word):
            raise Bad(f"Error in the JQL Query: Expecting '{word}' but got '{self._peek()}'.")
