"""One writer at a time, and who it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from okrsync.errors import Busy, LeaseLost
from okrsync.state.migrations import MIGRATIONS
from okrsync.state.process import certainly_dead, this_process
from okrsync.state.state import State, open_state

HERE = Path(__file__).parent
AT = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ME = this_process("okrsync sync")


@contextmanager
def another_holder(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that holds the lease and writes when told to."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "holder.py"), url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def said_by(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str]) -> str:
    assert process.stdin is not None
    process.stdin.write("write\n")
    process.stdin.flush()
    return said_by(process)


def let_the_lease_expire(state: State) -> None:
    with state.engine.begin() as connection:
        connection.execute(text("UPDATE lease SET expires = expires - 7200"))


def test_guarantee_11_of_20_at_once_one_runs_and_19_leave(state_url: str) -> None:
    """On a database that does not exist yet, so that they race for its creation as well."""
    program = [sys.executable, str(HERE / "racers.py"), state_url, "20"]
    fared = json.loads(subprocess.run(program, check=True, capture_output=True).stdout)
    assert sorted(fared) == ["busy"] * 19 + ["held"]
    with open_state(state_url, tenant="acme") as state, state.engine.begin() as connection:
        done = connection.execute(text("SELECT version FROM schema_version ORDER BY version"))
        assert [row.version for row in done] == list(range(1, len(MIGRATIONS) + 1))


def test_guarantee_11_a_stopped_holder_that_wakes_up_cannot_write(
    state: State, state_url: str
) -> None:
    with another_holder(state_url) as other:
        said_by(other)
        assert tell(other) == "written"
        other.send_signal(signal.SIGSTOP)
        with pytest.raises(Busy), state.leases.hold(holder=ME, ttl=HOUR):
            pass
        let_the_lease_expire(state)
        with state.leases.hold(holder=ME, ttl=HOUR):
            mine = state.runs.start("sync", AT)
        other.send_signal(signal.SIGCONT)
        assert tell(other) == "lease-lost"
    assert [run.id for run in state.runs.latest(10) if run.command == "sync"] == [mine]


def test_guarantee_11_a_lease_that_expired_is_lost_even_if_nobody_took_it(state: State) -> None:
    with state.leases.hold(holder=ME, ttl=HOUR) as lease:
        lease.check()
        let_the_lease_expire(state)
        assert not lease.renew(HOUR)
        with pytest.raises(LeaseLost):
            lease.check()
        with pytest.raises(LeaseLost):
            state.runs.start("late", AT)
    assert state.runs.latest(1) == []


def test_guarantee_11_the_token_only_grows(state: State) -> None:
    tokens = []
    for _ in range(3):
        with state.leases.hold(holder=ME, ttl=HOUR) as lease:
            tokens.append(lease.token)
    assert tokens == sorted(set(tokens))


def test_a_lease_is_renewed_while_it_is_held(state: State) -> None:
    with state.leases.hold(holder=ME, ttl=timedelta(seconds=1)):
        held = state.leases.current()
        assert held is not None
        while (now := state.leases.current()) == held:
            pass
        assert now is not None
        assert now.expires > held.expires


def test_guarantee_12_busy_names_host_process_start_and_id(state: State, state_url: str) -> None:
    with another_holder(state_url) as other:
        lease_id = said_by(other)
        with pytest.raises(Busy) as busy, state.leases.hold(holder=ME, ttl=HOUR):
            pass
        held = state.leases.current()
    assert held is not None
    for part in (lease_id, str(other.pid), ME.host, f"{held.since:%Y-%m-%d %H:%M}"):
        assert part in busy.value.message
    assert f"okrsync unlock {lease_id}" in busy.value.next_step
    assert busy.value.exit_code == 75


def test_guarantee_12_unlock_needs_the_id_and_ends_the_lease(state: State, state_url: str) -> None:
    with another_holder(state_url) as other:
        lease_id = said_by(other)
        assert not state.leases.unlock("somebody")
        assert not state.leases.unlock("")
        assert state.leases.current() is not None
        assert state.leases.unlock(lease_id)
        assert state.leases.current() is None
        assert tell(other) == "lease-lost"


def test_guarantee_12_a_dead_holders_lease_ends_at_once(state: State, state_url: str) -> None:
    with another_holder(state_url) as other:
        said_by(other)
        other.kill()
        # dead, but not reaped by its parent: it still has its number
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        with state.leases.hold(holder=ME, ttl=HOUR) as lease:
            lease.check()


def test_a_lease_that_was_let_go_is_free(state: State) -> None:
    with state.leases.hold(holder=ME, ttl=HOUR):
        pass
    assert state.leases.current() is None


def test_a_lease_is_let_go_when_the_run_fails(state: State) -> None:
    with pytest.raises(ZeroDivisionError), state.leases.hold(holder=ME, ttl=HOUR):
        raise ZeroDivisionError
    assert state.leases.current() is None
    with state.leases.hold(holder=ME, ttl=HOUR):
        state.runs.start("sync", AT)


def test_what_comes_after_the_lease_was_let_go_is_not_written(state: State) -> None:
    """A thread may come back from a store that had kept it for too long."""
    with state.leases.hold(holder=ME, ttl=HOUR):
        state.runs.start("sync", AT)
    with pytest.raises(LeaseLost):
        state.runs.start("sync", AT)


def test_tenants_have_a_lease_each(state: State, state_url: str) -> None:
    with (
        open_state(state_url, tenant="other") as other,
        state.leases.hold(holder=ME, ttl=HOUR),
        other.leases.hold(holder=ME, ttl=HOUR),
    ):
        other.runs.start("sync", AT)


def test_only_a_holder_on_this_machine_can_be_known_to_be_dead() -> None:
    gone = replace(ME, process_start="1")  # its number is in use again, by us
    assert certainly_dead(gone, asked_by=ME)
    assert not certainly_dead(ME, asked_by=ME)
    for elsewhere in (
        replace(gone, host="other.example"),
        replace(gone, boot_id="an earlier boot"),
        replace(gone, pid_namespace="pid:[1]"),
        replace(gone, boot_id="", pid_namespace="", process_start=""),
    ):
        assert not certainly_dead(elsewhere, asked_by=ME)
