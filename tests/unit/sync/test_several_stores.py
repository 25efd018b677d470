"""Several stores in one config: each key result against its own, and none in another one's way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from okrsync.config import secrets
from okrsync.config.load import load
from okrsync.contracts import Capabilities, Settings, StoreSpec, Toolbox
from okrsync.errors import (
    BadAnswer,
    NoValue,
    OutsideError,
    Refused,
    SignInRefused,
    Unreachable,
)
from okrsync.model import Objective, RunReport, StoreRef, Verdict
from okrsync.sync import doctor, run
from okrsync.testing.clock import FrozenClock, frozen_clock
from okrsync.testing.memory_source import MemorySource
from okrsync.testing.memory_store import MemoryStore

CONFIG = """\
version = 1
timezone = "UTC"
mappings = ["*.team.toml"]
[store.company]
type = "company"
[store.team]
type = "team"
[source.memory]
type = "memory"
"""


def mapping(team: str, store: str, store_id: str) -> str:
    return f"""\
version = 1
team = "{team}"
period = "2026-Q4"
store = "{store}"
[objective.grow]
title = "People find {team}"
[objective.grow.kr.signups]
title = "Sign-ups from 0 to 100"
baseline = 0
target = 100
from = "memory"
name = "signups"
store_id = "{store_id}"
"""


class DeclaringStore(MemoryStore):
    """Notes what it was told to define."""

    def declare(self, objectives: Any, key_results: Any, /) -> int:
        self.told: list[Objective] = list(objectives)
        return super().declare(objectives, key_results)


class Company:
    """Two teams, each with its own store: "company" defines by itself, "team" is linked to, and
    perhaps ``tells_people`` of each check-in."""

    def __init__(self, folder: Path, *, tells_people: bool = False) -> None:
        self.tells_people = tells_people
        self.clock: FrozenClock = frozen_clock()
        self.numbers: dict[str, Any] = {"signups": 40}
        self.source = MemorySource(self.numbers, clock=self.clock)
        self.company = DeclaringStore(clock=self.clock)
        self.team = MemoryStore.of(StoreRef("team", "T-1"))
        self.team.clock = self.clock
        self.open_fails: Exception | None = None
        (folder / "config.toml").write_text(CONFIG)
        (folder / "a.team.toml").write_text(mapping("sales", "company", "1"))
        (folder / "b.team.toml").write_text(mapping("web", "team", "T-1"))
        self.config = load(folder / "config.toml", clock=self.clock, find=self._find)
        self.folder = folder

    def _find(self, group: str, type_: str, /) -> Any:
        if group == "okrsync.sources":
            return self.source.spec()
        if type_ == "company":
            return self.company.spec("company")
        able = Capabilities(confidence=False, notifies=self.tells_people)
        return StoreSpec("team", Settings, self._open_team, able)

    def _open_team(
        self, _settings: Settings, _toolbox: Toolbox
    ) -> AbstractContextManager[MemoryStore]:
        @contextmanager
        def opened() -> Iterator[MemoryStore]:
            if self.open_fails is not None:
                raise self.open_fails
            yield self.team

        return opened()

    def sync(self) -> RunReport:
        return run.sync(self.config, self.clock)[0]

    def verdicts(self) -> dict[str, Verdict]:
        return {change.key_result: change.verdict for change in self.sync().plan.changes}


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def test_each_key_result_goes_to_its_own_store_with_that_ones_capabilities(
    company: Company,
) -> None:
    report = company.sync()
    assert report.exit_code == 0
    assert [entry.ref for entry in company.company.entries] == [StoreRef("company", "1")]
    assert [entry.ref for entry in company.team.entries] == [StoreRef("team", "T-1")]
    warnings = {change.key_result: change.warnings for change in report.plan.changes}
    assert warnings["sales.grow.signups"] == ()
    assert "confidence" in " ".join(warnings["web.grow.signups"])


def test_the_plan_says_of_a_store_that_its_check_ins_reach_people(tmp_path: Path) -> None:
    company = Company(tmp_path, tells_people=True)
    told = ("team", "its check-in reaches the people who follow")
    assert told in run.rehearse(company.config, company.clock).plan.costs
    company.sync()
    assert not run.rehearse(company.config, company.clock).plan.costs  # nothing is written any more


def test_a_store_is_told_its_own_definitions_only(company: Company) -> None:
    company.sync()
    assert [objective.id for objective in company.company.told] == ["sales.grow"]
    assert list(company.company.titles) == [StoreRef("company", "1")]
    assert list(company.team.titles) == [StoreRef("team", "T-1")]


FAILURES = [
    ("open", SignInRefused("the token has expired", next_step="a new token"), 4),
    ("open", Unreachable("no answer"), 3),
    ("open", ValueError("a bug with a secret"), 3),
    ("read", Unreachable("no answer"), 3),
]


@pytest.mark.parametrize(("when", "error", "code"), FAILURES)
def test_a_store_that_fails_fails_its_own_key_results_only(
    company: Company, when: str, error: Any, code: int
) -> None:
    if when == "open":
        company.open_fails = error
    else:
        company.team.broken = error
    report = company.sync()
    assert report.exit_code == code
    assert [entry.value for entry in company.company.entries] == [Decimal(40)]
    (failed,) = [c for c in report.plan.changes if c.verdict is Verdict.FAILED]
    assert failed.key_result == "web.grow.signups"
    assert "secret" not in failed.reason


@pytest.mark.parametrize("verb", ["read", "post"])
def test_guarantee_26_a_secret_in_a_stores_error_is_shown_and_kept_nowhere(
    company: Company, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connector was lent it, and may put it into its own words."""
    secret = "l3nt-t0-a-st0re"
    secrets.remember(secret)
    error = Refused(f"the token {secret} is not allowed", next_step=f"renew {secret}")

    def refuse(*_: object) -> Any:
        raise error

    monkeypatch.setattr(company.team, verb, refuse)
    report = company.sync()
    (failed,) = [c for c in report.plan.changes if c.verdict is Verdict.FAILED]
    assert (failed.reason, failed.cure) == ("the token *** is not allowed", "renew ***")
    assert secret not in f"{error} {error!r} {error.args}"
    kept = b"".join(file.read_bytes() for file in company.folder.glob("okrsync.sqlite*"))
    assert b"is not allowed" in kept
    assert secret.encode() not in kept


def test_guarantee_26_a_secret_in_a_sources_error_is_masked_in_all_of_it(company: Company) -> None:
    secret = "l3nt-t0-a-s0urce"
    secrets.remember(secret)
    error = NoValue(f"no rows for {secret}", next_step=f"renew {secret}")
    company.numbers["signups"] = error
    told = [(c.reason, c.cure) for c in company.sync().plan.changes]
    assert told == [("no rows for ***", "renew ***")] * 2
    assert secret not in f"{error} {error!r} {error.args}"


UNREAD = [
    (BadAnswer("no number there", next_step="look"), 3, ["bad-answer", ""]),
    (Unreachable("no answer"), 3, ["unreachable", ""]),
    (SignInRefused("the token has expired"), 4, ["sign-in-refused", "sign-in-refused"]),
]


@pytest.mark.parametrize(("error", "code", "codes"), UNREAD)
def test_a_key_result_that_cannot_be_read_fails_alone_unless_the_sign_in_is_refused(
    company: Company, error: OutsideError, code: int, codes: list[str]
) -> None:
    other = StoreRef("team", "T-2")
    company.team.titles[other] = "Sign-ups"
    company.team.unread[StoreRef("team", "T-1")] = error
    (company.folder / "a.team.toml").write_text(mapping("sales", "team", "T-2"))
    company.config = load(company.folder / "config.toml", clock=company.clock, find=company._find)
    report = company.sync()
    changes = {change.key_result: change for change in report.plan.changes}
    assert report.exit_code == code
    told = [changes[f"{team}.grow.signups"].code for team in ("web", "sales")]
    assert told == codes
    assert changes["web.grow.signups"].reason == error.message
    assert [entry.ref for entry in company.team.entries] == [other] * codes.count("")


def test_a_store_that_does_not_take_its_definitions_fails_alone(company: Company) -> None:
    company.sync()
    company.numbers["signups"] = 50

    def refuse(*_: object) -> int:
        raise Unreachable("the definitions did not arrive")

    company.company.declare = refuse  # type: ignore[method-assign]
    verdicts = company.verdicts()
    assert verdicts == {
        "sales.grow.signups": Verdict.FAILED,
        "web.grow.signups": Verdict.POST,
    }
    assert [entry.value for entry in company.company.entries] == [Decimal(40)]


def test_an_intent_of_a_broken_store_stays_pending_and_the_other_store_goes_on(
    company: Company,
) -> None:
    company.team.losses = ["answer"]
    company.sync()
    company.team.broken, company.numbers["signups"] = Unreachable("the store is away"), 50
    assert company.verdicts() == {
        "sales.grow.signups": Verdict.POST,
        "web.grow.signups": Verdict.FAILED,
    }
    company.team.broken = None
    report = company.sync()
    assert [receipt.already_there for receipt in report.settled] == [True]
    assert [entry.value for entry in company.team.entries] == [Decimal(40), Decimal(50)]


def test_an_intent_of_a_store_that_was_taken_out_says_which_and_is_not_sent_elsewhere(
    company: Company,
) -> None:
    company.team.losses = ["request"]
    company.sync()
    (company.folder / "b.team.toml").write_text(mapping("web", "company", "2"))
    (company.folder / "config.toml").write_text(CONFIG.replace('[store.team]\ntype = "team"\n', ""))
    company.config = load(company.folder / "config.toml", clock=company.clock, find=company._find)
    report = company.sync()
    (failed,) = [c for c in report.plan.changes if c.verdict is Verdict.FAILED]
    assert "`team`" in failed.reason
    assert "[store.team]" in failed.cure
    assert [entry.ref.id for entry in company.company.entries] == ["1"]


def test_a_key_result_moved_to_another_store_meets_a_person_there_as_a_person(
    company: Company,
) -> None:
    """Its receipt from the first store says nothing about the second, be the revision the same."""
    company.sync()
    company.team.titles[StoreRef("team", "T-2")] = "Sign-ups"
    company.team.entries.clear()
    company.team.edit(StoreRef("team", "T-2"), 41)
    (company.folder / "a.team.toml").write_text(mapping("sales", "team", "T-2"))
    company.config = load(company.folder / "config.toml", clock=company.clock, find=company._find)
    changes = {change.key_result: change for change in company.sync().plan.changes}
    assert changes["sales.grow.signups"].code == "checked-in-before"


def test_doctor_says_which_key_result_cannot_be_read(company: Company) -> None:
    company.team.unread[StoreRef("team", "T-1")] = BadAnswer("no number", next_step="look there")
    found = list(doctor.examine(company.config, company.clock, []))
    (failed,) = [finding for finding in found if finding.word == "fail"]
    assert failed.subject == "store.team"
    assert failed.message == "T-1 cannot be read: no number"
    assert (failed.cure, failed.exit_code) == ("look there", 3)


def test_doctor_looks_at_every_store(company: Company) -> None:
    company.open_fails = SignInRefused("the token has expired", next_step="a new token")
    found = {
        finding.subject: finding for finding in doctor.examine(company.config, company.clock, [])
    }
    assert found["store.company"].word == "ok"
    assert (found["store.team"].word, found["store.team"].exit_code) == ("fail", 4)
