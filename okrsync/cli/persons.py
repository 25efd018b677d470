"""A person's word: set, approve."""

from __future__ import annotations

import getpass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from okrsync.cli.context import ConfigOption, load_config, program, typed
from okrsync.cli.output import Format, data, talk

ByOption = Annotated[
    str | None, typer.Option(help="Who says so [default: the user that runs this].")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How the result is shown.")]


def register(app: typer.Typer) -> None:
    for name, command in (("set", set_value), ("approve", approve)):
        app.command(name)(command)


def set_value(
    context: typer.Context,
    key_result: Annotated[str, typer.Argument(help="Its full id.")],
    value: Annotated[str, typer.Argument(help='A number ("21.4", "49 d", "60 %"), or done.')],
    config: ConfigOption = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The last day that it counts."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Shown wherever the value is shown.")] = "",
    by: ByOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Say a key result's value: for one kept by hand, or in place of a measured one for a while."""
    from okrsync.report import numbers, words
    from okrsync.sync.persons import say

    loaded, clock = load_config(context, config), program(context).clock
    said = say(
        loaded,
        clock,
        key_result,
        value,
        until=None if until is None else until.date(),
        reason=reason,
        by=by or getpass.getuser(),
    )
    if form is Format.JSON:
        data(words.said_json(said, clock()))
        return
    shown = numbers.value(loaded.rules[key_result].key_result, said.number)
    again = typed(context, config, f"sync {key_result}")
    end = "" if said.until is None else f" until {said.until}"
    talk(f"{key_result} is {shown}{end}; next: {again}")


def approve(
    context: typer.Context,
    what: Annotated[
        list[str], typer.Argument(help="Held key results by id, or a saved plan.", metavar="KR...")
    ],
    reason: Annotated[str, typer.Option(help="Why this value is right.")],
    config: ConfigOption = None,
    by: ByOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Let held values through: exactly these, once."""
    from okrsync.mapping.units import show
    from okrsync.report import words
    from okrsync.sync import persons, plan_file

    loaded = load_config(context, config)
    clock, who = program(context).clock, by or getpass.getuser()
    if len(what) == 1 and Path(what[0]).is_file():
        plan = plan_file.load(Path(what[0]))
        approvals = persons.approve_plan(loaded, clock, plan, reason=reason, by=who)
    else:
        approvals = persons.approve(loaded, clock, what, reason=reason, by=who)
    if form is Format.JSON:
        data(words.approved_json(approvals, clock()))
        return
    for approval in approvals:
        talk(f"approved {approval.key_result} {show(approval.number, approval.unit)}")
    ids = " ".join(approval.key_result for approval in approvals)
    talk(f"next: {typed(context, config, f'sync {ids}')}")
