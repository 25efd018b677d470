"""What a search says, what GitHub would refuse, and dates added without touching the rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.contracts import FromEnvironment, UndatedQuestion
from okrsync.model import Measurement, Window
from okrsync_github.checking import check, check_asking
from okrsync_github.dating import dated
from okrsync_github.search import problems, read, scoped
from okrsync_github.settings import GithubQuery, GithubSettings
from tests.standins.github import NOW, Github, Item, asked, failure, question, value

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# Around the night in which the clocks go forward; Hypothesis wants them without a zone.
_FROM, _UNTIL = (datetime.fromisoformat(day) for day in ("2026-03-27", "2026-03-31"))
_DAY = timedelta(days=1)
_SETTINGS = GithubSettings(token=FromEnvironment(env="GITHUB_TOKEN"))


def _window(start: str, end: str, zone: ZoneInfo = STOCKHOLM) -> Window:
    return Window(
        "period",
        datetime.fromisoformat(start).replace(tzinfo=zone),
        datetime.fromisoformat(end).replace(tzinfo=zone),
    )


@pytest.mark.parametrize(
    ("text", "repositories", "owners", "kinds"),
    [
        ("repo:acme/shop is:issue", ["acme/shop"], [], {"issue"}),
        ("is:pr org:acme user:octo", [], ["acme", "octo"], {"pr"}),
        ('type:pr repo:"acme/shop"', ["acme/shop"], [], {"pr"}),
        ("is:pull-request -repo:acme/other", [], [], {"pr"}),
        ("(is:issue OR is:pr) REPO:a/b", ["a/b"], [], {"issue", "pr"}),
        ('"repo:acme/shop" is:issue', [], [], {"issue"}),
        ('label:"repo:acme/shop is:pr" is:issue', [], [], {"issue"}),
        ("is:issue user:@me", [], [], {"issue"}),
    ],
)
def test_what_a_search_names(
    text: str, repositories: list[str], owners: list[str], kinds: set[str]
) -> None:
    search = read(text)
    assert list(search.repositories) == repositories
    assert list(search.owners) == owners
    assert search.kinds == kinds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("repo:acme/shop label:bug", "add is:issue or is:pr"),
        ('is:issue label:"bug', "not closed"),
        ("is:issue\nlabel:bug", "one line"),
        ("is:issue is:pr", "at once"),
        ("is:issue repo:shop", "repo:acme/shop"),
        ("is:issue org:acme/shop", "org:acme"),
        ("is:issue a OR b OR c OR d OR e OR f OR g", "at most 5"),
        ("is:issue " + "x" * 250, "more than 256"),
    ],
)
def test_what_github_would_refuse_is_told_offline(text: str, said: str) -> None:
    assert any(said in problem for problem in problems(read(text), "issues"))


@pytest.mark.parametrize(
    "text",
    [
        "is:issue label:OR",
        "is:issue NOT-an-operator",
        "is:pr a OR b OR c OR d OR e OR f",
        'is:issue label:"with \\" mark"',
        "is:issue " + "x" * 247,
        "is:issue author:app/dependabot -label:wontfix,duplicate reactions:>5",
    ],
)
def test_what_github_takes_is_not_refused(text: str) -> None:
    assert list(problems(read(text), "issues")) == []


def test_a_window_ends_a_second_before_its_end_and_shows_its_zone() -> None:
    asked = dated(
        read("is:pr is:merged"),
        "merged",
        _window("2026-10-01", "2027-01-01"),
        past=None,
        zone=STOCKHOLM,
    )
    assert asked.search.text == (
        "is:pr is:merged merged:2026-10-01T00:00:00+02:00..2026-12-31T23:59:59+01:00"
    )


def test_a_day_that_lost_an_hour_is_still_that_day() -> None:
    window = _window("2026-03-29", "2026-03-30")
    asked = dated(read("is:pr"), "created", window, past=None, zone=STOCKHOLM)
    assert asked.search.text.endswith("2026-03-29T00:00:00+01:00..2026-03-29T23:59:59+02:00")
    assert asked.span.last - asked.span.first == timedelta(hours=23) - timedelta(seconds=1)  # type: ignore[operator]


@given(
    offset=st.integers(-3 * 86400, 3 * 86400),
    start=st.datetimes(_FROM, _UNTIL, timezones=st.just(STOCKHOLM)),
    length=st.timedeltas(timedelta(seconds=1), timedelta(days=2)),
)
def test_exactly_what_lies_in_the_window_is_found(
    offset: int, start: datetime, length: timedelta
) -> None:
    """GitHub's instants are whole seconds; the window may begin and end anywhere."""
    end = (start.astimezone(UTC) + length).astimezone(STOCKHOLM)
    when = start.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=offset)
    search = dated(read("is:issue"), "created", Window("w", start, end), past=None, zone=STOCKHOLM)
    github = Github([Item(when)])
    expected = start.timestamp() <= when.timestamp() < end.timestamp()
    found = [] if search.span.empty else github.found(search.search.text)
    assert bool(found) is expected


def test_a_window_that_ends_before_it_begins_for_the_past_holds_nothing(tmp_path: Path) -> None:
    github = Github([Item(NOW - _DAY)])
    window = Window("period", NOW - 5 * _DAY, NOW)
    past = question(
        search="repo:acme/shop is:issue", on="created", window=window, as_of=NOW - 10 * _DAY
    )
    [answer] = asked(github, tmp_path, past)
    assert value(answer) == 0


def test_a_search_too_long_with_its_dates_is_an_error_of_its_own(tmp_path: Path) -> None:
    long = "repo:acme/shop is:issue " + "x" * 200
    window = _window("2026-10-01", "2027-01-01")
    [error] = asked(Github(), tmp_path, question(search=long, on="created", window=window))
    assert "with its dates the search has" in failure(error).message


# How things stood on an earlier day.


@pytest.fixture
def history() -> Github:
    """One day apart: opened on day 0, 1, ... 9; the even ones were closed 10 days later."""
    start = NOW - 40 * _DAY
    return Github(
        [
            Item(
                start + day * _DAY,
                closed=start + (day + 10) * _DAY if day % 2 == 0 else None,
                kind="issue",
            )
            for day in range(10)
        ]
    )


@pytest.mark.parametrize("days_ago", [0, 20, 23, 28, 33, 39, 41])
@pytest.mark.parametrize("state", ["is:open", "is:closed", "state:open", ""])
def test_the_past_is_answered_as_it_was(
    history: Github, tmp_path: Path, days_ago: int, state: str
) -> None:
    day = NOW - days_ago * _DAY
    there = [item for item in history.items if item.created <= day]
    closed = [item for item in there if item.closed and item.closed <= day]
    expected = {
        "is:open": len(there) - len(closed),
        "state:open": len(there) - len(closed),
        "is:closed": len(closed),
        "": len(there),
    }[state]
    search = f"repo:acme/shop is:issue {state}".strip()
    if state == "state:open" and days_ago == 0:
        pytest.skip("the model of GitHub's search does not know state:")
    [answer] = asked(history, tmp_path, question(search=search, as_of=day))
    assert value(answer) == expected


def test_what_is_not_exact_about_the_past_is_said(history: Github, tmp_path: Path) -> None:
    day = NOW - 30 * _DAY
    search = "repo:acme/shop is:issue is:open -label:wontfix"
    [answer] = asked(history, tmp_path, question(search=search, as_of=day))
    assert isinstance(answer, Measurement)
    assert answer.approximate
    assert answer.evidence.notes == (
        "label: as it is today, not as it was then",
        "what was closed then and reopened since counts as open",
    )


def test_events_of_the_past_are_exact(history: Github, tmp_path: Path) -> None:
    window = Window("all of it", NOW - 60 * _DAY, NOW)
    past = question(
        search="repo:acme/shop is:issue is:closed",
        on="closed",
        window=window,
        as_of=NOW - 26 * _DAY,
    )
    [answer] = asked(history, tmp_path, past)
    assert isinstance(answer, Measurement)
    assert (value(answer), answer.approximate) == (3, False)


@pytest.mark.parametrize(
    ("search", "on"),
    [
        ("is:pr draft:true", None),
        ("is:pr review:approved", None),
        ("is:pr is:unmerged", None),
        ("is:issue is:locked", None),
        ("is:issue updated:>2026-01-01", None),
        ("is:issue closed:>2026-01-01", None),
        ("is:issue", "updated"),
        ("is:issue -is:open", None),
        ("is:issue (is:open OR label:bug)", None),
    ],
)
def test_where_the_search_cannot_look_back_it_says_so(
    tmp_path: Path, search: str, on: str | None
) -> None:
    window = Window("w", NOW - 60 * _DAY, NOW) if on else None
    past = question(search=f"repo:acme/shop {search}", on=on, window=window, as_of=NOW - 30 * _DAY)
    github = Github()
    [answer] = asked(github, tmp_path, past)
    assert "earlier day" in failure(answer).message
    assert github.asked == []


# Offline checks of a whole question.


def _told(
    *,
    measure: str | None = None,
    agg: str | None = "count",
    on: str | None = None,
    window: str = "all",
    settings: GithubSettings = _SETTINGS,
    **query: object,
) -> list[tuple[str, str]]:
    asked = GithubQuery(**query)
    found = list(check(settings, asked))
    undated = UndatedQuestion(asked, measure, agg, on, window)
    return found or list(check_asking(settings, undated))


@pytest.mark.parametrize(
    "said",
    [
        {"search": "org:acme is:pr is:merged", "on": "merged", "window": "last 28d"},
        {"search": "org:acme is:pr", "measure": "time_to_merge", "agg": "p85"},
        {"search": "org:acme is:issue", "agg": "days_without", "on": "created"},
        {
            "search": "org:acme is:pr is:merged",
            "deployments": "production",
            "measure": "lead_time",
            "agg": "median",
        },
        {"repo": "acme/shop", "milestone": "v2", "agg": None},
        {"repo": "acme/shop", "stars": True, "agg": None},
        {"repo": "acme/shop", "releases": "stable", "on": "published", "window": "period"},
        {"repo": "acme/shop", "deployments": "production", "agg": "days_with", "on": "created"},
        {
            "repo": "acme/shop",
            "deployments": "production",
            "measure": "failure_rate",
            "agg": None,
            "on": "created",
        },
        {"repo": "acme/shop", "workflow": "ci.yml", "measure": "success_rate", "agg": None},
        {"repo": "acme/shop", "dependabot": "open", "severity": ["critical", "high"]},
        {"repo": "acme/shop", "code_scanning": "open", "measure": "age", "agg": "max"},
        {"search": "org:acme", "search_in": "repositories", "on": "pushed", "window": "last 28d"},
    ],
)
def test_whole_questions_are_fine(said: dict[str, object]) -> None:
    assert _told(**said) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "key", "message"),
    [
        ({}, "", "exactly one of"),
        ({"search": "is:pr", "stars": True}, "", "exactly one of"),
        ({"search": "is:pr", "on": "merget"}, "on", "created, closed, merged, updated"),
        ({"search": "is:pr merged:>2026-01-01", "on": "merged"}, "on", "has merged: already"),
        ({"search": "is:issue", "on": "merged"}, "on", "never merged"),
        ({"search": "is:issue is:open", "on": "closed"}, "on", "always be 0"),
        ({"search": "is:pr " + "x" * 220, "on": "merged", "window": "period"}, "window", "longer"),
        ({"search": "is:pr", "agg": None}, "search", 'agg = "count"'),
        ({"search": "is:pr", "measure": "age_of_pr", "agg": "p50"}, "measure", "time_to_merge"),
        ({"search": "is:issue", "measure": "time_to_merge", "agg": "p50"}, "measure", "is:pr"),
        ({"search": "is:pr", "measure": "lead_time", "agg": "p50"}, "measure", "delivery"),
        ({"search": "is:pr", "repo": "acme/shop"}, "repo", "into the search"),
        ({"search": "is:pr", "branch": "main"}, "branch", "goes with workflow"),
        ({"stars": True}, "stars", "of which repository"),
        ({"repo": "acme/shop", "stars": True, "agg": "sum", "measure": "x"}, "measure", "none"),
        ({"repo": "acme/shop", "workflow": "ci.yml", "on": "merged"}, "on", "created"),
        ({"repo": "acme/shop", "workflow": "ci.yml", "agg": "days_with"}, "agg", "are counted"),
        ({"repo": "acme/shop", "deployments": "p", "agg": None}, "deployments", 'agg = "count"'),
    ],
)
def test_what_cannot_be_asked_is_told_at_its_key(
    said: dict[str, object], key: str, message: str
) -> None:
    found = _told(**said)  # type: ignore[arg-type]
    assert any(where == key and message in what for where, what in found), found


def test_the_scope_counts_for_the_length_and_for_the_repository() -> None:
    settings = _SETTINGS.model_copy(update={"scope": "acme/shop"})
    assert _told(stars=True, agg=None, settings=settings) == []
    long = "is:issue " + "x" * 240
    assert _told(search=long) == []
    assert "more than 256" in _told(search=long, settings=settings)[0][1]
    assert scoped(read("is:issue"), "acme").text == "org:acme is:issue"


@pytest.mark.parametrize(
    "said",
    [
        {"repo": "acme/shop", "deployments": "production"},
        {"search": "org:acme", "search_in": "discussions"},
        {"search": "is:pr", "measure": "time_to_first_review", "agg": "p50"},
    ],
)
def test_what_needs_graphql_is_told_where_it_is_closed(said: dict[str, object]) -> None:
    settings = _SETTINGS.model_copy(update={"graphql": False})
    assert "GraphQL" in _told(settings=settings, **said)[0][1]  # type: ignore[arg-type]
