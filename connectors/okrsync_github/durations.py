"""How long things took: a hit of a search as one row of dates and seconds. Pure functions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from okrsync.contracts import Elapsed
from okrsync.errors import BadAnswer
from okrsync_github.answers import instant, instant_or_none, rows, table, whole_number

HEADER: Final = (
    *("created", "closed", "merged", "updated"),
    *("age", "time_to_close", "time_to_merge", "time_to_first_review", "lead_time"),
)
Deliveries = Callable[[str], Sequence[datetime]]
"""The instants of a repository's deliveries, oldest first."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One issue or pull request as it stood at ``until``."""

    node: Mapping[str, Any]
    created: datetime
    closed: datetime | None
    merged: datetime | None
    updated: datetime | None
    until: datetime


def facts(node: Mapping[str, Any], until: datetime) -> Facts:
    """What happened later than ``until`` has not happened yet."""

    def before(value: Any, name: str) -> datetime | None:
        found = instant_or_none(value, name)
        return found if found is not None and found <= until else None

    return Facts(
        node,
        instant(node.get("createdAt"), "createdAt"),
        before(node.get("closedAt"), "closedAt"),
        before(node.get("mergedAt"), "mergedAt"),
        instant_or_none(node.get("updatedAt"), "updatedAt"),
        until,
    )


def row(
    one: Facts, measures: frozenset[str], elapsed: Elapsed, deliveries: Deliveries
) -> list[str]:
    """The cells under ``HEADER``; durations in seconds, empty where there is none."""
    ends: dict[str, tuple[datetime, datetime | None]] = {
        "age": (one.created, one.closed or one.until),
        "time_to_close": (one.created, one.closed),
        "time_to_merge": (one.created, one.merged),
    }
    if "time_to_first_review" in measures:
        ends["time_to_first_review"] = first_review(one)
    if "lead_time" in measures:
        ends["lead_time"] = lead_time(one, deliveries)
    dates = (one.created, one.closed, one.merged, one.updated)
    return [*map(_date, dates), *(_seconds(ends.get(name), elapsed) for name in HEADER[4:])]


def first_review(one: Facts) -> tuple[datetime, datetime | None]:
    """From when a review could be given (opened, or no draft any more) to somebody else's first.

    What the author says, and what a bot says, is no review.
    """
    reviews = table(one.node.get("reviews"), "reviews")
    given = [_given(table(review, "review"), one) for review in rows(reviews.get("nodes"), "nodes")]
    times = [when for when in given if when is not None and when <= one.until]
    total = whole_number(reviews.get("totalCount"), "totalCount")
    if not times and total > len(given):
        raise BadAnswer(
            f"a pull request has {total} reviews, and none of the first {len(given)} is one by "
            "another person",
            next_step="leave it out by the search, for example with -author:",
        )
    first = min(times, default=None)
    ready = _ready(one)
    # A draft may be reviewed before it is declared ready: that took no time.
    return (min(ready, first) if first else ready), first


def lead_time(one: Facts, deliveries: Deliveries) -> tuple[datetime, datetime | None]:
    """From the first commit of a merged pull request to the first delivery after its merge."""
    commits = rows(table(one.node.get("commits"), "commits").get("nodes"), "commits")
    if one.merged is None or not commits:
        return one.created, None
    commit = table(table(commits[0], "commit").get("commit"), "commit")
    begun = instant(commit.get("authoredDate"), "authoredDate")
    repository = table(one.node.get("repository"), "repository")
    times = deliveries(str(repository.get("nameWithOwner")))
    place = bisect_left(times, one.merged)
    # The author's clock may be wrong: work has begun by the time it is merged.
    return min(begun, one.merged), times[place] if place < len(times) else None


def _given(review: Mapping[str, Any], one: Facts) -> datetime | None:
    """When another person gave this review; None for a pending one and for whom does not count."""
    by, author = review.get("author"), one.node.get("author")
    if isinstance(by, dict):
        if by.get("__typename") == "Bot":
            return None
        if isinstance(author, dict) and by.get("login") == author.get("login"):
            return None
    return instant_or_none(review.get("submittedAt"), "submittedAt")


def _ready(one: Facts) -> datetime:
    events = rows(table(one.node.get("timelineItems"), "timelineItems").get("nodes"), "nodes")
    if not events:
        return one.created
    return max(one.created, instant(table(events[0], "event").get("createdAt"), "createdAt"))


def _date(when: datetime | None) -> str:
    return "" if when is None else when.isoformat(timespec="seconds")


def _seconds(ends: tuple[datetime, datetime | None] | None, elapsed: Elapsed) -> str:
    if ends is None or ends[1] is None:
        return ""
    return str(int(elapsed(ends[0], max(ends[0], ends[1])).total_seconds()))
