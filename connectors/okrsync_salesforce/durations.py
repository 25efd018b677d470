"""The time from one date of a record to another: a sales cycle, an age at closing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from typing import Final

from okrsync.contracts import Elapsed
from okrsync.errors import BadAnswer
from okrsync_salesforce.fields import DATES, Field

KIND: Final = "duration"
SECONDS_A_DAY: Final = 86_400
_SPAN: Final = re.compile(r"\s*(?P<start>[\w.]+)\s+to\s+(?P<end>[\w.]+)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """A measure written as "CreatedDate to CloseDate"."""

    start: Field
    end: Field

    @property
    def field(self) -> Field:
        path = f"{self.start.path} to {self.end.path}"
        return Field(path, KIND, filterable=False, aggregatable=False, groupable=False)

    @property
    def of_days(self) -> bool:
        """Where one side has no time of day, both are taken as days."""
        return "date" in {self.start.kind, self.end.kind}


def span_of(measure: str, find: Callable[[str], Field]) -> Span | None:
    """The two dates that a measure names; None for a plain field."""
    found = _SPAN.fullmatch(measure)
    if found is None:
        return None
    start, end = find(found["start"]), find(found["end"])
    return Span(start, end) if {start.kind, end.kind} <= DATES else None


@dataclass(frozen=True, slots=True)
class Timing:
    """How time counts, by the clock or in ``working`` days; the days are those of ``zone``."""

    elapsed: Elapsed
    zone: tzinfo
    working: bool

    def seconds(self, span: Span, start: str, end: str) -> str:
        """The time as a cell; empty where one of the dates is. Raises ``BadAnswer``."""
        if not start or not end:
            return ""
        begun, ended = self._moment(start, span), self._moment(end, span)
        if ended < begun:
            raise BadAnswer(
                f"a record's {span.end.path} lies before its {span.start.path}",
                next_step=f"correct it, or leave it out: rows = true and {span.end.path} >= "
                f"{span.start.path} in where",
            )
        return str(round(self.elapsed(begun, ended).total_seconds()))

    def _moment(self, text: str, span: Span) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise BadAnswer("a date of a record cannot be read", next_step="okrsync sync") from None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
        if not span.of_days:
            return aware
        # By the clock a day is 24 h, also the one on which clocks change: its days are UTC's.
        midnights = self.zone if self.working else UTC
        return datetime.combine(aware.astimezone(self.zone).date(), time(), midnights)
