"""What we send to Jira is what Atlassian publishes: its own parser of JQL, its OpenAPI document."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okrsync.model import Measurement, Question, Window
from okrsync_jira.dates import DateField, Span
from okrsync_jira.jql import all_of, quoted, split
from okrsync_jira.past import as_of
from okrsync_jira.settings import JiraQuery
from okrsync_jira.statuses import Statuses
from tests.standins.jira import (
    DOING,
    DONE,
    POINTS,
    STATES,
    Jira,
    Request,
    person,
    stamp,
)
from tests.unit.jira.asking import NOW, answers, ask, at, source_for

INSTALL = "npm install @atlaskit/jql-ast@4.0.0, and NODE_PATH of its node_modules"
PARSER = """
const {JastBuilder} = require('@atlaskit/jql-ast');
const builder = new JastBuilder();
require('readline').createInterface({input: process.stdin}).on('line', line => {
  const errors = builder.build(JSON.parse(line)).errors.map(error => error.message);
  process.stdout.write(JSON.stringify(errors) + '\\n');
});
"""
# Paths that the published document describes elsewhere (Agile) or that its cut leaves out.
NOT_IN_THE_CUT = re.compile(
    r"/rest/agile/1\.0/.*|/rest/api/3/issue/\w+/comment|/rest/api/3/project/\w+/versions"
)
# Version 2, which both deployments answer; the document knows it as version 3.
TOLD_BY_BOTH = "/rest/api/2/serverInfo"

Judge = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def errors_in() -> Iterator[Judge]:
    """What Atlassian's own parser has to say of a query: nothing, if it is JQL."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Atlassian's JQL parser runs in Node.js, which is not installed")
    probe = subprocess.run(
        [node, "-e", "require('@atlaskit/jql-ast')"], capture_output=True, check=False
    )
    if probe.returncode:
        pytest.skip(f"Atlassian's JQL parser is not installed: {INSTALL}")
    with subprocess.Popen(
        [node, "-e", PARSER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def judge(jql: str) -> list[str]:
            stdin.write(json.dumps(jql) + "\n")
            stdin.flush()
            found: list[str] = json.loads(stdout.readline())
            return found

        yield judge
        stdin.close()


def test_the_judge_knows_wrong_from_right(errors_in: Judge) -> None:
    assert errors_in('project = PLAT AND type in ("Bug") ORDER BY key') == []
    assert errors_in('summary ~ "A"B"')
    assert errors_in("(status = Done")


NASTY = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ['"', "\\", '\\"', "'", "AND", "ORDER BY", "empty", "ä\u2028", "\x00\x07", "{}[];:?*", "😀", ""]
)
WORDS = st.sampled_from(["Bug", "PLAT", "10001", '"In Review"', "'x'"])
FIELDS = st.sampled_from(["project", "type", "status", "cf[10016]", '"Story Points"', "labels"])


@st.composite
def conditions(draw: st.DrawFn) -> str:
    """JQL as people write it, in any nesting, with nasty values."""
    value = st.one_of(WORDS, NASTY.map(quoted))
    leaf = st.one_of(
        st.builds("{} = {}".format, FIELDS, value),
        st.builds("{} != {}".format, FIELDS, value),
        st.builds("{} in ({}, {})".format, FIELDS, value, value),
        st.builds("{} is not EMPTY".format, FIELDS),
        st.just("created >= startOfDay(-7d)"),
    )
    tree = st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds("({} OR {})".format, inner, inner),
            st.builds("{} and {}".format, inner, inner),
            st.builds("NOT {}".format, inner),
        ),
        max_leaves=5,
    )
    return draw(tree)


BETWEEN: Any = {
    "min_value": datetime.fromisoformat("1990-01-01"),
    "max_value": datetime.fromisoformat("2090-01-01"),
}


@st.composite
def spans(draw: st.DrawFn) -> Span:
    instants = st.datetimes(timezones=st.just(UTC), **BETWEEN)
    field = draw(
        st.sampled_from(
            [DateField("created", "created"), DateField("x", "cf[10050]", days=True, forward=True)]
        )
    )
    start = draw(st.none() | instants)
    return Span(
        field, Window("w", start, draw(st.none() | instants)), draw(instants), draw(st.booleans())
    )


COMMON = settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@COMMON
@given(
    jql=conditions(),
    order=st.sampled_from(["", " ORDER BY key", ' order by "Story Points" asc']),
    span=spans(),
)
def test_every_query_with_a_window_is_jql(
    errors_in: Judge, jql: str, order: str, span: Span
) -> None:
    condition, kept = split(jql + order)
    assert (condition, kept) == (jql, order.strip())
    whole = all_of([condition, *span.conditions(UTC, UTC)])
    assert errors_in(whole) == []
    assert errors_in(f"{whole} {kept}") == []


@COMMON
@given(value=NASTY)
def test_every_value_is_quoted_as_jql_wants_it(errors_in: Judge, value: str) -> None:
    assert errors_in(f"parent = {quoted(value)} AND summary ~ {quoted(value)}") == []


PAST = st.recursive(
    st.one_of(
        st.builds("project = {}".format, NASTY.map(quoted)),
        st.builds("status = {}".format, NASTY.map(quoted)),
        st.builds("status not in ({}, {})".format, NASTY.map(quoted), WORDS),
        st.sampled_from(
            ["statusCategory != Done", "resolution is EMPTY", "statusCategory in (new, Done)"]
        ),
    ),
    lambda inner: st.one_of(
        st.builds("({} OR {})".format, inner, inner), st.builds("NOT {}".format, inner)
    ),
    max_leaves=4,
)


@COMMON
@given(jql=PAST)
def test_every_query_about_an_earlier_day_is_jql(errors_in: Judge, jql: str) -> None:
    statuses = Statuses([state.json() for state in STATES])
    assert errors_in(as_of(jql, '"2026-09-30 23:59"', statuses)) == []


# Requests


@pytest.fixture(scope="module")
def openapi() -> Any:
    """Atlassian's OpenAPI document, cut to what matters here."""
    folder = os.environ.get("OKRSYNC_SPECS")
    if not folder:
        pytest.skip("OKRSYNC_SPECS does not name a folder with the published documents")
    document = Path(folder) / "jira-cloud.json"
    if not document.exists():
        pytest.skip("jira-cloud.json is not among the published documents")
    openapi_core = pytest.importorskip("openapi_core", reason="openapi-core is not installed")
    published = json.loads(document.read_text("utf-8"))
    published["servers"] = [{"url": "http://localhost"}]
    return openapi_core.OpenAPI.from_dict(published)


def violations(openapi: Any, request: Request) -> str:
    from openapi_core.testing import MockRequest

    path = request.path.replace("/rest/api/2/", "/rest/api/3/")
    mock = MockRequest(
        "http://localhost",
        request.method.lower(),
        path,
        args=dict(request.params),
        headers={"Authorization": request.headers.get("authorization", "")},
        data=None if request.body is None else json.dumps(request.body).encode(),
        content_type=request.headers.get("content-type", "application/json"),
    )
    errors = list(openapi.iter_request_errors(mock))
    return "; ".join(f"{error!r} {error.__cause__!r}" for error in errors)


def some_jira() -> Jira:
    jira = Jira()
    for number in range(5):
        ticket = jira.add(NOW - timedelta(days=30 - number), parent="PLAT-9", sprints=(1,))
        ticket.extra[POINTS] = number
        ticket.versions = ("10100",)
        ticket.move(DOING, ticket.created).move(DONE, NOW - timedelta(days=number + 1))
        ticket.comments = [{"created": stamp(NOW), "author": person("customer")}] * 25
    jira.versions = [{"id": "10100", "name": "2.4", "released": False}]
    sprint = {"startDate": stamp(at("2026-10-05")), "completeDate": stamp(at("2026-10-16"))}
    jira.sprints = [{"id": 1, "name": "Sprint 1", **sprint}]
    jira.page = 2
    return jira


WINDOW = Window("w", at("2026-10-01"), at("2026-11-01"))
EVERY_KIND: list[Question[JiraQuery]] = [
    ask("project = PLAT"),
    ask("project = PLAT", exact=True),
    ask("type = Story", measure="share", agg=None, of="project = PLAT"),
    ask("project = PLAT", measure="Story Points", agg="sum", on="resolved", window=WINDOW),
    ask("project = PLAT", measure="cycle_time", agg="p85"),
    ask("project = PLAT", measure="time_in_status", agg="avg", status="In Progress"),
    ask("project = PLAT", measure="time_to_first_response", agg="count"),
    ask("project = PLAT", measure="age", agg="max"),
    ask("project = PLAT", agg="days_with", on="created", window=WINDOW),
    ask("project = PLAT AND statusCategory = Done", as_of=at("2026-10-20")),
    ask(epic="PLAT-1", agg=None),
    ask(version="2.4", project="PLAT", agg=None),
    ask(board=42, measure="velocity", agg=None),
]


def judged(openapi: Any, requests: list[Request]) -> int:
    """How many of the requests the published document describes; all of those keep to it."""
    checked = 0
    for request in requests:
        if NOT_IN_THE_CUT.fullmatch(request.path):
            continue
        if request.path.startswith("/rest/api/2/"):
            assert request.path == TOLD_BY_BOTH
        problem = violations(openapi, request)
        assert not problem, f"{request.method} {request.path}: {problem}"
        checked += 1
    return checked


def test_the_published_document_knows_wrong_from_right(openapi: Any) -> None:
    signed = {"authorization": "Basic YTpi"}
    path = "/rest/api/3/search/jql"
    good = Request("POST", path, {}, {"jql": "a = 1", "fields": ["id"]}, signed)
    assert not violations(openapi, good)
    bad = Request("POST", path, {}, {"jql": "a = 1", "startAt": 0}, signed)
    assert violations(openapi, bad)


def test_every_request_keeps_to_the_published_document(openapi: Any) -> None:
    jira = some_jira()
    found = answers(jira, *EVERY_KIND)
    failed = [answer for answer in found if not isinstance(answer, Measurement)]
    assert [type(answer) for answer in failed] == []
    with source_for(jira) as source:
        list(source.examine())  # type: ignore[attr-defined]
    assert judged(openapi, jira.requests) > 20
    paths = {request.path for request in jira.requests}
    assert {
        "/rest/api/3/search/approximate-count",
        "/rest/api/3/search/jql",
        "/rest/api/3/changelog/bulkfetch",
        "/rest/api/3/field",
        "/rest/api/3/status",
        "/rest/api/3/myself",
        "/rest/api/3/issue/PLAT-1",
    } <= paths


@settings(deadline=None, max_examples=60)
@given(jql=conditions(), status=NASTY, name=NASTY)
def test_requests_with_nasty_values_keep_to_it_too(
    openapi: Any, jql: str, status: str, name: str
) -> None:
    jira = some_jira()
    jira.reads_jql = False
    jira.states.append(type(DONE)("777", status, "done"))
    jira.names.append({"id": "customfield_1", "name": name, "schema": {"type": "number"}})
    answers(
        jira,
        ask(jql),
        ask(jql, exact=True),
        ask(jql, measure=name or "x", agg="sum", on="created", window=WINDOW),
        ask(jql, as_of=at("2026-10-20")),
    )
    assert judged(openapi, jira.requests)
