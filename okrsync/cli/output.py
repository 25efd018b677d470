"""Data goes to stdout, talk to stderr."""

from __future__ import annotations

import os
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from okrsync.errors import ConfigError, OkrsyncError


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


class ReportFormat(StrEnum):
    TEXT = "text"
    MD = "md"
    JSON = "json"


class TableFormat(StrEnum):
    TEXT = "text"
    CSV = "csv"
    JSON = "json"


class ProblemFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def data(text: str) -> None:
    """One command's result; nothing at all when there is nothing to say."""
    _write(sys.stdout, text)


def talk(text: str) -> None:
    _write(sys.stderr, text)


def _write(stream: TextIO | None, text: str) -> None:
    """A reader that has left, or a stream that was never open, does not make a command fail."""
    if not text or stream is None:
        return
    try:
        stream.write(text if text.endswith("\n") else text + "\n")
        stream.flush()
    except BrokenPipeError:
        # Python would complain again at exit: give it nowhere to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def complain(error: OkrsyncError) -> None:
    """What happened, and the next thing to do."""
    if isinstance(error, ConfigError):
        talk(_problems(error))
        return
    talk(f"okrsync: {error.message}")
    if error.next_step:
        talk(f"  next: {error.next_step}")


def _problems(error: ConfigError) -> str:
    from okrsync.config.render import render

    return render(error.problems, "text", Path())


def width() -> int:
    """Columns to fill: those of the terminal, 80 when there is none."""
    return shutil.get_terminal_size((80, 24)).columns if _on_a_terminal() else 80


def colour() -> bool:
    """Only on a terminal that wants it; every colour has a word beside it."""
    if "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb":
        return False
    return _on_a_terminal()


def _on_a_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()
