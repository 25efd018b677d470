"""From one period to the next: link, close, carry."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from okrsync.cli.context import ConfigOption, load_config, program
from okrsync.cli.output import Format, data, width

FormatOption = Annotated[Format, typer.Option("--format", help="How the result is shown.")]


def register(app: typer.Typer) -> None:
    for command in (close,):
        app.command()(command)


def close(
    context: typer.Context,
    period: Annotated[
        str | None,
        typer.Argument(help="Its label, such as 2026-Q4 [default: the one that is over]."),
    ] = None,
    config: ConfigOption = None,
    early: Annotated[bool, typer.Option("--early", help="Also before its end.")] = False,
    anyway: Annotated[
        list[str] | None,
        typer.Option(help="A key result to freeze although it is held or failed.", metavar="KR"),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Who says so [default: the user that runs this].")
    ] = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Freeze a period's final scores with their evidence; a second time changes nothing."""
    from okrsync.lifecycle import close_report
    from okrsync.lifecycle.closing import Refused
    from okrsync.lifecycle.closing import close as close_period

    loaded, clock = load_config(context, config), program(context).clock
    who = by or getpass.getuser()
    result = close_period(loaded, clock, period, by=who, early=early, anyway=anyway or ())
    if isinstance(result, Refused):
        if form is Format.JSON:
            data(close_report.refused_json(result, clock()))
        else:
            data(close_report.refused_text(result, width=width()))
        raise typer.Exit(close_report.REFUSED)
    if form is Format.JSON:
        data(close_report.closed_json(result, loaded, clock()))
    else:
        data(close_report.closed_text(result, loaded, width=width()))
