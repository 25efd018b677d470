"""Care: ready-made files for the scheduler of the house; a lease that nobody will end."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from okrsync.cli.context import ConfigOption, config_path, load_config
from okrsync.cli.output import data, talk


def register(app: typer.Typer) -> None:
    for command in (schedule, unlock):
        app.command()(command)


def schedule(
    context: typer.Context,
    kind: Annotated[Literal["cron", "systemd", "kubernetes"], typer.Argument(help="What runs it.")],
    config: ConfigOption = None,
) -> None:
    """Print files that run `okrsync sync` regularly."""
    from okrsync.templates.schedule import schedule_files

    data(schedule_files(kind, config_path(context, config)))


def unlock(
    context: typer.Context,
    lease: Annotated[str, typer.Argument(help="The lease's id, as the busy message names it.")],
    config: ConfigOption = None,
) -> None:
    """End the lease of a run on another machine that is known to be dead."""
    from okrsync.sync.seeing import end_lease

    end_lease(load_config(context, config), lease)
    talk(f"lease {lease} has ended; next: okrsync sync")
