"""Data goes to stdout, talk to stderr."""

from __future__ import annotations

import os
import shutil
import sys
from enum import StrEnum
from pathlib import Path

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
    if text:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()


def talk(text: str) -> None:
    if text:
        sys.stderr.write(text if text.endswith("\n") else text + "\n")
        sys.stderr.flush()


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
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80


def colour() -> bool:
    """Only on a terminal that wants it; every colour has a word beside it."""
    if "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty()
