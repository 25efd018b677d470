"""Do: plan, apply, sync, backfill."""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from okrsync.cli.context import (
    ConfigOption,
    QuietOption,
    SelectArgument,
    load_config,
    program,
    typed,
)
from okrsync.cli.output import Format, ReportFormat, colour, data, talk, width

if TYPE_CHECKING:
    from okrsync.config.config import Config
    from okrsync.model import RunReport
    from okrsync.sync.planned import Planned

CHANGES_PENDING = 6
FormatOption = Annotated[Format, typer.Option("--format", help="How the result is shown.")]


def register(app: typer.Typer) -> None:
    for command in (plan, apply, sync, backfill):
        app.command()(command)


def plan(
    context: typer.Context,
    select: SelectArgument = None,
    config: ConfigOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Save the plan, for `okrsync apply PLAN`.")
    ] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 6 when there is something to write.")
    ] = False,
    form: Annotated[
        ReportFormat, typer.Option("--format", help="How the plan is shown.")
    ] = ReportFormat.TEXT,
) -> None:
    """Show what a sync would write, and why. Writes nothing."""
    from okrsync.model import Verdict
    from okrsync.sync import plan_file, run

    loaded = load_config(context, config)
    planned = run.rehearse(loaded, program(context).clock, select or [], regardless=True)
    code = planned.exit_code
    pending = any(change.verdict is Verdict.POST for change in planned.plan.changes)
    if exit_code and pending:
        code = CHANGES_PENDING
    if out is not None:
        plan_file.save(planned.plan, out)
    words = _sync_of(select, all_=True) if select else "apply"
    writes = words if out is None else f"apply {shlex.quote(str(out))}"
    data(_plan_shown(planned, loaded, form, code, typed(context, config, writes)))
    raise typer.Exit(code)


def apply(
    context: typer.Context,
    plan: Annotated[
        Path | None, typer.Argument(help="A saved plan [default: plan and apply in one go].")
    ] = None,
    config: ConfigOption = None,
    quiet: QuietOption = False,
    form: FormatOption = Format.TEXT,
) -> None:
    """Write an approved plan, if the world is still as it was; refused with 5 otherwise."""
    from okrsync.sync import plan_file, run

    loaded = load_config(context, config)
    approved = None if plan is None else plan_file.load(plan)
    ids = [] if approved is None else [change.key_result for change in approved.changes]
    report, planned = run.sync(
        loaded,
        program(context).clock,
        ids,
        regardless=True,
        approved=approved,
        command="apply",
    )
    _tell(report, planned, loaded, quiet=quiet, form=form, command="apply")


def sync(
    context: typer.Context,
    select: SelectArgument = None,
    config: ConfigOption = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Also what its schedule does not make due now.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Plan only; write nothing.")] = False,
    quiet: QuietOption = False,
    form: FormatOption = Format.TEXT,
) -> None:
    """Measure what is due and check it in: what cron runs."""
    from okrsync.cli.pings import pinged
    from okrsync.sync import run

    loaded = load_config(context, config)
    clock = program(context).clock
    if dry_run:
        rehearsed = run.rehearse(loaded, clock, select or [], regardless=all_)
        code = rehearsed.exit_code
        if not (quiet and code == 0):
            apply = typed(context, config, _sync_of(select, all_=all_))
            shown = ReportFormat.JSON if form is Format.JSON else ReportFormat.TEXT
            data(_plan_shown(rehearsed, loaded, shown, code, apply))
        raise typer.Exit(code)
    with pinged(loaded, clock, quiet=quiet) as ping:
        report, planned = run.sync(loaded, clock, select or [], regardless=all_)
        ping.exit_code = report.exit_code
    _tell(report, planned, loaded, quiet=quiet, form=form, command="sync")


def backfill(
    context: typer.Context,
    since: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The oldest day.")
    ],
    select: SelectArgument = None,
    config: ConfigOption = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="The newest day [default: yesterday]."),
    ] = None,
    every: Annotated[
        str, typer.Option(help="How far apart the days are.", metavar="DURATION")
    ] = "7d",
    form: FormatOption = Format.TEXT,
) -> None:
    """Fetch past values from sources that can answer for the past. Posts nothing."""
    from okrsync.errors import UsageError
    from okrsync.mapping.units import parse_duration
    from okrsync.report.backfill import backfill_json, backfill_text
    from okrsync.sync.backfill import backfill as fetch

    try:
        step = parse_duration(every)
    except ValueError as error:
        raise UsageError(f"--every: {error}", next_step="okrsync backfill --every 7d") from None
    if step.days < 1:
        raise UsageError(
            "--every must be at least one day", next_step="okrsync backfill --every 7d"
        )
    clock = program(context).clock
    filled = fetch(
        load_config(context, config),
        clock,
        select or [],
        since=since.date(),
        until=None if until is None else until.date(),
        every=step,
    )
    code = 3 if any(filled.gaps.values()) else 0
    if form is Format.JSON:
        data(backfill_json(filled.run, filled.values, filled.gaps, clock(), code))
    else:
        data(backfill_text(filled.values, filled.gaps, width=width()))
    raise typer.Exit(code)


def _sync_of(select: list[str] | None, *, all_: bool) -> str:
    """The command that writes what was shown, and nothing else."""
    return shlex.join(["sync", *(["--all"] if all_ else []), *(select or [])])


def _plan_shown(planned: Planned, config: Config, form: ReportFormat, code: int, apply: str) -> str:
    from okrsync.report import json, markdown, text

    made, due, warnings = planned.plan, planned.due, planned.warnings
    if form is ReportFormat.JSON:
        return json.plan_json(made, config, due=due, warnings=warnings, exit_code=code)
    if form is ReportFormat.MD:
        return markdown.plan_markdown(made, config, due=due, warnings=warnings, apply=apply)
    return text.plan_text(
        made,
        config,
        due=due,
        warnings=warnings,
        width=width(),
        colour=colour(),
        apply=apply,
    )


def _tell(
    report: RunReport,
    planned: Planned,
    config: Config,
    *,
    quiet: bool,
    form: Format,
    command: str,
) -> None:
    if quiet and report.exit_code == 0:
        return
    from okrsync.report import json, text
    from okrsync.sync.news import worth_telling

    if form is Format.JSON:
        data(json.run_json(report, config, due=planned.due, command=command))
    elif not quiet:
        data(text.summary_text(report, config, due=planned.due, width=width(), colour=colour()))
    elif worth_telling(report.plan.changes, planned.kpis, planned.before, report.started):
        talk(text.summary_text(report, config, due=planned.due, width=width(), colour=False))
    raise typer.Exit(report.exit_code)
