"""A store that nobody can read: what it was sent is all that okrsync knows of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from okrsync.config.load import load
from okrsync.http.body import parsed_json
from okrsync.lifecycle.closing import Refused, close
from okrsync.model import RunReport, Verdict
from okrsync.sync import run
from okrsync.testing.clock import FrozenClock, frozen_clock
from okrsync.testing.memory_source import MemorySource
from okrsync_http import STORE
from tests.system.standins.serving import Arrived, Wire, on_loopback

pytestmark = pytest.mark.network

CONFIG = """\
version = 1
timezone = "UTC"
mappings = ["team.toml"]
[source.memory]
type = "memory"
[store]
type = "http"
url = "%s"
[store.post]
method = "POST"
path = "kr/{id}/check-ins"
body = { value = "{value}", key = "{key}" }
"""
READ_AGAIN = """\
[store.show]
path = "kr/{id}/check-ins"
rows = "rows"
value = "value"
revision = "id"
author = "by"
me = "robot"
newest = "last"
"""
MAPPING = """\
version = 1
team = "web"
period = "2026-Q4"
[objective.grow]
title = "People find us"
[objective.grow.kr.%s]
title = "Sign-ups from 0 to 100"
baseline = 0
target = 100
from = "memory"
name = "signups"
store_id = "KR-1"
"""


@dataclass
class Service:
    """``sent`` are the numbers of all requests, ``holds`` those that it took: a key only once.
    The next request arrives and its answer is lost where ``silent``."""

    sent: list[int] = field(default_factory=list)
    holds: dict[str, int] = field(default_factory=dict)
    silent: bool = False

    def answer(self, came: Arrived) -> Wire | None:
        if came.method == "GET":
            rows = [
                f'{{"id": {place}, "value": {value}, "by": "robot"}}'
                for place, value in enumerate(self.holds.values(), start=1)
            ]
            return _said(f'{{"rows": [{", ".join(rows)}]}}')
        body: Any = parsed_json(came.raw)
        self.sent.append(int(body["value"]))
        self.holds.setdefault(body["key"], int(body["value"]))
        lost, self.silent = self.silent, False
        return None if lost else _said("{}")


def _said(text: str) -> Wire:
    return Wire(200, {"content-type": "application/json"}, text.encode())


class Company:
    def __init__(self, folder: Path, url: str, service: Service) -> None:
        self.folder, self.service = folder, service
        self.clock: FrozenClock = frozen_clock()
        self.signups: dict[str, Any] = {"signups": 0}
        self.source = MemorySource(self.signups, clock=self.clock)
        self._config = CONFIG % url
        self.write()

    def write(self, more: str = "", *, lost: str = "", name: str = "signups") -> None:
        config = self._config.replace("[store.post]\n", f"{lost}[store.post]\n")
        (self.folder / "config.toml").write_text(config + more)
        (self.folder / "team.toml").write_text(MAPPING % name)
        specs: dict[str, Any] = {"okrsync.sources": self.source.spec(), "okrsync.stores": STORE}
        self.config = load(
            self.folder / "config.toml", clock=self.clock, find=lambda group, _type: specs[group]
        )

    def sync(self, number: int, *, later: float = 24) -> RunReport:
        """``later`` are the hours that the clock has moved on."""
        self.clock.forward(hours=later)
        self.signups["signups"] = number
        return run.sync(self.config, self.clock, regardless=True)[0]


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    service = Service()
    with on_loopback(service.answer) as url:
        yield Company(tmp_path, url, service)


@pytest.mark.parametrize("show", ["", READ_AGAIN])
def test_a_clock_that_was_put_back_keeps_no_number_from_the_store(
    company: Company, show: str
) -> None:
    company.write(show)
    codes = [company.sync(10).exit_code, company.sync(12, later=-1).exit_code]
    codes += [company.sync(number, later=0.25).exit_code for number in (14, 16, 10, 18)]
    assert codes == [0] * 6
    assert company.service.sent == [10, 12, 14, 16, 10, 18]
    assert list(company.service.holds.values()) == company.service.sent


def test_an_old_copy_of_the_state_swallows_no_number(company: Company) -> None:
    """The service takes each key once; the state was put back as it was before the last two."""
    company.write()
    state = company.folder / "okrsync.sqlite"
    assert company.sync(10).exit_code == 0
    copy = state.read_bytes()
    assert [company.sync(number).exit_code for number in (12, 14)] == [0, 0]
    for file in company.folder.glob("okrsync.sqlite*"):
        file.unlink()
    state.write_bytes(copy)
    assert [company.sync(number).exit_code for number in (12, 16)] == [0, 0]
    assert list(company.service.holds.values()) == [10, 12, 14, 12, 16]


def test_a_lost_answer_holds_a_key_result_under_its_new_name_too(company: Company) -> None:
    company.service.silent = True
    assert company.sync(10).exit_code == 3
    company.write(name="registrations")
    (change,) = company.sync(11).plan.changes
    assert (change.key_result, change.verdict) == ("web.grow.registrations", Verdict.FAILED)
    assert change.reason == "an earlier check-in was sent and its outcome is still unknown"
    refused = close(company.config, company.clock, "2026-Q4", by="the operator", early=True)
    assert isinstance(refused, Refused)
    assert refused.troubles["web.grow.registrations"].kind == "pending"
    assert company.service.sent == [10]
    company.write(lost='lost = "written"\n', name="registrations")
    assert company.sync(10).exit_code == 0
    assert company.service.sent == [10]


@pytest.mark.parametrize("names", [("signups", "registrations"), ("signups", "accounts")])
def test_the_newest_check_in_counts_whatever_its_key_result_was_called(
    company: Company, names: tuple[str, str]
) -> None:
    old, new = names
    for name, number in [(old, 10), (new, 12), (new, 12), (new, 10), (new, 10)]:
        company.write(name=name)
        assert company.sync(number).exit_code == 0
    assert company.service.sent == [10, 12, 10]
