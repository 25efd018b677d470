"""Past the first 1,000: a search that finds more is asked in slices of time.

GitHub lists at most 1,000 hits of one search. A slice that holds more is halved by its dates until
it does not; the slices together must hold what the whole search holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from okrsync.errors import BadAnswer, OutsideError, SourceError
from okrsync_github.counting import Counting, Wanted
from okrsync_github.dating import GITHUBS_FIRST_DAY, Dated, Span, fitting, within
from okrsync_github.search import Search

WALL = 1000
_TRIES = 2


@dataclass(frozen=True, slots=True)
class Slice:
    search: Search
    total: int


def slices(dated: Dated, counting: Counting, now: datetime, zone: tzinfo) -> Sequence[Slice]:
    """Searches of at most 1,000 hits each that are the whole search together.

    Raises ``SourceError`` where a slice cannot be made smaller, ``BadAnswer`` where the slices do
    not hold what the whole holds, also not at a second look.
    """
    for _ in range(_TRIES):
        whole = _count(counting, [dated.search])[0]
        if whole <= WALL:
            return [Slice(dated.search, whole)]
        found = _sliced(dated, counting, _bounds(dated, now), zone)
        if sum(one.total for one in found) == whole:
            return found
    raise BadAnswer(
        f"the search finds {whole}, but its slices by date hold "
        f"{sum(one.total for one in found)} together",
        next_step="run again later; if it stays, narrow the search to less than 1,000 hits",
    )


def _bounds(dated: Dated, now: datetime) -> Span:
    """A day past now: the clocks of two machines need not agree."""
    tomorrow = now.astimezone(UTC).replace(microsecond=0) + timedelta(days=1)
    return Span(dated.span.first or GITHUBS_FIRST_DAY, dated.span.last or tomorrow)


def _sliced(dated: Dated, counting: Counting, bounds: Span, zone: tzinfo) -> list[Slice]:
    """Level by level, so that each level's counts go into few requests."""
    axis = dated.axis or "created"
    if dated.bare.has(axis):
        raise _too_many(f"it has {axis}: already, so it cannot be asked in slices")
    done: list[Slice] = []
    open_spans = [bounds]
    while open_spans:
        halves = [half for span in open_spans for half in _halves(span)]
        searches = [fitting(within(dated.bare, axis, half, zone)) for half in halves]
        counts = _count(counting, searches)
        open_spans = []
        for half, search, total in zip(halves, searches, counts, strict=True):
            if total > WALL:
                open_spans.append(half)
            elif total:
                done.append(Slice(search, total))
    return done


def _halves(span: Span) -> tuple[Span, Span]:
    halves = span.halves()
    if halves is None:
        raise _too_many("more than that carry the very same date")
    return halves


def _count(counting: Counting, searches: Sequence[Search]) -> list[int]:
    counts: list[int] = []
    for answer in counting.counts([Wanted(search) for search in searches]):
        if isinstance(answer, OutsideError):
            raise answer
        counts.append(answer)
    return counts


def _too_many(why: str) -> SourceError:
    return SourceError(
        f"too many: the search finds more than the {WALL:,} that GitHub lists, and {why}",
        next_step="narrow the search, for example to one repository, or only count",
    )
