"""A project folder with a case's damage done to it, and what its state remembers."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.corpus.breaking.cases import Case

MAIN, MAPPING, STATE, PLAN = "config.toml", "mappings/team.toml", "okrsync.sqlite", "approved"
FIRST = datetime(2025, 10, 6, 6, tzinfo=UTC)
OF_THE_RUN = {"run", "lease"}
IN_JSON = {"run", "store"}
Tables = dict[str, list[tuple[Any, ...]]]


class Broken:
    """A copy of the good project with one case's damage done to it."""

    def __init__(self, folder: Path, case: Case) -> None:
        self.folder = folder
        self.case = case
        self.place = case.at
        for name, text in self._texts().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode(case.encoded.get(name, "utf-8")))
        for name, text in case.raw.items():
            raw = self.case.planted(text).encode("latin-1").decode("unicode_escape")
            (folder / name).write_bytes(raw.encode("latin-1"))
        for name, kind in case.make.items():
            _make(folder / name, kind)
        for name, mode in case.mode.items():
            (folder / name).chmod(int(mode, 8))
        self._harm_the_state()
        export(folder)

    def _texts(self) -> dict[str, str]:
        case = self.case
        names = [MAIN, MAPPING, *case.encoded, *([PLAN] if (self.folder / PLAN).exists() else [])]
        texts = {name: (self.folder / name).read_text("utf-8") for name in names}
        for old, new in case.replace.items():
            (name,) = [name for name, text in texts.items() if text.count(old) == 1]
            texts[name] = texts[name].replace(old, new)
        texts[MAIN] += case.config
        texts[MAPPING] += case.mapping
        texts |= case.files
        for name, unplanted in texts.items():
            text = texts[name] = self.case.planted(unplanted)
            before, mark, after = text.partition("§")
            if mark:
                line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
                self.place = f"{name}:{line}:{column}"
                texts[name] = before + after
        return texts

    def _harm_the_state(self) -> None:
        path = self.folder / STATE
        if self.case.sql:
            with closing(sqlite3.connect(path)) as connection:
                connection.executescript(self.case.planted(self.case.sql))
        if self.case.cut is not None:
            os.truncate(path, self.case.cut)
        if self.case.overwrite is not None:
            place, length = self.case.overwrite
            raw = bytearray(path.read_bytes())
            raw[place : place + length] = b"\xa5" * length
            path.write_bytes(raw)

    def arguments(self) -> list[str]:
        arguments = [self.case.planted(part) for part in self.case.command]
        return [*arguments, "--format", "json"] if self.case.kind in IN_JSON else arguments

    def environment(self) -> dict[str, str]:
        return {name: self.case.planted(text) for name, text in self.case.env.items()}

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }


def export(folder: Path) -> None:
    """Files with numbers are of the first day, whenever this test runs."""
    for path in folder.rglob("*.csv"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, (FIRST.timestamp(), FIRST.timestamp()))


def _make(path: Path, kind: str) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind.startswith("link:"):
        path.symlink_to(kind.removeprefix("link:"))


def tables(folder: Path) -> Tables:
    """All that the state remembers, but for its runs and leases."""
    with closing(sqlite3.connect(folder / STATE)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)  # noqa: S608
            for (name,) in names
            if name not in OF_THE_RUN
        }


def written(folder: Path, key_result: str) -> Tables:
    """What was ever measured for a key result, intended and written to its store."""
    known = tables(folder)
    names = ("local_check_in", "intent", "last_sent", "measurement", "newest_measurement")
    return {name: [row for row in known[name] if key_result in row] for name in names}


def remembered_by(broken: Broken) -> Tables | None:
    """None where there is no state of okrsync that could be read."""
    case = broken.case
    unreadable = {*case.raw, *case.make} | ({STATE} if case.cut or case.overwrite else set())
    return None if STATE in unreadable else tables(broken.folder)
