"""What settings, query and question get wrong together, seen offline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from okrsync.contracts import UndatedQuestion
from okrsync_github.dating import DATES
from okrsync_github.search import LONGEST, Search, problems, read, scoped
from okrsync_github.settings import SUBJECTS, GithubQuery, GithubSettings

Problem = tuple[str, str]

DURATIONS: Final = (
    "age",
    "time_to_close",
    "time_to_merge",
    "time_to_first_review",
    "lead_time",
)
RATES: Final = ("success_rate", "failure_rate")
_ALERT_DATES = ("created", "fixed", "dismissed")
# "created:2026-10-01T00:00:00+02:00..2026-12-31T23:59:59+01:00" and the space before it.
_DATES_LENGTH = 52
_TIMELESS = frozenset({"now", "all"})


def check(settings: GithubSettings, query: GithubQuery) -> Iterator[Problem]:
    """One subject, with the keys that belong to it, that this server can answer."""
    if not query.subject:
        yield "", "say what is asked for, with exactly one of " + ", ".join(SUBJECTS)
        return
    if query.search is not None:
        search = scoped(read(query.search), settings.scope)
        yield from (("search", message) for message in problems(search, query.search_in))
    else:
        yield from _repo_problems(settings, query)
    yield from _stray_keys(query)
    yield from _closed_doors(settings, query)


def check_asking(
    settings: GithubSettings, asked: UndatedQuestion[GithubQuery]
) -> Iterator[Problem]:
    """What ``measure``, ``agg`` and ``on`` may be for this subject."""
    query = asked.query
    if query.search is None:
        yield from _listed_problems(asked)
        return
    search = scoped(read(query.search), settings.scope)
    yield from _on_problems(search, asked)
    yield from _measure_problems(search, asked)
    if not settings.graphql and asked.measure in {"time_to_first_review", "lead_time"}:
        yield "measure", f"{asked.measure} needs GraphQL, and graphql = false in the settings"


def _repo_problems(settings: GithubSettings, query: GithubQuery) -> Iterator[Problem]:
    alerts = query.subject in {"dependabot", "code_scanning"}
    if not query.repo and not (settings.scope if alerts else settings.repo):
        yield (
            query.subject,
            'say of which repository: repo = "acme/shop", here or as scope of the source',
        )


def _stray_keys(query: GithubQuery) -> Iterator[Problem]:
    homes = {
        "search_in": ("search",),
        "severity": ("dependabot", "code_scanning"),
        "branch": ("workflow",),
        "outcome": ("workflow", "deployments"),
    }
    for key, subjects in homes.items():
        if key in query.model_fields_set and query.subject not in subjects:
            yield key, f"{key} goes with {' or '.join(subjects)}"
    if query.repo and query.subject == "search" and not _of_deploys(query):
        yield "repo", "write the repository into the search: repo:acme/shop"


def _closed_doors(settings: GithubSettings, query: GithubQuery) -> Iterator[Problem]:
    if settings.graphql:
        return
    if query.deployments is not None:
        yield "deployments", "deployments need GraphQL, and graphql = false in the settings"
    if query.search_in == "discussions":
        yield "search_in", "discussions need GraphQL, and graphql = false in the settings"


def _of_deploys(query: GithubQuery) -> bool:
    """A search with a place where its pull requests are delivered."""
    return query.deployments is not None or query.releases is not None


def _on_problems(search: Search, asked: UndatedQuestion[GithubQuery]) -> Iterator[Problem]:
    on, known = asked.on, DATES[asked.query.search_in]
    if on is None:
        return
    if on not in known:
        yield "on", f"a search has the dates {', '.join(known)}"
    elif search.has(on):
        yield "on", f"the search has {on}: already; leave it out there, or leave on out here"
    elif on == "merged" and search.kinds == {"issue"}:
        yield "on", "issues are never merged; count pull requests with is:pr"
    elif on in {"closed", "merged"} and "open" in search.values("is", "state"):
        yield "on", f"what is open has no {on} date, so this would always be 0"
    elif asked.window not in _TIMELESS and len(search.text) + _DATES_LENGTH + len(on) > LONGEST:
        yield "window", f"with the dates added, the search is longer than {LONGEST} characters"


def _measure_problems(search: Search, asked: UndatedQuestion[GithubQuery]) -> Iterator[Problem]:
    measure = asked.measure
    if measure is None:
        if asked.agg not in {"count", "days_with", "days_without"}:
            yield "agg" if asked.agg else "search", 'say agg = "count", or a measure'
        if _of_deploys(asked.query):
            yield "search", 'a search with deployments or releases is for measure = "lead_time"'
        return
    if asked.query.search_in != "issues":
        yield "measure", "only issues and pull requests are measured; the rest is counted"
    elif measure not in DURATIONS:
        yield "measure", f"GitHub's durations are {', '.join(DURATIONS)}"
    elif measure not in {"age", "time_to_close"} and search.kinds != {"pr"}:
        yield "measure", f"{measure} is for pull requests: write is:pr"
    elif (measure == "lead_time") != _of_deploys(asked.query):
        yield (
            "measure",
            'lead_time ends with a delivery: add deployments = "production" or releases = "stable"',
        )


def _listed_problems(asked: UndatedQuestion[GithubQuery]) -> Iterator[Problem]:
    subject = asked.query.subject
    measures: dict[str, tuple[str, ...]] = {
        "workflow": RATES,
        "deployments": RATES,
        "dependabot": ("age",),
        "code_scanning": ("age",),
    }
    dates = {
        "releases": ("published",),
        "deployments": ("created",),
        "workflow": ("created",),
        "dependabot": _ALERT_DATES,
        "code_scanning": _ALERT_DATES,
    }
    if asked.measure is not None and asked.measure not in measures.get(subject, ()):
        known = ", ".join(measures.get(subject, ())) or "none"
        yield "measure", f"what can be measured of {subject}: {known}"
    if asked.measure is None and subject in dates and asked.agg is None:
        yield subject, 'say agg = "count"'
    if asked.on is not None and asked.on not in dates.get(subject, ()):
        yield "on", f"dates of {subject}: {', '.join(dates.get(subject, ())) or 'none'}"
    if subject in {"milestone", "stars"} and asked.agg not in {None, "count"}:
        yield "agg", f"{subject} is one number; leave agg out"
    if subject == "workflow" and asked.agg not in {None, "count"}:
        yield "agg", 'runs are counted: agg = "count", or measure = "success_rate"'
    if asked.measure in RATES and asked.agg is not None:
        yield "agg", f"{asked.measure} is one number; leave agg out"
