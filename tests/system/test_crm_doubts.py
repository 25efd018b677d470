"""A doubtful answer of a CRM is no value and has a reason: never 0, never a part of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okrsync.contracts import AnySourceSpec, FromEnvironment
from okrsync.errors import NoValue, OutsideError, RateLimited, SignInRefused
from okrsync.model import Measurement, Question, Window
from okrsync.testing import frozen_clock
from okrsync_hubspot import SOURCE as HUBSPOT
from okrsync_hubspot.settings import HubSpotQuery, HubSpotSettings
from okrsync_pipedrive import SOURCE as PIPEDRIVE
from okrsync_pipedrive.settings import PipedriveQuery, PipedriveSettings
from tests.system.standins import hubspot, pipedrive
from tests.system.standins.deals import some_deals
from tests.system.standins.pace import Pace, PacedToolbox
from tests.system.standins.serving import Asked, Reply, StandIn

pytestmark = pytest.mark.network

NOW: Final = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
TOKEN: Final = FromEnvironment(env="CRM_TOKEN")
DEALS: Final = some_deals(450, currencies=("EUR",))
QUARTER: Final = Window(
    "2026-Q3", datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
)
Twist = Callable[[Asked, Reply], Reply]


@pytest.fixture
def toolbox(tmp_path: Path) -> Iterator[PacedToolbox]:
    with PacedToolbox(tmp_path, clock=frozen_clock(NOW), pace=Pace()) as toolbox:
        yield toolbox


@pytest.fixture
def hubspot_server(toolbox: PacedToolbox) -> Iterator[StandIn]:
    toolbox.secrets = {TOKEN.env: hubspot.TOKEN}
    with hubspot.serve(DEALS, clock=toolbox.pace.monotonic) as server:
        yield server


@pytest.fixture
def pipedrive_server(toolbox: PacedToolbox) -> Iterator[StandIn]:
    toolbox.secrets = {TOKEN.env: pipedrive.TOKEN}
    with pipedrive.serve(DEALS, clock=toolbox.pace.monotonic) as server:
        yield server


def asked(
    query: Any, *, measure: str | None = None, agg: str = "count", on: str | None = None
) -> Question[Any]:
    window = Window("all") if on is None else QUARTER
    return Question("crm", query, measure, agg, on, window, NOW)


def ask(
    spec: AnySourceSpec, toolbox: PacedToolbox, server: StandIn, question: Question[Any]
) -> Measurement | OutsideError:
    model = HubSpotSettings if spec is HUBSPOT else PipedriveSettings
    with spec.open(model(token=TOKEN, address=server.url), toolbox) as source:
        [answer] = source.measure([question])
    return answer


def at(path: str, change: Callable[[Any], Any]) -> Twist:
    """Change the bodies of the answers whose address ends so."""

    def twist(asked: Asked, reply: Reply) -> Reply:
        if asked.path.endswith(path):
            return replace(reply, body=change(reply.body))
        return reply

    return twist


def but(**changed: Any) -> Callable[[Any], Any]:
    return lambda body: {**body, **changed}


def data_but(**changed: Any) -> Callable[[Any], Any]:
    return lambda body: {**body, "data": {**body["data"], **changed}}


def without(key: str) -> Callable[[Any], Any]:
    return lambda body: {name: value for name, value in body.items() if name != key}


COUNT: Final = asked(HubSpotQuery(where="hs_is_closed_won == true"))
SUM: Final = asked(HubSpotQuery(), measure="amount", agg="sum")
ROWS: Final = asked(HubSpotQuery(where="ends_with(dealname, '1')", rows=True))


@pytest.mark.parametrize("question", [COUNT, SUM, ROWS], ids=["count", "sum", "rows"])
@pytest.mark.parametrize(
    "change",
    [
        lambda _: {},
        lambda _: [],
        lambda _: "<!doctype html><title>Sign in</title>",
        lambda body: str(body)[:40],
        without("total"),
        without("results"),
        but(total=None),
        but(total="5"),
        but(total=True),
        but(total=-1),
        but(total=0),
        but(results=[]),
        but(results=None),
        but(results=["x"]),
    ],
)
def test_hubspots_odd_search_is_no_value(
    toolbox: PacedToolbox,
    hubspot_server: StandIn,
    question: Question[Any],
    change: Callable[[Any], Any],
) -> None:
    hubspot_server.twist = at("/search", change)
    answer = ask(HUBSPOT, toolbox, hubspot_server, question)
    assert isinstance(answer, OutsideError)
    assert answer.message
    assert answer.next_step


@pytest.mark.parametrize("question", [SUM, ROWS], ids=["sum", "rows"])
def test_fewer_records_than_hubspot_counted_are_no_value(
    toolbox: PacedToolbox, hubspot_server: StandIn, question: Question[Any]
) -> None:
    hubspot_server.twist = at("/search", but(total=1_000_000))
    assert isinstance(ask(HUBSPOT, toolbox, hubspot_server, question), OutsideError)


def test_hubspots_pages_that_repeat_are_no_value(
    toolbox: PacedToolbox, hubspot_server: StandIn
) -> None:
    pages: list[Any] = []

    def first_again(body: Any) -> Any:
        pages.append(body)
        return pages[0]

    hubspot_server.twist = at("/search", first_again)
    answer = ask(HUBSPOT, toolbox, hubspot_server, SUM)
    assert isinstance(answer, OutsideError)
    assert "repeat" in answer.message


def test_a_record_without_properties_is_no_value(
    toolbox: PacedToolbox, hubspot_server: StandIn
) -> None:
    def bare(body: Any) -> Any:
        return {**body, "results": [{"id": one["id"]} for one in body["results"]]}

    hubspot_server.twist = at("/search", bare)
    assert isinstance(ask(HUBSPOT, toolbox, hubspot_server, SUM), OutsideError)


@pytest.mark.parametrize("amount", ["twelve", "1,5,0", "NaN", "1e400"])
def test_an_amount_that_is_no_number_spoils_the_sum(
    toolbox: PacedToolbox, hubspot_server: StandIn, amount: str
) -> None:
    def spoilt(body: Any) -> Any:
        results = [dict(one) for one in body["results"]]
        results[3]["properties"] = {**results[3]["properties"], "amount_in_home_currency": amount}
        return {**body, "results": results}

    hubspot_server.twist = at("/search", spoilt)
    answer = ask(HUBSPOT, toolbox, hubspot_server, SUM)
    assert isinstance(answer, OutsideError), answer


def test_a_sum_over_no_amounts_is_no_value(toolbox: PacedToolbox, hubspot_server: StandIn) -> None:
    nobody = HubSpotQuery(where="amount < 0")
    answer = ask(HUBSPOT, toolbox, hubspot_server, asked(nobody, measure="amount", agg="sum"))
    assert isinstance(answer, NoValue)


def test_a_count_of_nothing_is_zero(toolbox: PacedToolbox, hubspot_server: StandIn) -> None:
    answer = ask(HUBSPOT, toolbox, hubspot_server, asked(HubSpotQuery(where="amount < 0")))
    assert isinstance(answer, Measurement)
    assert answer.value == 0


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (asked(HubSpotQuery(where="amuont > 5")), "no property 'amuont'"),
        (asked(HubSpotQuery(), measure="amuont", agg="sum"), "no property 'amuont'"),
        (asked(HubSpotQuery(), on="amount"), "no date"),
        (asked(HubSpotQuery(where="dealname == 'Deal 1'")), "capitals"),
        (asked(HubSpotQuery(where="stage == 'Ofer'")), "no stage 'Ofer'"),
        (asked(HubSpotQuery(where="stage == 'Ofer'", rows=True)), "no stage 'Ofer'"),
        (asked(HubSpotQuery(object="cars")), "not there"),
    ],
)
def test_hubspots_slips_are_named(
    toolbox: PacedToolbox, hubspot_server: StandIn, question: Question[Any], message: str
) -> None:
    answer = ask(HUBSPOT, toolbox, hubspot_server, question)
    assert isinstance(answer, OutsideError)
    assert message in answer.message


def test_a_count_at_the_wall_is_made_from_the_records(toolbox: PacedToolbox) -> None:
    toolbox.secrets = {TOKEN.env: hubspot.TOKEN}
    with hubspot.serve(
        some_deals(10_600), rates={"SEK": "1"}, clock=toolbox.pace.monotonic
    ) as server:

        def capped(body: Any) -> Any:
            return {**body, "total": min(body["total"], 10_000)}

        live = sum(not deal["archived"] for deal in some_deals(10_600))
        assert live > 10_000
        server.twist = at("/search", capped)
        answer = ask(HUBSPOT, toolbox, server, asked(HubSpotQuery()))
    assert isinstance(answer, Measurement)
    assert answer.value == live


@given(st.text(min_size=1).map(str.strip).filter(bool))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_changes_what_hubspot_is_asked(tmp_path: Path, text: str) -> None:
    deals = [{**deal, "archived": False} for deal in some_deals(3)]
    deals[0]["title"] = text
    with PacedToolbox(tmp_path, clock=frozen_clock(NOW), pace=Pace()) as toolbox:
        toolbox.secrets = {TOKEN.env: hubspot.TOKEN}
        with hubspot.serve(deals, rates={"SEK": "1"}, clock=toolbox.pace.monotonic) as server:
            query = HubSpotQuery.model_validate(
                {"where": "dealname == :title", "vars": {"title": text}, "rows": True}
            )
            answer = ask(HUBSPOT, toolbox, server, asked(query))
    assert isinstance(answer, Measurement)
    assert answer.value == 1


# -- Pipedrive -------------------------------------------------------------------------------------

WON: Final = asked(PipedriveQuery(status="won"))
WON_VALUE: Final = asked(PipedriveQuery(status="won"), measure="value", agg="sum")
WON_BY_DATE: Final = asked(PipedriveQuery(status="won"), on="won_time")
WON_ROWS: Final = asked(PipedriveQuery(status="won", rows=True), on="won_time")


@pytest.mark.parametrize("question", [WON, WON_VALUE, WON_BY_DATE, WON_ROWS])
@pytest.mark.parametrize(
    "change",
    [
        lambda _: {},
        lambda _: [],
        lambda _: "<!doctype html><title>Sign in</title>",
        without("success"),
        without("data"),
        but(success=False),
        but(data=None),
        but(data="x"),
        but(data={}),
        but(data=[None]),
    ],
)
def test_pipedrives_odd_answer_is_no_value(
    toolbox: PacedToolbox,
    pipedrive_server: StandIn,
    question: Question[Any],
    change: Callable[[Any], Any],
) -> None:
    def twist(asked: Asked, reply: Reply) -> Reply:
        return replace(reply, body=change(reply.body)) if "/deals" in asked.path else reply

    pipedrive_server.twist = twist
    answer = ask(PIPEDRIVE, toolbox, pipedrive_server, question)
    assert isinstance(answer, OutsideError)
    assert answer.message
    assert answer.next_step


@pytest.mark.parametrize("question", [WON, WON_VALUE])
@pytest.mark.parametrize(
    "change",
    [
        data_but(total_count=None),
        data_but(total_count="7"),
        data_but(total_count=-7),
        data_but(total_count=7.5),
        data_but(total_count=1),
        data_but(values_total=None),
        data_but(values_total={}),
        data_but(values_total={"EUR": {"value": "a lot", "count": 1}}),
    ],
)
def test_a_summary_that_does_not_add_up_is_no_value(
    toolbox: PacedToolbox,
    pipedrive_server: StandIn,
    question: Question[Any],
    change: Callable[[Any], Any],
) -> None:
    pipedrive_server.twist = at("/summary", change)
    assert isinstance(ask(PIPEDRIVE, toolbox, pipedrive_server, question), OutsideError)


def test_another_timeline_than_was_asked_for_is_no_value(
    toolbox: PacedToolbox, pipedrive_server: StandIn
) -> None:
    def later(body: Any) -> Any:
        spans = [{**span, "period_start": "2026-08-01 00:00:00"} for span in body["data"]]
        return {**body, "data": spans}

    pipedrive_server.twist = at("/timeline", later)
    answer = ask(PIPEDRIVE, toolbox, pipedrive_server, WON_BY_DATE)
    assert isinstance(answer, OutsideError)
    assert "other spans" in answer.message


def test_days_of_another_zone_are_not_asked_for(toolbox: PacedToolbox) -> None:
    toolbox.secrets = {TOKEN.env: pipedrive.TOKEN}
    with pipedrive.serve(DEALS, zone="Asia/Tokyo", clock=toolbox.pace.monotonic) as server:
        answer = ask(PIPEDRIVE, toolbox, server, WON_BY_DATE)
    assert isinstance(answer, OutsideError)
    assert "days begin in Asia/Tokyo" in answer.message
    assert "rows = true" in answer.next_step


def test_pipedrives_pages_in_a_circle_are_no_value(
    toolbox: PacedToolbox, pipedrive_server: StandIn
) -> None:
    toolbox.secrets = {TOKEN.env: pipedrive.TOKEN}
    with pipedrive.serve(
        some_deals(1_200), rates={"SEK": "1"}, clock=toolbox.pace.monotonic
    ) as server:
        server.twist = at("/v2/deals", but(additional_data={"next_cursor": "500"}))
        answer = ask(PIPEDRIVE, toolbox, server, asked(PipedriveQuery(rows=True)))
    assert isinstance(answer, OutsideError)
    assert "lead nowhere" in answer.message


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (asked(PipedriveQuery(stage="Ofer")), "no stage 'Ofer'"),
        (asked(PipedriveQuery(pipeline="Renewal")), "no pipeline 'Renewal'"),
        (asked(PipedriveQuery(user="x@acme.example")), "no user 'x@acme.example'"),
        (asked(PipedriveQuery(rows=True, where="stage == 'Ofer'")), "no stage 'Ofer'"),
        (asked(PipedriveQuery(status="lost"), on="lost_time"), "which status"),
        (asked(PipedriveQuery(status="won", stage=1), on="won_time"), "a stage"),
        (asked(PipedriveQuery(), measure="value", agg="avg"), "nothing else"),
    ],
)
def test_pipedrives_slips_are_named(
    toolbox: PacedToolbox, pipedrive_server: StandIn, question: Question[Any], message: str
) -> None:
    answer = ask(PIPEDRIVE, toolbox, pipedrive_server, question)
    assert isinstance(answer, OutsideError)
    assert message in answer.message


def test_it_is_said_that_archived_deals_are_missing(
    toolbox: PacedToolbox, pipedrive_server: StandIn
) -> None:
    plain = ask(PIPEDRIVE, toolbox, pipedrive_server, WON)
    whole = ask(
        PIPEDRIVE, toolbox, pipedrive_server, asked(PipedriveQuery(status="won", archived=True))
    )
    assert isinstance(plain, Measurement)
    assert isinstance(whole, Measurement)
    assert plain.value < whole.value
    assert any("archived deals are not in it" in note for note in plain.evidence.notes)
    assert not whole.evidence.notes


# -- both ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [HUBSPOT, PIPEDRIVE], ids=["hubspot", "pipedrive"])
@pytest.mark.parametrize(
    ("status", "error"), [(401, SignInRefused), (429, RateLimited), (403, OutsideError)]
)
def test_a_refusal_is_told_as_one(
    toolbox: PacedToolbox,
    spec: AnySourceSpec,
    status: int,
    error: type[OutsideError],
    request: pytest.FixtureRequest,
) -> None:
    server: StandIn = request.getfixturevalue(f"{spec.name}_server")
    server.twist = lambda _, reply: replace(reply, status=status, body={"message": "no"})
    toolbox.run_seconds = 5
    question = COUNT if spec is HUBSPOT else WON
    answer = ask(spec, toolbox, server, question)
    assert isinstance(answer, error)
    assert hubspot.TOKEN not in answer.message
    assert pipedrive.TOKEN not in answer.message


@pytest.mark.parametrize("spec", [HUBSPOT, PIPEDRIVE], ids=["hubspot", "pipedrive"])
def test_doctor_hears_who_is_signed_in(
    toolbox: PacedToolbox, spec: AnySourceSpec, request: pytest.FixtureRequest
) -> None:
    server: StandIn = request.getfixturevalue(f"{spec.name}_server")
    model = HubSpotSettings if spec is HUBSPOT else PipedriveSettings
    with spec.open(model(token=TOKEN, address=server.url), toolbox) as source:
        remarks = list(source.examine())  # type: ignore[attr-defined]
    assert "amounts in EUR" in remarks[0].message


@pytest.mark.parametrize("spec", [HUBSPOT, PIPEDRIVE], ids=["hubspot", "pipedrive"])
def test_equal_questions_are_asked_once(
    toolbox: PacedToolbox, spec: AnySourceSpec, request: pytest.FixtureRequest
) -> None:
    server: StandIn = request.getfixturevalue(f"{spec.name}_server")
    model = HubSpotSettings if spec is HUBSPOT else PipedriveSettings
    questions = (
        [
            COUNT,
            asked(HubSpotQuery(where="true and hs_is_closed_won == true")),
            SUM,
            asked(HubSpotQuery(), measure="amount", agg="avg"),
        ]
        if spec is HUBSPOT
        else [
            WON,
            WON_VALUE,
            asked(PipedriveQuery(status="won"), measure="weighted_value", agg="sum"),
        ]
    )
    with spec.open(model(token=TOKEN, address=server.url), toolbox) as source:
        answers = source.measure(questions)
    assert all(isinstance(answer, Measurement) for answer in answers)
    paths = [one.path for one in server.asked if one.path.endswith(("/search", "/summary"))]
    live = sum(not deal["archived"] for deal in DEALS)
    pages = -(-live // 200)
    assert len(paths) == (1 + pages if spec is HUBSPOT else 1)
