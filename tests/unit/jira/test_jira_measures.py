"""Fields, durations and days, from issues that are read once for all questions over them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from okrsync.contracts import WorkingDays
from okrsync.errors import BadAnswer, NoValue, OutsideError, SourceError
from okrsync.model import Measurement, Window
from tests.standins.jira import (
    DOING,
    DONE,
    POINTS,
    RELEASED,
    REVIEW,
    Jira,
    Reply,
    Request,
    named,
    said,
)
from tests.unit.jira.asking import NOW, answers, ask, at, measured, refused, toolbox_for

DAY = timedelta(days=1)
HOUR = 3600


@pytest.fixture(params=[True, False], ids=["cloud", "data-center"])
def jira(request: pytest.FixtureRequest) -> Jira:
    """Stories that took 1 to 10 days of work after a day of waiting, one done a day."""
    made = Jira(cloud=request.param)
    for days in range(1, 11):
        done = at("2026-10-10T09:00") + days * DAY
        ticket = made.add(done - (days + 1) * DAY)
        ticket.move(DOING, done - days * DAY).move(DONE, done)
        ticket.extra[POINTS] = days
    return made


def days_of(answer: Measurement) -> Decimal:
    assert answer.unit == "s"
    return answer.value / (24 * HOUR)


@pytest.mark.parametrize(
    ("agg", "days"),
    [("median", "5.5"), ("p90", "9.1"), ("max", "10"), ("min", "1"), ("avg", "5.5")],
)
def test_cycle_time_in_every_aggregation(jira: Jira, agg: str, days: str) -> None:
    answer = measured(jira, ask("type = Story", measure="cycle_time", agg=agg))
    assert days_of(answer) == Decimal(days)
    assert answer.rows == 10


def test_lead_time_counts_the_wait_before_work_too(jira: Jira) -> None:
    assert days_of(measured(jira, ask("type = Story", measure="lead_time", agg="max"))) == 11


def test_only_what_was_resolved_in_the_window_counts(jira: Jira) -> None:
    window = Window("three days", at("2026-10-12"), at("2026-10-15"))
    question = ask("type = Story", measure="cycle_time", agg="sum", on="resolved", window=window)
    assert days_of(measured(jira, question)) == 2 + 3 + 4


def test_open_issues_are_left_out_and_that_is_said(jira: Jira) -> None:
    jira.add(NOW - DAY).move(DOING, NOW)
    answer = measured(jira, ask("type = Story", measure="cycle_time", agg="max"))
    assert answer.rows == 10
    assert any("left out 1 row" in note for note in answer.evidence.notes)


def test_the_statuses_of_the_config_win_over_categories(jira: Jira) -> None:
    ticket = jira.add(at("2026-10-01"), type="Bug")
    ticket.move(DOING, at("2026-10-02")).move(REVIEW, at("2026-10-04"))
    ticket.move(DONE, at("2026-10-05")).move(RELEASED, at("2026-10-12"))
    question = ask("type = Bug", measure="cycle_time", agg=None)
    assert days_of(measured(jira, question)) == 3
    cycle = {"start": ["in review"], "done": ["Released"]}
    assert days_of(measured(jira, question, cycle=cycle)) == 8


def test_a_status_that_is_not_there_is_an_error(jira: Jira) -> None:
    question = ask("type = Story", measure="cycle_time", agg="max")
    error = refused(jira, question, cycle={"done": ["Dome"]})
    assert isinstance(error, SourceError)
    assert "'Dome'" in error.message


def test_time_in_a_status(jira: Jira) -> None:
    question = ask("type = Story", measure="time_in_status", agg="max", status="In Progress")
    assert days_of(measured(jira, question)) == 10
    both = ask("type = Story", measure="time_in_status", agg="max", status=("To Do", "In Progress"))
    assert days_of(measured(jira, both)) == 11
    assert (
        "status"
        in refused(jira, ask("type = Story", measure="time_in_status", agg="max")).next_step
    )


def test_age_counts_until_the_run_began(jira: Jira) -> None:
    jira.add(NOW - 3 * DAY, type="Bug")
    assert days_of(measured(jira, ask("type = Bug", measure="age", agg="max"))) == 3


def test_working_time_leaves_weekends_and_holidays_out() -> None:
    jira = Jira()
    ticket = jira.add(at("2026-01-01T09:00"))
    ticket.move(DOING, at("2026-01-02T09:00")).move(DONE, at("2026-01-07T09:00"))
    question = ask("type = Story", measure="cycle_time", agg="max", durations="working")
    weekdays = measured(jira, question)
    assert days_of(weekdays) == 3
    assert any("working" in note for note in weekdays.evidence.notes)
    swedish = measured(jira, question, working_days=WorkingDays(holidays="SE"))
    assert days_of(swedish) == 2  # Tuesday the 6th is a holiday


def test_durations_have_a_past() -> None:
    jira = Jira()
    ticket = jira.add(at("2026-09-01"))
    ticket.move(DOING, at("2026-09-02")).move(DONE, at("2026-09-05"))
    ticket.move(DOING, at("2026-10-20")).move(DONE, at("2026-10-29"))
    question = ask("type = Story", measure="cycle_time", agg=None)
    assert days_of(measured(jira, question)) == 57
    before = ask("type = Story", measure="cycle_time", agg=None, as_of=at("2026-10-01"))
    assert days_of(measured(jira, before)) == 3


# First response


def test_the_first_answer_of_somebody_else_counts(jira: Jira) -> None:
    ticket = jira.add(at("2026-10-20T08:00"), type="Ticket")
    ticket.comment(at("2026-10-20T08:05"), "customer")
    ticket.comment(at("2026-10-20T08:01"), "triage-bot")
    ticket.comment(at("2026-10-20T09:00"), "agent", jsdPublic=False)
    ticket.comment(at("2026-10-20T12:00"), "agent")
    ticket.comment(at("2026-10-20T10:30"), "second-agent")
    answer = measured(jira, ask("type = Ticket", measure="time_to_first_response", agg=None))
    assert answer.value == Decimal("2.5") * HOUR


def test_an_answer_that_a_cut_list_of_comments_hides_is_found(jira: Jira) -> None:
    ticket = jira.add(at("2026-10-20T08:00"), type="Ticket")
    for minute in range(30):
        ticket.comment(at("2026-10-20T08:00") + timedelta(minutes=minute), "customer")
    ticket.comment(at("2026-10-20T09:00"), "agent")
    answer = measured(jira, ask("type = Ticket", measure="time_to_first_response", agg=None))
    assert answer.value == HOUR


def test_an_issue_without_an_answer_yet_is_left_out(jira: Jira) -> None:
    jira.add(at("2026-10-20T08:00"), type="Ticket").comment(NOW, "customer")
    question = ask("type = Ticket", measure="time_to_first_response", agg="median")
    assert isinstance(refused(jira, question), NoValue)


# Fields


def test_a_field_is_found_by_the_name_that_people_see(jira: Jira) -> None:
    for name in ("Story Points", "story points", POINTS):
        answer = measured(jira, ask("type = Story", measure=name, agg="sum"))
        assert answer.value == 55
        assert f"Story Points ({POINTS})" in answer.evidence.query


def test_two_fields_of_one_name_are_an_error_with_both_ids(jira: Jira) -> None:
    jira.names.append(named("customfield_10999", "Story Points", "number"))
    error = refused(jira, ask("type = Story", measure="Story Points", agg="sum"))
    assert POINTS in error.message
    assert "customfield_10999" in error.message
    assert measured(jira, ask("type = Story", measure=POINTS, agg="sum")).value == 55


def test_a_misspelt_field_is_told_with_the_one_that_was_meant(jira: Jira) -> None:
    error = refused(jira, ask("type = Story", measure="Storypoints", agg="sum"))
    assert "'Story Points'" in error.next_step


def test_jiras_own_times_are_seconds(jira: Jira) -> None:
    jira.tickets[0].extra["timespent"] = 5_400
    answer = measured(jira, ask("type = Story", measure="Time Spent", agg="sum"))
    assert (str(answer.value), answer.unit) == ("5400", "s")


def test_different_texts_of_a_field_are_counted(jira: Jira) -> None:
    for ticket, team in zip(jira.tickets, ["a", "b", "a", None], strict=False):
        ticket.extra["customfield_10060"] = team and {"value": team, "id": "1"}
    assert measured(jira, ask("type = Story", measure="Team", agg="distinct")).value == 2


@pytest.mark.parametrize("value", ["8", True, {"value": "8"}, "many", ["8"], [1, 2]])
def test_a_field_of_the_wrong_type_is_no_value(jira: Jira, value: object) -> None:
    jira.tickets[3].extra[POINTS] = value
    error = refused(jira, ask("type = Story", measure="Story Points", agg="sum"))
    assert isinstance(error, OutsideError)


@pytest.mark.parametrize("number", ["1e400", "1E999999999", "1e-400"])
def test_a_number_out_of_all_bounds_is_no_value(number: str) -> None:
    jira = Jira()
    page = f'{{"isLast": true, "issues": [{{"id": "1", "fields": {{"{POINTS}": {number}}}}}]}}'
    reply = 200, {"content-type": "application/json"}, page.encode()
    jira.faults.append(lambda request: reply if request.path.endswith("search/jql") else None)
    error = refused(jira, ask("type = Story", measure="Story Points", agg="sum"))
    assert isinstance(error, OutsideError)


def test_a_null_field_is_no_zero(jira: Jira) -> None:
    jira.tickets[9].extra[POINTS] = None
    answer = measured(jira, ask("type = Story", measure="Story Points", agg="avg"))
    assert answer.value == 5
    assert answer.rows == 9


def test_a_field_that_nobody_filled_in_has_no_sum(jira: Jira) -> None:
    for ticket in jira.tickets:
        ticket.extra.clear()
    question = ask("type = Story", measure="Story Points", agg="sum")
    assert isinstance(refused(jira, question), NoValue)


def test_fields_that_are_missing_altogether_are_no_value() -> None:
    jira = Jira()
    bare = said(200, {"isLast": True, "issues": [{"id": "1"}]})
    jira.faults.append(lambda request: bare if request.path.endswith("search/jql") else None)
    error = refused(jira, ask("type = Story", measure="Story Points", agg="sum"))
    assert isinstance(error, BadAnswer)


def test_one_of_several_without_agg_is_an_error(jira: Jira) -> None:
    assert isinstance(
        refused(jira, ask("type = Story", measure="Story Points", agg=None)), BadAnswer
    )


def test_first_and_last_follow_the_querys_order_or_the_date(jira: Jira) -> None:
    by_date = ask("type = Story", measure="Story Points", agg="last", on="resolved")
    assert measured(jira, by_date).value == 10
    ordered = ask("type = Story ORDER BY created", measure="Story Points", agg="first")
    assert measured(jira, ordered).value == 1
    assert jira.requests[-1].body["jql"].endswith("ORDER BY created")


def test_a_search_is_no_number(jira: Jira) -> None:
    assert 'agg = "count"' in refused(jira, ask("type = Story", agg=None)).next_step


# Days


def test_days_with_and_without(jira: Jira) -> None:
    window = Window("half a month", at("2026-10-10"), at("2026-10-25"))
    questions = [
        ask("type = Story", agg=agg, on="resolved", window=window)
        for agg in ("days_with", "days_without")
    ]
    found = answers(jira, *questions)
    assert [answer.value for answer in found if isinstance(answer, Measurement)] == [10, 5]


def test_a_field_of_days_makes_a_window_too(jira: Jira) -> None:
    for number, ticket in enumerate(jira.tickets):
        ticket.extra["customfield_10050"] = f"2026-10-{10 + number}"
    window = Window("a week", at("2026-10-12"), at("2026-10-19"))
    assert measured(jira, ask("type = Story", on="went live", window=window)).value == 7
    assert 'cf[10050] >= "2026-10-12"' in jira.requests[-1].body["jql"]
    points = ask("type = Story", measure="Story Points", agg="sum", on="Went Live", window=window)
    assert measured(jira, points).value == 3 + 4 + 5 + 6 + 7 + 8 + 9


def test_a_field_without_dates_makes_no_window(jira: Jira) -> None:
    assert "no dates" in refused(jira, ask("type = Story", on="Story Points")).message


# Together


def test_questions_over_the_same_issues_read_them_once() -> None:
    jira = Jira()
    for _ in range(1_200):
        jira.add(NOW - DAY).move(DOING, NOW - DAY).move(DONE, NOW)
    toolbox = toolbox_for(jira)
    questions = [
        ask("type = Story", measure="cycle_time", agg="p85"),
        ask("type = Story", measure="cycle_time", agg="median"),
        ask("type = Story ORDER BY key", measure="lead_time", agg="max"),
        ask(
            "type = Story", agg="days_with", on="created", window=Window("w", at("2026-10-01"), NOW)
        ),
    ]
    found = answers(jira, *questions, toolbox=toolbox)
    assert all(isinstance(answer, Measurement) for answer in found)
    assert jira.count("search/jql") == 3 + 3
    assert any("issues in" in note for note in toolbox.told)


def test_a_field_that_cannot_be_read_spoils_only_its_own_question(jira: Jira) -> None:
    jira.tickets[0].extra["customfield_10060"] = [{"value": "a"}, {"value": "b"}]
    good, bad, other = answers(
        jira,
        ask("type = Story", measure="Story Points", agg="sum"),
        ask("type = Story", measure="Team", agg="distinct"),
        ask("type = Story", measure="cycle_time", agg="max"),
    )
    assert isinstance(good, Measurement)
    assert isinstance(bad, OutsideError)
    assert isinstance(other, Measurement)


# Whole lists or none


def pages(jira: Jira, *replies: Reply) -> Jira:
    left = list(replies)

    def fault(request: Request) -> Reply | None:
        if not request.path.endswith("search/jql") or not left:
            return None
        return left.pop(0) if len(left) > 1 else left[0]

    jira.faults.append(fault)
    return jira


def a_page(*ids: object, token: object = None, last: object = None) -> Reply:
    body: dict[str, object] = {"issues": [{"id": id_} for id_ in ids]}
    more = {"nextPageToken": token, "isLast": last}
    return said(200, body | {name: value for name, value in more.items() if value is not None})


@pytest.mark.parametrize(
    "replies",
    [
        [a_page("1", token="a"), a_page("2", token="a"), a_page("3", token="a")],
        [a_page("1", token="a"), a_page(token="b"), a_page("2", last=True)],
        [a_page("1", last=False)],
        [a_page("1", token="a"), a_page("1", last=True)],
        [a_page("1", "1", last=True)],
        [a_page("x", last=True)],
        [a_page(None, last=True)],
        [a_page("1", token=7)],
        [a_page("1", token="a"), said(200, {})],
        [a_page("1", token="a"), said(200, {"isLast": True})],
        [a_page("1", token="a"), said(200, {"issues": None, "isLast": True})],
        [a_page("1", token="a"), said(400, {"errorMessages": ["The token has expired"]})],
    ],
    ids=[
        "repeated token",
        "empty page with a token",
        "more, but not where",
        "twice on two pages",
        "twice on one page",
        "no id",
        "null id",
        "strange token",
        "an empty table",
        "no issues",
        "null issues",
        "expired",
    ],
)
def test_a_list_that_is_not_whole_is_no_value(replies: list[Reply]) -> None:
    error = refused(pages(Jira(), *replies), ask("project = PLAT", exact=True))
    assert isinstance(error, OutsideError)


def test_a_stale_token_on_the_last_page_is_not_followed() -> None:
    jira = pages(Jira(), a_page("1", token="a"), a_page("2", token="a", last=True))
    assert measured(jira, ask("project = PLAT", exact=True)).value == 2


def test_a_last_page_without_any_word_ends_the_list() -> None:
    jira = pages(Jira(), a_page("1", token="a"), a_page("2"))
    assert measured(jira, ask("project = PLAT", exact=True)).value == 2


def test_more_issues_than_allowed_are_too_many_and_not_cut() -> None:
    jira = Jira()
    for _ in range(11):
        jira.add(NOW - DAY)
    error = refused(jira, ask("project = PLAT", exact=True), max_issues=10)
    assert "max_issues" in error.next_step


@pytest.mark.parametrize("change", [{"total": 11}, {"total": 9}, {"startAt": 0}, {"issues": []}])
def test_a_list_that_changes_between_its_pages_is_no_value(change: dict[str, object]) -> None:
    """Data Center pages by place: one issue more, and another would be missed."""
    jira = Jira(cloud=False)
    jira.page = 4
    for _ in range(10):
        jira.add(NOW - DAY)

    def fault(request: Request) -> Reply | None:
        if not request.path.endswith("/search") or request.body["startAt"] == 0:
            return None
        issues = [{"id": str(100 + request.body["startAt"] + n), "fields": {}} for n in range(4)]
        honest = {"startAt": request.body["startAt"], "total": 10, "issues": issues}
        return said(200, honest | change)

    jira.faults.append(fault)
    error = refused(jira, ask("project = PLAT", measure="Story Points", agg="sum"))
    assert isinstance(error, BadAnswer)


def test_data_center_pages_as_large_as_the_server_allows() -> None:
    jira = Jira(cloud=False)
    jira.page = 7
    for _ in range(30):
        jira.add(NOW - DAY).extra[POINTS] = 2
    assert measured(jira, ask("project = PLAT", measure="Story Points", agg="sum")).value == 60
    assert "ORDER BY key ASC" in jira.requests[-1].body["jql"]


def test_a_history_that_data_center_cuts_is_read_by_itself() -> None:
    jira = Jira(cloud=False)
    jira.add(at("2026-10-01")).move(DOING, at("2026-10-02")).move(DONE, at("2026-10-05"))

    def cut(request: Request) -> Reply | None:
        if not request.path.endswith("/search") or "changelog" not in request.body.get(
            "expand", []
        ):
            return None
        status, headers, body = jira._search(request)
        return status, headers, body.replace(b'"total": 2, "histories"', b'"total": 7, "histories"')

    jira.faults.append(cut)
    answer = measured(jira, ask("type = Story", measure="cycle_time", agg=None))
    assert days_of(answer) == 3
    assert jira.count("/issue/10001") == 1


@pytest.mark.parametrize(
    "created", [1_790_000_000_000, 1_790_000_000, "2026-09-21T13:33:20.000+0000"]
)
def test_the_date_of_a_change_may_be_a_number_or_a_text(created: object) -> None:
    jira = Jira()
    jira.add(at("2026-09-01")).move(DOING, at("2026-09-02")).move(DONE, at("2026-09-03"))
    ticket = jira.tickets[0]

    def numbers(request: Request) -> Reply | None:
        if not request.path.endswith("bulkfetch"):
            return None
        histories = ticket.histories()
        histories[0]["created"] = created
        return said(
            200, {"issueChangeLogs": [{"issueId": ticket.id, "changeHistories": histories}]}
        )

    jira.faults.append(numbers)
    answer = measured(jira, ask("type = Story", measure="cycle_time", agg=None))
    done = at("2026-09-21T13:33:20") if isinstance(created, str) else None
    if done is None:
        assert answer.value == 1_790_000_000 - int(at("2026-09-02").timestamp())
    else:
        assert answer.value == Decimal((done - at("2026-09-02")).total_seconds())


@pytest.mark.parametrize("created", [None, "yesterday", "2026-09-21", True, 1e300, {}])
def test_a_change_without_a_readable_date_is_no_value(created: object) -> None:
    jira = Jira()
    ticket = jira.add(at("2026-09-01")).move(DONE, at("2026-09-03"))

    def broken(request: Request) -> Reply | None:
        if not request.path.endswith("bulkfetch"):
            return None
        histories = [ticket.histories()[0] | {"created": created}]
        return said(
            200, {"issueChangeLogs": [{"issueId": ticket.id, "changeHistories": histories}]}
        )

    jira.faults.append(broken)
    error = refused(jira, ask("type = Story", measure="lead_time", agg=None))
    assert isinstance(error, OutsideError)
