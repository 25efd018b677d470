"""Questions to the Salesforce stand-in: how they are asked, and what an org may do meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from okrsync.conditions import Values
from okrsync.errors import RateLimited, Refused, SignInRefused, SourceError
from okrsync.model import Measurement, Question
from okrsync.testing.samples import NOON
from tests.system.harness.salesforce import QUARTER, Asking, asking, codes, deals, soql
from tests.system.standins.salesforce import Answer, Org, a_deal, serve, wrong

pytestmark = pytest.mark.network

DEALS = [
    a_deal(1, amount="10.10", status="won", closed="2026-09-30T21:59:59+00:00", title="it's"),
    a_deal(2, amount="20.20", status="won", closed="2026-09-30T22:00:00+00:00", owner="south"),
    a_deal(3, amount="", status="won", closed="2026-10-20T10:00:00+00:00", title="IT'S"),
    a_deal(4, amount="40.40", status="lost", closed="2026-11-01T10:00:00+00:00"),
    a_deal(5, amount="50.50"),
]
BATCH = "/services/data/v62.0/composite/batch"
QUERY = "/services/data/v62.0/query"


@pytest.fixture
def org() -> Iterator[Org]:
    with serve(DEALS) as served:
        yield served


@pytest.fixture
def there(org: Org, tmp_path: Path) -> Iterator[Asking]:
    with asking(org, tmp_path) as opened:
        yield opened


def many(count: int) -> list[Question[Any]]:
    return [deals(f"Amount > {number}") for number in range(count)]


# How it is asked


def test_a_hundred_questions_are_twenty_calls_and_one_for_the_fields(there: Asking) -> None:
    answers = there.source.measure(many(100))
    assert all(isinstance(answer, Measurement) for answer in answers)
    assert there.org.calls == 21
    assert there.org.sign_ins == 1
    assert there.toolbox.told == [
        "100 questions in 21 calls; 21 of the org's 15,000 calls in 24 hours are used"
    ]


def test_the_next_run_knows_the_fields(org: Org, tmp_path: Path) -> None:
    kept: dict[str, str] = {}
    for calls in (21, 41):
        with asking(org, tmp_path, remembered=kept) as there:
            there.source.measure(many(100))
        assert org.calls == calls


def test_an_org_that_takes_25_queries_in_a_call_is_asked_so(tmp_path: Path) -> None:
    with (
        serve(DEALS, queries_per_call=25) as org,
        asking(org, tmp_path, queries_per_call=25) as there,
    ):
        there.source.measure(many(100))
        assert org.calls == 5


def test_equal_questions_are_asked_once(there: Asking) -> None:
    there.source.measure([deals("IsWon")] * 3 + [deals("IsWon", "sum", "Amount")])
    assert len(there.org.asked) == 2


def test_medians_of_the_same_records_are_one_reading(there: Asking) -> None:
    answers = there.source.measure([deals(None, agg, "Amount") for agg in ("median", "p90", "p10")])
    assert codes(answers) == ["30.300", "47.470", "13.130"]
    assert len(there.org.asked) == 1


def test_the_evidence_is_the_query_as_asked(there: Asking) -> None:
    question = deals("IsWon", "sum", "Amount", on="ClosedAt__c", window=QUARTER)
    answer = there.number(question)
    assert answer.value == Decimal("20.2")
    assert answer.rows == 1
    assert answer.evidence.query == there.org.asked[-1]
    assert "ClosedAt__c >= 2026-09-30T22:00:00Z" in answer.evidence.query
    assert "ClosedAt__c <= 2026-11-02T12:00:00Z" in answer.evidence.query
    assert answer.evidence.link == f"{there.org.address}/lightning/o/Opportunity/list"
    assert "left out 1 records with an empty Amount" in answer.evidence.notes
    assert any("sharing rules" in note for note in answer.evidence.notes)


def test_an_amount_has_the_unit_that_the_settings_say(org: Org, tmp_path: Path) -> None:
    with asking(org, tmp_path, currency="SEK") as there:
        assert there.number(deals(None, "sum", "Amount")).unit == "SEK"
        assert there.number(deals(None, "median", "Amount")).unit == "SEK"
        assert there.number(deals(None, "count", "Amount")).unit == ""


def test_amounts_of_several_currencies_are_converted_by_salesforce_and_said_to_be(
    tmp_path: Path,
) -> None:
    with (
        serve(DEALS, currencies=("EUR", "SEK")) as org,
        asking(org, tmp_path, currency="USD") as there,
    ):
        added = there.number(deals("Amount > 15", "sum", "Amount"))
        assert "Amount > EUR15" in org.asked[-1]
        ranked = there.number(deals(None, "median", "Amount"))
        assert "convertCurrency(Amount)" in org.asked[-1]
    assert (added.unit, ranked.unit) == ("EUR", "SEK")
    assert any("converted to EUR" in note for note in added.evidence.notes)


@pytest.mark.parametrize("agg", ["sum", "max", "last", None])
def test_amounts_of_one_currency_are_taken_as_they_are(tmp_path: Path, agg: str | None) -> None:
    kept = [
        a_deal(1, amount="30.00", currency="SEK"),
        a_deal(2, amount="20.00", currency="SEK", closed="2026-10-20T10:00:00+00:00"),
        a_deal(3, amount="25.00", currency="USD", closed="2026-10-21T10:00:00+00:00"),
    ]
    only = "CurrencyIsoCode == 'SEK' and Amount < 25"
    with (
        serve(kept, currencies=("EUR", "USD"), rates={"SEK": "0.09", "USD": "0.9"}) as org,
        asking(org, tmp_path) as there,
    ):
        answer = there.number(deals(only, agg, "Amount", on="ClosedAt__c"))
        assert "Amount < SEK25" in org.asked[-1]
        assert "convertCurrency" not in org.asked[-1]
    assert (answer.value, answer.unit) == (Decimal(20), "SEK")
    assert "Amount, all of it in SEK" in answer.evidence.notes


def test_currencies_that_are_not_known_are_no_number(tmp_path: Path) -> None:
    with serve(DEALS, currencies=("", "")) as org, asking(org, tmp_path) as there:
        assert codes([there.ask(deals(None, "sum", "Amount"))]) == ["source"]
        assert codes([there.ask(deals("IsWon"))]) == ["3"]


@pytest.mark.parametrize(
    ("measure", "agg", "days"),
    [
        ("CreatedDate to ClosedAt__c", "max", Decimal("61.41666666666666666666666667")),
        ("CreatedDate to CloseDate", "max", Decimal(61)),
        ("CreatedDate to ClosedAt__c", "count", Decimal(4)),
    ],
)
def test_a_sales_cycle_is_the_time_between_two_dates(
    there: Asking, measure: str, agg: str, days: Decimal
) -> None:
    answer = there.number(deals(None, agg, measure))
    assert answer.value == days
    assert answer.unit == ("" if agg == "count" else "d")


def test_a_sales_cycle_counts_working_days_where_the_settings_say_so(
    org: Org, tmp_path: Path
) -> None:
    """Tuesday, 1 September to Sunday, 1 November 2026: 61 days, of them 17 on weekends."""
    with asking(org, tmp_path, durations="working") as there:
        assert there.number(deals(None, "max", "CreatedDate to CloseDate")).value == 44


def test_a_deal_that_ends_before_it_begins_is_no_number(there: Asking) -> None:
    assert codes([there.ask(deals("IsClosed", "avg", "ClosedAt__c to CreatedDate"))]) == [
        "bad-answer"
    ]


def test_days_with_a_record_are_counted(there: Asking) -> None:
    asked = deals("IsClosed", "days_with", on="ClosedAt__c", window=QUARTER)
    assert there.number(asked).value == 3


def test_free_text_is_compared_as_it_is_written_unless_the_mapping_lets_capitals_go(
    there: Asking,
) -> None:
    exact = there.number(deals('Name == "it\'s"'))
    loose = there.number(deals('Name == "it\'s"', any_case=True))
    assert [exact.value, loose.value] == [1, 2]
    assert any("capitals: Name" in note for note in loose.evidence.notes)


def test_rows_lets_okrsync_decide_what_soql_cannot_say(there: Asking) -> None:
    assert there.number(deals('upper(Name) == "IT\'S"', rows=True)).value == 2
    assert there.number(deals("Amount * 2 > 80", "sum", "Amount", rows=True)).value == Decimal(
        "90.9"
    )


# SOQL as it is


def test_soql_is_asked_as_it_is_written(there: Asking) -> None:
    assert there.number(soql("SELECT COUNT() FROM Opportunity")).value == 5
    assert there.number(soql("SELECT MAX(Amount) FROM Opportunity")).value == Decimal("50.5")
    text = "SELECT Amount, Name FROM Opportunity WHERE Name = 'it\\'s' AND Amount != null"
    assert there.number(soql(text, measure="amount")).value == Decimal("10.1")
    assert there.org.asked[-1] == text


def test_rows_of_soql_are_aggregated_by_okrsync(there: Asking) -> None:
    text = "SELECT Amount, ClosedAt__c FROM Opportunity"
    assert there.number(soql(text, "median", "Amount")).value == Decimal("30.3")
    assert there.number(soql(text, "last", "Amount", on="ClosedAt__c")).value == Decimal("40.4")
    in_quarter = soql(text, "sum", "Amount", on="ClosedAt__c", window=QUARTER)
    assert there.number(in_quarter).value == Decimal("60.6")


def test_an_empty_relation_of_the_first_record_hides_no_column(there: Asking) -> None:
    deal = {"attributes": {"type": "Opportunity"}, "Account": None}
    account = {"attributes": {"type": "Account"}, "Employees__c": 7}
    records = [deal, {**deal, "Account": account}]
    page = {"totalSize": 2, "done": True, "records": records}
    there.org.before = lambda path, _body: (200, page) if path == QUERY else None
    text = "SELECT Account.Employees__c FROM Opportunity"
    answer = there.number(soql(text, "sum", "Account.Employees__c"))
    assert (answer.value, answer.rows) == (Decimal(7), 1)
    assert codes([there.ask(soql(text, "sum", "Nope__c"))]) == ["bad-answer"]


@pytest.mark.parametrize(
    ("condition", "written"),
    [
        (
            "ClosedAt__c >= :start AND ClosedAt__c < :end AND ClosedAt__c <= :as_of",
            (
                "ClosedAt__c >= 2026-09-30T22:00:00Z AND ClosedAt__c < 2026-12-31T23:00:00Z "
                "AND ClosedAt__c <= 2026-11-02T12:00:00Z"
            ),
        ),
        (
            "CloseDate >= :start AND CloseDate < :end AND CloseDate <= :as_of",
            "CloseDate >= 2026-10-01 AND CloseDate < 2027-01-01 AND CloseDate <= 2026-11-02",
        ),
    ],
)
def test_dates_of_the_window_are_bound_as_their_field_wants_them(
    there: Asking, condition: str, written: str
) -> None:
    there.number(soql(f"SELECT COUNT() FROM Opportunity WHERE {condition}", window=QUARTER))  # noqa: S608
    assert there.org.asked[-1].endswith(written)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("it's' OR Name != 'x", r"'it\'s\' OR Name != \'x'"),
        (Decimal("1.50"), "1.50"),
        (date(2026, 10, 1), "2026-10-01"),
        (datetime(2026, 10, 1, 8), "2026-10-01T06:00:00Z"),  # noqa: DTZ001 - as TOML has it
        (True, "TRUE"),
    ],
)
def test_values_of_vars_are_bound(there: Asking, value: Any, written: str) -> None:
    text = "SELECT COUNT() FROM Opportunity WHERE Name = :value"
    there.ask(soql(text, vars=Values({"value": value})))
    assert there.org.asked[-1] == text.replace(":value", written)


@pytest.mark.parametrize(
    "question",
    [
        soql("SELECT COUNT() FROM Opportunity", window=QUARTER),
        soql("SELECT COUNT() FROM Opportunity WHERE CloseDate > :start"),
        soql("SELECT COUNT() FROM Opportunity", as_of=NOON - timedelta(days=30)),
        soql("SELECT COUNT() FROM Opportunity WHERE Name > :as_of"),
        soql("SELECT COUNT() FROM Opportunity WHERE CloseDate IN (:as_of)"),
        soql("SELECT COUNT(Id) a, SUM(Amount) b FROM Opportunity"),
        soql("SELECT Amount FROM Opportunity WHERE Amount > 50", measure="Other"),
        deals(window=QUARTER),
        deals(as_of=NOON - timedelta(days=30)),
        deals(on="Name"),
        deals(None, "sum", "Name"),
        deals(None, "last", "Amount"),
        deals(None, None),
        deals("No_Such__c == 'x'"),
        deals("Owner.Title == 'x'".replace("Owner.Title", "row['Owner.Title']")),
        deals("upper(Name) == 'X'"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_with_a_reason(
    there: Asking, question: Question[Any]
) -> None:
    failure = there.failure(question)
    assert isinstance(failure, SourceError)
    assert failure.next_step


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (deals("Amount > 1000", "sum", "Amount"), "no-value"),
        (deals("Amount > 1000", "avg", "Amount"), "no-value"),
        (deals("empty(Amount)", "max", "Amount"), "no-value"),
        (deals("Amount > 1000", "median", "Amount"), "no-value"),
        (deals("Amount > 1000", "count"), "0"),
        (deals("Amount > 1000", "distinct", "StageName"), "0"),
        (deals("Amount > 1000", None, "Amount"), "no-value"),
        (deals("IsWon", None, "Amount"), "bad-answer"),
        (soql("SELECT SUM(Amount) FROM Opportunity WHERE Amount > 1000"), "no-value"),
        (soql("SELECT Amount FROM Opportunity WHERE Amount = null LIMIT 1"), "no-value"),
        (soql("SELECT Amount FROM Opportunity"), "bad-answer"),
        (soql("SELECT Name FROM Opportunity LIMIT 1"), "bad-answer"),
    ],
)
def test_nothing_is_no_value_and_never_zero(
    there: Asking, question: Question[Any], code: str
) -> None:
    assert codes([there.ask(question)]) == [code]


def test_a_question_about_the_past_leaves_out_what_came_later(there: Asking) -> None:
    before = datetime(2026, 10, 15, tzinfo=UTC)
    answer = there.number(deals("IsWon", on="ClosedAt__c", as_of=before))
    assert answer.value == 2
    assert answer.as_of == before
    assert any("as they are now" in note for note in answer.evidence.notes)


# What an org may do meanwhile


def test_one_wrong_query_fails_alone(there: Asking) -> None:
    wrong_one = soql("SELECT COUNT() FROM Opportunity WHERE Nope__c = 1")
    answers = there.source.measure([deals("IsWon"), wrong_one, deals("not IsWon")])
    assert codes(answers) == ["3", "source", "2"]
    assert "no field Nope__c on Opportunity" in answers[1].message


def test_a_session_that_has_ended_is_renewed_once(there: Asking) -> None:
    there.number(deals("IsWon"))
    there.org.end_sessions()
    assert there.number(deals("not IsWon")).value == 2
    assert there.org.sign_ins == 2


def test_a_session_that_ends_inside_a_batch_is_renewed_once(there: Asking) -> None:
    ended: list[str] = []

    def before(path: str, body: Any) -> Answer | None:
        if path != BATCH or "query" not in body["batchRequests"][0]["url"] or ended:
            return None
        ended.append(path)
        results = [
            {"statusCode": 401, "result": wrong("INVALID_SESSION_ID", "expired")}
            for _ in body["batchRequests"]
        ]
        return 200, {"hasErrors": True, "results": results}

    there.org.before = before
    assert there.number(deals("IsWon")).value == 3
    assert there.org.sign_ins == 2


def test_a_session_that_is_never_taken_is_a_refused_sign_in(there: Asking) -> None:
    there.org.before = lambda _path, _body: (401, wrong("INVALID_SESSION_ID", "no"))
    assert isinstance(there.failure(deals("IsWon")), SignInRefused)
    assert there.org.calls == 2


def test_a_wrong_secret_is_a_refused_sign_in_without_the_secret(org: Org, tmp_path: Path) -> None:
    with (
        asking(org, tmp_path, secret="not-the-secret") as there,
        pytest.raises(SignInRefused) as refused,
    ):
        there.source.measure([deals("IsWon")])
    assert "invalid_client" in refused.value.message
    assert "not-the-secret" not in refused.value.message


def test_the_daily_limit_is_limited_and_not_forbidden_nor_asked_again(tmp_path: Path) -> None:
    with serve(DEALS, allowance=0) as org, asking(org, tmp_path, floor="0") as there:
        failure = there.failure(deals("IsWon"))
        assert isinstance(failure, RateLimited)
        assert "used up its calls" in failure.message
        assert org.calls == 1


def test_too_many_requests_at_one_time_are_asked_again(there: Asking) -> None:
    busy = wrong("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit")
    answers = iter([busy, busy])
    there.org.before = lambda _path, _body: (403, said) if (said := next(answers, None)) else None
    assert there.number(deals("IsWon")).value == 3
    assert there.org.calls == 4


def test_missing_rights_are_forbidden_and_not_asked_again(there: Asking) -> None:
    there.org.before = lambda _path, _body: (403, wrong("INSUFFICIENT_ACCESS", "no"))
    assert isinstance(there.failure(deals("IsWon")), Refused)
    assert there.org.calls == 1


def test_okrsync_stops_at_the_floor_and_leaves_the_rest_to_others(tmp_path: Path) -> None:
    with serve(DEALS, allowance=100) as org, asking(org, tmp_path, floor="95") as there:
        answers = there.source.measure(many(100))
    assert 5 <= org.calls <= 8  # those on their way when the floor was reached
    assert isinstance(answers[0], Measurement)
    assert isinstance(answers[-1], RateLimited)
    assert "stops at 95" in answers[-1].message
    assert org.refused == 0


def test_an_address_elsewhere_is_not_followed(org: Org, tmp_path: Path) -> None:
    with serve(DEALS) as other:
        said = org.address
        org.address = other.address  # what the sign-in answers
        with asking(org, tmp_path) as there:
            there.source._settings = there.source._settings.model_copy(update={"login_url": said})
            with pytest.raises(SignInRefused, match="not one of Salesforce's"):
                there.source.measure([deals("IsWon")])
        assert other.calls == 0


COUNTED = {"totalSize": 3, "done": True, "records": []}
ADDED = {"attributes": {"type": "AggregateResult"}, "n": 3, "k": 2, "v": 30.3}


@pytest.mark.parametrize(
    "result",
    [
        {},
        None,
        [],
        "3",
        {**COUNTED, "totalSize": None},
        {**COUNTED, "totalSize": "3"},
        {**COUNTED, "totalSize": True},
        {**COUNTED, "totalSize": -1},
        {**COUNTED, "totalSize": 3.5},
        {"done": True, "records": []},
    ],
)
def test_a_doubtful_count_is_no_number(there: Asking, result: Any) -> None:
    _answer_queries(there.org, result)
    assert codes([there.ask(deals("IsWon"))]) == ["bad-answer"]


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([], "bad-answer"),
        ([ADDED, ADDED], "bad-answer"),
        ([{**ADDED, "v": None}], "no-value"),
        ([{**ADDED, "v": "30.3"}], "bad-answer"),
        ([{**ADDED, "v": True}], "bad-answer"),
        ([{**ADDED, "k": 4}], "bad-answer"),
        ([{**ADDED, "n": None}], "bad-answer"),
        ([{"expr0": 3}], "bad-answer"),
        ([None], "bad-answer"),
        ([{}], "bad-answer"),
    ],
)
def test_a_doubtful_sum_is_no_number(there: Asking, records: list[Any], code: str) -> None:
    _answer_queries(there.org, {"totalSize": 1, "done": True, "records": records})
    assert codes([there.ask(deals("IsWon", "sum", "Amount"))]) == [code]


def test_a_sum_that_is_not_done_is_no_number(there: Asking) -> None:
    _answer_queries(there.org, {"totalSize": 1, "done": False, "records": [ADDED]})
    assert codes([there.ask(deals("IsWon", "sum", "Amount"))]) == ["bad-answer"]


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Sign in</html>",
        b"",
        b'{"results": [',
        {"hasErrors": False},
        {"results": []},
        {"results": [{}]},
        {"results": [{"statusCode": "200", "result": COUNTED}]},
        {"results": [None]},
    ],
)
def test_a_doubtful_batch_is_no_number(there: Asking, body: Any) -> None:
    there.number(deals("IsClosed"))
    there.org.before = lambda path, _body: (200, body) if path == BATCH else None
    assert codes([there.ask(deals("IsWon"))]) in (["bad-answer"], ["unreachable"])


def _page(ids: list[int], total: int, following: str | None) -> dict[str, Any]:
    records = [{"attributes": {}, "Id": f"006{number}", "Amount": number} for number in ids]
    page = {"totalSize": total, "done": following is None, "records": records}
    return page if following is None else {**page, "nextRecordsUrl": following}


AGAIN = f"{QUERY}/01gA-2000"
PAGES = {
    "the same page again": [_page([1, 2], 4, AGAIN), _page([3], 4, AGAIN), _page([4], 4, AGAIN)],
    "an empty page with more to come": [_page([1, 2], 4, AGAIN), _page([], 4, f"{QUERY}/01gB-1")],
    "a total that changes": [_page([1, 2], 4, AGAIN), _page([3, 4], 5, None)],
    "fewer than counted": [_page([1, 2], 4, AGAIN), _page([3], 4, None)],
    "more than counted": [_page([1, 2], 3, AGAIN), _page([3, 4], 3, None)],
    "a record twice": [_page([1, 2], 4, AGAIN), _page([2, 3], 4, None)],
    "done without a word": [{"totalSize": 2, "records": []}],
    "more, and no address": [{"totalSize": 2, "done": False, "records": []}],
    "an address elsewhere": [_page([1, 2], 4, "https://evil.example/services/data/v62.0/query/x")],
    "a field is missing": [{"totalSize": 1, "done": True, "records": [{"Id": "0061"}]}],
    "no record": [{"totalSize": 1, "done": True, "records": [None]}],
    "a number as a table": [
        {"totalSize": 1, "done": True, "records": [{"Id": "0061", "Amount": [1]}]}
    ],
}


@pytest.mark.parametrize("name", list(PAGES))
def test_pages_that_do_not_fit_together_are_no_number(there: Asking, name: str) -> None:
    pages = iter(PAGES[name])

    def before(path: str, _body: Any) -> Answer | None:
        return (200, next(pages)) if path.startswith(QUERY) else None

    there.org.before = before
    assert codes([there.ask(deals(None, "median", "Amount"))]) == ["bad-answer"]


def test_too_many_records_are_refused_before_they_are_read(org: Org, tmp_path: Path) -> None:
    with asking(org, tmp_path, max_rows=4) as there:
        failure = there.failure(deals(None, "median", "Amount"))
    assert "5 records match" in failure.message
    assert len(org.asked) == 1


def test_a_query_that_is_too_long_is_refused(there: Asking) -> None:
    names = ", ".join(f"'name {number}'" for number in range(1_500))
    failure = there.failure(soql(f"SELECT COUNT() FROM Opportunity WHERE Name IN ({names})"))  # noqa: S608
    assert "longer than Salesforce takes" in failure.message
    assert there.org.asked == []


def test_trouble_on_the_other_side_is_unreachable(there: Asking) -> None:
    there.org.before = lambda _path, _body: (503, wrong("SERVER_UNAVAILABLE", "busy"))
    assert codes([there.ask(deals("IsWon"))]) == ["unreachable"]


def test_doctor_is_told_who_asks_and_what_may_be_hidden(there: Asking) -> None:
    told = [remark.message for remark in there.source.examine()]
    assert "signed in as okr-bot@acme.example" in told
    assert "date words in SOQL count days in Europe/London" in told
    assert any("records" in message for message in told)


def _answer_queries(org: Org, result: Any) -> None:
    def before(path: str, body: Any) -> Answer | None:
        if path != BATCH or "query" not in body["batchRequests"][0]["url"]:
            return None
        results = [{"statusCode": 200, "result": result} for _ in body["batchRequests"]]
        return 200, {"hasErrors": False, "results": results}

    org.before = before
