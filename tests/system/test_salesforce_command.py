"""The real command line before a Salesforce org: what teams write and operators are told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.system.harness.project import Project
from tests.system.standins.salesforce import Org, a_deal, serve, wrong

pytestmark = pytest.mark.network

WON = 'from = "crm"\nobject = "Opportunity"\nwhere = "IsWon and Pipeline__c == :line"\n'
HEAD = "[vars]\nline = \"New 'business'\"\n"


@pytest.fixture
def org() -> Iterator[Org]:
    line = "New 'business'"
    made = [a_deal(number, amount="100.25", status="won", pipeline=line) for number in range(3)]
    with serve([*made, a_deal(9, status="won")]) as served:
        yield served


@pytest.fixture
def sales(project: Project, org: Org) -> Project:
    project.env["SF_SECRET"] = org.SECRET
    project.configure(
        f'[source.crm]\ntype = "salesforce"\nlogin_url = "{org.address}"\n'
        f'client_id = "{org.CLIENT}"\nclient_secret = {{ env = "SF_SECRET" }}\n'
    )
    project.map(
        {
            "deals": WON + 'agg = "count"\n',
            "revenue": WON + 'agg = "sum"\nmeasure = "Amount"\n',
            "biggest": 'from = "crm"\nsoql = "SELECT MAX(Amount) FROM Opportunity"\n',
        },
        head=HEAD,
    )
    return project


def test_numbers_reach_the_store(sales: Project) -> None:
    assert sales.run("sync").code == 0
    assert sales.check_ins() == {"deals": ["3"], "revenue": ["300.75"], "biggest": ["100.25"]}


def test_a_signed_jwt_signs_in(sales: Project, org: Org) -> None:
    key = rsa.generate_private_key(65537, 2048)
    org.public_key = key.public_key()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    sales.write("okrsync.pem", pem.decode()).chmod(0o600)
    signed = 'private_key = { file = "okrsync.pem" }'
    sales.configure(
        f'[source.crm]\ntype = "salesforce"\nlogin_url = "{org.address}"\n'
        f'client_id = "{org.CLIENT}"\nusername = "{org.USER}"\n{signed}\n'
    )
    assert sales.run("sync").code == 0
    assert sales.check_ins()["deals"] == ["3"]
    org.public_key = rsa.generate_private_key(65537, 2048).public_key()
    assert sales.run("sync", "--all").code == 4


def test_validate_asks_nobody(sales: Project, org: Org) -> None:
    assert sales.run("validate").code == 0
    assert (org.calls, org.sign_ins) == (0, 0)


def test_plan_says_what_asking_costs(sales: Project) -> None:
    plan = sales.run("plan")
    assert "3 questions in 2 calls; 2 of the org's 15,000 calls" in plan.out


def test_the_second_sync_has_learnt_the_fields(sales: Project, org: Org) -> None:
    sales.run("sync", "--all")
    before = org.calls
    assert sales.run("sync", "--all").code == 0
    assert org.calls - before == 1


def test_doctor_says_who_is_signed_in(sales: Project) -> None:
    told = sales.run("doctor").out
    assert "okr-bot@acme.example" in told


def test_a_refused_secret_is_exit_4_and_shown_nowhere(sales: Project) -> None:
    sales.env["SF_SECRET"] = "a-secret-that-is-wrong"
    refused = sales.run("sync")
    assert refused.code == 4
    assert "a-secret-that-is-wrong" not in refused.out + refused.err
    assert sales.check_ins() == {}


def test_a_used_up_allowance_posts_nothing(sales: Project, org: Org) -> None:
    org.before = lambda _path, _body: (403, wrong("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit"))
    failed = sales.run("sync")
    assert failed.code == 3
    assert "used up its calls" in " ".join(failed.out.split())
    assert sales.check_ins() == {}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('soql = "SELECT COUNT() FROM O WHERE Name = \'x"', "a quote is opened and never closed"),
        ('soql = "SELECT Id FROM O FOR VIEW"', "only reads"),
        ('object = "O"\nwhere = "lower(Name) == \'x\'"\nagg = "count"', "rows = true"),
        ('object = "O\' OR Id != null"\nagg = "count"', "object"),
        ('object = "O"\nsoql = "SELECT COUNT() FROM O"', "either soql, or object"),
    ],
)
def test_mistakes_are_found_without_a_network(
    sales: Project, org: Org, lines: str, words: str
) -> None:
    sales.map({"wrong": f'from = "crm"\n{lines}'})
    found = sales.run("validate")
    assert found.code == 2
    assert words in found.out + found.err
    assert org.sign_ins == 0
