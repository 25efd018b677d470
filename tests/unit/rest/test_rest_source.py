"""What is asked of an API and what is made of its answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from okrsync.contracts import FromEnvironment
from okrsync.errors import (
    BadAnswer,
    NoValue,
    OutsideError,
    RateLimited,
    Refused,
    SignInRefused,
    SourceError,
)
from okrsync.model import Measurement, Window
from okrsync.testing.samples import NOON
from okrsync_rest.binding import Binder
from okrsync_rest.settings import RestQuery, RestSettings, check
from tests.unit.rest.conftest import BASE, Answer, Api, json_answer, question

MakeApi = Callable[..., Api]
STOCKHOLM = ZoneInfo("Europe/Stockholm")
QUARTER = Window(
    "period",
    datetime(2026, 10, 1, tzinfo=STOCKHOLM),
    datetime(2027, 1, 1, tzinfo=STOCKHOLM),
)
ISSUES = [
    {"id": 1, "state": "open", "points": 3, "who": {"team": "a"}, "closed": None},
    {"id": 2, "state": "done", "points": 5.5, "who": {"team": "b"}, "closed": "2026-10-05"},
    {"id": 3, "state": "done", "points": None, "who": {"team": "a"}, "closed": "2026-10-20T08:00Z"},
]


def value(answer: Answer) -> Decimal:
    assert isinstance(answer, Measurement), answer
    return answer.value


# One number


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("total", "12"),
        ("meta.sum", "12.50"),
        ("length(items)", "2"),
        ("to_number(text)", "7"),
        ("$.meta.sum", "12.50"),
        ("$['meta']['sum']", "12.50"),
        ('"@odata.count"', "4"),
        ("zero", "0"),
        ("items[?n > `1`] | length(@)", "1"),
    ],
)
def test_the_number_stands_at_a_path(api: MakeApi, path: str, number: str) -> None:
    document = (
        b'{"total": 12, "meta": {"sum": 12.50}, "items": [{"n": 1}, {"n": 2.5}], "text": "7",'
        b'"@odata.count": 4, "zero": 0}'
    )
    answer = api(lambda _: json_answer(document)).one(number=path)
    assert value(answer) == Decimal(number)


@pytest.mark.parametrize(
    ("document", "path", "kind"),
    [
        ({}, "total", BadAnswer),
        ({"total": None}, "total", BadAnswer),
        ({"total": None}, "$.total", NoValue),
        ({}, "$.total", BadAnswer),
        ({"total": "12"}, "total", BadAnswer),
        ({"total": True}, "total", BadAnswer),
        ({"total": [12]}, "total", BadAnswer),
        ({"total": {"n": 12}}, "total", BadAnswer),
        ([1, 2], "total", BadAnswer),
        ([1, 2], "$[*]", BadAnswer),
        ({"total": "x"}, "sum(total)", BadAnswer),
        (b"NaN", "@", BadAnswer),
        (b'{"total": Infinity}', "total", BadAnswer),
        (b'{"total": 1', "total", BadAnswer),
        (b"", "total", BadAnswer),
        (b"<html>sign in</html>", "total", BadAnswer),
        (b"[" * 100_000, "total", BadAnswer),
    ],
)
def test_anything_else_is_an_error_and_never_zero(
    api: MakeApi, document: Any, path: str, kind: type[OutsideError]
) -> None:
    answer = api(lambda _: json_answer(document)).one(number=path)
    assert isinstance(answer, kind), answer


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (203, BadAnswer),
        (206, BadAnswer),
        (202, BadAnswer),
        (401, SignInRefused),
        (403, Refused),
        (404, Refused),
        (500, OutsideError),
    ],
)
def test_a_status_that_is_no_answer_is_an_error(
    api: MakeApi, status: int, kind: type[OutsideError]
) -> None:
    answer = api(lambda _: json_answer({"total": 12}, status)).one(number="total")
    assert isinstance(answer, kind)


def test_a_count_may_stand_in_a_header(api: MakeApi) -> None:
    counted = api(lambda _: json_answer([], headers={"x-total-count": "341"}))
    assert value(counted.one(header="X-Total-Count")) == 341


@pytest.mark.parametrize("headers", [{}, {"x-total": ""}, {"x-total": "many"}, {"x-total": "-1"}])
def test_a_header_that_is_not_there_is_not_zero(api: MakeApi, headers: dict[str, str]) -> None:
    answer = api(lambda _: json_answer([], headers=headers)).one(header="X-Total")
    assert isinstance(answer, BadAnswer)


def test_an_answer_that_is_too_large_is_refused(api: MakeApi) -> None:
    large = api({"total": 12, "rest": "x" * 2000})
    answer = large.one({"max_size": 1000}, number="total")
    assert isinstance(answer, BadAnswer)
    assert "1,000 bytes" in answer.message


def test_requests_are_spaced_on_the_runs_time(api: MakeApi) -> None:
    there = api({"n": 4})
    paths = [question(path=f"things/{n}", number="n") for n in range(4)]
    answers = there.ask(*paths, per_second=0.01, at_once=1)
    assert [value(answer) for answer in answers] == [4] * 4
    assert 100 < there.waited <= 300


def test_equal_requests_are_sent_once(api: MakeApi) -> None:
    both = api({"open": 3, "done": 4})
    answers = both.ask(question(number="open"), question(number="done"), question(number="none"))
    assert [value(answer) for answer in answers[:2]] == [3, 4]
    assert isinstance(answers[2], BadAnswer)
    assert len(both.asked) == 1


# Rows


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"agg": "count"}, "3"),
        ({"agg": "count", "where": "state == 'done'"}, "2"),
        ({"agg": "sum", "measure": "points"}, "8.5"),
        ({"agg": "distinct", "measure": "who.team"}, "2"),
        ({"agg": "count", "where": "row['who.team'] == :team", "vars": {"team": "a"}}, "2"),
        ({"agg": "count", "on": "closed", "window": QUARTER, "as_of": NOON}, "2"),
        ({"measure": "points", "where": "id == 2"}, "5.5"),
    ],
)
@pytest.mark.parametrize("path", ["issues", "$.issues", "issues[]", "$['issues']"])
def test_rows_are_aggregated_by_okrsync(
    api: MakeApi, path: str, query: dict[str, Any], number: str
) -> None:
    assert value(api({"issues": ISSUES}).one(rows=path, **query)) == Decimal(number)


def test_the_answer_may_be_the_list_itself(api: MakeApi) -> None:
    assert value(api(ISSUES).one(rows="@", agg="count")) == 3
    assert value(api(ISSUES).one(rows="$", agg="count")) == 3
    assert value(api([3, 4]).one(rows="@", measure="value", agg="sum")) == 7


@pytest.mark.parametrize("document", [{}, {"issues": None}, {"issues": {}}, {"issues": 3}, []])
@pytest.mark.parametrize("path", ["issues", "$.issues"])
def test_rows_that_are_not_there_are_not_no_rows(api: MakeApi, document: Any, path: str) -> None:
    assert isinstance(api(document).one(rows=path, agg="count"), BadAnswer)


def test_no_rows_are_counted_as_zero_and_have_no_sum(api: MakeApi) -> None:
    none = api({"issues": []})
    where: dict[str, Any] = {"where": "state == 'open'", "on": "closed", "window": QUARTER}
    assert value(none.one(rows="issues", agg="count")) == 0
    assert value(none.one(rows="issues", agg="count", **where)) == 0
    assert isinstance(none.one(rows="issues", agg="sum", measure="points"), NoValue)


def test_a_misspelled_column_is_an_error_and_no_zero(api: MakeApi) -> None:
    issues = api({"issues": ISSUES})
    queries: list[dict[str, Any]] = [{"on": "cloesd"}, {"where": "stat == 1"}, {"measure": "point"}]
    for query in queries:
        assert isinstance(issues.one(rows="issues", agg="count", **query), SourceError)


def test_what_a_row_leaves_out_is_empty(api: MakeApi) -> None:
    sparse = api({"issues": [{"id": 1}, {"id": 2, "points": 5}]})
    assert value(sparse.one(rows="issues", agg="sum", measure="points")) == 5


def test_measure_and_agg_are_for_rows(api: MakeApi) -> None:
    assert isinstance(api({"total": 1}).one(number="total", agg="count"), SourceError)


# What an answer must say


@pytest.mark.parametrize(
    ("expect", "fine"),
    [
        ({"ok": True}, True),
        ({"ok": 1}, False),
        ({"meta.state": "complete"}, True),
        ({"$.meta.state": "partial"}, False),
        ({"errors": {"exists": False}}, True),
        ({"meta": {"exists": True}}, True),
        ({"missing": {"exists": True}}, False),
        ({"ok": {"exists": False}}, False),
        ({"missing": "x"}, False),
    ],
)
def test_an_answer_must_say_what_is_expected(
    api: MakeApi, expect: dict[str, Any], fine: bool
) -> None:
    document = {"ok": True, "meta": {"state": "complete"}, "total": 4}
    answers = [
        api(document).one(number="total", expect=expect),
        api(document).one({"expect": expect}, number="total"),
    ]
    assert {isinstance(answer, Measurement) for answer in answers} == {fine}


# Requests


def test_params_body_and_path_carry_values(api: MakeApi) -> None:
    asked = api({"total": 1})
    asked.zone = STOCKHOLM
    asked.ask(
        question(
            path="projects/:project/issues",
            method="POST",
            reads=True,
            params={"state": "open", "limit": 1, "all": True, "tag": ["a b", ":tag"]},
            body={"since": ":start", "until": ":end.utc", "n": ":n", "text": "::start", "f": 0.5},
            vars={"project": "A/B", "tag": "c&d", "n": 4},
            number="total",
            window=QUARTER,
        )
    )
    [request] = asked.asked
    assert request.url.raw_path == (
        b"/v1/projects/A%2FB/issues?all=true&limit=1&state=open&tag=a+b&tag=c%26d"
    )
    assert json.loads(request.content) == {
        "since": "2026-10-01T00:00:00+02:00",
        "until": "2026-12-31T23:00:00Z",
        "n": 4,
        "text": ":start",
        "f": 0.5,
    }


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        (":start", "2026-10-01T00:00:00+02:00"),
        (":start.day", "2026-10-01"),
        (":end.last_day", "2026-12-31"),
        (":start.epoch", "1790805600"),
        (":start.epoch_ms", "1790805600000"),
        ("><:start.day|:end.last_day", "><2026-10-01|2026-12-31"),
        ("a:start", "a:start"),
        ("urn:end", "urn:end"),
        ("::as_of", ":as_of"),
    ],
)
def test_dates_are_written_as_the_api_wants_them(api: MakeApi, written: str, sent: str) -> None:
    asked = api({"total": 1})
    asked.zone = STOCKHOLM
    asked.ask(question(params={"q": written, "s": ":start"}, number="total", window=QUARTER))
    assert dict(asked.asked[0].url.params)["q"] == sent


def test_a_window_that_nobody_reads_is_an_error(api: MakeApi) -> None:
    asked = api({"total": 1})
    assert isinstance(asked.one(number="total", window=QUARTER), SourceError)
    assert isinstance(asked.one(number="total", params={"s": ":start"}), SourceError)
    assert asked.asked == []


def test_the_past_is_answered_where_the_query_looks_at_it(api: MakeApi) -> None:
    asked, past = api({"total": 1}), NOON - timedelta(days=30)
    assert isinstance(asked.one(number="total", as_of=past), SourceError)
    assert value(asked.one(number="total", as_of=past, params={"at": ":as_of"})) == 1


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.text(
    st.sampled_from("/?#&=%.:;\\@ +\r\n\t\0é\u2215\uff0f\"'"), max_size=12
)


@given(TEXTS)
def test_no_value_changes_an_address(text: str) -> None:
    """It arrives whole, as one step and one parameter, below the base."""
    binder = Binder({"v": text}, Window("all"), NOON, UTC)
    try:
        step = binder.path("a/:v/b")
    except SourceError:
        assert text in {"", ".", ".."}
        return
    url = httpx.URL(f"{BASE}/{step}").copy_merge_params({"p": binder.table(":v")})
    parts = urlsplit(str(url))
    assert (parts.scheme, parts.netloc) == ("https", "api.acme.example")
    assert httpx.URL(f"{BASE}/{step}").path == f"/v1/a/{text}/b"
    assert parts.path.count("/") == 4
    assert parse_qsl(parts.query, keep_blank_values=True) == [("p", text)]


@given(TEXTS | st.decimals(allow_nan=False, allow_infinity=False, places=3) | st.booleans())
def test_no_value_changes_a_body(given_value: Any) -> None:
    binder = Binder({"v": given_value}, Window("all"), NOON, UTC)
    body = json.loads(json.dumps(binder.table({"a": ":v", "b": [":v"]})))
    expected = float(given_value) if isinstance(given_value, Decimal) else given_value
    assert body == {"a": expected, "b": [expected]}


def test_a_date_in_vars_is_sent_as_one() -> None:
    binder = Binder({"d": date(2026, 10, 1), "t": datetime(2026, 10, 1)}, Window("all"), NOON, UTC)  # noqa: DTZ001
    assert binder.table([":d", ":t"]) == ["2026-10-01", "2026-10-01T00:00:00+00:00"]


# Who asks

SECRETS = {"KEY": "the-secret-key", "ID": "the-secret-id"}


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ({"bearer": {"env": "KEY"}}, ("authorization", "Bearer the-secret-key")),
        (
            {"user": "okr", "password": {"env": "KEY"}},
            ("authorization", "Basic b2tyOnRoZS1zZWNyZXQta2V5"),
        ),
        ({"header": "X-Api-Key", "key": {"env": "KEY"}}, ("x-api-key", "the-secret-key")),
        (
            {"header": "Authorization", "prefix": "Token ", "key": {"env": "KEY"}},
            ("authorization", "Token the-secret-key"),
        ),
    ],
)
def test_a_sign_in_goes_with_every_request(
    api: MakeApi, auth: dict[str, Any], header: tuple[str, str]
) -> None:
    asked = api({"total": 1}, secrets=SECRETS)
    asked.one({"auth": auth, "headers": {"X-Tenant": "acme"}}, number="total")
    assert asked.asked[0].headers[header[0]] == header[1]
    assert asked.asked[0].headers["x-tenant"] == "acme"


def test_a_key_may_be_a_parameter_and_shows_nowhere(api: MakeApi) -> None:
    auth = {"auth": {"param": "api_key", "key": {"env": "KEY"}}}
    asked = api({"total": 1}, secrets=SECRETS)
    answer = asked.one(auth, number="total", params={"q": "x"})
    assert dict(asked.asked[0].url.params) == {"q": "x", "api_key": "the-secret-key"}
    assert "secret" not in repr(answer)
    refused = api(lambda _: json_answer({}, 400), secrets=SECRETS).one(auth, number="total")
    assert isinstance(refused, Refused)
    assert "secret" not in f"{refused} {refused.next_step}"


def test_client_credentials_are_exchanged_for_a_token(api: MakeApi) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            assert b"client_secret=the-secret-key" in request.content
            return json_answer({"access_token": "a-token-of-today", "token_type": "bearer"})
        if request.headers.get("authorization") != "Bearer a-token-of-today":
            return json_answer({}, 401)
        return json_answer({"total": 3})

    auth = {
        "token_url": "https://login.acme.example/token",
        "client_id": "okr",
        "client_secret": {"env": "KEY"},
    }
    asked = api(answer, secrets=SECRETS)
    answers = asked.ask(question(number="total"), question(path="b", number="total"), auth=auth)
    assert [value(each) for each in answers] == [3, 3]
    assert sum(request.url.path == "/token" for request in asked.asked) == 1


@pytest.mark.parametrize(
    "auth", [{"bearer": {"env": "KEY"}}, {"param": "k", "key": {"env": "KEY"}}]
)
def test_a_redirect_drops_who_asks(api: MakeApi, auth: dict[str, Any]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.acme.example":
            return httpx.Response(302, headers={"location": "https://other.example/x"})
        return json_answer({"total": 1})

    asked = api(answer, secrets=SECRETS)
    asked.one({"auth": auth, "headers": {"X-Tenant": "acme"}}, number="total")
    there = asked.asked[-1]
    assert there.url.host == "other.example"
    assert "the-secret-key" not in f"{there.url} {there.headers.raw!r}"
    assert "x-tenant" not in there.headers


@pytest.mark.parametrize(
    "url",
    ["https://169.254.169.254/latest", "https://100.100.100.200/", "https://[fe80::1]/"],
)
def test_a_metadata_address_is_not_asked(api: MakeApi, url: str) -> None:
    asked = api({"total": 1})
    assert isinstance(asked.one({"url": url}, number="total"), Refused)
    assert asked.asked == []


def test_an_api_that_is_asked_too_often_is_asked_later(api: MakeApi) -> None:
    limited = [
        json_answer({}, 429, {"retry-after": "12"}),
        json_answer({"total": 5}),
    ]
    assert value(api(lambda _: limited.pop(0)).one(number="total")) == 5


def test_a_wait_past_the_deadline_is_said(api: MakeApi) -> None:
    limited = api(lambda _: json_answer({}, 429, {"retry-after": "86400"}))
    answer = limited.one(number="total")
    assert isinstance(answer, RateLimited)
    assert answer.wait == 86400


def test_evidence_says_how_to_ask_again(api: MakeApi) -> None:
    answer = api({"total": 1}).one(
        number="total", params={"state": ":state"}, vars={"state": "in progress"}
    )
    assert isinstance(answer, Measurement)
    assert answer.evidence.query == "GET things?state=in+progress, total"
    assert answer.evidence.link == f"{BASE}/things?state=in+progress"


# What is refused before anything is sent


@pytest.mark.parametrize(
    "path",
    [
        "../admin",
        "a/../../b",
        "a/%2e%2e/b",
        "a?x=1",
        "a#b",
        "https://other.example/x",
        "a b",
        "a\\b",
        "a/%5c..",
        "a\nb",
    ],
)
def test_a_path_stays_below_the_url(path: str) -> None:
    with pytest.raises(ValidationError):
        RestQuery(path=path, number="total")


@pytest.mark.parametrize(
    "query",
    [
        {"number": "a", "rows": "b"},
        {},
        {"number": "a", "method": "POST"},
        {"number": "a", "method": "DELETE", "reads": True},
        {"number": "a", "body": {"b": 1}},
        {"number": "a", "where": "b == 1"},
        {"number": "a", "params": ["b"]},
        {"number": "a", "params": {"b": float("nan")}},
    ],
)
def test_a_query_that_makes_no_sense_is_refused(query: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RestQuery.model_validate({"path": "things"} | query)


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "http://api.acme.example"},
        {"url": "https://okr:hunter2@api.acme.example"},
        {"url": "https://api.acme.example?key=hunter2"},
        {"url": "ftp://api.acme.example"},
        {"headers": {"Authorization": "Bearer hunter2"}},
        {"headers": {"X-Api-Key": "hunter2"}},
        {"headers": {"X-Tenant": "a\r\nX-Other: b"}},
        {"auth": {}},
        {"auth": {"user": "okr"}},
        {"auth": {"bearer": {"env": "A"}, "user": "okr", "password": {"env": "B"}}},
        {"auth": {"token_url": "http://login.acme.example", "client_id": "a"}},
        {"proxy": "http://okr:hunter2@proxy.example:3128"},
        {"pages": {"style": "cursor"}},
        {"pages": {"style": "page"}},
    ],
)
def test_settings_that_make_no_sense_are_refused_and_not_shown(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        RestSettings.model_validate({"url": BASE} | settings)
    assert "hunter2" not in str(refused.value)


def test_check_sees_names_without_value_and_broken_paths() -> None:
    settings = RestSettings(url=BASE)
    query = RestQuery.model_validate(
        {
            "path": "a/:who",
            "params": {"b": ":what", "c": "::fine"},
            "rows": "items[",
            "expect": {"$.a[": 1},
            "vars": {"end": 1},
        }
    )
    assert sorted({key for key, _ in check(settings, query)}) == [
        "expect",
        "params",
        "path",
        "rows",
        "vars",
    ]
    fine = RestQuery(path="a", rows="items")
    assert list(check(settings, fine)) == []


def test_the_sign_in_is_looked_at_first_where_that_was_said(api: MakeApi) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return json_answer({"total": 1}, 401 if request.url.path == "/v1/me" else 200)

    asked = api(answer)
    with pytest.raises(SignInRefused):
        asked.one({"sign_in_check": "me"}, number="total")
    assert [request.url.path for request in asked.asked] == ["/v1/me"]
    assert number_of(api(lambda _: json_answer({"total": 1})), {"sign_in_check": "me"}) == 1
    with api({}).opened(sign_in_check="me") as source:
        assert [remark.well for remark in source.examine()] == [True]


def test_doctor_says_where_a_sign_in_is_not_looked_at(api: MakeApi) -> None:
    with api({}).opened() as source:
        assert [remark.message for remark in source.examine()] == [
            "asked without a sign-in: its table says none"
        ]
    key = FromEnvironment(env="KEY")
    with api({}, secrets={"KEY": "k"}).opened(auth={"bearer": key}) as source:
        [unknown] = source.examine()
    assert not unknown.well
    assert "sign_in_check" in unknown.cure


def number_of(asked: Api, settings: dict[str, Any]) -> Decimal:
    return value(asked.one(settings, number="total"))


def test_the_secret_is_read_when_it_is_needed(api: MakeApi) -> None:
    with pytest.raises(SignInRefused, match="KEY"):
        api({}).one({"auth": {"bearer": FromEnvironment(env="KEY")}}, number="total")
