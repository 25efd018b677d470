"""Jira before a server of faults that others wrote: no number, no haste, no harm to others."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from itertools import pairwise

import pytest

from tests.system.harness.project import Project
from tests.system.harness.runner import Result
from tests.system.harness.wiremock import Reply, WireMock, faults, json_reply

pytestmark = pytest.mark.network

_COUNTS = "/rest/api/3/search/approximate-count"
_COUNT = {"count": 31}
_DEADLINE = 6.0
_FAULTS = faults(_COUNT)
_PASSING = ("reset", "nothing", "malformed chunk", "502 for ever", "503 for ever")


@pytest.fixture
def company(project: Project, wiremock: WireMock) -> Project:
    project.env["JIRA_TOKEN"] = "jira-token-of-the-test"
    project.write("numbers.csv", "count\n12\n")
    project.configure(
        f'[source.jira]\ntype = "jira"\nsite = "{wiremock.address}"\n'
        'email = "okr-bot@acme.example"\ntoken = { env = "JIRA_TOKEN" }\n'
        '[source.sheet]\ntype = "csv"\npath = "numbers.csv"\n',
        more=f'[limits]\ndeadline = "{_DEADLINE:g} s"\n',
    )
    asking(project, "bugs")
    return project


def asking(company: Project, *projects: str) -> None:
    """A key result on each of Jira's projects, and one on another source."""
    counts = {
        name: f'from = "jira"\njql = "project = {name.upper()}"\nagg = "count"\n'
        for name in projects
    }
    company.map(counts | {"other": 'from = "sheet"\nmeasure = "count"\nagg = "last"\n'})


def synced(company: Project, wiremock: WireMock) -> Result:
    """One sync, which ends by its deadline and the time to start and to finish."""
    wiremock.always("/rest/api/2/serverInfo", json_reply({"deploymentType": "Cloud"}))
    begun = time.monotonic()
    ended = company.run("sync")
    assert time.monotonic() - begun < _DEADLINE + 20
    assert "jira-token" not in ended.out + ended.err
    return ended


def waits(wiremock: WireMock) -> list[float]:
    return [after - before for before, after in pairwise(wiremock.asked_at(_COUNTS))]


def test_each_fault_costs_its_own_key_result_and_no_other(
    company: Project, wiremock: WireMock
) -> None:
    broken = {f"k{place}": fault for place, fault in enumerate(_FAULTS.values())}
    asking(company, *broken, "well")
    replies = {f"project = {name.upper()}": reply for name, reply in broken.items()}
    wiremock.answers_each(_COUNTS, replies | {"project = WELL": json_reply(_COUNT)})
    ended = synced(company, wiremock)
    assert ended.code == 3, ended
    assert company.check_ins() == {"other": ["12"], "well": ["31"]}, ended


@pytest.mark.parametrize("name", _PASSING)
def test_a_fault_that_passes_costs_nothing(company: Project, wiremock: WireMock, name: str) -> None:
    wiremock.answers(_COUNTS, _FAULTS[name], json_reply(_COUNT))
    ended = synced(company, wiremock)
    assert company.check_ins() == {"other": ["12"], "bugs": ["31"]}, ended


@pytest.mark.parametrize(("told", "seconds"), [("2", 2.0), ("1.5", 1.5), ("0", 0.0), ("-5", 0.0)])
@pytest.mark.parametrize("status", [429, 503])
def test_nobody_asks_again_earlier_than_told(
    company: Project, wiremock: WireMock, status: int, told: str, seconds: float
) -> None:
    storm = json_reply({}, status, retry_after=told)
    wiremock.answers(_COUNTS, storm, storm, json_reply(_COUNT))
    ended = synced(company, wiremock)
    assert company.check_ins() == {"other": ["12"], "bugs": ["31"]}, ended
    assert len(waits(wiremock)) == 2
    assert min(waits(wiremock)) >= seconds - 0.01  # the journal's clock ticks in milliseconds


def test_an_http_date_is_waited_for(company: Project, wiremock: WireMock) -> None:
    told = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    wiremock.answers(_COUNTS, json_reply({}, 429, retry_after=told), json_reply(_COUNT))
    ended = synced(company, wiremock)
    assert company.check_ins() == {"other": ["12"], "bugs": ["31"]}, ended
    assert wiremock.asked_at(_COUNTS)[-1] >= parsedate_to_datetime(told).timestamp()


def test_jiras_own_header_names_the_instant_of_its_reset(
    company: Project, wiremock: WireMock
) -> None:
    """Atlassian's header holds an ISO instant, where others write seconds."""
    reset = (datetime.now(UTC) + timedelta(seconds=3)).replace(microsecond=0)
    storm = json_reply({}, 429, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset.isoformat())
    wiremock.answers(_COUNTS, storm, json_reply(_COUNT))
    ended = synced(company, wiremock)
    assert company.check_ins() == {"other": ["12"], "bugs": ["31"]}, ended
    assert wiremock.asked_at(_COUNTS)[-1] >= reset.timestamp()


_TOO_LONG: dict[str, Reply] = {
    "beyond the deadline": json_reply({}, 429, retry_after="3600"),
    "a date beyond the deadline": json_reply({}, 429, retry_after="Fri, 31 Dec 2199 23:59:59 GMT"),
    "more than a clock can hold": json_reply({}, 429, retry_after="99999999999999999999"),
}


@pytest.mark.parametrize("storm", _TOO_LONG.values(), ids=_TOO_LONG.keys())
def test_a_wait_past_the_deadline_ends_this_source_at_once_and_nothing_else(
    company: Project, wiremock: WireMock, storm: Reply
) -> None:
    wiremock.answers(_COUNTS, storm)
    ended = synced(company, wiremock)
    assert ended.code == 3, ended
    assert company.check_ins() == {"other": ["12"]}
    assert len(wiremock.asked_at(_COUNTS)) == 1
    assert "asked too often" in " ".join(ended.out.split())


def test_a_storm_without_an_end_ends_by_the_deadline(company: Project, wiremock: WireMock) -> None:
    wiremock.answers(_COUNTS, json_reply({}, 429, retry_after="1"))
    ended = synced(company, wiremock)
    assert ended.code == 3, ended
    assert company.check_ins() == {"other": ["12"]}
    assert min(waits(wiremock)) >= 1 - 0.01
