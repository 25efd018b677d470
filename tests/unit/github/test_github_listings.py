"""Durations of hits, however many there are."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import pytest

from okrsync.errors import BadAnswer, NoValue, OutsideError, SourceError
from okrsync.model import Measurement, Window
from tests.standins.github import (
    NOW,
    Deploy,
    Github,
    Item,
    asked,
    failure,
    question,
    value,
)

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
PULLS = "repo:acme/shop is:pr is:merged"


def _pull(days_ago: float, hours: float = 10, **more: Any) -> Item:
    created = NOW - days_ago * _DAY
    done = created + hours * _HOUR
    return Item(created, kind="pr", closed=done, merged=done, **more)


def _median(measure: str, **more: Any) -> Any:
    return question(measure=measure, agg="median", **{"search": PULLS, **more})


def test_time_to_merge_is_in_hours(tmp_path: Path) -> None:
    github = Github([_pull(9, 4), _pull(8, 30), _pull(7, 6)])
    [answer] = asked(github, tmp_path, _median("time_to_merge"))
    assert isinstance(answer, Measurement)
    assert (value(answer), answer.unit, answer.rows) == (6, "h", 3)


def test_several_questions_about_one_search_list_it_once(tmp_path: Path) -> None:
    github = Github([_pull(9, 4), _pull(8, 30)])
    questions = [
        question(search=PULLS, measure=measure, agg=agg)
        for measure in ("time_to_merge", "time_to_close", "age")
        for agg in ("p50", "max", "avg")
    ]
    answers = asked(github, tmp_path, *questions)
    assert value(answers[1]) == 30
    assert len(github.searches) == 2  # one to count, one to list


def test_the_age_of_what_is_open_runs_on_and_of_what_is_closed_stands(tmp_path: Path) -> None:
    github = Github([Item(NOW - 4 * _DAY), Item(NOW - 9 * _DAY, closed=NOW - 8 * _DAY)])
    search = "repo:acme/shop is:issue"
    oldest, youngest = asked(
        github,
        tmp_path,
        question(search=search, measure="age", agg="max"),
        question(search=search, measure="age", agg="min"),
    )
    assert (value(oldest), value(youngest)) == (96, 24)


def test_no_hit_is_no_value_and_not_0(tmp_path: Path) -> None:
    [outcome] = asked(Github(), tmp_path, _median("time_to_merge"))
    assert isinstance(outcome, NoValue)
    assert f"has a time_to_merge: {PULLS}" in outcome.message


def test_a_hidden_repository_is_no_empty_list(tmp_path: Path) -> None:
    [outcome] = asked(Github(), tmp_path, _median("age", search="repo:acme/hidden is:pr"))
    assert "hidden" in failure(outcome).message


@pytest.mark.parametrize(
    ("more", "hours"),
    [
        ({"reviews": [("colleague", False, 5)]}, 5),
        ({"reviews": [("colleague", False, 5), ("other", False, 3)]}, 3),
        ({"reviews": [("developer", False, 1), ("colleague", False, 5)]}, 5),
        ({"reviews": [("linter", True, 1), ("colleague", False, 5)]}, 5),
        ({"reviews": [("colleague", False, 5)], "ready": 4}, 1),
        ({"reviews": [("colleague", False, 2)], "ready": 4}, 0),
    ],
)
def test_the_first_review_is_another_persons_from_when_one_was_asked_for(
    tmp_path: Path, more: dict[str, Any], hours: int
) -> None:
    created = NOW - 9 * _DAY
    reviews = [(who, bot, created + at * _HOUR) for who, bot, at in more["reviews"]]
    ready = created + more["ready"] * _HOUR if "ready" in more else None
    github = Github([Item(created, kind="pr", reviews=reviews, ready=ready)])
    search = "repo:acme/shop is:pr"
    [answer] = asked(github, tmp_path, _median("time_to_first_review", search=search))
    assert value(answer) == hours


def test_what_was_not_reviewed_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    reviewed = Item(NOW - _DAY, kind="pr", reviews=[("colleague", False, NOW - 20 * _HOUR)])
    github = Github([reviewed, Item(NOW - _DAY, kind="pr")])
    [answer] = asked(
        github, tmp_path, _median("time_to_first_review", search="repo:acme/shop is:pr")
    )
    assert isinstance(answer, Measurement)
    assert (value(answer), answer.rows) == (4, 1)
    assert any("left out 1 row" in note for note in answer.evidence.notes)


def test_reviews_that_are_not_all_there_are_no_guess(tmp_path: Path) -> None:
    by_bots = [("linter", True, NOW - _HOUR)] * 51
    github = Github([Item(NOW - _DAY, kind="pr", reviews=by_bots)])
    [outcome] = asked(
        github, tmp_path, _median("time_to_first_review", search="repo:acme/shop is:pr")
    )
    assert isinstance(outcome, BadAnswer)


def test_lead_time_is_from_the_first_commit_to_the_first_deployment_after_the_merge(
    tmp_path: Path,
) -> None:
    merged = NOW - 9 * _DAY
    pull = Item(
        merged - _DAY, kind="pr", closed=merged, merged=merged, first_commit=merged - 3 * _DAY
    )
    github = Github(
        [pull],
        deploys=[
            Deploy(merged - _HOUR, [("SUCCESS", merged - _HOUR)]),
            Deploy(merged + _HOUR, [("FAILURE", merged + _HOUR)]),
            Deploy(merged + 2 * _HOUR, [("IN_PROGRESS", merged), ("SUCCESS", merged + 4 * _HOUR)]),
            Deploy(merged + 8 * _HOUR, [("SUCCESS", merged + 9 * _HOUR)]),
            Deploy(merged + _HOUR, [("SUCCESS", merged + _HOUR)], environment="staging"),
        ],
    )
    [answer] = asked(github, tmp_path, _median("lead_time", deployments="production"))
    assert value(answer) == 72 + 4


def test_lead_time_may_end_with_a_release(tmp_path: Path) -> None:
    merged = NOW - 9 * _DAY
    pull = Item(merged - _DAY, kind="pr", closed=merged, merged=merged)
    stable, draft = (merged + 5 * _HOUR).isoformat(), None
    listed = [
        {"published_at": stable, "draft": False, "prerelease": False},
        {"published_at": (merged + _HOUR).isoformat(), "draft": False, "prerelease": True},
        {"published_at": draft, "draft": True, "prerelease": False},
    ]
    github = Github([pull])
    github.rest["/repos/acme/shop/releases"] = lambda _: httpx.Response(200, json=listed)
    [answer] = asked(github, tmp_path, _median("lead_time", releases="stable"))
    assert value(answer) == 24 + 5


def test_durations_may_be_working_days(tmp_path: Path) -> None:
    """From Friday noon to Monday noon is one working day."""
    friday = datetime.fromisoformat("2026-10-23T12:00:00+00:00")
    monday = friday + 3 * _DAY
    github = Github([Item(friday, kind="pr", closed=monday, merged=monday)])
    working: list[dict[str, Any]] = [{}, {"durations": "working"}]
    answers = [
        asked(github, tmp_path, _median("time_to_merge"), **settings)[0] for settings in working
    ]
    assert [value(answer) for answer in answers] == [72, 24]


# Past the first thousand.


def _many(count: int, **more: Any) -> Github:
    """Pull requests over 300 days, each taking as many minutes as its number says."""
    return Github([_pull(310 - n * 300 / count, n / 60, **more) for n in range(count)])


def test_percentiles_past_the_first_thousand_are_exact(tmp_path: Path) -> None:
    github = _many(3456)
    [answer] = asked(github, tmp_path, _median("time_to_merge"))
    assert isinstance(answer, Measurement)
    assert answer.rows == 3456
    assert answer.value == Decimal(str(median(range(3456)))) / 60


def test_slices_follow_the_date_of_the_window(tmp_path: Path) -> None:
    github = _many(2500)
    window = Window("w", NOW - 200 * _DAY, NOW - 10 * _DAY)
    inside = [
        item
        for item in github.items
        if window.start <= item.merged < window.end  # type: ignore[operator]
    ]
    asking = question(search=PULLS, measure="time_to_merge", agg="max", on="merged", window=window)
    [answer] = asked(github, tmp_path, asking)
    assert isinstance(answer, Measurement)
    assert answer.rows == len(inside) > 1000
    assert all("created:" not in search for search in github.searches)


def test_what_cannot_be_sliced_is_too_many_and_never_cut(tmp_path: Path) -> None:
    github = Github([_pull(9) for _ in range(1001)])
    [outcome] = asked(github, tmp_path, _median("time_to_merge"))
    assert isinstance(outcome, SourceError)
    assert outcome.message.startswith("too many")


def test_a_search_with_dates_of_its_own_is_not_sliced_by_them(tmp_path: Path) -> None:
    github = _many(1500)
    search = f"{PULLS} created:>=2025-01-01T00:00:00Z"
    [outcome] = asked(github, tmp_path, _median("age", search=search))
    assert "too many" in failure(outcome).message
    assert "created: already" in failure(outcome).message


def test_slices_that_do_not_hold_the_whole_are_no_value(tmp_path: Path) -> None:
    """Undated hits, as a search engine that forgets some would have them."""
    github = _many(1200)

    class Forgetful(Github):
        def found(self, search: str) -> list[Item]:
            found = super().found(search)
            return found[:-1] if ".." in search and found else found

    forgetful = Forgetful(github.items)
    [outcome] = asked(forgetful, tmp_path, _median("age"))
    assert isinstance(outcome, BadAnswer)
    assert "hold" in outcome.message


def test_a_list_that_is_shorter_than_its_total_is_no_value(tmp_path: Path) -> None:
    github = Github([_pull(9 + n) for n in range(50)], wall=40)
    [outcome] = asked(github, tmp_path, _median("age"))
    assert isinstance(outcome, BadAnswer)
    assert "listed 40" in outcome.message


def test_a_page_twice_is_counted_once(tmp_path: Path) -> None:
    """The list moved while it was read: the second page repeats a hit of the first."""
    github = Github([_pull(9 + n) for n in range(150)])
    pages: list[str | None] = []

    def moving(body: dict[str, Any]) -> httpx.Response | None:
        if "after" not in body["variables"]:
            return None
        after = body["variables"]["after"]
        pages.append(after)
        if len(pages) == 2:
            body["variables"]["after"] = str(int(after) - 1)
            return httpx.Response(200, json=github._executed(body))
        return None

    github.trouble = moving
    [answer] = asked(github, tmp_path, question(search=PULLS, measure="age", agg="count"))
    assert value(answer) == 150


@pytest.mark.parametrize(
    "info",
    [
        {"hasNextPage": True, "endCursor": "0"},
        {"hasNextPage": True, "endCursor": None},
        {"hasNextPage": None, "endCursor": None},
        {},
    ],
)
def test_a_list_without_an_end_is_no_value(tmp_path: Path, info: dict[str, Any]) -> None:
    github = Github([_pull(9 + n) for n in range(150)])

    def endless(body: dict[str, Any]) -> httpx.Response | None:
        if "after" not in body["variables"]:
            return None
        whole = github._executed(body)
        whole["data"]["search"]["pageInfo"] = info
        return httpx.Response(200, json=whole)

    github.trouble = endless
    [outcome] = asked(github, tmp_path, _median("age"))
    assert isinstance(outcome, BadAnswer)


@pytest.mark.parametrize("field", ["createdAt", "id", "closedAt"])
@pytest.mark.parametrize("odd", [None, "", 5, "yesterday", "2026-10-01"])
def test_a_hit_with_an_odd_field_is_no_value(tmp_path: Path, field: str, odd: object) -> None:
    if (field, odd) == ("closedAt", None) or (field, odd) == ("id", "yesterday"):
        pytest.skip("that is no odd value")
    if field == "id" and isinstance(odd, str) and odd:
        pytest.skip("any text is an id")
    github = Github([_pull(9)])

    def odd_one(body: dict[str, Any]) -> httpx.Response | None:
        if "after" not in body["variables"]:
            return None
        whole = github._executed(body)
        whole["data"]["search"]["nodes"][0][field] = odd
        return httpx.Response(200, json=whole)

    github.trouble = odd_one
    [outcome] = asked(github, tmp_path, _median("age"))
    assert isinstance(outcome, OutsideError)


def test_pages_that_are_too_much_are_asked_in_smaller_ones(tmp_path: Path) -> None:
    github = Github([_pull(9 + n) for n in range(60)])
    sizes: list[int] = []

    def too_large(body: dict[str, Any]) -> httpx.Response | None:
        size = body["variables"].get("first")
        sizes.extend([size] if size else [])
        return httpx.Response(502, text="") if size and size > 30 else None

    github.trouble = too_large
    [answer] = asked(github, tmp_path, _median("age"))
    assert isinstance(answer, Measurement)
    assert answer.rows == 60
    assert sizes == [100, 50, 25, 25, 25]


def test_days_with_and_without_a_merge(tmp_path: Path) -> None:
    github = Github([_pull(n, 1) for n in (2, 2.1, 5)])
    window = Window("last 7d", NOW.replace(hour=0) - 6 * _DAY, NOW.replace(hour=0) + _DAY)
    answers = asked(
        github,
        tmp_path,
        *(
            question(search=PULLS, agg=agg, on="merged", window=window)
            for agg in ("days_with", "days_without")
        ),
    )
    assert [value(answer) for answer in answers] == [2, 4]  # today is not over yet


def test_the_past_knows_no_later_closing(tmp_path: Path) -> None:
    github = Github([Item(NOW - 20 * _DAY, closed=NOW - 2 * _DAY)])
    day = NOW - 10 * _DAY
    [answer] = asked(
        github,
        tmp_path,
        question(search="repo:acme/shop is:issue", measure="age", agg="max", as_of=day),
    )
    assert value(answer) == 240


def test_listing_by_rest_says_the_same(tmp_path: Path) -> None:
    github = Github([_pull(300 - n, n) for n in range(250)])

    def search(request: httpx.Request) -> httpx.Response:
        found = github.found(request.url.params["q"])
        size, page = (int(request.url.params[name]) for name in ("per_page", "page"))
        items = [_rest_item(item) for item in found[size * (page - 1) : size * page]]
        body = {"total_count": len(found), "incomplete_results": False, "items": items}
        return httpx.Response(200, json=body)

    github.rest = {
        "/search/issues": search,
        "/repos/acme/shop": lambda _: httpx.Response(200, json={"full_name": "acme/shop"}),
    }
    asking = question(search=PULLS, measure="time_to_merge", agg="p90")
    answers = [asked(github, tmp_path, asking, graphql=graphql)[0] for graphql in (True, False)]
    assert value(answers[0]) == value(answers[1])
    assert not any(request.url.path.endswith("graphql") for request in github.asked[-4:])


def _rest_item(item: Item) -> dict[str, Any]:
    node = item.node()
    return {
        "node_id": node["id"],
        "created_at": node["createdAt"],
        "closed_at": node["closedAt"],
        "updated_at": node["updatedAt"],
        "pull_request": {"merged_at": node["mergedAt"]},
    }
