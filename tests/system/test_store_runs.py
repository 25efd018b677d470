"""Whole runs into OKR Tracker, a spreadsheet and APIs by config: one check-in for each change."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from okrsync.config.load import load
from okrsync.model import RunReport, Verdict
from okrsync.sync.run import sync
from tests.contract.test_http_store import PAGE
from tests.system.standins.apis import HomeGrown, Profit
from tests.system.standins.okr_tracker import CLIENT, OkrTracker
from tests.system.standins.sheets import ID, Spreadsheet
from tests.system.standins.stores import Loss, StoreStandIn

pytestmark = pytest.mark.network

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ID_THERE = "O-12/KR-34"
MAPPING = f"""\
version = 1
team = "team"
period = "2026-Q4"
[objective.grow]
title = "People find us"
[objective.grow.kr.signups]
title = "Sign-ups from 0 to 100"
baseline = 0
target = 100
from = "sheet"
measure = "signups"
store_id = "{ID_THERE}"
guard = {{ max_step = "100 %", allow_zero = true }}
"""
TRACKER = """\
type = "okr-tracker"
url = "%s"
api_key = { env = "GATEWAY_KEY" }
client_id = "okrsync"
client_secret = { env = "CLIENT_SECRET" }
"""
SHEETS = f"""\
type = "sheets"
spreadsheet = "{ID}"
url = "%s"
service_account = {{ env = "ACCOUNT" }}
"""


@dataclass
class Company:
    """One key result, one number in a file, one store."""

    folder: Path
    server: StoreStandIn
    store: str

    def sync(self, number: int | None = None) -> RunReport:
        if number is not None:
            file = self.folder / "numbers.csv"
            file.write_text(f"signups\n{number}\n")
            os.utime(file, (NOON.timestamp(), NOON.timestamp()))
        (self.folder / "config.toml").write_text(
            'version = 1\ntimezone = "UTC"\nmappings = ["mappings/*.toml"]\n'
            f'[source.sheet]\ntype = "csv"\npath = "numbers.csv"\n[store]\n{self.store}'
        )
        config = load(self.folder / "config.toml", clock=lambda: NOON)
        return sync(config, lambda: NOON, regardless=True)[0]

    def values(self) -> list[Any]:
        return [write.value for write in self.server.history()]


def _tracker() -> tuple[StoreStandIn, str]:
    return OkrTracker(["kr-1"], lambda: NOON), TRACKER


def _own_row() -> tuple[StoreStandIn, str]:
    return Spreadsheet(["kr-1"], lambda: NOON), SHEETS


def _history() -> tuple[StoreStandIn, str]:
    return Spreadsheet(["kr-1"], lambda: NOON, history=True), f'{SHEETS}history = "History"\n'


def _home_grown() -> tuple[StoreStandIn, str]:
    return HomeGrown(["kr-1"], lambda: NOON), _documented("Any API as a store")


def _profit() -> tuple[StoreStandIn, str]:
    return Profit([ID_THERE], lambda: NOON), _documented("Profit.co")


def _documented(heading: str) -> str:
    """The [store] table of an example, its address left open."""
    after = PAGE.read_text("utf-8").partition(f"# {heading}\n")[2]
    table = after.partition("[store]\n")[2].partition("```")[0].partition("[source.")[0]
    lines = [line for line in table.splitlines() if not line.startswith("url = ")]
    return "\n".join(['url = "%s"', *lines])


ALL = [_tracker, _own_row, _history, _home_grown, _profit]
READ_AGAIN = ALL[:-1]


@pytest.fixture
def company(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Company]:
    made: tuple[StoreStandIn, str] = request.param()
    server, table = made
    monkeypatch.setenv("GATEWAY_KEY", CLIENT["x-api-key"])
    monkeypatch.setenv("CLIENT_SECRET", CLIENT["okr-client-secret"])
    monkeypatch.setenv("OKR_TOKEN", "okr-token-4711")
    monkeypatch.setenv("PROFIT_API_KEY", "api-secret-4711")
    monkeypatch.setenv("PROFIT_ACCESS_KEY", "access-secret-4711")
    there = ID_THERE if isinstance(server, Profit) else "kr-1"
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "team.toml").write_text(MAPPING.replace(ID_THERE, there))
    with server.start():
        if isinstance(server, Spreadsheet):
            monkeypatch.setenv("ACCOUNT", server.service_account())
        yield Company(tmp_path, server, table % server.url)


def verdicts(report: RunReport) -> Sequence[Verdict]:
    return [change.verdict for change in report.plan.changes]


@pytest.mark.parametrize("company", ALL, indirect=True)
def test_each_change_is_one_check_in_and_no_change_is_none(company: Company) -> None:
    for number in (40, 41, 40):
        report = company.sync(number)
        assert (report.exit_code, len(report.receipts)) == (0, 1)
        assert verdicts(company.sync(number)) == [Verdict.UNCHANGED]
    assert company.values() == [40, 41, 40]


@pytest.mark.parametrize("company", READ_AGAIN, indirect=True)
@pytest.mark.parametrize("loss", ["request", "answer"])
def test_guarantee_3_what_was_lost_is_settled_by_looking(company: Company, loss: Loss) -> None:
    company.sync(40)
    company.server.lose(loss, write=1)
    lost = company.sync(41)
    assert (lost.exit_code, lost.failures[0].code) == (3, "outcome-unknown")
    settled = company.sync()
    assert settled.exit_code == 0
    assert [receipt.already_there for receipt in settled.settled] == [loss == "answer"]
    assert company.values() == [40, 41]


@pytest.mark.parametrize("company", READ_AGAIN, indirect=True)
def test_guarantee_6_a_persons_number_is_held(company: Company) -> None:
    company.sync(40)
    company.server.person("kr-1", 55)
    assert verdicts(company.sync(41)) == [Verdict.HELD]
    assert company.values() == [40, 55]


@pytest.mark.parametrize("company", [_profit], indirect=True)
@pytest.mark.parametrize(
    ("lost", "values"), [("written", [40, 41, 42]), ("again", [40, 41, 41, 42])]
)
def test_what_cannot_be_read_is_held_until_a_person_has_looked(
    company: Company, lost: str, values: list[Any]
) -> None:
    company.sync(40)
    company.server.lose("answer", write=1)
    first = company.sync(41)
    assert "lost = " in first.failures[0].cure
    for _ in range(3):
        held = company.sync(42)
        assert held.exit_code == 3
        assert held.plan.changes[0].cure == first.failures[0].cure  # a later run says it, too
        assert company.values() == [40, 41]
    company.store = company.store.replace('lost = "hold"', f'lost = "{lost}"')
    assert company.sync(42).exit_code == 0
    assert company.values() == values


@pytest.mark.parametrize("company", READ_AGAIN, indirect=True)
@pytest.mark.parametrize("deleted", [1, 2])
def test_after_a_person_deletes_our_check_ins_the_next_number_is_sent_and_no_old_one(
    company: Company, deleted: int
) -> None:
    before = []
    for number in (40, 41, 42):
        before.append(company.server.snapshot())
        company.sync(number)
    company.server.restore(before[3 - deleted])
    assert company.sync(43).exit_code == 0
    assert company.sync(43).receipts == ()
    assert company.values() == [*[40, 41, 42][: 3 - deleted], 43]


@pytest.mark.parametrize("company", [_own_row, _tracker], indirect=True)
def test_what_cannot_be_taken_for_a_number_is_held_with_its_reason(company: Company) -> None:
    server = company.server
    if isinstance(server, Spreadsheet):
        server.written.put("kr-1", "value", "about 30")
    elif isinstance(server, OkrTracker):
        server.key_results["kr-1"].edited = False
    report = company.sync(40)
    [change] = report.plan.changes
    assert (change.verdict, company.values()) == (Verdict.HELD, [])
    assert "'OKRs'!C2" in change.reason or "change its description" in change.reason
