"""Runs that overlap: one works, the others leave at once; who slept too long can write no more."""

from __future__ import annotations

import re
import signal
import time

import pytest

from tests.system.harness.project import Project

BUSY = 75


@pytest.fixture
def shared(project: Project, state_url: str) -> Project:
    """A project whose state lies in SQLite or PostgreSQL, and whose source waits to be let go."""
    project.env["OKRSYNC_STATE_URL"] = state_url
    project.store = "jsonl"
    project.probe("signups")
    project.script(signups={"wait_for": "go", "value": "1"})
    return project


def lease_of(message: str) -> str:
    found = re.search(r"okrsync unlock (\w+)", message)
    assert found is not None, message
    return found[1]


def sync_until_not_busy(project: Project) -> None:
    """As cron does, only sooner: the lease of a holder that sleeps ends by itself."""
    gives_up = time.monotonic() + 30
    while (result := project.run("sync")).code == BUSY:
        assert time.monotonic() < gives_up, result
    assert result.code == 0, result


def test_guarantees_11_12_of_twenty_syncs_at_once_one_works(shared: Project) -> None:
    runs = [shared.start("sync") for _ in range(20)]
    asked = shared.folder / "asked.signups"
    while not (asked.exists() and asked.read_text()):
        time.sleep(0.01)
    holder = int(asked.read_text())
    for other in (run.wait() for run in runs if run.pid != holder):
        assert other.code == BUSY
        assert f"process {holder} on " in other.err
        assert re.search(r"since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, lease \w+", other.err)
        assert other.out == ""
    shared.write("go", "")
    assert next(run for run in runs if run.pid == holder).wait().code == 0
    assert shared.check_ins() == {"signups": ["1"]}
    assert shared.run("sync").code == 0
    assert shared.check_ins() == {"signups": ["1"]}


def test_guarantee_11_the_others_ask_no_source_anything(shared: Project) -> None:
    holder = shared.started_and_asking("sync", probe="signups")
    (shared.folder / "asked.signups").unlink()
    assert shared.run("sync").code == BUSY
    assert not (shared.folder / "asked.signups").exists()
    shared.write("go", "")
    assert holder.wait().code == 0


def test_guarantees_06_11_a_holder_stopped_past_its_lease_cannot_write_any_more(
    shared: Project,
) -> None:
    shared.configure('[source.probe]\ntype = "probe"\n', more='limits.lease = "2 s"')
    stopped = shared.started_and_asking("sync", probe="signups")
    stopped.signal(signal.SIGSTOP)
    shared.script(signups="2")
    sync_until_not_busy(shared)
    shared.write("go", "")
    stopped.signal(signal.SIGCONT)
    woken = stopped.wait()
    assert woken.code == BUSY
    assert "lease" in woken.err
    assert "Traceback" not in woken.err
    assert shared.check_ins() == {"signups": ["2"]}
    assert shared.run("sync").code == 0
    assert shared.check_ins() == {"signups": ["2"]}


def test_guarantee_12_unlocking_needs_the_id_and_ends_the_holders_right_to_write(
    shared: Project,
) -> None:
    stopped = shared.started_and_asking("sync", probe="signups")
    stopped.signal(signal.SIGSTOP)
    shared.script(signups="2")
    busy = shared.run("sync")
    assert busy.code == BUSY
    wrong = shared.run("unlock", "0000")
    assert (wrong.code, shared.run("sync").code) == (2, BUSY)
    assert shared.run("unlock", lease_of(busy.err)).code == 0
    assert shared.run("sync").code == 0
    shared.write("go", "")
    stopped.signal(signal.SIGCONT)
    assert stopped.wait().code == BUSY
    assert shared.check_ins() == {"signups": ["2"]}


def test_guarantee_12_a_dead_holder_blocks_nobody(shared: Project) -> None:
    killed = shared.started_and_asking("sync", probe="signups")
    killed.signal(signal.SIGKILL)
    assert killed.wait().code == -signal.SIGKILL
    shared.script(signups="2")
    assert shared.run("sync").code == 0
    assert shared.check_ins() == {"signups": ["2"]}
