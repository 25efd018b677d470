"""CRMs give the numbers that a CSV file with the same deals gives, to the cent, and never a 429."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from okrsync.contracts import FromEnvironment
from okrsync.errors import NoValue, OutsideError
from okrsync.model import Measurement, Question, Window
from okrsync.testing import FakeToolbox, frozen_clock
from okrsync_csv import SOURCE as CSV
from okrsync_csv.settings import CsvQuery, CsvSettings
from okrsync_hubspot import SOURCE as HUBSPOT
from okrsync_hubspot.settings import HubSpotQuery, HubSpotSettings
from okrsync_pipedrive import SOURCE as PIPEDRIVE
from okrsync_pipedrive.settings import PipedriveQuery, PipedriveSettings
from tests.system.standins import hubspot, pipedrive
from tests.system.standins.deals import some_deals
from tests.system.standins.pace import Pace, PacedToolbox
from tests.system.standins.serving import StandIn

pytestmark = pytest.mark.network

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
NOW: Final = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
DEALS: Final = some_deals(12_000)
QUARTER: Final = Window(
    "2026-Q4",
    datetime(2026, 10, 1, tzinfo=STOCKHOLM),
    datetime(2027, 1, 1, tzinfo=STOCKHOLM),
)
LAST: Final = Window(
    "2026-Q3",
    datetime(2026, 7, 1, tzinfo=STOCKHOLM),
    datetime(2026, 10, 1, tzinfo=STOCKHOLM),
)
ALL: Final = Window("all")


@dataclass(frozen=True)
class Case:
    """One question in the words of each source; None where a CRM has no words for it."""

    csv: str
    hubspot: HubSpotQuery | None
    pipedrive: PipedriveQuery | None
    agg: str = "count"
    measured: bool = False
    on: bool = False
    window: Window = ALL


def hub(where: str | None = None, **more: Any) -> HubSpotQuery:
    return HubSpotQuery(where=where, **more)


def pipe(**said: Any) -> PipedriveQuery:
    return PipedriveQuery(**said)


LIVE: Final = "archived == false"
WON: Final = f"{LIVE} and status == 'won'"
EUR: Final = "currency == 'EUR'"
EUROS: Final = "deal_currency_code == 'EUR'"
CASES: Final = [
    Case(LIVE, hub(), pipe()),
    Case(WON, hub("hs_is_closed_won == true"), pipe(status="won")),
    Case(
        f"{LIVE} and stage == 'Offer'",
        hub("stage == 'Offer'"),
        pipe(stage="Offer"),
    ),
    Case(
        f"{LIVE} and pipeline == 'Renewals' and status == 'lost'",
        hub("pipeline == 'Renewals' and hs_is_closed_lost == true"),
        pipe(pipeline="Renewals", status="lost"),
    ),
    Case(
        f"{LIVE} and stage not in ['Offer', 'Due']",
        hub("stage not in ['Offer', 'Due']"),
        pipe(rows=True, where="stage not in ['Offer', 'Due']"),
    ),
    Case(
        f"{LIVE} and owner == 'north@acme.example'",
        hub("owner == 'north@acme.example'"),
        pipe(user="north@acme.example"),
    ),
    Case(
        f"{LIVE} and owner != 'north@acme.example'",
        hub("owner != 'north@acme.example'"),
        pipe(rows=True, where="owner != 'north@acme.example'"),
    ),
    Case(f"{LIVE} and empty(owner)", hub("empty(owner)"), pipe(rows=True, where="empty(owner)")),
    Case(
        f"{LIVE} and not (amount > 5000) and {EUR}",
        hub(f"not (amount > 5000) and {EUROS}"),
        pipe(rows=True, currency="EUR", where="not (value > 5000)"),
    ),
    Case(
        f"{LIVE} and amount != 100 and {EUR}",
        hub(f"amount != 100 and {EUROS}"),
        pipe(rows=True, currency="EUR", where="value != 100"),
    ),
    Case(
        f"{LIVE} and ends_with(title, '7')",
        hub("ends_with(dealname, '7')", rows=True),
        pipe(rows=True, where="ends_with(title, '7')"),
    ),
    Case(
        f"{LIVE} and title == 'Deal 77'",
        hub("dealname == 'Deal 77'", rows=True),
        pipe(rows=True, where="title == 'Deal 77'"),
    ),
    Case(
        "status == 'won'",
        hub("hs_is_closed_won == true", archived=True),
        pipe(status="won", archived=True),
    ),
    Case(WON, hub("hs_is_closed_won == true"), pipe(status="won"), on=True, window=QUARTER),
    Case(WON, hub("hs_is_closed_won == true"), pipe(status="won"), on=True, window=LAST),
    Case(
        f"{WON} and {EUR}",
        hub(f"hs_is_closed_won == true and {EUROS}"),
        pipe(status="won", currency="EUR"),
        agg="sum",
        measured=True,
        on=True,
        window=QUARTER,
    ),
    Case(
        f"status == 'won' and {EUR}",
        hub(f"hs_is_closed_won == true and {EUROS}", archived=True),
        pipe(status="won", currency="EUR", archived=True),
        agg="sum",
        measured=True,
        on=True,
        window=LAST,
    ),
    *(
        Case(
            f"{LIVE} and {EUR}",
            hub(EUROS),
            pipe(rows=True, currency="EUR"),
            agg=agg,
            measured=True,
        )
        for agg in ("sum", "avg", "median", "min", "max", "p85", "distinct", "count")
    ),
    Case(
        f"{LIVE} and {EUR}",
        hub(EUROS),
        pipe(currency="EUR"),
        agg="sum",
        measured=True,
    ),
    Case(
        f"{LIVE} and date(closed) == '2026-10-01'",
        hub("closedate == date('2026-10-01')"),
        pipe(rows=True, where="close_time == date('2026-10-01')"),
    ),
    Case(
        f"{LIVE} and closed <= '2026-09-30'",
        hub("closedate <= '2026-09-30'"),
        pipe(rows=True, where="close_time <= '2026-09-30'"),
    ),
]


@pytest.fixture(scope="module")
def by_csv(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Measurement]:
    folder = tmp_path_factory.mktemp("csv")
    with (folder / "deals.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, DEALS[0].keys())
        writer.writeheader()
        writer.writerows({**deal, "archived": str(deal["archived"]).lower()} for deal in DEALS)
    os.utime(folder / "deals.csv", (NOW.timestamp(), NOW.timestamp()))
    toolbox = FakeToolbox(folder, zone=STOCKHOLM, clock=frozen_clock(NOW))
    questions = [question(case, CsvQuery(where=case.csv), "amount", "closed") for case in CASES]
    with CSV.open(CsvSettings(path="deals.csv", decimal="."), toolbox) as source:
        return measured(source.measure(questions))


def question(case: Case, query: Any, measure: str, on: str) -> Question[Any]:
    return Question(
        source="crm",
        query=query,
        measure=measure if case.measured else None,
        agg=case.agg,
        on=on if case.on else None,
        window=case.window,
        as_of=NOW,
    )


def measured(answers: Sequence[Measurement | OutsideError]) -> list[Measurement]:
    failures = [
        (place, answer.message)
        for place, answer in enumerate(answers)
        if isinstance(answer, OutsideError)
    ]
    assert not failures
    return [answer for answer in answers if isinstance(answer, Measurement)]


@pytest.fixture
def pace() -> Pace:
    return Pace()


@pytest.fixture
def toolbox(tmp_path: Path, pace: Pace) -> Iterator[PacedToolbox]:
    secrets = {"CRM_TOKEN": hubspot.TOKEN, "PIPEDRIVE_TOKEN": pipedrive.TOKEN}
    with PacedToolbox(
        tmp_path, zone=STOCKHOLM, clock=frozen_clock(NOW), secrets=secrets, pace=pace
    ) as toolbox:
        yield toolbox


@pytest.fixture(params=[True, False], ids=["empty is unequal", "empty is not unequal"])
def hubspot_server(request: pytest.FixtureRequest, pace: Pace) -> Iterator[StandIn]:
    with hubspot.serve(
        DEALS, rates={"SEK": "0.09"}, clock=pace.monotonic, empty_is_unequal=request.param
    ) as server:
        yield server


def test_hubspot_gives_the_numbers_of_the_file(
    by_csv: Sequence[Measurement], toolbox: PacedToolbox, hubspot_server: StandIn
) -> None:
    settings = HubSpotSettings(token=FromEnvironment(env="CRM_TOKEN"), address=hubspot_server.url)
    asked = [question(case, case.hubspot, "amount", "closedate") for case in CASES]
    with HUBSPOT.open(settings, toolbox) as source:
        answers = measured(source.measure(asked))
    assert [answer.value for answer in answers] == [answer.value for answer in by_csv]
    assert [answer.rows for answer in answers] == [answer.rows for answer in by_csv]
    assert set(hubspot_server.statuses) == {200}


def test_pipedrive_gives_the_numbers_of_the_file(
    by_csv: Sequence[Measurement], toolbox: PacedToolbox, pace: Pace
) -> None:
    asked = [
        question(
            case,
            case.pipedrive,
            "value",
            "won_time" if case.pipedrive and case.pipedrive.status == "won" else "close_time",
        )
        for case in CASES
    ]
    with pipedrive.serve(
        DEALS, rates={"SEK": "0.09"}, zone="Europe/Stockholm", clock=pace.monotonic
    ) as server:
        settings = PipedriveSettings(
            token=FromEnvironment(env="PIPEDRIVE_TOKEN"), address=server.url
        )
        with PIPEDRIVE.open(settings, toolbox) as source:
            answers = measured(source.measure(asked))
        assert set(server.statuses) == {200}
        assert str(server.spent) in toolbox.told[-1].replace(",", "").split()
    assert [answer.value for answer in answers] == [answer.value for answer in by_csv]


def test_amounts_of_several_currencies_are_never_added_up_unsaid(
    toolbox: PacedToolbox, pace: Pace
) -> None:
    mixed = Case("", None, None, agg="sum", measured=True)
    with pipedrive.serve(DEALS[:500], rates={"SEK": "0.09"}, clock=pace.monotonic) as server:
        settings = PipedriveSettings(
            token=FromEnvironment(env="PIPEDRIVE_TOKEN"), address=server.url
        )
        with PIPEDRIVE.open(settings, toolbox) as source:
            totals, rows, converted = source.measure(
                [
                    question(mixed, query, "value", "won_time")
                    for query in (pipe(), pipe(rows=True), pipe(convert=True))
                ]
            )
    assert isinstance(totals, OutsideError)
    assert "different currencies: EUR, SEK" in totals.message
    assert isinstance(rows, OutsideError)
    assert "different units" in rows.message
    assert isinstance(converted, Measurement)
    assert converted.unit == "EUR"
    assert "converted by Pipedrive to EUR" in converted.evidence.notes


def test_hubspots_amounts_say_their_currency(toolbox: PacedToolbox, pace: Pace) -> None:
    case = Case("", None, None, agg="sum", measured=True)
    with hubspot.serve(DEALS[:500], rates={"SEK": "0.09"}, clock=pace.monotonic) as server:
        settings = HubSpotSettings(token=FromEnvironment(env="CRM_TOKEN"), address=server.url)
        with HUBSPOT.open(settings, toolbox) as source:
            home, kronor = source.measure(
                [
                    question(case, hub(), "amount", "closedate"),
                    question(case, hub("deal_currency_code == 'SEK'"), "amount", "closedate"),
                ]
            )
    assert isinstance(home, Measurement)
    assert isinstance(kronor, Measurement)
    assert (home.unit, kronor.unit) == ("EUR", "SEK")
    assert any("home currency, EUR" in note for note in home.evidence.notes)


def test_over_the_days_tokens_questions_have_no_value_and_nothing_more_is_asked(
    toolbox: PacedToolbox, pace: Pace
) -> None:
    with pipedrive.serve(DEALS[:100], clock=pace.monotonic, rates={"SEK": "1"}) as server:
        settings = PipedriveSettings(
            token=FromEnvironment(env="PIPEDRIVE_TOKEN"), address=server.url, daily_tokens=100
        )
        asked = [
            question(Case("", None, None), pipe(status=status), "value", "won_time")
            for status in ("open", "won", "lost")
        ]
        with PIPEDRIVE.open(settings, toolbox) as source:
            first, second, third = source.measure(asked)
        assert isinstance(first, Measurement)
        assert isinstance(second, Measurement)
        assert isinstance(third, NoValue)
        assert "40 of Pipedrive's tokens, and 20 of today's 100 are left" in third.message
        assert server.spent == 80
        with PIPEDRIVE.open(settings, toolbox) as source:
            assert isinstance(source.measure(asked[:1])[0], NoValue)
        assert server.spent == 80, "the next run remembers what was spent"
        toolbox.clock = frozen_clock(datetime(2026, 11, 3, 0, 1, tzinfo=UTC))
        with PIPEDRIVE.open(settings, toolbox) as source:
            assert isinstance(source.measure([_at(asked[0], toolbox.clock())])[0], Measurement)


def _at(asked: Question[Any], as_of: datetime) -> Question[Any]:
    return Question(
        asked.source, asked.query, asked.measure, asked.agg, asked.on, asked.window, as_of
    )
