"""Running okrsync: in a process of its own, or, ten times faster, as a child of a warmed one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

KILL, EIO, ENOSPC = 1, 2, 3

EVERY_POINT = os.environ.get("OKRSYNC_EVERY_POINT") == "1"
"""Whether what CI only samples, where points are alike, is tried at every one."""

SMALL_CONFIG = """\
version = 1
timezone = "UTC"
mappings = ["mappings/*.toml"]
[source.probe]
type = "probe"
"""
SMALL_MAPPING = """\
version = 1
team = "team"
period = "this_year"
[objective.grow]
title = "People find us"
[objective.grow.kr.signups]
title = "From 0 to 100 signups"
baseline = 0
target = 100
from = "probe"
probe = "signups"
"""


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended; ``code`` is negative when a signal ended it, ``points`` are those of its
    system calls that a fault could have hit."""

    code: int
    out: str
    err: str
    points: int = 0

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Running:
    pid: int
    out: Path
    err: Path
    zygote: Zygote

    def wait(self) -> Result:
        ended = self.zygote.ask({"op": "wait", "pid": self.pid})
        out, err = (path.read_text(encoding="utf-8") for path in (self.out, self.err))
        return Result(ended["code"], out, err, ended["points"])

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)


class Zygote:
    def __init__(self, scratch: Path, environment: dict[str, str], faults: Path | None) -> None:
        self._scratch = scratch
        self._numbers = count()
        preload = {"LD_PRELOAD": str(faults), "OKRSYNC_TEST_FAULTS": str(faults)} if faults else {}
        self._process = subprocess.Popen(
            [
                sys.executable,
                str(Path(__file__).with_name("zygote.py")),
                str(_small_project(scratch)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment | preload,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            self.close()
            raise RuntimeError("okrsync could not even warm up; stderr says why")

    def start(
        self,
        arguments: list[str],
        *,
        cwd: Path,
        clock: str | None = None,
        env: dict[str, str] | None = None,
        fault: int = 0,
        at: int = 0,
    ) -> Running:
        number = next(self._numbers)
        out, err = self._scratch / f"{number}.out", self._scratch / f"{number}.err"
        begun = self.ask(
            {
                "op": "start",
                "args": arguments,
                "cwd": str(cwd),
                "out": str(out),
                "err": str(err),
                "clock": clock,
                "env": env or {},
                "fault": fault,
                "at": at,
            }
        )
        return Running(begun["pid"], out, err, self)

    def ask(self, request: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


def _small_project(folder: Path) -> Path:
    folder /= "small"
    (folder / "mappings").mkdir(parents=True)
    (folder / "config.toml").write_text(SMALL_CONFIG, encoding="utf-8")
    (folder / "mappings" / "team.toml").write_text(SMALL_MAPPING, encoding="utf-8")
    (folder / "script.json").write_text('{"signups": {"value": "3"}}', encoding="utf-8")
    return folder


def run_program(
    arguments: list[str], *, cwd: Path, environment: dict[str, str], before: tuple[str, ...] = ()
) -> Result:
    """``python -m okrsync`` in a process of its own, behind ``before`` (strace and its options)."""
    ended = subprocess.run(
        [*before, sys.executable, "-m", "okrsync", *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Result(ended.returncode, ended.stdout, ended.stderr)
