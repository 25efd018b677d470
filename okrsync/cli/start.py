"""Start: init, validate, doctor, schema."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from okrsync.cli.context import ConfigOption, config_path, load_config, program, typed
from okrsync.cli.output import Format, ProblemFormat, data, talk, width
from okrsync.contracts import Clock
from okrsync.errors import UsageError

if TYPE_CHECKING:
    from okrsync.config.load import Examination


def register(app: typer.Typer) -> None:
    for command in (init, validate, doctor, schema):
        app.command()(command)


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to put the files.")] = Path(),
    template: Annotated[
        str,
        typer.Option(
            help="starter, company, engineering, sales, support, engineering-csv, sales-csv.",
            metavar="NAME",
        ),
    ] = "starter",
    from_store: Annotated[
        bool,
        typer.Option("--from-store", help="Write what the store holds as a mapping, instead."),
    ] = False,
    store: Annotated[
        str | None,
        typer.Option(help="Name of the store, where there are several.", metavar="NAME"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The mapping to write [default: mappings/NAME.toml].", metavar="FILE"),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Write a config, mappings and sample data that run as they are; or a store as a mapping."""
    if from_store:
        there = None if folder == Path() else folder / "config.toml"
        _init_from_store(context, config or there, store, out)
        return
    if store is not None or out is not None:
        raise UsageError(
            "--store and --out go with --from-store", next_step="okrsync init --from-store"
        )
    from okrsync.templates.init import init_project

    for written in init_project(folder, template):
        talk(f"wrote {written}")
    first = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    talk(f"next: {first}okrsync validate && okrsync plan")


def _init_from_store(
    context: typer.Context, config: Path | None, store: str | None, out: Path | None
) -> None:
    from okrsync.lifecycle.from_store import import_store

    path = config_path(context, config)
    made = import_store(path, program(context).clock, store, out)
    talk(f"wrote {made.file}: {made.key_results} key result{'' if made.key_results == 1 else 's'}")
    if made.over or made.mapped:
        talk(f"left out: {made.over} of a period that is over, {made.mapped} in a mapping already")
    if not made.found:
        talk(f"no pattern in {path} finds it: add it to `mappings` there")
    again = typed(context, config, "validate")
    if made.to_fill:
        talk(f"next: fill in each `# from` there; {again} names those that are left")
    else:
        talk(f"next: {again}; all are kept by hand there, by manual = true")


def validate(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="The operator's file [default: config.toml].")
    ] = None,
    config: ConfigOption = None,
    form: Annotated[
        ProblemFormat, typer.Option("--format", help="How problems are shown.")
    ] = ProblemFormat.TEXT,
) -> None:
    """Read every file offline and show all problems at once; needs no secret and no network."""
    from okrsync.config.load import examine
    from okrsync.config.render import render

    path = config_path(context, file or config)
    clock = program(context).clock
    found = examine(path, clock=clock)
    code = 2 if any(not problem.warning for problem in found.problems) else 0
    if form is ProblemFormat.JSON:
        data(_validated(found, code, clock))
    elif found.problems:
        data(render(found.problems, _words(form), path.absolute().parent))
    if code:
        raise typer.Exit(code)
    if form is ProblemFormat.TEXT and found.config is not None:
        rules, files = len(found.config.rules), len(found.config.files)
        counted = f"{rules} key result{'' if rules == 1 else 's'} in {files} files"
        talk(f"{counted}: no mistakes. Nothing was contacted.")


def _words(form: ProblemFormat) -> Literal["text", "github"]:
    return "github" if form is ProblemFormat.GITHUB else "text"


def _validated(found: Examination, code: int, clock: Clock) -> str:
    from okrsync.config.render import as_data
    from okrsync.report.json import envelope

    errors = sum(not problem.warning for problem in found.problems)
    config = found.config
    counts = {
        "errors": errors,
        "warnings": len(found.problems) - errors,
        "key_results": None if config is None else len(config.rules),
    }
    problems = [as_data(problem) for problem in found.problems]
    return envelope("validate", code, clock(), summary=counts, diagnostics=problems)


def doctor(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Names of sources and stores [default: all].", metavar="NAME..."),
    ] = None,
    config: ConfigOption = None,
    form: Annotated[Format, typer.Option("--format", help="How findings are shown.")] = Format.TEXT,
) -> None:
    """Try everything once: config, state, store, and one question to each source."""
    from okrsync.report.json import envelope
    from okrsync.sync.doctor import examine as try_everything

    clock = program(context).clock
    findings = try_everything(load_config(context, config), clock, names or [])
    code = max((finding.exit_code for finding in findings), default=0)
    if form is Format.JSON:
        items = [finding.as_item() for finding in findings]
        data(envelope("doctor", code, clock(), items=items))
    else:
        data("\n".join(finding.as_text(width()) for finding in findings))
    if code:
        raise typer.Exit(code)


def schema(
    kind: Annotated[
        Literal["config", "mapping", "either"], typer.Argument(help="For which kind of file.")
    ] = "either",
) -> None:
    """Write a JSON Schema for editors, with the keys of the installed connectors."""
    import json

    from okrsync.config.schema import schema as make

    data(json.dumps(make(kind), ensure_ascii=False, indent=2))
