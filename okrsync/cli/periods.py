"""From one period to the next: link, close, carry."""

from __future__ import annotations

import getpass
import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from okrsync.cli.context import ConfigOption, SelectArgument, load_config, program, typed
from okrsync.cli.output import Format, data, talk, width

if TYPE_CHECKING:
    from okrsync.lifecycle.linking import Links
    from okrsync.lifecycle.matching import Match

FormatOption = Annotated[Format, typer.Option("--format", help="How the result is shown.")]


def register(app: typer.Typer) -> None:
    for command in (link, close, carry):
        app.command()(command)


def link(
    context: typer.Context,
    select: SelectArgument = None,
    config: ConfigOption = None,
    store: Annotated[
        str | None, typer.Option(help="Name of the store, where there are several.", metavar="NAME")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write every match that is sure, without asking.")
    ] = False,
    at_least: Annotated[
        int, typer.Option(min=50, max=100, help="How sure --write must be, in percent.")
    ] = 90,
    form: FormatOption = Format.TEXT,
) -> None:
    """Match key results with the store's, and write their store_id into the mappings."""
    from okrsync.lifecycle import link_report
    from okrsync.lifecycle.linking import asked, find_links, sure, write_links

    loaded, clock = load_config(context, config), program(context).clock
    links = find_links(loaded, clock, select or [], store)
    asking = not write and form is Format.TEXT and _somebody_is_there()
    if form is Format.TEXT and not asking:
        data(link_report.links_text(links, width=width()))
    chosen = sure(links, at_least) if write else {}
    if asking:
        chosen = asked(links, lambda match: _ask(match, links))
    files = write_links(loaded, chosen)
    code = link_report.OPEN if write and link_report.left_open(links, chosen) else 0
    if form is Format.JSON:
        data(link_report.links_json(links, chosen, clock(), exit_code=code))
    elif write or asking:
        talk(link_report.written_text(chosen, files, loaded.root))
        if chosen:
            talk(f"next: {typed(context, config, 'validate')}")
    elif links.matches:
        talk("Nothing was written.")
    if form is Format.TEXT and not asking:
        words = ["link", *map(shlex.quote, select or [])]
        words += [] if store is None else ["--store", shlex.quote(store)]
        again = typed(context, config, " ".join(words))
        talk(link_report.offer_text(links, chosen, at_least, again))
    raise typer.Exit(code)


def _somebody_is_there() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def _ask(match: Match, links: Links) -> str | None:
    """The id that a person chooses; an ambiguous match has no default."""
    from okrsync.lifecycle.link_report import match_lines

    talk("\n".join(match_lines(match, links, width())))
    if not match.rivals:
        return match.best.theirs if typer.confirm("       link these?", default=False) else None
    own = [one for one in match.rivals if one.ours == match.best.ours]
    choices = [match.best.theirs, *(one.theirs for one in own)]
    for number, theirs in enumerate(choices, start=1):
        talk(f"       {number}: {theirs}")
    answer = typer.prompt("       which (0 for none)", default=0, type=int)
    return choices[answer - 1] if 1 <= answer <= len(choices) else None


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


def carry(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(help="A period, such as 2026-Q4, or one mapping file.", metavar="WHAT")
    ],
    config: ConfigOption = None,
    to: Annotated[
        str | None, typer.Option(help="The new period [default: the next one].", metavar="PERIOD")
    ] = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Write the next period's mappings, starting from where this one ended."""
    from okrsync.lifecycle import carry_report
    from okrsync.lifecycle.carrying import carry as carry_files

    loaded, clock = load_config(context, config), program(context).clock
    files = carry_files(loaded, clock, what, to)
    if form is Format.JSON:
        data(carry_report.carried_json(files, loaded.root, clock()))
        return
    data(carry_report.carried_text(files, loaded.root, width=width()))
    again = typed(context, config, "validate")
    talk(f'next: look at every line that says "carried:", then {again}')
