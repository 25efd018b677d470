"""The circuit breaker over a whole source."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.config.config import Limits
from okrsync.config.load import load
from okrsync.errors import SourceError
from okrsync.model import RunReport, StoreRef, Verdict
from okrsync.sync import run
from okrsync.sync.breaker import Crowd, breaker
from okrsync.testing.clock import frozen_clock
from okrsync.testing.memory_source import MemorySource
from okrsync.testing.memory_store import MemoryStore
from tests.unit.sync.one_team import mapping


def _ids(count: int) -> list[str]:
    return [f"kr-{number}" for number in range(count)]


def _trips(
    changing: int, known: int, limits: Limits | None = None, *, failed: int = 0, others: int = 0
) -> bool:
    crowd = Crowd(_ids(changing), known, failed, others)
    return bool(breaker({"sheet": crowd}, limits or Limits()))


@given(known=st.integers(0, 400), share=st.fractions(0, 1))
def test_guarantee_20_more_than_30_percent_of_10_or_more_are_held(
    known: int, share: object
) -> None:
    changing = int(share * known)  # type: ignore[operator]
    assert _trips(changing, known) is (known >= 10 and 10 * changing > 3 * known)


def test_guarantee_20_the_border_is_sharp() -> None:
    assert not _trips(299, 1000)
    assert not _trips(300, 1000)
    assert _trips(301, 1000)
    assert not _trips(9, 9)
    assert _trips(4, 10)
    assert not _trips(3, 10)


def test_the_share_and_the_number_are_the_operators() -> None:
    assert not _trips(10, 10, Limits(max_changed=Decimal(1)))
    assert _trips(2, 5, Limits(max_changed_from=5))


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_what_failed_or_was_not_due_never_lets_pass_what_would_be_held_without_it(
    changing: int, quiet: int, failed: int, others: int
) -> None:
    known = changing + quiet
    if _trips(changing, known):
        assert _trips(changing, known, failed=failed, others=others)


def test_one_that_failed_makes_no_source_smaller_and_is_not_unchanged() -> None:
    assert _trips(9, 9, failed=1)
    assert _trips(4, 4, failed=6)
    assert not _trips(3, 3, failed=7)
    assert _trips(4, 10, failed=10)


def test_a_run_that_looks_at_a_few_goes_by_the_whole_source() -> None:
    assert _trips(9, 9, others=1)
    assert _trips(6, 6, others=13)
    assert not _trips(6, 6, others=14)
    assert not _trips(1, 1, others=9)


def test_one_source_does_not_trip_another() -> None:
    many = _ids(10)
    held = breaker({"sheet": Crowd(many, 10), "crm": Crowd(["deal"], 1)}, Limits())
    assert set(held) == set(many)
    assert all("source `sheet`" in hold.reason for hold in held.values())


class Company:
    """Twelve key results of one source, all at 40 in the store."""

    names = tuple(f"k{number:02}" for number in range(12))

    def __init__(self, folder: Path) -> None:
        self.clock = frozen_clock()
        self.numbers: dict[str, Any] = dict.fromkeys(self.names, 40)
        self.store = MemoryStore.of(*(StoreRef("store", name) for name in self.names))
        self.store.clock = self.clock
        source = MemorySource(self.numbers, clock=self.clock)
        specs: dict[str, Any] = {
            "okrsync.sources": source.spec(),
            "okrsync.stores": self.store.spec(),
        }
        (folder / "config.toml").write_text(
            'version = 1\ntimezone = "UTC"\nmappings = ["team.toml"]\n'
            '[store]\ntype = "memory"\n[source.memory]\ntype = "memory"\n'
        )
        (folder / "team.toml").write_text(mapping(*self.names))
        self.config = load(
            folder / "config.toml", clock=self.clock, find=lambda group, _type: specs[group]
        )
        assert self.sync().exit_code == 0

    def sync(self, *names: str, **numbers: object) -> RunReport:
        """A day later, of these alone if there are any, with these numbers."""
        self.clock.forward(days=1)
        self.numbers.update(numbers)
        patterns = [f"web.grow.{name}" for name in names]
        return run.sync(self.config, self.clock, patterns)[0]


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def _verdicts(report: RunReport) -> list[Verdict]:
    return [change.verdict for change in report.plan.changes]


def test_guarantee_20_questions_that_fail_do_not_switch_it_off(company: Company) -> None:
    failing = SourceError("500 on the other side")
    jumped = dict.fromkeys(company.names, 97)
    report = company.sync(**{**jumped, **dict.fromkeys(company.names[:3], failing)})
    assert _verdicts(report) == [Verdict.FAILED] * 3 + [Verdict.HELD] * 9
    assert report.plan.changes[-1].reason == (
        "9 of 9 key results of source `memory` would change at once, and 3 more could not be "
        "compared, 30 % are allowed"
    )
    assert len(company.store.entries) == 12


def test_guarantee_20_nor_does_a_run_of_a_few_of_many(company: Company) -> None:
    jumped = dict.fromkeys(company.names, 97)
    report = company.sync(*company.names[:9], **jumped)
    assert _verdicts(report) == [Verdict.HELD] * 9
    assert "9 of 12 key results of source `memory`" in report.plan.changes[0].reason
    one_only = company.sync(company.names[0])
    assert _verdicts(one_only) == [Verdict.POST]
