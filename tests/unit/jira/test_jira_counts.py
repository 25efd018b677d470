"""Counts: the right number, labelled as what it is, or an error that says what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from okrsync.errors import (
    BadAnswer,
    NoValue,
    OutsideError,
    Refused,
    SignInRefused,
    SourceError,
)
from okrsync.model import Measurement, Window
from okrsync_jira.jql import condition_of
from tests.standins.jira import DOING, DONE, TO_DO, Jira, Reply, Request, said
from tests.unit.jira.asking import (
    NOW,
    answers,
    ask,
    at,
    measured,
    refused,
    settings_for,
    source_for,
    toolbox_for,
)

DAY = timedelta(days=1)


@pytest.fixture(params=[True, False], ids=["cloud", "data-center"])
def jira(request: pytest.FixtureRequest) -> Jira:
    """Ten bugs, made one a day from 23 October on; four of them are done after two days."""
    made = Jira(cloud=request.param)
    for day in range(10):
        ticket = made.add(at("2026-10-23T10:00") + day * DAY, type="Bug")
        if day < 4:
            ticket.move(DOING, ticket.created + DAY).move(DONE, ticket.created + 2 * DAY)
    return made


@pytest.fixture
def cloud() -> Jira:
    made = Jira()
    made.add(NOW - DAY)
    return made


def faulty(jira: Jira, path: str, *replies: Reply) -> Jira:
    """The next requests to ``path`` are answered by ``replies``, the last one for ever."""
    left = list(replies)

    def fault(request: Request) -> Reply | None:
        if not request.path.endswith(path):
            return None
        return left.pop(0) if len(left) > 1 else left[0]

    jira.faults.append(fault)
    return jira


def test_open_bugs_are_counted(jira: Jira) -> None:
    answer = measured(jira, ask("type = Bug AND statusCategory != Done ORDER BY created"))
    assert answer.value == 6
    assert (answer.unit, answer.as_of) == ("", NOW)


@pytest.mark.parametrize(
    ("scope", "count"), [("type = Bug OR statusCategory = Done", 10), ("statusCategory = Done", 4)]
)
def test_the_scope_narrows_every_question(jira: Jira, scope: str, count: int) -> None:
    answer = measured(jira, ask("type = Bug OR type = Story ORDER BY created"), scope=scope)
    assert answer.value == count


@pytest.mark.parametrize(
    "scope", ["ORDER BY created", "project = PLAT ORDER BY created", 'project = "PLAT', ""]
)
def test_a_scope_is_a_condition_alone(jira: Jira, scope: str) -> None:
    with pytest.raises(ValueError, match="scope"):
        settings_for(jira, scope=scope)


def test_a_window_counts_whole_days_with_its_end_left_out(jira: Jira) -> None:
    window = Window("some days", at("2026-10-25"), at("2026-10-28"))
    assert measured(jira, ask("type = Bug", on="created", window=window)).value == 3
    assert measured(jira, ask("type = Bug", on="resolved", window=window)).value == 3


def test_a_window_reads_dates_in_the_zone_of_the_accounts_profile(jira: Jira) -> None:
    """10:00 UTC is 19:00 in Tokyo; a window in Stockholm's days is the same everywhere."""
    stockholm = ZoneInfo("Europe/Stockholm")
    window = Window(
        "a day",
        datetime(2026, 10, 25, tzinfo=stockholm),
        datetime(2026, 10, 26, tzinfo=stockholm),
    )
    for name in ("UTC", "Asia/Tokyo", "America/Los_Angeles", "Asia/Kolkata"):
        jira.zone, jira.zone_name = ZoneInfo(name), name
        answer = measured(jira, ask("type = Bug", on="created", window=window))
        assert answer.value == 1, name
        assert answer.evidence.zone == name


def test_the_users_jql_is_sent_as_it_was_written(jira: Jira) -> None:
    window = Window("from then", at("2026-10-01"))
    written = 'type = Bug   OR labels in ("a b", "c\\"d")'
    measured(jira, ask(f"{written} order by created", on="created", window=window))
    sent = jira.requests[-1].body["jql"]
    assert sent == f'({written}) AND (created >= "2026-10-01 00:00")'


def test_cloud_counts_by_estimate_and_says_so(cloud: Jira) -> None:
    answer = measured(cloud, ask("project = PLAT"))
    assert answer.approximate
    assert any("approximate" in note for note in answer.evidence.notes)


def test_exact_on_cloud_reads_every_id_and_tells_the_cost(cloud: Jira) -> None:
    for _ in range(12_000):
        cloud.add(NOW - DAY)
    toolbox = toolbox_for(cloud)
    [answer] = answers(cloud, ask("project = PLAT", exact=True), toolbox=toolbox)
    assert isinstance(answer, Measurement)
    assert answer.value == 12_001
    assert not answer.approximate
    assert cloud.count("search/jql") == 3
    assert any("12,001 ids in 3 requests" in note for note in toolbox.told)


def test_data_center_counts_exactly_in_one_request() -> None:
    jira = Jira(cloud=False)
    jira.add(NOW - DAY)
    answer = measured(jira, ask("project = PLAT"))
    assert answer.value == 1
    assert not answer.approximate
    assert jira.count("/search") == 1
    assert jira.requests[-1].body["maxResults"] == 0


def test_equal_questions_cost_one_request(jira: Jira) -> None:
    questions = [ask("type = Bug"), ask("type = Bug ORDER BY key"), ask(" type = Bug")]
    assert {a.value for a in answers(jira, *questions) if isinstance(a, Measurement)} == {10}
    assert jira.count("/approximate-count") + jira.count("/search") == 1


def test_a_share_is_of_the_whole_and_never_above_it(jira: Jira) -> None:
    jira.add(NOW - DAY, type="Story")
    share = ask("statusCategory = Done", measure="share", agg=None, of="type = Bug")
    answer = measured(jira, share)
    assert answer.value == 40
    assert answer.unit == "%"


def test_a_share_of_nothing_is_no_value(jira: Jira) -> None:
    assert isinstance(
        refused(jira, ask("type = Bug", measure="share", agg=None, of="type = None")), NoValue
    )


def test_a_share_without_its_whole_says_what_is_missing(jira: Jira) -> None:
    assert "of" in refused(jira, ask("type = Bug", measure="share", agg=None)).next_step


def test_estimates_that_contradict_each_other_are_no_value(cloud: Jira) -> None:
    faulty(cloud, "approximate-count", said(200, {"count": 9}), said(200, {"count": 3}))
    share = ask("type = Bug", measure="share", agg=None, of="project = PLAT")
    assert "contradict" in refused(cloud, share, at_once=1).message


def test_the_link_opens_the_same_search(jira: Jira) -> None:
    window = Window("from then", at("2026-10-01"))
    answer = measured(jira, ask("type = Bug", on="created", window=window))
    assert answer.evidence.link is not None
    assert answer.evidence.link.startswith(settings_for(jira).site)
    assert condition_of(answer.evidence.link) == jira.requests[-1].body["jql"]


# The past


def test_the_past_is_counted_as_it_was(jira: Jira) -> None:
    """At the end of 26 October four bugs were there, and two of them were done."""
    then = at("2026-10-27") - timedelta(microseconds=1)
    assert measured(jira, ask("type = Bug", as_of=then)).value == 4
    open_then = ask("type = Bug AND statusCategory != Done", as_of=then)
    assert measured(jira, open_then).value == 2
    assert measured(jira, open_then).as_of == then
    assert measured(jira, ask("status = Done", as_of=then)).value == 2


def test_what_jql_does_not_remember_is_refused_for_the_past(jira: Jira) -> None:
    then = NOW - 10 * DAY
    for question in (
        ask("labels = x", as_of=then),
        ask("type = Bug", on="updated", as_of=then),
        ask("type = Bug", measure="Story Points", agg="sum", as_of=then),
        ask(epic="PLAT-1", agg=None, as_of=then),
    ):
        assert isinstance(refused(jira, question), SourceError)


def test_half_an_hour_ago_is_still_now(jira: Jira) -> None:
    """A run asks as of its beginning; that JQL does not remember a field is nothing to it."""
    begun = ask("labels = x", as_of=NOW - timedelta(minutes=30))
    assert measured(jira, begun).value == measured(jira, ask("labels = x")).value


# Doubtful answers


@pytest.mark.parametrize(
    "body",
    [{}, {"count": None}, {"count": "12"}, {"count": True}, {"count": -1}, {"count": 1.5}, [], 12],
)
def test_a_count_that_is_none_is_no_value(cloud: Jira, body: object) -> None:
    error = refused(faulty(cloud, "approximate-count", said(200, body)), ask("project = PLAT"))
    assert isinstance(error, BadAnswer)


@pytest.mark.parametrize("status", [200, 203])
def test_a_web_page_is_no_value(cloud: Jira, status: int) -> None:
    page = status, {"content-type": "text/html"}, b"<html>Log in</html>"
    error = refused(faulty(cloud, "approximate-count", page), ask("project = PLAT"))
    assert isinstance(error, BadAnswer)


def test_a_total_that_is_missing_on_data_center_is_no_value() -> None:
    jira = faulty(Jira(cloud=False), "/search", said(200, {"issues": []}))
    assert isinstance(refused(jira, ask("project = PLAT")), BadAnswer)


def test_a_zero_counts_only_when_jira_knows_who_asks(cloud: Jira) -> None:
    nobody = said(401, {"message": "Client must be authenticated"})
    assert measured(cloud, ask("type = None")).value == 0
    assert isinstance(refused(faulty(cloud, "/myself", nobody), ask("type = None")), SignInRefused)


@pytest.mark.parametrize(
    "headers",
    [{"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}, {"X-AUSERNAME": "anonymous"}],
)
def test_an_answer_to_the_public_is_no_value(cloud: Jira, headers: dict[str, str]) -> None:
    public = said(200, {"count": 3}, **headers)
    error = refused(faulty(cloud, "approximate-count", public), ask("project = PLAT"))
    assert isinstance(error, SignInRefused)


# Jira's own words


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (
            400,
            {"errorMessages": ["The value 'PALT' does not exist for the field 'project'."]},
            SourceError,
            "PALT",
        ),
        (400, {"errors": {"jql": "Unbounded JQL queries are not allowed."}}, SourceError, "Unbou"),
        (401, {"message": "Client must be authenticated"}, SignInRefused, "Client must"),
        (403, {"errorMessages": ["No browse permission."]}, Refused, "No browse permission"),
        (410, {"errorMessages": ["Migrate to /rest/api/3/search/jql"]}, SourceError, "search/jql"),
        (404, {"errorMessages": ["Not there."]}, Refused, "(404): Not there"),
    ],
)
def test_jiras_own_words_are_the_users_error(
    cloud: Jira, status: int, body: object, kind: type[OutsideError], words: str
) -> None:
    error = refused(faulty(cloud, "approximate-count", said(status, body)), ask("project = PALT"))
    assert isinstance(error, kind)
    assert words in error.message
    assert f"({status})" in error.message
    assert error.next_step


def test_a_search_that_was_removed_names_search_jql() -> None:
    """A site that is Cloud, asked as if it were a Data Center."""
    jira = Jira()
    jira.deployment = None
    error = refused(jira, ask("project = PLAT"), deployment="data-center")
    assert "410" in error.message
    assert "search/jql" in error.message + error.next_step


def test_long_and_broken_words_are_bounded_and_the_token_is_not_in_them(cloud: Jira) -> None:
    body = {"errorMessages": [f"line\nline {cloud.token} \x1b[31m" + "x" * 5_000]}
    error = refused(faulty(cloud, "approximate-count", said(400, body)), ask("project = PLAT"))
    assert cloud.token not in error.message
    assert len(error.message) < 400
    assert error.message.isprintable()


def test_a_refused_sign_in_is_not_tried_a_hundred_times() -> None:
    """Failed tries lock an account behind a CAPTCHA."""
    jira = Jira(cloud=False)
    jira.token = "another"
    toolbox = replace(toolbox_for(jira), secrets={"JIRA_TOKEN": "wrong"})
    toolbox.remember("deployment of https://jira.acme.example", "data-center")
    found = answers(jira, *(ask(f"project = P{n}") for n in range(100)), toolbox=toolbox, at_once=4)
    assert all(isinstance(answer, SignInRefused) for answer in found)
    assert len(jira.requests) <= 4


# Sign-in and deployment


def test_an_api_token_is_sent_with_its_email(cloud: Jira) -> None:
    measured(cloud, ask("project = PLAT"))
    assert all(r.headers["authorization"].startswith("Basic ") for r in cloud.requests)


def test_a_personal_access_token_is_a_bearer() -> None:
    jira = Jira(cloud=False)
    jira.add(NOW - DAY)
    measured(jira, ask("project = PLAT"))
    sent = {request.headers["authorization"] for request in jira.requests}
    assert sent == {f"Bearer {jira.token}"}


@pytest.mark.parametrize("email", [None, "bot@acme.example"])
def test_scoped_tokens_and_oauth_go_through_the_gateway(cloud: Jira, email: str | None) -> None:
    answer = measured(cloud, ask("project = PLAT"), cloud_id="1-2-3", email=email)
    assert answer.evidence.link is not None
    assert answer.evidence.link.startswith("https://acme.atlassian.net/issues/")
    assert all(request.query.startswith("/ex/jira/1-2-3/rest/") for request in cloud.requests)
    scheme = "Bearer" if email is None else "Basic"
    assert cloud.requests[-1].headers["authorization"].startswith(scheme)


def test_a_cloud_site_without_email_or_cloud_id_is_told_offline(cloud: Jira) -> None:
    with pytest.raises(ValueError, match="email"):
        settings_for(cloud, email=None)


def test_the_deployment_is_found_out_once_and_remembered(jira: Jira) -> None:
    toolbox = toolbox_for(jira)
    for _ in range(3):
        with source_for(jira, toolbox) as source:
            source.measure([ask("type = Bug")])
    assert jira.count("/serverInfo") == 1
    assert jira.count("/approximate-count") + jira.count("/search") == 3


def test_a_site_that_does_not_say_what_it_is_needs_a_word(jira: Jira) -> None:
    jira.deployment = None
    assert "deployment" in refused(jira, ask("type = Bug")).next_step
    said_so = "cloud" if jira.cloud else "data-center"
    assert measured(jira, ask("type = Bug"), deployment=said_so).value == 10


def test_settings_that_contradict_the_site_are_an_error(jira: Jira) -> None:
    wrong = "data-center" if jira.cloud else "cloud"
    error = refused(jira, ask("type = Bug"), deployment=wrong)
    assert "it says that it is" in error.message


def test_a_profile_without_a_zone_needs_a_word(jira: Jira) -> None:
    jira.zone_name = None
    question = ask("type = Bug", on="created", window=Window("w", at("2026-10-25")))
    assert "zone" in refused(jira, question).next_step
    assert measured(jira, question, zone="UTC").value == 8


def test_a_bound_that_jql_cannot_name_is_no_value() -> None:
    """01:30 comes twice on the first of November in New York."""
    jira = Jira(zone=ZoneInfo("America/New_York"), zone_name="America/New_York")
    jira.add(NOW, status=TO_DO)
    question = ask("type = Story", on="created", window=Window("w", at("2026-11-01T05:30")))
    assert "twice" in refused(jira, question).message


def test_nothing_is_asked_for_no_questions(jira: Jira) -> None:
    assert answers(jira) == []
    assert jira.requests == []
