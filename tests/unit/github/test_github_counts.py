"""Many counts in few requests, each with its own outcome, and never 0 for "could not look"."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from okrsync.errors import (
    BadAnswer,
    NoValue,
    OutsideError,
    RateLimited,
    Refused,
    SignInRefused,
    Unreachable,
)
from okrsync.model import Measurement
from tests.standins.github import NOW, Github, Item, asked, failure, question, value

_DAY = timedelta(days=1)
SEARCH = "repo:acme/shop is:issue is:open"


@pytest.fixture
def github() -> Github:
    """Issues with the labels n1 (one of them), n2 (two), ... n9."""
    return Github([Item(NOW - _DAY, labels=(f"n{n}",)) for n in range(1, 10) for _ in range(n)])


def _labelled(n: int) -> Any:
    return question(search=f"{SEARCH} label:n{n}")


def test_a_hundred_different_counts_are_at_most_five_requests(tmp_path: Path) -> None:
    github = Github([Item(NOW - _DAY, labels=(f"n{n}",)) for n in range(100)])
    answers = asked(github, tmp_path, *(_labelled(n) for n in range(100)))
    assert [value(answer) for answer in answers] == [1] * 100
    assert len(github.asked) <= 5


def test_equal_searches_in_different_windows_of_no_date_are_asked_once(
    github: Github, tmp_path: Path
) -> None:
    asked(github, tmp_path, _labelled(1), question(search=f"{SEARCH} label:n1", as_of=NOW))
    assert len(github.searches) == 1


def test_each_count_is_its_own(github: Github, tmp_path: Path) -> None:
    answers = asked(github, tmp_path, *(_labelled(n) for n in range(1, 10)))
    assert [value(answer) for answer in answers] == list(range(1, 10))


def test_ten_minutes_into_a_run_its_beginning_is_still_now(github: Github, tmp_path: Path) -> None:
    begun = NOW - timedelta(minutes=10)
    [answer] = asked(github, tmp_path, question(search=f"{SEARCH} label:n3", as_of=begun))
    assert isinstance(answer, Measurement)
    assert answer.value == 3
    assert not answer.evidence.notes


def test_a_hidden_repository_is_an_error_and_its_neighbours_are_counted(
    github: Github, tmp_path: Path
) -> None:
    hidden = question(search="repo:acme/hidden is:issue")
    before, error, after = asked(github, tmp_path, _labelled(2), hidden, _labelled(3))
    assert (value(before), value(after)) == (2, 3)
    assert "acme/hidden" in failure(error).message
    assert "hidden from this account" in failure(error).message


def test_a_renamed_repository_is_an_error_that_says_the_new_name(
    github: Github, tmp_path: Path
) -> None:
    github.repositories["acme/store"] = "acme/shop"
    [error] = asked(github, tmp_path, question(search="repo:acme/store is:issue"))
    assert "acme/store is called acme/shop now" in failure(error).message


def test_a_repository_may_be_written_in_other_letters(github: Github, tmp_path: Path) -> None:
    github.repositories["Acme/Shop"] = "acme/shop"
    [answer] = asked(github, tmp_path, question(search="repo:Acme/Shop is:issue"))
    assert isinstance(answer, Measurement)


def test_an_owner_who_is_not_there_is_an_error(github: Github, tmp_path: Path) -> None:
    there, error = asked(
        github,
        tmp_path,
        question(search="org:acme is:issue"),
        question(search="org:nobody is:issue"),
    )
    assert value(there) == 45
    assert "owner nobody is not there" in failure(error).message


@pytest.mark.parametrize("status", [502, 504])
def test_a_request_that_was_too_much_is_split_until_each_part_is_answered(
    github: Github, tmp_path: Path, status: int
) -> None:
    def too_much(body: dict[str, Any]) -> httpx.Response | None:
        counts = sum(name.startswith("k") for name in body["variables"])
        return httpx.Response(status, text="<html>") if counts > 2 else None

    github.trouble = too_much
    answers = asked(github, tmp_path, *(_labelled(n) for n in range(1, 10)))
    assert [value(answer) for answer in answers] == list(range(1, 10))


def test_what_came_whole_is_kept_and_only_the_rest_is_asked_again(
    github: Github, tmp_path: Path
) -> None:
    sent: list[int] = []

    def partial(body: dict[str, Any]) -> httpx.Response | None:
        sent.append(sum(name.startswith("k") for name in body["variables"]))
        if len(sent) > 1:
            return None
        whole = github._executed(body)
        for alias in ("k3", "k5"):
            whole["data"][alias] = None
        message = "Something went wrong while executing your query."
        return httpx.Response(200, json={**whole, "errors": [{"message": message}]})

    github.trouble = partial
    answers = asked(github, tmp_path, *(_labelled(n) for n in range(1, 10)))
    assert [value(answer) for answer in answers] == list(range(1, 10))
    assert sent == [9, 1, 1]


def test_one_search_that_stays_too_much_is_an_error_of_its_own(
    github: Github, tmp_path: Path
) -> None:
    def refuse(body: dict[str, Any]) -> httpx.Response | None:
        heavy = any("label:n4" in str(text) for text in body["variables"].values())
        return httpx.Response(504, text="") if heavy else None

    github.trouble = refuse
    answers = asked(github, tmp_path, *(_labelled(n) for n in range(1, 6)))
    assert [value(answers[n - 1]) for n in (1, 2, 3, 5)] == [1, 2, 3, 5]
    assert isinstance(answers[3], Unreachable)


def _reply(data: object, errors: object = None) -> httpx.Response:
    return httpx.Response(200, json={"data": data} | ({"errors": errors} if errors else {}))


_NAMED = {"r0": {"nameWithOwner": "acme/shop"}}
DOUBTFUL = {
    "nothing at all": httpx.Response(200, json={}),
    "no JSON": httpx.Response(200, text="OK"),
    "a sign-in page": httpx.Response(200, html="<html>Sign in</html>"),
    "changed on its way": httpx.Response(203, json={"data": {"k0": {"issueCount": 3}}}),
    "a list": httpx.Response(200, json=[]),
    "no data": _reply(None),
    "no alias": _reply(_NAMED),
    "a null alias": _reply({**_NAMED, "k0": None}),
    "no count": _reply({**_NAMED, "k0": {}}),
    "a null count": _reply({**_NAMED, "k0": {"issueCount": None}}),
    "a text": _reply({**_NAMED, "k0": {"issueCount": "12"}}),
    "true": _reply({**_NAMED, "k0": {"issueCount": True}}),
    "a fraction": _reply({**_NAMED, "k0": {"issueCount": 1.5}}),
    "less than nothing": _reply({**_NAMED, "k0": {"issueCount": -1}}),
    "no repository": _reply({"k0": {"issueCount": 3}}),
    "a null repository": _reply({"r0": None, "k0": {"issueCount": 0}}),
    "errors alone": httpx.Response(200, json={"errors": [{"message": "no"}]}),
    "errors that are no list": httpx.Response(200, json={"data": {}, "errors": "no"}),
    "a count and an error against it": _reply(
        {**_NAMED, "k0": {"issueCount": 0}}, [{"path": ["k0"], "type": "FORBIDDEN", "message": ""}]
    ),
}


@pytest.mark.parametrize("answer", DOUBTFUL.values(), ids=DOUBTFUL.keys())
def test_a_doubtful_answer_is_no_value(tmp_path: Path, answer: httpx.Response) -> None:
    github = Github(trouble=lambda _: answer)
    try:
        [outcome] = asked(github, tmp_path, _labelled(1))
    except OutsideError as raised:
        outcome = raised
    assert isinstance(outcome, OutsideError), outcome
    assert outcome.message
    assert not isinstance(outcome, NoValue)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500, 503])
def test_a_refusal_is_no_value(tmp_path: Path, status: int) -> None:
    github = Github(trouble=lambda _: httpx.Response(status, json={"message": "no"}))
    [outcome] = asked(github, tmp_path, _labelled(1))
    assert isinstance(outcome, SignInRefused if status == 401 else OutsideError)


def test_saml_says_what_to_do(tmp_path: Path) -> None:
    message = "Resource protected by organization SAML enforcement."
    error = {"path": ["r0"], "type": "FORBIDDEN", "message": message}
    github = Github(trouble=lambda _: _reply({"r0": None, "k0": {"issueCount": 0}}, [error]))
    [outcome] = asked(github, tmp_path, _labelled(1))
    assert isinstance(outcome, SignInRefused)
    assert "authorized for SAML" in outcome.message


_RATE = [{"type": "RATE_LIMITED", "message": "API rate limit exceeded for user"}]
_NONE_LEFT = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}
_SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait."}
LIMITS = {
    "GraphQL's own, as 200": (lambda: httpx.Response(200, json={"errors": _RATE}), 60),
    "with the reset": (lambda: httpx.Response(200, json={"errors": _RATE}, headers=_NONE_LEFT), 90),
    "primary, 403": (lambda: httpx.Response(403, json={"message": ""}, headers=_NONE_LEFT), 90),
    "primary, 429": (lambda: httpx.Response(429, json={"message": ""}, headers=_NONE_LEFT), 90),
    "secondary, 403": (lambda: httpx.Response(403, json=_SECONDARY), 60),
    "secondary, 200": (lambda: httpx.Response(200, json=_SECONDARY), 60),
    "secondary, with points left": (
        lambda: httpx.Response(
            403, json=_SECONDARY, headers={**_NONE_LEFT, "x-ratelimit-remaining": "9"}
        ),
        60,
    ),
    "secondary, told": (
        lambda: httpx.Response(403, json=_SECONDARY, headers={"retry-after": "7"}),
        7,
    ),
    "429 without a word": (lambda: httpx.Response(429, json={}), 60),
}


@pytest.mark.parametrize(("limit", "wait"), LIMITS.values(), ids=LIMITS.keys())
def test_every_form_of_too_often_is_waited_for_and_asked_again(
    github: Github, tmp_path: Path, limit: Any, wait: int
) -> None:
    answers = iter([limit()])
    github.trouble = lambda _: next(answers, None)
    toolbox = github.toolbox(tmp_path)
    [answer] = asked(github, tmp_path, _labelled(2), toolbox=toolbox)
    assert value(answer) == 2
    assert wait - 5 < toolbox.waited < wait + 5  # the machine's own time passes, too


@pytest.mark.parametrize("limit", [limit for limit, _ in LIMITS.values()], ids=LIMITS.keys())
def test_too_often_without_an_end_is_no_value_and_ends_by_the_deadline(
    github: Github, tmp_path: Path, limit: Any
) -> None:
    github.trouble = lambda _: limit()
    toolbox = github.toolbox(tmp_path)
    [outcome] = asked(github, tmp_path, _labelled(1), toolbox=toolbox)
    assert isinstance(outcome, RateLimited)
    assert toolbox.waited <= 600


def test_the_plan_is_told_what_it_cost(github: Github, tmp_path: Path) -> None:
    toolbox = github.toolbox(tmp_path)
    asked(github, tmp_path, _labelled(1), toolbox=toolbox)
    assert toolbox.told == ["1 request, 1 of 5,000 points an hour (4,999 left)"]


def test_two_thousand_counts_at_once_are_each_their_own(tmp_path: Path) -> None:
    """Threads change places as often as Python lets them."""
    before = sys.getswitchinterval()
    github = _Numbers()
    questions = [question(search=f"is:issue label:n{n}") for n in range(2000)]
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            parts = threads.map(
                lambda start: asked(
                    github, tmp_path, *questions[start : start + 250], aliases=3, at_once=16
                ),
                range(0, 2000, 250),
            )
            answers = [answer for part in parts for answer in part]
    finally:
        sys.setswitchinterval(before)
    assert [value(answer) for answer in answers] == list(range(2000))


class _Numbers(Github):
    """Answers each search with the number in its label."""

    def _executed(self, body: dict[str, Any]) -> dict[str, Any]:
        searches = body["variables"].items()
        return {"data": {k: {"issueCount": int(text.rpartition("n")[2])} for k, text in searches}}


def test_evidence_opens_the_same_search_in_the_browser(github: Github, tmp_path: Path) -> None:
    [answer] = asked(github, tmp_path, question(search='repo:acme/shop is:issue label:"n 1&2"'))
    assert isinstance(answer, Measurement)
    address = httpx.URL(answer.evidence.link or "")
    assert address.copy_with(query=None) == "https://github.com/search"
    assert address.params["q"] == answer.evidence.query == 'repo:acme/shop is:issue label:"n 1&2"'
    assert address.params["type"] == "issues"


def test_the_scope_stands_before_searches_that_name_none(github: Github, tmp_path: Path) -> None:
    searches = [question(search="is:issue label:n2"), question(search="org:acme is:issue label:n3")]
    asked(github, tmp_path, *searches, scope="acme/shop")
    assert github.searches == ["repo:acme/shop is:issue label:n2", "org:acme is:issue label:n3"]


def test_discussions_and_repositories_are_counted_by_their_own_fields(tmp_path: Path) -> None:
    github = Github([Item(NOW - _DAY, kind=kind) for kind in ("discussion", "repository")])
    answers = asked(
        github,
        tmp_path,
        question(search="org:acme", search_in="discussions"),
        question(search="org:acme", search_in="repositories"),
    )
    assert [value(answer) for answer in answers] == [2, 2]


def _rest(total: object, **more: object) -> httpx.Response:
    body = {"total_count": total, "incomplete_results": False, "items": [], **more}
    return httpx.Response(200, json={k: v for k, v in body.items() if v != "absent"})


@pytest.fixture
def closed_graphql() -> Github:
    repository = httpx.Response(200, json={"full_name": "acme/shop"})
    return Github(
        rest={"/repos/acme/shop": lambda _: repository, "/search/issues": lambda _: _rest(17)}
    )


def test_without_graphql_counts_come_from_the_rest_search(
    closed_graphql: Github, tmp_path: Path
) -> None:
    [answer] = asked(closed_graphql, tmp_path, question(search=SEARCH), graphql=False)
    assert value(answer) == 17
    assert [request.url.path for request in closed_graphql.asked] == [
        "/repos/acme/shop",
        "/search/issues",
    ]
    assert dict(closed_graphql.asked[1].url.params) == {"q": SEARCH, "per_page": "1", "page": "1"}


@pytest.mark.parametrize(
    "answer",
    [
        _rest(17, incomplete_results=True),
        _rest(17, incomplete_results="absent"),
        _rest(None),
        _rest("absent"),
        _rest("17"),
        _rest(1.5),
        _rest(17, items=None),
        httpx.Response(200, json={}),
        httpx.Response(202, json={"total_count": 3, "incomplete_results": False, "items": []}),
    ],
)
def test_a_doubtful_rest_search_is_no_value(
    closed_graphql: Github, tmp_path: Path, answer: httpx.Response
) -> None:
    closed_graphql.rest["/search/issues"] = lambda _: answer
    [outcome] = asked(closed_graphql, tmp_path, question(search=SEARCH), graphql=False)
    assert isinstance(outcome, BadAnswer)


def test_searches_wait_for_their_turn_on_the_runs_time(
    closed_graphql: Github, tmp_path: Path
) -> None:
    """Thirty a minute: ten at once, and after them one every three seconds."""
    toolbox = closed_graphql.toolbox(tmp_path)
    searches = [question(search=f"{SEARCH} label:n{n}") for n in range(30)]
    answers = asked(closed_graphql, tmp_path, *searches, toolbox=toolbox, graphql=False)
    assert [value(answer) for answer in answers] == [17] * 30
    assert toolbox.waited > 0


def test_unknown_fields_of_an_answer_are_no_trouble(closed_graphql: Github, tmp_path: Path) -> None:
    closed_graphql.rest["/search/issues"] = lambda _: _rest(4, search_type="lexical")
    [answer] = asked(closed_graphql, tmp_path, question(search=SEARCH), graphql=False)
    assert value(answer) == 4


def test_githubs_own_words_reach_the_user(closed_graphql: Github, tmp_path: Path) -> None:
    words = "The listed users and repositories cannot be searched"
    body = {"message": "Validation Failed", "errors": [{"message": words, "code": "invalid"}]}
    closed_graphql.rest["/search/issues"] = lambda _: httpx.Response(422, json=body)
    [outcome] = asked(closed_graphql, tmp_path, question(search=SEARCH), graphql=False)
    assert isinstance(outcome, Refused)
    assert words in outcome.message


def test_a_repository_hidden_from_rest_is_an_error(closed_graphql: Github, tmp_path: Path) -> None:
    del closed_graphql.rest["/repos/acme/shop"]
    [outcome] = asked(closed_graphql, tmp_path, question(search=SEARCH), graphql=False)
    assert "acme/shop" in failure(outcome).message
