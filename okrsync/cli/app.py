"""The command tree. Importing it stays cheap: what a command needs it imports when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from okrsync.cli import care, do, periods, persons, see, start
from okrsync.cli.context import Program, program

app = typer.Typer(
    name="okrsync",
    help="Keeps key results true: measures, scores, and checks them in where your OKRs live.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:  # noqa: FBT001
    if asked:
        from okrsync import __version__

        typer.echo(f"okrsync {__version__}")
        raise typer.Exit


@app.callback()
def main(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="The operator's file, for any command.")
    ] = None,
    log_level: Annotated[
        str | None, typer.Option(help="debug, info, warning or error.", metavar="LEVEL")
    ] = None,
    log_format: Annotated[
        str | None, typer.Option(help="text or json lines, on stderr.", metavar="FORMAT")
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    if context.resilient_parsing or context.invoked_subcommand is None:
        return
    given = program(context)
    context.obj = Program(config=config or given.config, clock=given.clock)
    from okrsync.cli.logs import start_logging

    start_logging(log_level, log_format)


for group in (start, do, persons, periods, see, care):
    group.register(app)
