"""Jira before a server of faults: nobody asks again earlier than told."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.system.harness.project import Project
from tests.system.harness.runner import Result
from tests.system.harness.wiremock import Reply, WireMock, json_reply

pytestmark = pytest.mark.network

_COUNTS = "/rest/api/3/search/approximate-count"
_COUNT = {"count": 31}


@pytest.fixture
def company(project: Project, wiremock: WireMock) -> Project:
    project.env["JIRA_TOKEN"] = "jira-token-of-the-test"
    project.write("numbers.csv", "count\n12\n")
    project.configure(
        f'[source.jira]\ntype = "jira"\nsite = "{wiremock.address}"\n'
        'email = "okr-bot@acme.example"\ntoken = { env = "JIRA_TOKEN" }\n'
        '[source.sheet]\ntype = "csv"\npath = "numbers.csv"\n',
        more='[limits]\ndeadline = "6 s"\n',
    )
    project.map(
        {
            "bugs": 'from = "jira"\njql = "project = PLAT"\nagg = "count"\n',
            "other": 'from = "sheet"\nmeasure = "count"\nagg = "last"\n',
        }
    )
    return project


def synced(company: Project, wiremock: WireMock, *replies: Reply) -> Result:
    wiremock.answers(_COUNTS, *replies)
    wiremock.always("/rest/api/2/serverInfo", json_reply({"deploymentType": "Cloud"}))
    ended = company.run("sync")
    assert "jira-token" not in ended.out + ended.err
    return ended


@pytest.mark.parametrize(("told", "seconds"), [("2", 2.0), ("1.5", 1.5), ("0", 0.0), ("-5", 0.0)])
def test_nobody_asks_again_earlier_than_told(
    company: Project, wiremock: WireMock, told: str, seconds: float
) -> None:
    storm = json_reply({}, 429, retry_after=told)
    ended = synced(company, wiremock, storm, storm, json_reply(_COUNT))
    assert company.check_ins() == {"other": ["12"], "bugs": ["31"]}, ended
    waits = [after - before for before, after in pairwise(wiremock.asked_at(_COUNTS))]
    assert len(waits) == 2
    assert min(waits) >= seconds - 0.01  # the journal's clock ticks in milliseconds
