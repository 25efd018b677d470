"""CRMs from the command line, on a clock that goes on while a run asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from okrsync.__main__ import run
from tests.system.harness.in_process import NOON, InProcess
from tests.system.standins import hubspot, pipedrive
from tests.system.standins.deals import some_deals

pytestmark = pytest.mark.network

DEALS = some_deals(300)
LIVE = [deal for deal in DEALS if not deal["archived"]]
OFFERS = sum(deal["stage"] == "Offer" for deal in LIVE)
PLACE = 'token = { env = "HUBSPOT_TOKEN" }'
WON_IN_EURO = [deal for deal in LIVE if (deal["status"], deal["currency"]) == ("won", "EUR")]


class Going(InProcess):
    """Its clock is a second later each time that somebody looks at it."""

    @property
    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now

    @now.setter
    def now(self, begin: datetime) -> None:
        self._now = begin


def key_result(name: str, lines: str) -> str:
    return f"""\
[objective.o.kr.{name}]
title = "{name}"
baseline = 0
target = 1000
{lines}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Going:
    monkeypatch.setenv("CRM_TOKEN", hubspot.TOKEN)
    monkeypatch.setenv("PIPEDRIVE_TOKEN", pipedrive.TOKEN)
    return Going(tmp_path, now=NOON)


def configured(project: InProcess, type_: str, url: str, token: str, *key_results: str) -> None:
    project.write(
        "config.toml",
        'version = 1\ntimezone = "Europe/Stockholm"\n'
        f'[source.crm]\ntype = "{type_}"\naddress = "{url}"\ntoken = {{ env = "{token}" }}\n',
    )
    project.map('[objective.o]\ntitle = "O"\n' + "\n".join(key_results))


def test_hubspot_is_asked_for_what_is_there_now(project: Going) -> None:
    with hubspot.serve(DEALS, rates={"SEK": "0.09"}) as account:
        offers = key_result(
            "offers", """from = "crm"\nwhere = "stage == 'Offer'"\nagg = "count" """
        )
        configured(project, "hubspot", account.url, "CRM_TOKEN", offers)
        assert project.synced() == {"offers": OFFERS}
        explained = project.run("explain", "t.o.offers").words()
    assert "as it is now" not in explained


def test_the_template_for_sales_gives_five_numbers_once_it_has_a_token(project: Going) -> None:
    project.folder.joinpath("config.toml").unlink()
    assert run(["init", str(project.folder), "--template", "sales"]) == 0
    assert project.run("validate").code == 0
    config = project.folder / "config.toml"
    with hubspot.serve(DEALS, rates={"SEK": "0.09"}) as account:
        named = f'token = {{ env = "CRM_TOKEN" }}\naddress = "{account.url}"'
        said = config.read_text("utf-8")
        assert said.count(PLACE) == 1
        config.write_text(said.replace(PLACE, named), "utf-8")
        values = project.synced()
    quarter = [deal for deal in LIVE if deal["closed"] >= "2026-09-30T22:00:00Z"]
    won = [deal for deal in quarter if deal["status"] == "won"]
    renewals = [deal for deal in quarter if deal["pipeline"] == "Renewals"]
    lost = sum(deal["status"] == "lost" for deal in renewals)
    open_deals = [deal for deal in LIVE if deal["status"] == "open"]
    days = [(moment(deal["closed"]) - moment(deal["created"])).days for deal in won]
    expected = {
        "new-business": in_euro(deal for deal in won if deal["pipeline"] != "Renewals"),
        "churn": Decimal(lost) * 100 / len(renewals),
        "coverage": in_euro(open_deals) / in_euro(won),
        "win-rate": Decimal(len(won)) * 100 / len(quarter),
        "sales-cycle": Decimal(median(days)),
    }
    assert {name: round(value, 12) for name, value in values.items()} == {
        name: round(value, 12) for name, value in expected.items()
    }


def in_euro(deals: Iterable[Mapping[str, Any]]) -> Decimal:
    rates = {"EUR": Decimal(1), "SEK": Decimal("0.09")}
    return sum((Decimal(d["amount"] or 0) * rates[d["currency"]] for d in deals), Decimal(0))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_pipedrives_tokens_are_counted_over_the_runs_of_a_day(project: Going) -> None:
    offers = key_result("offers", 'from = "crm"\nstage = "Offer"\nagg = "count"')
    won = key_result(
        "won", 'from = "crm"\nstatus = "won"\ncurrency = "EUR"\nrows = true\nagg = "count"'
    )
    created = key_result(
        "created",
        'from = "crm"\nstatus = "won"\nagg = "count"\non = "won_time"\nwindow = "period"',
    )
    with pipedrive.serve(DEALS, zone="Europe/Stockholm", rates={"SEK": "0.09"}) as company:
        configured(project, "pipedrive", company.url, "PIPEDRIVE_TOKEN", offers, won, created)
        values = project.synced()
        spent = company.spent
        shown = project.run("plan").words()
    assert values["offers"] == OFFERS
    assert values["won"] == len(WON_IN_EURO)
    assert values["created"] > 0
    assert company.spent == 2 * spent
    assert f"{spent} tokens; {15_000 - 2 * spent:,} of today's 15,000 are left" in shown
