"""JQL as text: joined and quoted without touching what the user wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.contracts import FromEnvironment, UndatedQuestion
from okrsync.errors import SourceError
from okrsync_jira.jql import JqlError, all_of, condition_of, link, quoted, split, unquoted
from okrsync_jira.offline import check, check_asking
from okrsync_jira.past import as_of, names_categories
from okrsync_jira.settings import JiraQuery, JiraSettings
from okrsync_jira.statuses import Statuses
from tests.standins.jira import STATES

ON = '"2026-09-30 23:59"'


@pytest.mark.parametrize(
    ("jql", "condition", "order"),
    [
        ("project = A ORDER BY created DESC", "project = A", "ORDER BY created DESC"),
        ("project = A order   by created", "project = A", "order   by created"),
        ("ORDER BY rank", "", "ORDER BY rank"),
        ('summary ~ "x ORDER BY y"', 'summary ~ "x ORDER BY y"', ""),
        ("summary ~ 'order by' order by key", "summary ~ 'order by'", "order by key"),
        (r'summary ~ "\" ORDER BY z" ', r'summary ~ "\" ORDER BY z"', ""),
        ("issue in f(order, by)", "issue in f(order, by)", ""),
        ("order = 3", "order = 3", ""),
        ("a = 1\nORDER\n BY b", "a = 1", "ORDER\n BY b"),
    ],
)
def test_the_order_is_told_apart_from_the_condition(jql: str, condition: str, order: str) -> None:
    assert split(jql) == (condition, order)


def test_a_condition_with_or_is_not_torn_apart_by_what_is_added() -> None:
    assert all_of(["a = 1 OR b = 2", "created >= 1"]) == "(a = 1 OR b = 2) AND (created >= 1)"
    assert all_of(["", "a = 1"]) == "a = 1"


@pytest.mark.parametrize("jql", ['a = "b', "a = 'b", "(a = 1", "a = 1)", "a = b\\"])
def test_what_never_ends_is_told(jql: str) -> None:
    with pytest.raises(JqlError):
        split(jql)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_value_survives_its_quotes(value: str) -> None:
    written = quoted(value)
    assert split(f"summary ~ {written} ORDER BY key") == (f"summary ~ {written}", "ORDER BY key")
    if value.isprintable():
        assert unquoted(written) == value


@pytest.mark.parametrize(
    ("address", "jql"),
    [
        ("https://acme.atlassian.net/issues/?jql=project%20%3D%20PLAT", "project = PLAT"),
        ("https://acme.atlassian.net/issues/?filter=10042", "filter = 10042"),
        (
            "https://acme.atlassian.net/jira/software/c/projects/P/issues/?jql=a%3D%22x+y%22",
            'a="x y"',
        ),
        ("project = PLAT", "project = PLAT"),
    ],
)
def test_an_address_from_the_browser_stands_for_its_search(address: str, jql: str) -> None:
    assert condition_of(address) == jql


def test_the_evidence_link_opens_the_same_search() -> None:
    jql = 'summary ~ "a & b" AND labels = "ä#?"'
    assert condition_of(link("https://acme.atlassian.net", jql)) == jql


SETTINGS = JiraSettings(
    site="https://acme.atlassian.net", token=FromEnvironment(env="T"), email="bot@acme.example"
)


def problems(**query: object) -> list[str]:
    return [key for key, _ in check(SETTINGS, JiraQuery.model_validate(query))]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ({"jql": "project = A"}, []),
        ({"jql": "https://acme.atlassian.net/issues/?filter=1"}, []),
        ({"jql": "https://other.atlassian.net/issues/?filter=1"}, ["jql"]),
        ({"jql": "https://acme.atlassian.net/issues/?filter=-1"}, ["jql"]),
        ({"jql": '(a = "b'}, ["jql"]),
        ({"jql": "a = 1", "of": "b = (1"}, ["of"]),
        ({"of": "a = 1", "epic": "A-1"}, ["of"]),
        ({}, [""]),
        ({"jql": "a = 1", "epic": "A-1"}, [""]),
        ({"version": "2.4"}, ["version"]),
        ({"version": "2.4", "project": "A"}, []),
        ({"board": "https://acme.atlassian.net/jira/software/c/projects/A/boards/42"}, []),
    ],
)
def test_what_is_wrong_with_a_query_is_seen_offline(
    query: dict[str, object], keys: list[str]
) -> None:
    assert problems(**query) == keys


@pytest.mark.parametrize(
    ("query", "asking", "keys"),
    [
        ({"jql": "a = 1"}, {"agg": "count"}, []),
        ({"jql": "a = 1"}, {"measure": "cycle_time", "agg": "p85"}, []),
        ({"jql": "a = 1"}, {"measure": "Story Points"}, []),
        ({"jql": "a = 1"}, {}, ["jql"]),
        ({"jql": "a = 1"}, {"measure": "share"}, ["measure"]),
        ({"jql": "a = 1", "of": "b = 1"}, {"measure": "share"}, []),
        ({"jql": "a = 1", "of": "b = 1"}, {"agg": "count"}, ["measure"]),
        ({"jql": "a = 1"}, {"measure": "time_in_status", "agg": "avg"}, ["measure"]),
        ({"jql": "a = 1", "status": "x"}, {"measure": "time_in_status", "agg": "avg"}, []),
        ({"epic": "A-1"}, {}, []),
        (
            {"epic": "A-1"},
            {"measure": "velocity", "agg": "sum", "on": "due"},
            ["measure", "agg", "on"],
        ),
        ({"board": 1}, {"measure": "velocity", "on": "completed"}, []),
        ({"board": 1}, {"on": "created"}, ["measure", "on"]),
    ],
)
def test_what_does_not_go_together_is_seen_offline(
    query: dict[str, object], asking: dict[str, str], keys: list[str]
) -> None:
    given = {"measure": None, "agg": None, "on": None} | asking
    question = UndatedQuestion(JiraQuery.model_validate(query), **given, window="all")
    assert [key for key, _ in check_asking(SETTINGS, question)] == keys


def test_addresses_of_boards_and_epics_are_taken_too() -> None:
    board = "https://acme.atlassian.net/secure/RapidBoard.jspa?rapidView=42&x=1"
    assert JiraQuery(board=board).board == 42
    assert JiraQuery(epic="https://acme.atlassian.net/browse/plat-101?x=1").epic == "PLAT-101"


@pytest.mark.parametrize(
    ("jql", "before"),
    [
        ("project = A AND type in (Bug, Task)", "project = A AND type in (Bug, Task)"),
        ("status = Done", f"status WAS Done ON {ON}"),
        ('Status != "In Review"', f'Status WAS NOT "In Review" ON {ON}'),
        ("status not in (Done, Closed)", f"status WAS NOT IN (Done, Closed) ON {ON}"),
        ("resolution is EMPTY", f"resolution WAS EMPTY ON {ON}"),
        ("(project = A OR (status = Done))", f"(project = A OR (status WAS Done ON {ON}))"),
        ("not status = Done", f"not status WAS Done ON {ON}"),
        (
            "project=A and statusCategory=Done",
            f'project=A and status WAS IN ("Done", "Released") ON {ON}',
        ),
        ('statusCategory != "Done"', f'status WAS NOT IN ("Done", "Released") ON {ON}'),
        ('created >= "2026-01-01"', 'created >= "2026-01-01"'),
        ('assignee in ("a", "b")', f'assignee WAS IN ("a", "b") ON {ON}'),
    ],
)
def test_a_query_is_put_to_an_earlier_day(jql: str, before: str) -> None:
    assert as_of(jql, ON, Statuses([state.json() for state in STATES])) == before


@pytest.mark.parametrize(
    "jql",
    [
        "labels = x",
        '"Story Points" > 3',
        "cf[10016] is not EMPTY",
        "sprint in openSprints()",
        "assignee = currentUser()",
        "created >= -30d",
        "created >= startOfMonth()",
        "status was Done",
        "status changed",
        "assignee != x",
        "resolution is not EMPTY",
        "status > 3",
        "updated >= '2026-01-01'",
        "text ~ crash",
        "project",
        "statusCategory = Nowhere",
    ],
)
def test_what_jql_keeps_no_history_of_is_refused(jql: str) -> None:
    with pytest.raises(SourceError, match="JQL cannot say"):
        as_of(jql, ON, Statuses([state.json() for state in STATES]))


def test_the_sites_statuses_are_only_needed_for_categories() -> None:
    assert names_categories("project = A AND statusCategory != Done")
    assert not names_categories('summary ~ "statusCategory = x"')
