"""Windows and earlier days as qualifiers of GitHub's search. Pure functions.

GitHub keeps dates to the second, and both ends of its A..B count: a window that ends before an
instant becomes a span to the second before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from okrsync.errors import SourceError
from okrsync.model import Window
from okrsync_github.search import LONGEST, Search, read
from okrsync_github.settings import SearchIn

DATES: dict[SearchIn, tuple[str, ...]] = {
    "issues": ("created", "closed", "merged", "updated"),
    "discussions": ("created", "updated"),
    "repositories": ("created", "pushed"),
}
SECOND = timedelta(seconds=1)
GITHUBS_FIRST_DAY = datetime(2007, 10, 1, tzinfo=UTC)

# They change from day to day, and no date in the search says when.
_NO_PAST_NAMES = frozenset({"draft", "review", "status", "updated", "pushed", "review-requested"})
_NO_PAST_STATES = frozenset({"draft", "queued", "locked", "unlocked", "unmerged", "answered"})
# They are what they were: everything else is found as it stands today.
_STATES = frozenset({"open", "closed", "merged"})
_DATED = frozenset({"created", "closed", "merged"})
_LASTING = frozenset(
    {"repo", "org", "user", "author", "is", "type", "state", "created", "closed", "merged"}
    | {"sort", "in", "base", "head", "reason"}
)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole seconds in UTC, both ends included; None for no bound."""

    first: datetime | None = None
    last: datetime | None = None

    @property
    def open(self) -> bool:
        return self.first is None and self.last is None

    @property
    def empty(self) -> bool:
        return self.first is not None and self.last is not None and self.last < self.first

    def range(self, zone: tzinfo) -> str:
        """``A..B`` as the search writes it, in ``zone`` with its offset."""
        first = self.first and self.first.astimezone(zone).isoformat(timespec="seconds")
        last = self.last and self.last.astimezone(zone).isoformat(timespec="seconds")
        if first and last:
            return f"{first}..{last}"
        return f">={first}" if first else f"<={last}"

    def halves(self) -> tuple[Span, Span] | None:
        """Two spans that are this one together; None for a single second."""
        if self.first is None or self.last is None or self.first >= self.last:
            return None
        middle = self.first + (self.last - self.first) // (2 * SECOND) * SECOND
        return Span(self.first, middle), Span(middle + SECOND, self.last)


@dataclass(frozen=True, slots=True)
class Dated:
    """A search with its dates: ``bare`` is it without ``axis:span``, the date that bounds it.

    ``notes`` say what keeps it from being exact, if anything does.
    """

    search: Search
    bare: Search
    axis: str | None
    span: Span
    notes: tuple[str, ...] = ()


def span_of(window: Window, past: datetime | None) -> Span:
    """The seconds that count: of the window, and none after ``past``."""
    first = None if window.start is None else _rounded_up(window.start)
    ends = [] if window.end is None else [_rounded_up(window.end) - SECOND]
    if past is not None:
        ends.append(_utc(past).replace(microsecond=0))
    return Span(first, min(ends, default=None))


def dated(
    search: Search,
    on: str | None,
    window: Window,
    *,
    past: datetime | None,
    zone: tzinfo,
) -> Dated:
    """The search with the dates that a question asks for.

    ``past`` is the instant to look back to, None for now. Raises ``SourceError`` where the past,
    or GitHub's limit on length, does not allow it.
    """
    span = span_of(window, past)
    bare = search
    notes: tuple[str, ...] = ()
    if past is not None:
        bare, notes = _as_it_was(search, on, span_of(Window(""), past).range(zone))
        on = on or "created"
    if on is None or span.open:
        return Dated(fitting(bare), bare, None, span, notes)
    return Dated(fitting(within(bare, on, span, zone)), bare, on, span, notes)


def within(bare: Search, axis: str, span: Span, zone: tzinfo) -> Search:
    return read(f"{bare.text} {axis}:{span.range(zone)}")


def fitting(search: Search) -> Search:
    """The same search; raises ``SourceError`` where GitHub would find it too long."""
    if len(search.text) > LONGEST:
        raise SourceError(
            f"with its dates the search has {len(search.text)} characters, and GitHub allows "
            f"{LONGEST}",
            next_step="shorten the search by its least needed words",
        )
    return search


def _as_it_was(search: Search, on: str | None, until: str) -> tuple[Search, tuple[str, ...]]:
    """The search as it would have answered at the end of ``until``, a range of the search.

    When things were created, the question's own date bounds: nothing closes before it begins.
    """
    _refuse_dateless(search, on)
    notes = list(_as_today(search))
    needed: set[str] = set()
    text = search.text
    for term in reversed([term for term in search.terms if term.value in _STATES]):
        if term.name not in {"is", "state"}:
            continue
        if term.negative or search.operators or search.grouped:
            raise _cannot("a state inside of AND, OR, NOT or brackets")
        if term.value == "open":
            text = f"{text[: term.start]}{text[term.end :].lstrip()}"
            needed.add("-closed")
            notes.append("what was closed then and reopened since counts as open")
        elif term.value != on:
            needed.add(term.value)
    bounds = (f"{name}:{until}" for name in sorted(needed))
    return read(" ".join([text.strip(), *bounds])), tuple(notes)


def _refuse_dateless(search: Search, on: str | None) -> None:
    if on in _NO_PAST_NAMES:
        raise _cannot(f"what was {on} then and again since")
    for term in search.terms:
        if term.name in {"is", "state"} and term.value in _NO_PAST_STATES:
            raise _cannot(f"{term.name}:{term.value}")
        if term.name in _NO_PAST_NAMES:
            raise _cannot(f"{term.name}:")
        if term.name in _DATED:
            raise SourceError(
                f"the search has dates of its own ({term.name}:), so it cannot be asked as of an "
                "earlier day",
                next_step=f'say on = "{term.name}" and a window instead',
            )


def _as_today(search: Search) -> Iterator[str]:
    names = dict.fromkeys(term.name for term in search.terms if term.name not in _LASTING)
    if names:
        yield f"{', '.join(names)}: as it is today, not as it was then"


def _cannot(what: str) -> SourceError:
    return SourceError(
        f"GitHub's search cannot say what was true on an earlier day: nothing dates {what}",
        next_step="history for it begins with the first sync",
    )


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


def _rounded_up(instant: datetime) -> datetime:
    whole = _utc(instant).replace(microsecond=0)
    return whole if whole == instant else whole + SECOND
