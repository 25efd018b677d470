"""What every command shares: the process's own settings, the clock, the loaded config."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from okrsync.clock import system_clock
from okrsync.contracts import Clock

if TYPE_CHECKING:
    from okrsync.config.config import Config

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The operator's file [default: config.toml]."),
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="Say nothing when all is well (for cron).")
]
SelectArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Key results: ids, globs, owner:NAME or source:NAME [default: all]."),
]


@dataclass(frozen=True, slots=True)
class Program:
    """Lives in typer's context; tests put their own clock here."""

    config: Path | None = None
    clock: Clock = system_clock


def program(context: typer.Context) -> Program:
    found = context.find_object(Program)
    return found if found is not None else Program()


def config_path(context: typer.Context, given: Path | None) -> Path:
    """The option, else the one before the command, else OKRSYNC_CONFIG, else config.toml."""
    from okrsync.config import environment

    return given or program(context).config or environment.config_path()


def typed(context: typer.Context, given: Path | None, words: str) -> str:
    """A command to type next, about the same files: with the ``--config`` that was typed."""
    file = given or program(context).config
    return f"okrsync {words}" + (f" --config {shlex.quote(str(file))}" if file else "")


def load_config(context: typer.Context, given: Path | None) -> Config:
    """Raises ConfigError with every problem of every file."""
    from dataclasses import replace

    from okrsync.config import environment
    from okrsync.config.load import load

    config = load(config_path(context, given), clock=program(context).clock)
    state_url = environment.state_url()
    return config if state_url is None else replace(config, state_url=state_url)
