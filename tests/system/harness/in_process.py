"""A project whose commands run in the test's own process, on a clock that stands."""

from __future__ import annotations

import json
import os
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from okrsync.__main__ import run

NOON = datetime(2026, 11, 15, 11, 0, tzinfo=UTC)
"""Sunday, 12:00 in Stockholm; 45 of the 92 days of 2026-Q4 are over."""


class Ended(NamedTuple):
    code: int
    out: str
    err: str

    def words(self) -> str:
        """Both outputs without their line breaks."""
        return " ".join(f"{self.out} {self.err}".split())

    def json(self) -> Any:
        return json.loads(self.out, parse_float=Decimal)


class InProcess:
    """``more`` are lines of config.toml in front of its sources."""

    def __init__(self, folder: Path, *, more: str = "", now: datetime = NOON) -> None:
        self.folder, self.now = folder, now
        self._config = f'version = 1\ntimezone = "Europe/Stockholm"\n{more}\n'
        self.write("config.toml", self._config)

    def write(self, name: str, content: str | bytes, *, at: datetime | None = None) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        stamp = (at or self.now).timestamp()
        os.utime(path, (stamp, stamp))
        return path

    def source(self, name: str, settings: str) -> None:
        """One more [source.<name>] of type csv."""
        self._config += f'[source.{name}]\ntype = "csv"\n{settings}\n'
        self.write("config.toml", self._config)

    def map(self, text: str, *, team: str = "t", head: str = 'period = "2026-Q4"') -> None:
        self.write(f"mappings/{team}.toml", f'version = 1\nteam = "{team}"\n{head}\n{text}')

    def run(self, *arguments: str) -> Ended:
        out, err = StringIO(), StringIO()
        config = ("--config", str(self.folder / "config.toml"))
        with redirect_stdout(out), redirect_stderr(err):
            code = run([*arguments, *config], clock=lambda: self.now)
        return Ended(code, out.getvalue(), err.getvalue())

    def items(self) -> dict[str, dict[str, Any]]:
        """Every key result by its id, as ``okrsync status`` shows it."""
        shown = self.run("status", "--format", "json")
        assert shown.code == 0, shown.err
        return {item["kr"]: item for item in shown.json()["items"]}

    def synced(self) -> dict[str, Any]:
        """The values after a sync without a mistake, by the key results' own names."""
        ended = self.run("sync", "--all")
        assert ended.code == 0, ended
        return {id_.rpartition(".")[2]: item["value"] for id_, item in self.items().items()}
