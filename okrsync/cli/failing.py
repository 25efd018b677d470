"""What a failed command says: to people on stderr, or as JSON on stdout when that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from okrsync.cli.output import complain, data, talk
from okrsync.contracts import Clock
from okrsync.errors import Busy, ConfigError, OkrsyncError

if TYPE_CHECKING:
    from collections.abc import Container


@dataclass(frozen=True, slots=True)
class Failure:
    """``problems`` take the place of the message in JSON."""

    code: str
    exit_code: int
    message: str
    next_step: str = ""
    problems: Sequence[Mapping[str, object]] = field(default=())


@dataclass(frozen=True, slots=True)
class Asked:
    """What the words of the command line ask for; a failure may come before they are parsed."""

    command: str
    json: bool
    quiet: bool


def asked(words: Sequence[str], commands: Container[str]) -> Asked:
    pairs = pairwise([*words, ""])
    return Asked(
        command=next((word for word in words if word in commands), ""),
        json=any(pair == ("--format", "json") or "--format=json" in pair for pair in pairs),
        quiet="--quiet" in words or "-q" in words,
    )


def tell(error: OkrsyncError, how: Asked, clock: Clock) -> int:
    """Say it; returns the exit code. That another run is at work is no news to cron."""
    from okrsync.config.secrets import masked

    if isinstance(error, Busy) and how.quiet:
        return error.exit_code
    error.hide(masked)
    if not how.json:
        complain(error)
        return error.exit_code
    failure = Failure(error.code, error.exit_code, error.message, error.next_step)
    if isinstance(error, ConfigError):
        from okrsync.config.render import as_data

        failure = replace(failure, problems=[as_data(problem) for problem in error.problems])
    return say(failure, how, clock)


def say(failure: Failure, how: Asked, clock: Clock) -> int:
    """The same for what is no error of ours; returns the exit code."""
    if how.json:
        data(_as_json(failure, how, clock))
        return failure.exit_code
    step = f"\n  next: {failure.next_step}" if failure.next_step else ""
    talk(f"okrsync: {failure.message}{step}")
    return failure.exit_code


def _as_json(failure: Failure, how: Asked, clock: Clock) -> str:
    from okrsync.report.json import envelope

    alone = {
        "code": failure.code,
        "message": failure.message,
        "next": failure.next_step or None,
    }
    diagnostics = failure.problems or [alone]
    return envelope(
        how.command,
        failure.exit_code,
        clock(),
        summary={"errors": len(diagnostics)},
        diagnostics=diagnostics,
    )
