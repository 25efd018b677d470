"""What goes wrong on the network between okrsync and GitHub, by a server made for that.

Never asked again earlier than told, never later than the deadline, never a number; and the other
source's key results are written as ever.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from itertools import pairwise

import pytest

from tests.system.harness.project import Project
from tests.system.harness.runner import Result
from tests.system.harness.wiremock import Reply, WireMock, faults, json_reply

pytestmark = pytest.mark.network

_DEADLINE = 6.0
_COUNT = {"data": {"r0": {"nameWithOwner": "acme/shop"}, "k0": {"issueCount": 31}}}
_SECONDARY = {"message": "You have exceeded a secondary rate limit"}
_GRAPHQL_LIMIT = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}


@pytest.fixture
def company(project: Project, wiremock: WireMock) -> Project:
    project.env["GITHUB_TOKEN"] = "ghp_of-the-test"
    project.write("numbers.csv", "count\n12\n")
    project.configure(
        f'[source.github]\ntype = "github"\napi = "{wiremock.address}"\n'
        'token = { env = "GITHUB_TOKEN" }\n'
        '[source.sheet]\ntype = "csv"\npath = "numbers.csv"\n',
        more=f'[limits]\ndeadline = "{_DEADLINE:g} s"\n',
    )
    project.map(
        {
            "bugs": 'from = "github"\nsearch = "repo:acme/shop is:issue"\nagg = "count"\n',
            "other": 'from = "sheet"\nmeasure = "count"\nagg = "last"\n',
        }
    )
    return project


def _synced(company: Project) -> Result:
    """One sync, which ends by its deadline and the time to start and to finish."""
    begun = time.monotonic()
    ended = company.run("sync")
    assert time.monotonic() - begun < _DEADLINE + 20
    assert "ghp_" not in ended.out + ended.err
    return ended


_FAULTS: dict[str, Reply] = faults(_COUNT)


def _in_a_hurry(company: Project) -> Project:
    """Some of the faults last until the deadline, and nothing is to be waited for in them."""
    config = company.folder / "config.toml"
    config.write_text(config.read_text().replace(f'"{_DEADLINE:g} s"', '"2 s"'))
    return company


@pytest.mark.parametrize("fault", _FAULTS.values(), ids=_FAULTS.keys())
def test_a_fault_is_no_number_and_harms_no_other_source(
    company: Project, wiremock: WireMock, fault: Reply
) -> None:
    wiremock.answers("/graphql", fault)
    ended = _synced(_in_a_hurry(company))
    assert ended.code == 3, ended
    assert company.check_ins() == {"other": ["12"]}


@pytest.mark.parametrize("name", ["reset", "nothing", "malformed chunk", "502 for ever"])
def test_a_fault_that_passes_costs_nothing(company: Project, wiremock: WireMock, name: str) -> None:
    wiremock.answers("/graphql", _FAULTS[name], json_reply(_COUNT))
    ended = _synced(company)
    assert company.check_ins() == {"other": ["12"], "bugs": ["31"]}, ended


def _in(seconds: float) -> str:
    """An HTTP date, which knows whole seconds: that far away, or up to one more."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds + 1), usegmt=True)


_STORMS: dict[str, tuple[Sequence[Reply], float]] = {
    "429, whole seconds": ([json_reply({}, 429, retry_after="2")], 2),
    "429, a fraction": ([json_reply({}, 429, retry_after="1.5")], 1.5),
    "429, zero": ([json_reply({}, 429, retry_after="0")], 0),
    "429, below zero": ([json_reply({}, 429, retry_after="-5")], 0),
    "403, secondary": ([json_reply(_SECONDARY, 403, retry_after="2")], 2),
    "200, GraphQL's": ([json_reply(_GRAPHQL_LIMIT, retry_after="2")], 2),
    "503": ([json_reply({}, 503, retry_after="2")], 2),
    "two in a row": ([json_reply({}, 429, retry_after="1")] * 2, 1),
    "403, by its reset": (
        [json_reply({}, 403, x_ratelimit_remaining="0", x_ratelimit_reset="2")],
        2,
    ),
}


@pytest.mark.parametrize(("storm", "told"), _STORMS.values(), ids=_STORMS.keys())
def test_nobody_asks_again_earlier_than_told(
    company: Project, wiremock: WireMock, storm: Sequence[Reply], told: float
) -> None:
    wiremock.answers("/graphql", *storm, json_reply(_COUNT))
    ended = _synced(company)
    assert company.check_ins() == {"other": ["12"], "bugs": ["31"]}, ended
    waits = [after - before for before, after in pairwise(wiremock.asked_at("/graphql"))]
    assert len(waits) == len(storm)
    assert min(waits) >= told - 0.01  # the journal's clock ticks in milliseconds


def test_an_http_date_is_waited_for(company: Project, wiremock: WireMock) -> None:
    told = _in(2)
    wiremock.answers("/graphql", json_reply({}, 429, retry_after=told), json_reply(_COUNT))
    ended = _synced(company)
    assert company.check_ins() == {"other": ["12"], "bugs": ["31"]}, ended
    assert wiremock.asked_at("/graphql")[-1] >= parsedate_to_datetime(told).timestamp()


_TOO_LONG: dict[str, Reply] = {
    "beyond the deadline": json_reply({}, 429, retry_after="3600"),
    "a date beyond the deadline": json_reply({}, 429, retry_after="Fri, 31 Dec 2199 23:59:59 GMT"),
    "without a word": json_reply({}, 429),
    "unreadable": json_reply({}, 429, retry_after="soon"),
    "secondary, without a word": json_reply(_SECONDARY, 403),
    "secondary, as 200": json_reply(_SECONDARY),
    "GraphQL's, without a word": json_reply(_GRAPHQL_LIMIT),
    "an hour by its reset": json_reply(
        {}, 403, x_ratelimit_remaining="0", x_ratelimit_reset="3600"
    ),
}


@pytest.mark.parametrize("storm", _TOO_LONG.values(), ids=_TOO_LONG.keys())
def test_a_wait_past_the_deadline_ends_this_source_at_once_and_nothing_else(
    company: Project, wiremock: WireMock, storm: Reply
) -> None:
    wiremock.answers("/graphql", storm)
    ended = _synced(company)
    assert ended.code == 3, ended
    assert company.check_ins() == {"other": ["12"]}
    assert len(wiremock.asked_at("/graphql")) == 1
    assert "asked too often" in " ".join(ended.out.split())


def test_a_storm_without_an_end_ends_by_the_deadline(company: Project, wiremock: WireMock) -> None:
    wiremock.answers("/graphql", json_reply({}, 429, retry_after="1"))
    ended = _synced(company)
    assert ended.code == 3
    assert company.check_ins() == {"other": ["12"]}
    waits = [after - before for before, after in pairwise(wiremock.asked_at("/graphql"))]
    assert min(waits) >= 1 - 0.01


def test_a_refused_sign_in_ends_with_4(company: Project, wiremock: WireMock) -> None:
    wiremock.answers("/graphql", json_reply({"message": "Bad credentials"}, 401))
    assert _synced(company).code == 4
    assert company.check_ins() == {"other": ["12"]}
