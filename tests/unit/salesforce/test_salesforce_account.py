"""Where the token may go, and how many calls are left."""

from __future__ import annotations

import pytest

from okrsync.errors import OutsideError, RateLimited, Refused, SignInRefused, SourceError
from okrsync_salesforce.account import allowed_address
from okrsync_salesforce.allowance import Allowance
from okrsync_salesforce.trouble import refusal

LOGIN = "https://login.salesforce.com"


@pytest.mark.parametrize(
    ("answered", "configured"),
    [
        ("https://acme.my.salesforce.com", LOGIN),
        ("https://acme.my.salesforce.com/", LOGIN),
        ("https://acme--test.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("https://eu12.force.com:443", LOGIN),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://proxy.acme.example", "https://proxy.acme.example"),
    ],
)
def test_an_address_of_salesforce_or_the_configured_one_is_followed(
    answered: str, configured: str
) -> None:
    assert allowed_address(answered, configured) == answered.rstrip("/")


@pytest.mark.parametrize(
    "answered",
    [
        "https://evil.example",
        "https://evilsalesforce.com",
        "https://salesforce.com.evil.example",
        "http://acme.my.salesforce.com",
        "https://acme.my.salesforce.com@evil.example",
        "https://user:pw@acme.my.salesforce.com",
        "https://acme.my.salesforce.com:8443",
        "https://acme.my.salesforce.com:port",
        "https://acme.my.salesforce.com/path",
        "https://acme.my.salesforce.com?x=1",
        "http://169.254.169.254",
        "http://127.0.0.1:9",
        "file:///etc/passwd",
        "",
        None,
        7,
    ],
)
def test_no_other_address_gets_the_token(answered: object) -> None:
    with pytest.raises(OutsideError) as refused:
        allowed_address(answered, LOGIN)
    assert "evil" not in refused.value.message


@pytest.mark.parametrize(
    ("floor", "header", "stops"),
    [
        ("10 %", "api-usage=13499/15000", False),
        ("10 %", "api-usage=13500/15000", True),
        ("10%", "api-usage=15001/15000", True),
        ("5000", "api-usage=9999/15000", False),
        ("5000", "api-usage=10000/15000; per-app-api-usage=17/250(appName=okrsync)", True),
        ("5000", "per-app-api-usage=240/250(appName=x)", False),
        ("5000", "api-usage=18/0", False),
        ("5000", "nonsense", False),
        ("0", "api-usage=14999/15000", False),
        ("0", "api-usage=15000/15000", True),
    ],
)
def test_okrsync_stops_at_the_floor(floor: str, header: str, stops: bool) -> None:
    allowance = Allowance(floor)
    allowance.check()
    allowance.note({"sforce-limit-info": header})
    if stops:
        with pytest.raises(RateLimited, match="stops at"):
            allowance.check()
    else:
        allowance.check()


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED", RateLimited),
        (403, "INSUFFICIENT_ACCESS", Refused),
        (403, "API_DISABLED_FOR_ORG", Refused),
        (401, "INVALID_SESSION_ID", SignInRefused),
        (400, "QUERY_TIMEOUT", SourceError),
        (400, "MALFORMED_QUERY", SourceError),
        (400, "INVALID_FIELD", SourceError),
    ],
)
def test_each_refusal_is_told_as_what_it_is(
    status: int, code: str, kind: type[OutsideError]
) -> None:
    error = refusal(status, [{"errorCode": code, "message": "SELECT 'secret value'"}])
    assert type(error) is kind
    assert code in error.message
    assert "secret value" not in error.message
    assert error.next_step


def test_an_unknown_field_is_named() -> None:
    message = (
        "\nSELECT Nope__c FROM Opportunity WHERE Name = 'x'\n       ^\nERROR at Row:1:Column:8\n"
        "No such column 'Nope__c' on entity 'Opportunity'. If you are attempting to use ..."
    )
    error = refusal(400, [{"errorCode": "INVALID_FIELD", "message": message}])
    assert "no field Nope__c on Opportunity" in error.message


@pytest.mark.parametrize("body", [None, [], {}, [7], [{"errorCode": 5}], "no", [{}]])
def test_a_refusal_in_no_words_is_still_one(body: object) -> None:
    assert isinstance(refusal(403, body), Refused)
    assert isinstance(refusal(400, body), SourceError)
