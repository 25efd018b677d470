"""The program's edge: every failure becomes one message and one exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import NoReturn

from okrsync.cli.failing import Asked, Failure, asked, say, tell
from okrsync.clock import system_clock
from okrsync.contracts import Clock
from okrsync.errors import OkrsyncError

BUG = 1
USAGE = 2
OUTSIDE = 3
STOPPED = 3

_ALLOCATIONS_BETWEEN_COLLECTIONS = 1_000_000


def run(arguments: Sequence[str] | None = None, *, clock: Clock = system_clock) -> int:
    """Run one command and return its exit code; never raises."""
    import typer

    from okrsync.cli.app import app
    from okrsync.cli.context import Program
    from okrsync.sync.termination import Terminated

    words = sys.argv[1:] if arguments is None else list(arguments)
    command = typer.main.get_command(app)
    how = asked(words, getattr(command, "commands", ()))
    try:
        result = command.main(
            args=words, prog_name="okrsync", standalone_mode=False, obj=Program(clock=clock)
        )
    except OkrsyncError as error:
        return tell(error, how, clock)
    except SystemExit as left:  # typer's own, when the reader of a pipe has left
        return left.code if isinstance(left.code, int) else 0
    except (Terminated, KeyboardInterrupt):
        return say(_STOPPED, how, clock)
    except OSError as error:
        return say(_refused(error), how, clock)
    except Exception as error:  # noqa: BLE001
        return _unexpected(error, how, clock)
    return result if isinstance(result, int) else 0


_STOPPED = Failure(
    "stopped", STOPPED, "stopped; the next run does the rest, and looks into the stores first"
)


def _refused(error: OSError) -> Failure:
    return Failure(
        "system",
        OUTSIDE,
        f"the system refused: {error.strerror or type(error).__name__}",
        "look at the rights and the space left where okrsync reads and writes; okrsync doctor",
    )


def _unexpected(error: Exception, how: Asked, clock: Clock) -> int:
    """Usage errors are click's own; anything else is a bug, and its text may hold a secret."""
    show = getattr(error, "show", None)
    if callable(show) and hasattr(error, "exit_code"):
        if how.json:
            return say(_misused(error), how, clock)
        show()
        return USAGE
    if type(error).__name__ == "Abort":
        return say(_STOPPED, how, clock)
    bug = f"a bug: {type(error).__name__} {_where(error)}"
    cure = "report it, with `okrsync --version` and the command that you typed"
    return say(Failure("bug", BUG, bug, cure), how, clock)


def _misused(error: Exception) -> Failure:
    message = getattr(error, "format_message", lambda: str(error))()
    path = getattr(getattr(error, "ctx", None), "command_path", "okrsync")
    return Failure("usage", USAGE, message, f"{path} --help")


def _where(error: Exception) -> str:
    """The innermost line of ours, which holds no data."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if "okrsync" in code.co_filename:
            place = f"in {os.path.basename(code.co_filename)}:{trace.tb_lineno}"  # noqa: PTH119
        trace = trace.tb_next
    return place


def main() -> NoReturn:
    """A run builds what it needs, keeps it to the end, and ends: looking through it for rubbish
    again and again took a third of a large sync, taking it apart at the end a tenth."""
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # where the locale knows no Swedish letter, a question mark stands for it
            stream.reconfigure(errors="replace")
    _leave(run())


def _leave(code: int) -> NoReturn:
    """All files and connections are closed by now; only what was printed may still wait."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
