"""The output that the README shows is what the program prints on that day."""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from okrsync.__main__ import run
from okrsync.testing import frozen_clock

ROOT = Path(__file__).resolve().parents[2]
THAT_DAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_the_readme_shows_the_plan_as_it_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(ROOT / "config.example.toml", tmp_path)
    shutil.copytree(ROOT / "mappings" / "example", tmp_path / "mappings" / "example")
    for export in tmp_path.rglob("*.csv"):
        os.utime(export, (THAT_DAY.timestamp(), THAT_DAY.timestamp()))
    monkeypatch.chdir(tmp_path)
    code = run(["plan", "--config", "config.example.toml"], clock=frozen_clock(THAT_DAY))
    printed = capsys.readouterr().out
    readme = (ROOT / "README.md").read_text("utf-8")
    (shown,) = re.findall(r"^```text\n(okrsync plan .*?)^```$", readme, re.DOTALL | re.MULTILINE)
    assert shown == printed
    assert code == 0
