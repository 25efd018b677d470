"""Windows as JQL conditions: in the zone of the account's profile, in which Jira reads dates.

JQL knows minutes and no zones. An instant that it cannot name is an error where issues are counted,
never a neighbouring instant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from okrsync.errors import SourceError
from okrsync.model import Window
from okrsync_jira.messages import unexpected
from okrsync_jira.site import Site

_MINUTE = timedelta(minutes=1)
# A plain number from here on counts milliseconds since 1970, below it seconds.
_MILLISECONDS = 100_000_000_000


@dataclass(frozen=True, slots=True)
class DateField:
    """``clause`` is its name in JQL; ``lasting``: what it says today it said in the past too.

    ``days``: it holds days, not moments; ``forward``: they may lie in the future.
    """

    id: str
    clause: str
    days: bool = False
    lasting: bool = False
    forward: bool = False


_BUILT_IN = {
    "created": DateField("created", "created", lasting=True),
    "resolved": DateField("resolutiondate", "resolved", lasting=True),
    "updated": DateField("updated", "updated"),
    "due": DateField("duedate", "due", days=True, forward=True),
}
_ALSO_CALLED = {
    "resolutiondate": "resolved",
    "duedate": "due",
    "due date": "due",
    "createddate": "created",
    "updateddate": "updated",
}


def date_field(site: Site, name: str) -> DateField:
    """The field that ``on`` names. Raises ``SourceError`` when it holds no dates."""
    word = name.strip().casefold()
    built_in = _BUILT_IN.get(_ALSO_CALLED.get(word, word))
    if built_in is not None:
        return built_in
    field = site.fields.named(name)
    if field.kind not in {"date", "datetime"}:
        raise SourceError(
            f"the field {field} holds no dates",
            next_step="say on = created, resolved, updated, due, or the name of a date field",
        )
    return DateField(field.id, field.in_jql, days=field.kind == "date", forward=True)


@dataclass(frozen=True, slots=True)
class Span:
    """What a question's window and instant mean to JQL; ``zones`` are Jira's and okrsync's."""

    field: DateField
    window: Window
    as_of: datetime
    past: bool

    def conditions(self, jira: tzinfo, ours: tzinfo) -> Iterator[str]:
        """Conditions that hold for the issues of the span, ends exclusive."""
        clause = self.field.clause
        start, end = self.window.start, self._end()
        if start is not None:
            yield f"{clause} >= {self._said(start, jira, ours)}"
        if end is not None:
            yield f"{clause} < {self._said(end, jira, ours)}"
        elif start is None:
            yield f"{clause} IS NOT EMPTY"

    def _end(self) -> datetime | None:
        """The window's end, or the instant that is looked from, whichever is earlier."""
        if not (self.past or self.field.forward):
            return self.window.end
        after = self.as_of + timedelta(microseconds=1)
        return after if self.window.end is None else min(after, self.window.end)

    def _said(self, moment: datetime, jira: tzinfo, ours: tzinfo) -> str:
        if self.field.days:
            local = moment.astimezone(ours)
            day = local.date() + timedelta(days=local.time() != local.min.time())
            return f'"{day:%Y-%m-%d}"'
        return minute(moment, jira)


def minute(moment: datetime, zone: tzinfo) -> str:
    """The first whole minute not before ``moment``, as JQL writes it in ``zone``.

    Raises ``SourceError`` for an hour that the clocks of the zone show twice.
    """
    rest = timedelta(seconds=moment.second, microseconds=moment.microsecond)
    local = (moment + ((_MINUTE - rest) if rest else timedelta())).astimezone(zone)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        raise SourceError(
            "the window's bound lies in an hour that the clocks of the account's zone show twice",
            next_step="set the time zone of the account's Jira profile to that of config.toml",
        )
    return f'"{local:%Y-%m-%d %H:%M}"'


def last_minute(moment: datetime, zone: tzinfo) -> str:
    """The whole minute that ``moment`` lies in, for ``WAS ... ON``."""
    rest = timedelta(seconds=moment.second, microseconds=moment.microsecond)
    return minute(moment - rest, zone)


def read_moment(value: object, what: str) -> datetime:
    """An instant as Jira gives it: ISO with an offset, or a number since 1970.

    Raises ``BadAnswer`` for anything else.
    """
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return moment
        elif isinstance(value, int) and not isinstance(value, bool):
            scale = 1000 if abs(value) >= _MILLISECONDS else 1
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value * 1000 // scale)
    except (ValueError, OverflowError):
        pass
    raise unexpected(what)
