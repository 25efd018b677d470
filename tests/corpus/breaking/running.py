"""The real command line, run in this process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from okrsync import __main__ as program
from okrsync.errors import OkrsyncError
from tests.corpus.breaking.project import FIRST

AGAIN = FIRST + timedelta(hours=6)


@dataclass(frozen=True)
class Answer:
    """``errors`` are all that were made on the way, told or not."""

    code: int
    out: str
    err: str
    errors: tuple[OkrsyncError, ...] = ()

    @property
    def told(self) -> OkrsyncError | None:
        found = [error for error in self.errors if f"okrsync: {error.message}\n" in self.err]
        return found[0] if found else None


class Okrsync:
    """The real command line in this process, on a clock of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self._errors: list[OkrsyncError] = []
        make = OkrsyncError.__init__

        def noted(error: OkrsyncError, message: str, **others: Any) -> None:
            make(error, message, **others)
            self._errors.append(error)

        monkeypatch.setattr(OkrsyncError, "__init__", noted)

    def run(self, folder: Path, *arguments: str, at: datetime = AGAIN) -> Answer:
        self._monkeypatch.chdir(folder)
        self._errors.clear()
        self._capsys.readouterr()
        code = program.run(arguments, clock=lambda: at)
        out, err = self._capsys.readouterr()
        return Answer(code, out, err, tuple(self._errors))
