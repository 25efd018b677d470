"""Random histories: values move, people edit, answers get lost, runs crash, old states come back.

After the dust has settled the store shows the newest value, or a person's newer one; nothing is
there twice; and one more run finds nothing to do.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from okrsync.config.config import Config
from okrsync.config.load import load
from okrsync.errors import OkrsyncError, Unreachable
from okrsync.model import CheckIn, Receipt, RunReport, StoreRef, Verdict
from okrsync.sync import persons, run
from okrsync.testing.clock import FrozenClock, frozen_clock
from okrsync.testing.memory_source import MemorySource
from okrsync.testing.memory_store import Entry, MemoryStore

NAMES = ("signups", "visits", "calls")
CONFIG = """\
version = 1
timezone = "UTC"
mappings = ["team.toml"]
[store]
type = "memory"
[source.memory]
type = "memory"
"""
MAPPING = (
    'version = 1\nteam = "team"\nperiod = "2026-Q4"\n[objective.grow]\ntitle = "Grow"\n'
    + "".join(
        f"""
[objective.grow.kr.{name}]
title = "From 0 to 100 {name}"
baseline = 0
target = 100
from = "memory"
name = "{name}"
"""
        for name in NAMES
    )
)

names = st.sampled_from(NAMES)
values = st.integers(0, 4)


class Crash(BaseException):
    """The process is gone: nothing may catch it."""


class FragileStore(MemoryStore):
    """``crash`` is set to "before" or "after" to lose the process around the next post.

    Where keys are not honoured, the same check-in sent again is written again, as real stores do.
    """

    crash: str = ""

    def post(self, check_in: CheckIn, /) -> Receipt:
        crash, self.crash = self.crash, ""
        if crash == "before":
            raise Crash
        receipt = super().post(check_in)
        if crash == "after":
            raise Crash
        return receipt

    def _put(self, check_in: CheckIn) -> Receipt:
        mine = [entry for entry in self.entries if entry.ref == check_in.ref]
        if mine and mine[-1].key == check_in.key and not self.honours_keys:
            self.entries.append(mine[-1])
            return Receipt(check_in.key, str(len(self.entries)))
        return super()._put(check_in)


class Histories(RuleBasedStateMachine):
    @initialize(honours_keys=st.booleans())
    def begin(self, honours_keys: bool) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.backup = self.folder / "backup"
        self.clock: FrozenClock = frozen_clock()
        self.numbers: dict[str, Any] = dict.fromkeys(NAMES, 1)
        self.source = MemorySource(self.numbers, clock=self.clock)
        self.store = FragileStore(clock=self.clock, honours_keys=honours_keys)
        (self.folder / "config.toml").write_text(CONFIG)
        (self.folder / "team.toml").write_text(MAPPING)
        self.config = self._loaded()

    def _loaded(self) -> Config:
        specs: dict[str, Any] = {
            "okrsync.sources": self.source.spec(),
            "okrsync.stores": self.store.spec(),
        }
        return load(
            self.folder / "config.toml", clock=self.clock, find=lambda group, _type: specs[group]
        )

    @rule(name=names, value=values)
    def the_source_moves(self, name: str, value: int) -> None:
        self.numbers[name] = value

    @rule(name=names)
    def the_source_fails(self, name: str) -> None:
        self.numbers[name] = Unreachable("no answer today")

    @rule(name=names, value=values)
    def a_person_edits(self, name: str, value: int) -> None:
        if ref(name) in self.store.titles:
            self.store.edit(ref(name), value)

    @rule(loss=st.sampled_from(["request", "answer"]))
    def an_answer_will_be_lost(self, loss: Any) -> None:
        self.store.losses.append(loss)

    @rule(down=st.booleans())
    def the_store_goes_down_or_up(self, down: bool) -> None:
        self.store.broken = Unreachable("the store is away") if down else None

    @rule(when=st.sampled_from(["before", "after"]))
    def a_run_crashes(self, when: str) -> None:
        self.store.crash = when
        self.sync()
        self.store.crash = ""

    @rule()
    def a_run(self) -> None:
        self.sync()

    def sync(self) -> RunReport | None:
        self.clock.forward(hours=1)
        try:
            report, _ = run.sync(self.config, self.clock)
        except (Crash, OkrsyncError):
            return None
        return report

    @rule()
    def approve_what_is_held(self) -> None:
        for name in NAMES:
            self._approve(name)

    def _approve(self, name: str) -> None:
        try:
            persons.approve(self.config, self.clock, [ref(name).id], reason="seen", by="ops")
        except OkrsyncError:
            return  # nothing is held there

    @rule()
    def back_up_the_state(self) -> None:
        state = self.folder / "okrsync.sqlite"
        if state.exists():
            shutil.copy(state, self.backup)

    @rule()
    def restore_the_old_state(self) -> None:
        if self.backup.exists():
            for file in self.folder.glob("okrsync.sqlite*"):
                file.unlink()
            shutil.copy(self.backup, self.folder / "okrsync.sqlite")

    @rule(value=values)
    def the_dust_settles(self, value: int) -> None:
        """Everything works again: two runs and an approval between them must suffice."""
        self.store.broken, self.store.losses = None, []
        for failing in NAMES:
            if not isinstance(self.numbers[failing], int):
                self.numbers[failing] = value
        self.sync()
        self.approve_what_is_held()
        report = self.sync()
        assert report is not None
        for each in NAMES:
            self._assert_true(each, report)
        assert self._unsettled() == 0
        before = list(self.store.entries)
        again = self.sync()
        assert again is not None
        assert self.store.entries == before
        assert not again.receipts
        assert not again.settled
        assert Verdict.POST not in {change.verdict for change in again.plan.changes}

    def _unsettled(self) -> int:
        with closing(sqlite3.connect(self.folder / "okrsync.sqlite")) as state:
            query = "SELECT count(*) FROM intent WHERE state = 'pending'"
            return int(state.execute(query).fetchone()[0])

    def _assert_true(self, name: str, report: RunReport) -> None:
        newest = self._entries(name)[-1]
        if newest.value == self.numbers[name]:
            return
        (change,) = (c for c in report.plan.changes if c.key_result == ref(name).id)
        assert newest.key is None, "only a person's check-in may stand against the source"
        assert change.verdict is Verdict.HELD
        assert change.code == "edited-by-person"

    @invariant()
    def nothing_is_there_twice(self) -> None:
        if not hasattr(self, "store"):
            return
        keys = self.store.keys()
        assert len(keys) == len(set(keys))
        for name in NAMES:
            for one, next_one in zip(entries := self._entries(name), entries[1:], strict=False):
                assert next_one.key is None or next_one.value != one.value

    def _entries(self, name: str) -> list[Entry]:
        return [entry for entry in self.store.entries if entry.ref == ref(name)]

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


def ref(name: str) -> StoreRef:
    return StoreRef("store", f"team.grow.{name}")


TestGuarantees010210OverRandomHistories = Histories.TestCase
TestGuarantees010210OverRandomHistories.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
