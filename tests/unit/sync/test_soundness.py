"""Absurd numbers, from sources and from stores: each costs its own key result, and no other one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from okrsync.config.load import load
from okrsync.contracts import Capabilities, all_read
from okrsync.lifecycle.closing import Refused, close
from okrsync.model import Change, StoredDefinition, StoredKeyResult, StoreRef, Verdict
from okrsync.sync import run
from okrsync.testing.clock import frozen_clock
from okrsync.testing.memory_source import MemorySource
from okrsync.testing.memory_store import MemoryStore
from tests.unit.sync.one_team import mapping

CONFIG = """\
version = 1
timezone = "UTC"
mappings = ["team.toml"]
[store]
type = "memory"
[source.memory]
type = "memory"
"""


class Odd(MemoryStore):
    """``shows`` by id what of a key result is shown otherwise."""

    shows: Mapping[str, Mapping[str, Any]] = {}

    def read(self, refs: Sequence[StoreRef], /) -> Mapping[StoreRef, StoredKeyResult]:
        shown = all_read(super().read(refs))
        return {ref: replace(one, **self.shows.get(ref.id, {})) for ref, one in shown.items()}


class Company:
    """Two key results at 40, of which "odd" is about to meet something absurd."""

    def __init__(self, folder: Path) -> None:
        self.clock = frozen_clock()
        self.numbers: dict[str, Any] = {"odd": 40, "plain": 40}
        self.store = Odd.of(StoreRef("store", "odd"), StoreRef("store", "plain"))
        self.store.clock = self.clock
        specs: dict[str, Any] = {
            "okrsync.sources": MemorySource(self.numbers, clock=self.clock).spec(),
            "okrsync.stores": self.store.spec(capabilities=Capabilities(digits=15)),
        }
        (folder / "config.toml").write_text(CONFIG)
        (folder / "team.toml").write_text(
            mapping("odd", "plain", more='guard = { max_step = "50 %" }')
        )
        self.config = load(
            folder / "config.toml", clock=self.clock, find=lambda group, _type: specs[group]
        )

    def odd(self) -> Change:
        """A day later, the other one has moved and is written; what became of this one?"""
        self.clock.forward(days=1)
        self.numbers["plain"] += 1
        odd, plain = run.sync(self.config, self.clock)[0].plan.changes
        assert plain.verdict is Verdict.POST
        assert self.store.entries[-1].value == self.numbers["plain"]
        return odd


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company(tmp_path)
    assert company.odd().verdict is Verdict.POST
    return company


@pytest.mark.parametrize("number", ["1e101", "1e400", "1e-101", "NaN", "-Infinity"])
def test_guarantee_14_a_source_with_an_absurd_number_fails_for_it_alone(
    company: Company, number: str
) -> None:
    company.numbers["odd"] = Decimal(number)
    odd = company.odd()
    assert (odd.verdict, odd.code) == (Verdict.FAILED, "bad-answer")


@pytest.mark.parametrize("number", ["1e30", "-1e99"])
def test_a_very_large_number_is_held_by_its_step(company: Company, number: str) -> None:
    company.numbers["odd"] = Decimal(number)
    odd = company.odd()
    assert (odd.verdict, odd.code) == (Verdict.HELD, "step-too-large")


def test_a_step_is_measured_to_its_last_digit(company: Company) -> None:
    company.store.shows = {"odd": {"value": Decimal(40), "key": "ours", "revision": "1"}}
    company.numbers["odd"] = Decimal("90.0000000000000000000000000001")
    assert company.odd().code == "step-too-large"
    company.numbers["odd"] = Decimal(90)
    assert company.odd().verdict is Verdict.POST


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ({"value": Decimal("NaN")}, "no finite number"),
        ({"value": Decimal("Infinity")}, "no finite number"),
        ({"value": Decimal("1e400")}, "of at most 100 digits"),
        ({"value": 41.5}, "no finite number"),
        ({"at": datetime(2026, 11, 2)}, "a time without a time zone"),  # noqa: DTZ001
        ({"confidence": float("nan")}, "a confidence that is not a finite number"),
        ({"confidence": "high"}, "a confidence that is not a finite number"),
        ({"decimals": -3}, "a number of decimals below 0"),
    ],
)
def test_guarantee_14_a_store_that_shows_an_absurdity_fails_for_it_alone(
    company: Company, shown: Mapping[str, Any], told: str
) -> None:
    company.store.shows = {"odd": shown}
    odd = company.odd()
    assert (odd.verdict, odd.code) == (Verdict.FAILED, "bad-answer")
    assert told in odd.reason
    assert "for odd" in odd.reason


def test_a_period_is_not_closed_on_a_number_that_nobody_can_read(company: Company) -> None:
    company.store.shows = {"odd": {"value": Decimal("NaN")}}
    company.clock.forward(days=90)
    refused = close(company.config, company.clock, "2026-Q4", by="the operator")
    assert isinstance(refused, Refused)
    assert "no finite number" in refused.troubles["web.grow.odd"].reason


def test_guarantee_14_what_nothing_was_prepared_for_fails_for_itself_alone(
    company: Company,
) -> None:
    company.store.shows = {"odd": {"definition": StoredDefinition(end="2027")}}  # type: ignore[arg-type]
    company.numbers["odd"] = 41
    odd = company.odd()
    assert (odd.verdict, odd.code, odd.exit_code) == (Verdict.FAILED, "refused", 3)
    assert odd.reason == "a bug: TypeError"
    assert "report it" in odd.cure
