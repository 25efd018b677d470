"""A source and a store that do what a script says, installed for the system tests as a plug-in.

The script is a JSON file, read again at each run, so that a test can change the world between two:

    {"signups": {"value": "3"}, "slow": {"wait_for": "go", "value": "4"}}
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from okrsync import errors
from okrsync.contracts import (
    FromEnvironment,
    FromFile,
    FromKeyring,
    Remark,
    Settings,
    SourceSpec,
    Toolbox,
)
from okrsync.model import Evidence, Measurement, Question


class ProbeSettings(Settings):
    script: str = "script.json"
    token: FromEnvironment | FromFile | FromKeyring | None = None
    open_fails: bool = False


class ProbeQuery(Settings):
    probe: str


class Probe:
    def __init__(self, settings: ProbeSettings, toolbox: Toolbox) -> None:
        self._settings = settings
        self._toolbox = toolbox
        self._secret = "" if settings.token is None else toolbox.secret(settings.token)

    def measure(
        self, questions: Sequence[Question[ProbeQuery]], /
    ) -> Sequence[Measurement | errors.OutsideError]:
        script = json.loads((self._toolbox.root / self._settings.script).read_text("utf-8"))
        if (self._toolbox.root / "costs").exists():
            self._count_in_memory()
        answers = [self._answer(question, script[question.query.probe]) for question in questions]
        return answers[: len(answers) - sum("drop" in part for part in script.values())]

    def _answer(
        self, question: Question[ProbeQuery], part: dict[str, Any]
    ) -> Measurement | errors.OutsideError:
        (self._toolbox.root / f"asked.{question.query.probe}").write_text(str(os.getpid()))
        self._wait(part)
        if "bug" in part:
            raise ZeroDivisionError(f"in a plug-in, with {self._secret}")
        if "raises" in part:
            raise self._error(part["raises"])
        if "error" in part:
            return self._error(part["error"])
        if "answers_with" in part:
            return part["answers_with"]  # type: ignore[no-any-return]  # a plug-in's bug
        return self._measurement(question, part)

    def examine(self) -> list[Remark]:
        if not (self._toolbox.root / "remarks").exists():
            return []
        return [
            Remark("signed in as okr-bot"),
            Remark(f"token {self._secret} expires in 6 days", well=False, cure="renew it"),
        ]

    def _count_in_memory(self) -> None:
        """Say in the plan how often earlier runs that wrote have asked."""
        asked = int(self._toolbox.memory.recall("asked") or 0)
        self._toolbox.tell(f"asked {asked} times before")
        self._toolbox.memory.remember("asked", str(asked + 1))

    def _wait(self, part: dict[str, Any]) -> None:
        """Until a file appears: the test says when, so nothing depends on how fast anything is."""
        name = part.get("wait_for")
        while name and not (self._toolbox.root / name).exists():
            time.sleep(0.01)

    def _error(self, name: str) -> errors.OutsideError:
        error: errors.OutsideError = getattr(errors, name)(f"the probe met {name}{self._secret}")
        return error

    def _measurement(self, question: Question[ProbeQuery], part: dict[str, Any]) -> Measurement:
        now = self._toolbox.clock()
        as_of = datetime.fromisoformat(part["as_of"]) if "as_of" in part else question.as_of
        evidence = Evidence(
            source=question.source,
            query=f"probe {question.query.probe}",
            window=question.window.label,
            zone=str(self._toolbox.zone),
            read_at=now,
        )
        return Measurement(Decimal(part["value"]), part.get("unit", ""), as_of, 1, evidence)


@contextmanager
def _open(settings: ProbeSettings, toolbox: Toolbox) -> Iterator[Probe]:
    if settings.open_fails:
        raise RuntimeError(f"no probe at {Path.cwd()}")
    yield Probe(settings, toolbox)


SOURCE = SourceSpec(name="probe", settings=ProbeSettings, query=ProbeQuery, open=_open)
NO_MANIFEST = "this is not a SourceSpec"
