"""A folder with a config, a mapping and data, as an operator has it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.system.harness.runner import Result, Running, Zygote, run_program

CheckIns = dict[str, list[str]]

EVER = "{ from = 2000-01-01, to = 2099-12-31 }"
"""A period that is always in play, for runs on the real clock."""


@dataclass
class Project:
    """``check_ins`` are the values in the store, by key result and in their order."""

    folder: Path
    zygote: Zygote
    environment: dict[str, str]
    store: str = "local"
    clock: str | None = None
    env: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        return self.folder / "okrsync.sqlite"

    @property
    def journal(self) -> Path:
        return self.folder / "check-ins.jsonl"

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def configure(self, sources: str, *, more: str = "") -> None:
        """config.toml with ``sources`` as its tables."""
        self.write(
            "config.toml",
            f'version = 1\ntimezone = "UTC"\nmappings = ["mappings/*.toml"]\n{more}\n'
            f'[store]\ntype = "{self.store}"\n{sources}\n',
        )

    def map(self, key_results: Mapping[str, str], *, head: str = "", period: str = EVER) -> None:
        """One objective ``team.grow`` whose key results count from 0 to 1000; ``key_results``
        are their other lines."""
        tables = [
            f'[objective.grow.kr.{name}]\ntitle = "From 0 to 1000 {name}"\n'
            f"baseline = 0\ntarget = 1000\n{lines}\n"
            for name, lines in key_results.items()
        ]
        self.write(
            "mappings/team.toml",
            f'version = 1\nteam = "team"\nperiod = {period}\n{head}\n'
            '[objective.grow]\ntitle = "People find us"\n\n' + "\n".join(tables),
        )

    def probe(self, *names: str, more: str = "", lines: str = "", source: str = "probe") -> None:
        """Key results that each read the probe of their own name."""
        self.configure(f'[source.{source}]\ntype = "probe"\n', more=more)
        self.map({name: f'from = "{source}"\nprobe = "{name}"\n{lines}' for name in names})

    def script(self, **parts: Mapping[str, Any] | str) -> None:
        """What each probe answers: a number, or how it misbehaves."""
        script = {
            name: {"value": part} if isinstance(part, str) else part for name, part in parts.items()
        }
        self.write("script.json", json.dumps(script))

    def run(self, *arguments: str, fault: int = 0, at: int = 0) -> Result:
        return self.start(*arguments, fault=fault, at=at).wait()

    def start(self, *arguments: str, fault: int = 0, at: int = 0) -> Running:
        return self.zygote.start(
            list(arguments), cwd=self.folder, clock=self.clock, env=self.env, fault=fault, at=at
        )

    def run_program(self, *arguments: str, before: Sequence[str] = ()) -> Result:
        return run_program(
            list(arguments),
            cwd=self.folder,
            environment=self.environment | self.env,
            before=tuple(before),
        )

    def started_and_asking(self, *arguments: str, probe: str) -> Running:
        """A run that has come as far as asking its source for ``probe``."""
        asked = self.folder / f"asked.{probe}"
        asked.unlink(missing_ok=True)
        running = self.start(*arguments)
        while not asked.exists():
            time.sleep(0.01)
        return running

    def check_ins(self) -> CheckIns:
        return self._in_journal() if self.store == "jsonl" else self._in_state()

    def _in_state(self) -> CheckIns:
        if not self.state.exists():
            return {}
        rows = self.query(
            "SELECT key_result, value FROM local_check_in ORDER BY key_result, number"
        )
        return _grouped(rows)

    def _in_journal(self) -> CheckIns:
        if not self.journal.exists():
            return {}
        lines = self.journal.read_text(encoding="utf-8").splitlines(keepends=True)
        entries = [json.loads(line) for line in lines if line.endswith("\n")]
        return _grouped((entry["ref"], entry["value"]) for entry in entries if "ref" in entry)

    def query(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.state)) as connection:
            return connection.execute(statement, parameters).fetchall()

    @contextmanager
    def copy_of_state(self) -> Iterator[sqlite3.Connection]:
        """The state as it lies on the disk, looked at without touching it."""
        aside = self.folder / "aside"
        aside.mkdir()
        for file in self.folder.glob("okrsync.sqlite*"):
            shutil.copy(file, aside)
        try:
            with closing(sqlite3.connect(aside / "okrsync.sqlite")) as connection:
                yield connection
        finally:
            shutil.rmtree(aside)


def _grouped(rows: Iterator[tuple[str, str]] | list[tuple[Any, ...]]) -> CheckIns:
    grouped: CheckIns = {}
    for name, value in rows:
        grouped.setdefault(name.rpartition(".")[2], []).append(str(value))
    return grouped
