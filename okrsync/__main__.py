"""The program's edge: every failure becomes one message and one exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from okrsync.cli.output import complain, talk
from okrsync.clock import system_clock
from okrsync.contracts import Clock
from okrsync.errors import OkrsyncError

BUG = 1
USAGE = 2
OUTSIDE = 3
STOPPED = 3

_ALLOCATIONS_BETWEEN_COLLECTIONS = 200_000


def run(arguments: Sequence[str] | None = None, *, clock: Clock = system_clock) -> int:
    """Run one command and return its exit code; never raises."""
    import typer

    # A run builds what it needs, keeps it to the end, and ends: looking through it for rubbish
    # again and again took a third of a large sync.
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)
    from okrsync.cli.app import app
    from okrsync.cli.context import Program
    from okrsync.sync.termination import Terminated

    try:
        result = typer.main.get_command(app).main(
            args=None if arguments is None else list(arguments),
            prog_name="okrsync",
            standalone_mode=False,
            obj=Program(clock=clock),
        )
    except OkrsyncError as error:
        complain(error)
        return error.exit_code
    except (Terminated, KeyboardInterrupt):
        talk("okrsync: stopped; the write under way was finished, the next run does the rest")
        return STOPPED
    except BrokenPipeError:
        # Whoever read our output has left. Python would complain again at exit: give it nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return STOPPED
    except OSError as error:
        talk(f"okrsync: the system refused: {error.strerror or type(error).__name__}")
        return OUTSIDE
    except Exception as error:  # noqa: BLE001
        return _unexpected(error)
    return result if isinstance(result, int) else 0


def _unexpected(error: Exception) -> int:
    """Usage errors are click's own; anything else is a bug, and its text may hold a secret."""
    show = getattr(error, "show", None)
    if callable(show) and hasattr(error, "exit_code"):
        show()
        return USAGE
    if type(error).__name__ == "Abort":
        return STOPPED
    talk(f"okrsync: a bug: {type(error).__name__} {_where(error)}")
    talk("  next: report it, with `okrsync --version` and the command that you typed")
    return BUG


def _where(error: Exception) -> str:
    """The innermost line of ours, which holds no data."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if "okrsync" in code.co_filename:
            place = f"in {os.path.basename(code.co_filename)}:{trace.tb_lineno}"  # noqa: PTH119
        trace = trace.tb_next
    return place


def main() -> None:
    sys.exit(run())


if __name__ == "__main__":
    main()
