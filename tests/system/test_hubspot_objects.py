"""HubSpot's other objects, texts without regard to capitals, and properties that are filled in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from okrsync.contracts import FromEnvironment
from okrsync.errors import SourceError
from okrsync.model import Measurement, Question, Window
from okrsync.testing import frozen_clock
from okrsync_hubspot import SOURCE
from okrsync_hubspot.settings import HubSpotQuery, HubSpotSettings
from tests.system.standins import hubspot
from tests.system.standins.deals import some_deals
from tests.system.standins.pace import Pace, PacedToolbox
from tests.system.standins.serving import StandIn

pytestmark = pytest.mark.network

NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
START: Final = datetime(2026, 10, 1, tzinfo=UTC)
QUARTER: Final = Window("period", START, datetime(2027, 1, 1, tzinfo=UTC))
DEALS: Final = some_deals(600)
LIVE: Final = [deal for deal in DEALS if not deal["archived"]]


@pytest.fixture
def account() -> Iterator[StandIn]:
    pace = Pace()
    with hubspot.serve(DEALS, rates={"SEK": "0.09"}, clock=pace.monotonic) as serving:
        yield serving


def asked(account: StandIn, folder: Path, *questions: Question[Any]) -> list[Any]:
    secrets = {"TOKEN": hubspot.TOKEN}
    settings = HubSpotSettings(token=FromEnvironment(env="TOKEN"), address=account.url)
    toolbox = PacedToolbox(folder, "crm", clock=frozen_clock(NOW), secrets=secrets)
    with toolbox, SOURCE.open(settings, toolbox) as source:
        return list(source.measure(questions))


def of(
    agg: str = "count", measure: str | None = None, on: str | None = None, **query: Any
) -> Question[Any]:
    window = QUARTER if on else Window("all")
    return Question("crm", HubSpotQuery(**query), measure, agg, on, window, NOW)


def number(answer: object) -> Decimal:
    assert isinstance(answer, Measurement), answer
    return answer.value


@pytest.mark.parametrize("object_", ["tickets", "ticket", "0-5", "2-4711"])
def test_stages_are_named_by_label_in_tickets_and_custom_objects(
    account: StandIn, tmp_path: Path, object_: str
) -> None:
    where = "pipeline == 'New business' and stage in ['Offer', 'Contract sent']"
    query = {"object": object_, "where": where}
    counted, looked_at = asked(account, tmp_path, of(**query), of(**query, rows=True))
    there = [
        deal
        for deal in LIVE
        if deal["pipeline"] == "New business" and deal["stage"] in {"Offer", "Contract sent"}
    ]
    assert number(counted) == number(looked_at) == len(there) > 0


def test_tickets_have_dates_of_their_own(account: StandIn, tmp_path: Path) -> None:
    [answer] = asked(account, tmp_path, of(object="tickets", on="closed_date"))
    closed = [datetime.fromisoformat(deal["closed"]) for deal in LIVE if deal["closed"]]
    assert number(answer) == sum(moment >= START for moment in closed) > 0


def test_contacts_have_owners_and_no_stage(account: StandIn, tmp_path: Path) -> None:
    owned, revenue, staged = asked(
        account,
        tmp_path,
        of(object="contacts", where="owner == 'north@acme.example'"),
        of("max", "annualrevenue", object="contacts"),
        of(object="contacts", where="stage == 'Offer'"),
    )
    assert number(owned) == sum(deal["owner"] == "north@acme.example" for deal in LIVE)
    assert number(revenue) == max(Decimal(deal["amount"]) for deal in LIVE if deal["amount"])
    assert isinstance(staged, SourceError)
    assert "'stage'" in staged.message


def test_the_evidence_says_what_was_asked_in_words(account: StandIn, tmp_path: Path) -> None:
    where = "stage in ['Offer', 'Due'] or empty(owner)"
    [answer] = asked(account, tmp_path, of(where=where, on="closedate"))
    date = "closedate >= 2026-10-01 00:00 and closedate < 2026-11-20 12:00"
    said = answer.evidence.query
    assert said.startswith(f"count in deals where {where}, asked for (dealstage in (stage")
    assert said.endswith(f"and {date}) or (hubspot_owner_id has no value and {date})")


def test_texts_are_compared_without_regard_to_capitals_only_where_that_is_said(
    account: StandIn, tmp_path: Path
) -> None:
    name = LIVE[0]["title"].upper()
    any_case, exact, by_rows = asked(
        account,
        tmp_path,
        of(where=f"dealname == '{name}'", any_case=True),
        of(where=f"dealname == '{name}'"),
        of(where=f"dealname == '{name}'", rows=True),
    )
    assert number(any_case) == 1
    assert isinstance(exact, SourceError)
    assert "any_case = true" in exact.next_step
    assert number(by_rows) == 0


def test_filled_in_properties_are_counted_in_one_request(account: StandIn, tmp_path: Path) -> None:
    amounts, owned = asked(account, tmp_path, of(measure="amount"), of(measure="owner"))
    searches = [request for request in account.asked if request.path.endswith("/search")]
    assert [request.body["limit"] for request in searches] == [1, 1]
    assert number(amounts) == sum(deal["amount"] != "" for deal in LIVE)
    assert number(owned) == sum(deal["owner"] != "" for deal in LIVE)
