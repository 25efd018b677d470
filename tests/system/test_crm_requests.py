"""Every request that the CRM connectors build is one that the vendor's own words allow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from okrsync.contracts import FromEnvironment
from okrsync.model import Question, Window
from okrsync.testing import frozen_clock
from okrsync_hubspot import SOURCE as HUBSPOT
from okrsync_hubspot.settings import HubSpotQuery, HubSpotSettings
from okrsync_pipedrive import SOURCE as PIPEDRIVE
from okrsync_pipedrive.settings import PipedriveQuery, PipedriveSettings
from tests.system.standins import hubspot, pipedrive
from tests.system.standins.deals import some_deals
from tests.system.standins.pace import Pace, PacedToolbox
from tests.system.standins.serving import Asked

pytestmark = pytest.mark.network

NOW: Final = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
QUARTER: Final = Window(
    "2026-Q4", datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
)
TOKEN: Final = FromEnvironment(env="CRM_TOKEN")
WHERES: Final = (
    None,
    "stage == 'Offer' or stage == 'Due'",
    "not (amount > 5) and owner != 'north@acme.example'",
    "empty(owner) or amount in [1, 2] or closedate <= '2026-10-01'",
    "amount not in [1, 2] and hs_is_closed_won == true",
)


@pytest.fixture
def toolbox(tmp_path: Path) -> Iterator[PacedToolbox]:
    with PacedToolbox(tmp_path, clock=frozen_clock(NOW), pace=Pace()) as toolbox:
        yield toolbox


def question(query: Any, agg: str, measure: str | None, on: str | None) -> Question[Any]:
    return Question("crm", query, measure, agg, on, QUARTER if on else Window("all"), NOW)


@pytest.fixture
def hubspots(toolbox: PacedToolbox) -> list[Asked]:
    """What HubSpot is asked for counts and sums, with and without a window, rows and archive."""
    toolbox.secrets = {TOKEN.env: hubspot.TOKEN}
    questions = [
        question(HubSpotQuery(where=where), agg, measure, on)
        for where in WHERES
        for agg, measure in (("count", None), ("sum", "amount"))
        for on in (None, "closedate")
    ]
    questions.append(question(HubSpotQuery(archived=True), "count", None, "closedate"))
    with hubspot.serve(some_deals(300), rates={"SEK": "1"}, clock=toolbox.pace.monotonic) as server:
        settings = HubSpotSettings(token=TOKEN, address=server.url)
        with HUBSPOT.open(settings, toolbox) as source:
            source.measure(questions)
        assert set(server.statuses) == {200}
        return server.asked


def test_hubspots_own_client_would_send_the_same_searches(hubspots: list[Asked]) -> None:
    deals = pytest.importorskip(
        "hubspot.crm.deals", reason="HubSpot's client hubspot-api-client is not installed"
    )
    client = deals.ApiClient()
    searches = [asked.body for asked in hubspots if asked.path.endswith("/search")]
    assert len(searches) > 10
    for body in searches:
        groups = [
            deals.FilterGroup(
                filters=[
                    deals.Filter(
                        property_name=one["propertyName"],
                        operator=one["operator"],  # refused unless it is one of HubSpot's
                        value=one.get("value"),
                        values=one.get("values"),
                    )
                    for one in group["filters"]
                ]
            )
            for group in body["filterGroups"]
        ]
        theirs = deals.PublicObjectSearchRequest(
            filter_groups=groups,
            properties=body["properties"],
            limit=body["limit"],
            sorts=body["sorts"],
        )
        assert client.sanitize_for_serialization(theirs) == body


def test_hubspot_is_asked_with_the_token_and_nothing_else(hubspots: list[Asked]) -> None:
    for asked in hubspots:
        assert asked.headers["authorization"] == f"Bearer {hubspot.TOKEN}"
        assert hubspot.TOKEN not in asked.path + str(asked.params) + str(asked.body)


@pytest.mark.parametrize("sign_in", ["token", "oauth_token"])
def test_pipedrive_is_asked_with_published_parameters_and_one_sign_in(
    toolbox: PacedToolbox, sign_in: str
) -> None:
    toolbox.secrets = {TOKEN.env: pipedrive.TOKEN}
    queries = [
        PipedriveQuery(status=status, user=user, pipeline="Renewals", rows=rows, archived=True)
        for status in ("open", "won")
        for user in (None, "north@acme.example")
        for rows in (False, True)
    ]
    questions = [
        question(query, agg, measure, on)
        for query in queries
        for agg, measure in (("count", None), ("sum", "value"))
        for on in (None, "won_time")
    ]
    with pipedrive.serve(
        some_deals(300), rates={"SEK": "1"}, clock=toolbox.pace.monotonic
    ) as server:
        settings = PipedriveSettings.model_validate(
            {sign_in: TOKEN.model_dump(), "address": server.url}
        )
        with PIPEDRIVE.open(settings, toolbox) as source:
            source.measure(questions)
        assert set(server.statuses) == {200}  # it refuses what is not published
    header = "x-api-token" if sign_in == "token" else "authorization"
    for asked in server.asked:
        assert pipedrive.TOKEN in asked.headers[header]
        assert ("x-api-token" in asked.headers) != ("authorization" in asked.headers)
        assert pipedrive.TOKEN not in asked.path + str(asked.params)


@pytest.mark.parametrize("on", ["won_time&status=lost", "won_time#", "../x", "' or 1", "\u2028"])
def test_a_field_stays_one_parameter(toolbox: PacedToolbox, on: str) -> None:
    toolbox.secrets = {TOKEN.env: pipedrive.TOKEN}
    with pipedrive.serve(some_deals(5), rates={"SEK": "1"}, clock=toolbox.pace.monotonic) as server:
        settings = PipedriveSettings(token=TOKEN, address=server.url)
        ended = Window("w", datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))
        odd = Question("crm", PipedriveQuery(status="won"), None, "count", on, ended, NOW)
        with PIPEDRIVE.open(settings, toolbox) as source:
            source.measure([odd])
        [timeline] = [asked for asked in server.asked if asked.path.endswith("/timeline")]
    assert timeline.params["field_key"] == on
    assert "status" not in timeline.params
