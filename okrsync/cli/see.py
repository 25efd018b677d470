"""See: status, explain, history, report, calibrate, lint. From the state alone; no network."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from okrsync.cli.context import ConfigOption, SelectArgument, load_config, program
from okrsync.cli.output import Format, ReportFormat, TableFormat, colour, data, width

FormatOption = Annotated[Format, typer.Option("--format", help="How the result is shown.")]


def register(app: typer.Typer) -> None:
    for command in (status, explain, history, report, calibrate, lint):
        app.command()(command)


def status(
    context: typer.Context,
    select: SelectArgument = None,
    config: ConfigOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """The last known state of every key result, and where each number came from."""
    from okrsync.report import json, text
    from okrsync.sync.seeing import last_known

    clock = program(context).clock
    known = last_known(load_config(context, config), clock, select or [])
    if form is Format.JSON:
        data(json.status_json(known.config, known.outcomes, clock()))
        return
    data(text.status_text(known.config, known.outcomes, clock(), width=width(), colour=colour()))


def explain(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="A key result's id, or an error's code.")],
    config: ConfigOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """How a number is made, step by step; or what an error code means."""
    from okrsync.config.codes import CODES
    from okrsync.report import json, text
    from okrsync.report.codes import MEANINGS
    from okrsync.report.words import approval_item
    from okrsync.sync.seeing import one_known

    meaning = CODES.get(what) or MEANINGS.get(what)
    if meaning is not None:
        data(_code_explained(what, meaning, form, program(context).clock()))
        return
    clock = program(context).clock
    known = one_known(load_config(context, config), clock, what)
    if form is Format.JSON:
        data(
            json.explain_json(
                known.rule,
                known.outcome,
                known.config,
                known.history,
                clock(),
                approvals=[approval_item(approval) for approval in known.approvals],
            )
        )
        return
    data(
        text.explain_text(
            known.rule,
            known.outcome,
            known.config,
            known.history,
            clock(),
            approvals=known.approvals,
            width=width(),
        )
    )


def _code_explained(code: str, meaning: str, form: Format, now: datetime) -> str:
    from okrsync.report import json

    if form is Format.JSON:
        return json.envelope("explain", 0, now, items=[{"code": code, "meaning": meaning}])
    return f"{code}: {meaning}"


def history(
    context: typer.Context,
    key_result: Annotated[str, typer.Argument(help="A key result's or a metric's id.")],
    config: ConfigOption = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The oldest day to show.")
    ] = None,
    form: Annotated[
        TableFormat, typer.Option("--format", help="How the values are shown.")
    ] = TableFormat.TEXT,
) -> None:
    """Every value that was measured, said or backfilled; who checked in or approved what, why."""
    from okrsync.report.history import history_csv, history_json, history_text
    from okrsync.sync.seeing import finals_of, past

    loaded = load_config(context, config)
    clock = program(context).clock
    told = past(loaded, clock, key_result, since)
    finals = finals_of(loaded, clock, key_result)
    if form is TableFormat.JSON:
        data(
            history_json(
                key_result,
                told.readings,
                clock(),
                told.written,
                approvals=told.approvals,
                finals=finals,
            )
        )
    elif form is TableFormat.CSV:
        data(history_csv(told.readings))
    else:
        data(
            history_text(
                told.readings,
                loaded.timezone,
                told.written,
                approvals=told.approvals,
                finals=finals,
                width=width(),
            )
        )


def report(
    context: typer.Context,
    config: ConfigOption = None,
    form: Annotated[
        ReportFormat, typer.Option("--format", help="How the report is written.")
    ] = ReportFormat.TEXT,
) -> None:
    """The whole tree: what needs attention first, then objectives, KPIs and perspectives."""
    from okrsync.report import json, markdown
    from okrsync.report.tree import report_text
    from okrsync.sync.seeing import last_known

    clock = program(context).clock
    known = last_known(load_config(context, config), clock, [])
    now, moves = clock(), known.moves
    if form is ReportFormat.JSON:
        data(json.report_json(known.config, known.outcomes, now, moves=moves))
    elif form is ReportFormat.MD:
        data(markdown.report_markdown(known.config, known.outcomes, now, moves=moves))
    else:
        text = report_text(
            known.config, known.outcomes, now, width=width(), colour=colour(), moves=moves
        )
        data(text)


def calibrate(
    context: typer.Context,
    select: SelectArgument = None,
    config: ConfigOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """How often the stated confidence came true, in the periods that are over."""
    from okrsync.report.calibration import calibration_json, calibration_text
    from okrsync.sync.calibrate import calibrate as examine

    clock = program(context).clock
    found = examine(load_config(context, config), clock, select or [])
    if form is Format.JSON:
        data(calibration_json(found, clock()))
    else:
        data(calibration_text(found, width=width()))


def lint(
    context: typer.Context,
    config: ConfigOption = None,
    strict: Annotated[bool, typer.Option(help="Exit with 3 when there is a finding.")] = False,
    form: FormatOption = Format.TEXT,
) -> None:
    """OKR hygiene: how many, how clear, how well paired, how ambitious."""
    from okrsync.lint import lint as examine
    from okrsync.report import json, text
    from okrsync.sync.seeing import last_known

    clock = program(context).clock
    known = last_known(load_config(context, config), clock, [])
    findings = examine(known.config, known.outcomes)
    code = 3 if strict and findings else 0
    if form is Format.JSON:
        data(json.lint_json(findings, clock(), exit_code=code))
    else:
        data(text.lint_text(findings, width=width()))
    raise typer.Exit(code)
