"""What is seen of a query in SOQL before Salesforce is asked."""

from __future__ import annotations

import pytest

from okrsync.conditions import Values
from okrsync.contracts import FromEnvironment
from okrsync_salesforce import SOURCE, reading
from okrsync_salesforce.checking import check
from okrsync_salesforce.reading import Bind
from okrsync_salesforce.settings import SalesforceQuery, SalesforceSettings

SETTINGS = SalesforceSettings(
    domain="acme.my", client_id="id", client_secret=FromEnvironment(env="SECRET")
)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("A >= :start", [Bind("start", "A", ">=")]),
        ("A.B__c<:end AND C=:who", [Bind("end", "A.B__c", "<"), Bind("who", "C", "=")]),
        ("DAY_ONLY(CreatedDate) = :start", [Bind("start", "", "=")]),
        ("DAY_ONLY(convertTimezone(A)) = :start", [Bind("start", "", "=")]),
        ("A IN (:one, :two)", [Bind("one", None, ""), Bind("two", None, "")]),
        ("A = ':no' AND B = 'it\\'s :no' AND C = :yes", [Bind("yes", "C", "=")]),
        ("A = LAST_N_DAYS:30 AND B > 2026-10-01T08:00:00Z", []),
    ],
)
def test_names_are_found_outside_of_texts_and_with_what_they_are_compared(
    where: str, found: list[Bind]
) -> None:
    assert reading.binds(f"SELECT Id FROM O WHERE {where}") == found  # noqa: S608


def test_only_names_are_replaced() -> None:
    soql = "SELECT Id FROM O WHERE A = ':x' AND B = :x AND C = LAST_N_DAYS:7"
    assert reading.bound(soql, lambda _: "'bound'") == (
        "SELECT Id FROM O WHERE A = ':x' AND B = 'bound' AND C = LAST_N_DAYS:7"
    )


@pytest.mark.parametrize(
    ("soql", "name"),
    [
        ("SELECT COUNT() FROM Opportunity", "Opportunity"),
        ("select count() from My_Thing__c where A = ' FROM Case'", "My_Thing__c"),
        ("SELECT Id, (SELECT Id FROM Contacts WHERE (A = 1)) FROM Account", "Account"),
        ("SELECT COUNT() FROM Lead WHERE Id IN (SELECT X FROM Y)", "Lead"),
    ],
)
def test_the_object_is_that_of_the_outermost_from(soql: str, name: str) -> None:
    assert reading.object_of(soql) == name


@pytest.mark.parametrize(
    ("soql", "words"),
    [
        ("SELECT Id FROM O WHERE A = 'x", "quote"),
        ("SELECT Id FROM O WHERE (A = 1", "bracket"),
        ("DELETE FROM O", "SELECT"),
        ("SELECT Id", "object"),
        ("SELECT Id FROM O FOR VIEW", "only reads"),
        ("SELECT Id FROM O for  reference", "only reads"),
        ("SELECT Id FROM O FOR UPDATE", "only reads"),
        ("SELECT Id FROM O WHERE A = 1 UPDATE TRACKING", "only reads"),
    ],
)
def test_what_is_wrong_is_told_offline(soql: str, words: str) -> None:
    [(key, message)] = check(SETTINGS, SalesforceQuery(soql=soql))
    assert key == "soql"
    assert words in message


def test_a_text_may_hold_what_a_query_may_not() -> None:
    soql = "SELECT COUNT() FROM O WHERE Name = 'for view (update tracking' AND A = :x"
    assert list(check(SETTINGS, SalesforceQuery(soql=soql, vars=Values({"x": "y"})))) == []


@pytest.mark.parametrize(
    ("query", "key"),
    [
        (SalesforceQuery(), ""),
        (SalesforceQuery(soql="SELECT COUNT() FROM O", object="O"), ""),
        (SalesforceQuery(soql="SELECT COUNT() FROM O", where="A == 'x'"), "where"),
        (SalesforceQuery(soql="SELECT COUNT() FROM O", rows=True), "rows"),
        (SalesforceQuery(soql="SELECT COUNT() FROM O WHERE A = :who"), "soql"),
        (SalesforceQuery(soql="SELECT COUNT() FROM O", vars=Values({"start": "x"})), "vars"),
    ],
)
def test_keys_that_do_not_go_together_are_told_offline(query: SalesforceQuery, key: str) -> None:
    assert [found for found, _ in check(SETTINGS, query)] == [key]


@pytest.mark.parametrize(
    ("soql", "word"),
    [
        ("SELECT COUNT() FROM O WHERE A = THIS_QUARTER", "THIS_QUARTER"),
        ("SELECT COUNT() FROM O WHERE A = LAST_N_DAYS:30", "LAST_N_DAYS"),
        ("SELECT COUNT() FROM O WHERE A < today", "today"),
        ("SELECT COUNT() FROM O WHERE DAY_ONLY(A) = 2026-10-01", "DAY_ONLY"),
        ("SELECT COUNT() FROM O WHERE A = 'TODAY' AND B > 2026-10-01", None),
    ],
)
def test_words_that_count_in_the_users_zone_are_seen(soql: str, word: str | None) -> None:
    assert reading.users_days(soql) == word


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"domain": "acme.my"},
        {"domain": "acme.my", "login_url": "https://acme.my.salesforce.com", "client_secret": 1},
        {"login_url": "http://acme.example", "client_secret": 1},
        {"login_url": "https://user:pw@acme.example", "client_secret": 1},
        {"login_url": "https://login.salesforce.com", "client_secret": 1},
        {"domain": "acme.my/evil.example?", "client_secret": 1},
        {"domain": "acme.my", "private_key": 1},
        {"domain": "acme.my", "client_secret": 1, "private_key": 1, "username": "x"},
        {"domain": "acme.my", "client_secret": 1, "floor": "much"},
        {"domain": "acme.my", "client_secret": 1, "queries_per_call": 26},
        {"domain": "acme.my", "client_secret": 1, "api_version": "62.0/../.."},
    ],
)
def test_settings_that_cannot_work_are_refused(table: dict[str, object]) -> None:
    from pydantic import ValidationError

    env = FromEnvironment(env="SECRET")
    given = {name: env if value == 1 else value for name, value in table.items()}
    with pytest.raises(ValidationError):
        SalesforceSettings.model_validate({"client_id": "id", **given})


@pytest.mark.parametrize(
    "domain", ["acme.my", "acme.my.salesforce.com", "https://acme.my.salesforce.com/"]
)
def test_a_domain_is_understood_as_people_write_it(domain: str) -> None:
    settings = SETTINGS.model_copy(update={"domain": SalesforceSettings._bare(domain)})
    assert settings.address == "https://acme.my.salesforce.com"


def test_the_manifest_says_what_the_source_can_do() -> None:
    assert SOURCE.answers_past
    assert SOURCE.dates_itself
    assert SOURCE.row_expressions == {"where"}
