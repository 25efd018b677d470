"""docs/periods.md is a real quarter: what it shows is what the program prints on those days."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.docs.test_documentation import FENCE
from tests.system.harness.in_process import InProcess

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "periods.md").read_text("utf-8")
OCTOBER = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
LAST_DAY = datetime(2026, 12, 31, 11, 0, tzinfo=UTC)
JANUARY = datetime(2027, 1, 5, 8, 0, tzinfo=UTC)
QUARTER = {
    "start": "2026-10-01",
    "end": "2027-01-01",
    "objective": "Customers trust us",
    "team": "Platform",
}
BUGS = {"id": "1201", "title": "Open bugs from 42 to 10", "baseline": "42", "target": "10"}
ANSWERS = {"title": "Answer within 8 hours", "baseline": "24", "target": "8", "unit": "h"}


def shown(info: str) -> str:
    """The page's block that carries this word after its language."""
    (body,) = [found["body"] for found in FENCE.finditer(PAGE) if found["info"].strip() == info]
    return str(body)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """A company's folder with a store that lists, on the quarter's first Monday."""
    plugins = tmp_path / "plugins"
    about = plugins / "okrsync_shelf-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: okrsync-shelf\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[okrsync.stores]\nshelf = okrsync_shelf:STORE\n")
    shutil.copy(ROOT / "tests" / "system" / "plugins" / "okrsync_shelf.py", plugins)
    monkeypatch.syspath_prepend(str(plugins))
    made = InProcess(tmp_path / "okrs", more='[store]\ntype = "shelf"\n', now=OCTOBER)
    monkeypatch.chdir(made.folder)
    return made


def test_init_from_store(shelf: InProcess) -> None:
    shelf.write("shelf.json", json.dumps([{**BUGS, **QUARTER}]))
    assert shelf.run("init", "--from-store", "--out", "mappings/platform.toml").code == 0
    assert (shelf.folder / "mappings" / "platform.toml").read_text() == shown("text unfinished")


def test_link(shelf: InProcess) -> None:
    shelf.source("sheet", 'path = "numbers.csv"')
    twins = [{**ANSWERS, **QUARTER, "id": id_} for id_ in ("1202", "1203")]
    shelf.write("shelf.json", json.dumps([{**BUGS, **QUARTER}, *twins]))
    shelf.write("mappings/platform.toml", shown("toml mapping"))
    assert shelf.run("link").out == shown("text link")


@pytest.fixture
def quarter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """The page's mapping with okrsync's own store, on the quarter's last day."""
    made = InProcess(tmp_path, now=OCTOBER)
    monkeypatch.chdir(tmp_path)
    made.source("sheet", 'path = "numbers.csv"')
    made.write("mappings/platform.toml", shown("toml mapping"))
    for day, bugs, hours in ((OCTOBER, 40, 20), (LAST_DAY, 17, 10)):
        made.now = day
        made.write("numbers.csv", f"day,bugs,hours\n{day.date()},{bugs},{hours}\n")
        made.run("sync")
        made.run("approve", "platform.trust.answers", "--reason", "seen")
        assert made.run("sync").code == 0
    made.now = JANUARY
    return made


def test_close_and_carry(quarter: InProcess) -> None:
    assert quarter.run("close", "2026-Q4", "--by", "operations").out == shown("text close")
    history = quarter.run("history", "platform.trust.bugs").out
    assert history.endswith(f"\n\n{shown('text history')}")
    assert quarter.run("carry", "2026-Q4").out == shown("text carry")
    new = (quarter.folder / "mappings" / "platform-2027-Q1.toml").read_text()
    assert new == shown("text carried")
    assert quarter.run("validate").code == 0


def test_every_block_of_output_is_tested() -> None:
    words = set(re.findall(r"^```(?:text|toml) (\w+)$", PAGE, re.MULTILINE))
    assert words == {"unfinished", "mapping", "link", "close", "history", "carry", "carried"}
