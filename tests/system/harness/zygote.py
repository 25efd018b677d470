"""A process that has imported all of okrsync and forks one child for each command.

Run as a program, with the folder of a small project to warm up on. Each line on stdin is a request
in JSON, each line on stdout its answer:

    {"op": "start", "args": [...], "cwd": ..., "out": ..., "err": ..., "clock": ..., "env": {...},
     "fault": 0, "at": 0}                            -> {"pid": 123}
    {"op": "wait", "pid": 123}                       -> {"code": 0, "points": 17}

A child runs the very function that ``python -m okrsync`` runs, on a clock of its own when it is
given one. With ``fault`` (see faults.c, which must be preloaded) it meets that fault at its
``at``-th system call.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import io
import json
import logging
import os
import sys
from contextlib import redirect_stdout
from datetime import datetime
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NoReturn

import typer

from okrsync.__main__ import run
from okrsync.clock import system_clock
from okrsync.config import registry

_FOR_STORES = ("okrsync.http", "okrsync_okr_tracker.store", "okrsync_operately.store")
_FAULTS = os.environ.pop("OKRSYNC_TEST_FAULTS", "")
os.environ.pop("LD_PRELOAD", None)


def main() -> None:
    shim = ctypes.CDLL(_FAULTS) if _FAULTS else None
    _warm(sys.argv[1])
    _say("ready")
    for line in sys.stdin:
        request = json.loads(line)
        answer = _start(request, shim) if request["op"] == "start" else _wait(request, shim)
        _say(json.dumps(answer))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _warm(folder: str) -> None:
    """Do all of it once, so that what loads late is loaded in every child from its start."""
    # the command tree and the list of what is installed are half of a run, and always the same
    typer.main.get_command = cache(typer.main.get_command)
    vars(registry)["entry_points"] = cache(entry_points)
    home = Path.cwd()
    os.chdir(folder)
    with redirect_stdout(io.StringIO()):
        for arguments in (["sync"], ["plan"], ["status"]):
            code = run(arguments)
            if code:
                sys.exit(f"the warm-up {arguments} ended with {code}")
    os.chdir(home)
    for module in _FOR_STORES:
        importlib.import_module(module)
    gc.freeze()  # a child that collects what it inherited would copy all of it


def _start(request: dict[str, Any], shim: ctypes.CDLL | None) -> dict[str, int]:
    pid = os.fork()
    if pid == 0:
        _become(request, shim)
    return {"pid": pid}


def _wait(request: dict[str, Any], shim: ctypes.CDLL | None) -> dict[str, int]:
    _, status = os.waitpid(request["pid"], 0)
    points = 0 if shim is None else shim.faults_counted()
    return {"code": os.waitstatus_to_exitcode(status), "points": points}


def _become(request: dict[str, Any], shim: ctypes.CDLL | None) -> NoReturn:
    code = 125  # not one of okrsync's: this harness is at fault
    try:
        _dress(request)
        if request["fault"] and shim is not None:
            shim.faults_arm(request["fault"], ctypes.c_long(request["at"]))
        at = request["clock"]
        frozen = None if at is None else datetime.fromisoformat(at)
        code = run(request["args"], clock=system_clock if frozen is None else lambda: frozen)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 shown as python would show it: the test looks for it
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def _dress(request: dict[str, Any]) -> None:
    """The child's own folder, environment and outputs."""
    os.chdir(request["cwd"])
    os.environ.update(request["env"])
    for number, path in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        file = os.open(path, flags, 0o600)
        os.dup2(file, number)
        os.close(file)
    for number, name in ((1, "stdout"), (2, "stderr")):
        setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115
    logging.getLogger().handlers.clear()


if __name__ == "__main__":
    main()
