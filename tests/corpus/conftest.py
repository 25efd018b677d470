"""A good project to break, broken plug-ins, and okrsync on a clock of its own."""

from __future__ import annotations

import gc
import logging
import os
import shutil
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import typer

from okrsync import __main__ as program
from okrsync.config import registry
from tests.corpus.breaking.project import FIRST, MAIN, export
from tests.corpus.breaking.running import Okrsync

HERE = Path(__file__).parent

PLUGINS = {
    "okrsync_unloadable.py": "raise RuntimeError('a plug-in that fails while it is imported')\n",
    "okrsync_hollow.py": "SOURCE = 'this is not a manifest'\n",
    "okrsync_plugins-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: okrsync-plugins\n"
    "Version: 1.0\n",
    "okrsync_plugins-1.0.dist-info/entry_points.txt": "[okrsync.sources]\n"
    "unloadable = okrsync_unloadable:SOURCE\nhollow = okrsync_hollow:SOURCE\n"
    "missing = okrsync_that_is_not_there:SOURCE\n",
}

_command = cache(typer.main.get_command)
_installed = cache(entry_points)


@pytest.fixture
def okrsync(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], plugins: Path
) -> Iterator[Okrsync]:
    for name in [name for name in os.environ if name.startswith("OKRSYNC_")]:
        monkeypatch.delenv(name)
    monkeypatch.syspath_prepend(plugins)
    # the command tree and the list of what is installed are half of a run, and always the same
    monkeypatch.setattr(typer.main, "get_command", _command)
    monkeypatch.setattr(registry, "entry_points", _installed)
    handlers, level, thresholds = logging.root.handlers[:], logging.root.level, gc.get_threshold()
    yield Okrsync(monkeypatch, capsys)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    gc.set_threshold(*thresholds)


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that makes broken plug-ins installed, as pip would."""
    folder = tmp_path_factory.mktemp("plugins")
    for name, text in PLUGINS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base project after one good sync, with newer numbers since."""
    folder = tmp_path_factory.mktemp("good") / "project"
    shutil.copytree(HERE / "base", folder)
    export(folder)
    command = ["sync", "--quiet", "--config", str(folder / MAIN)]
    assert program.run(command, clock=lambda: FIRST) == 0
    (folder / "steady.csv").write_text("visits\n120\n")
    with (folder / "numbers.csv").open("a") as numbers:
        numbers.write("2025-10-05,15,6\n")
    export(folder)
    return folder


@pytest.fixture
def project(good: Path, tmp_path: Path) -> Path:
    return shutil.copytree(good, tmp_path / "project")
