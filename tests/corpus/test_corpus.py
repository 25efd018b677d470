"""Broken configs, mappings, CSV files, states, plans and command lines, each met with its cure.

The cases are data, in ``cases/*.toml``; ``breaking/cases.py`` says what their words mean.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from okrsync.config.codes import CODES
from okrsync.errors import OkrsyncError
from tests.corpus.breaking.cases import CASES, Case
from tests.corpus.breaking.project import (
    MAPPING,
    STATE,
    Broken,
    Tables,
    remembered_by,
    tables,
    written,
)
from tests.corpus.breaking.running import Answer, Okrsync

BROKEN, SOUND = "team.grow.signups", "team.keep.visits"
WARNINGS = {"override-over", "due-outside", "pace-outside"}


def check_no_canary(broken: Broken, answer: Answer, before: dict[str, bytes]) -> None:
    said = f"{answer.out}{answer.err}{''.join(map(chained, answer.errors))}".encode()
    assert broken.case.canaries_in(said) == []
    for name, raw in broken.files().items():
        if raw != before.get(name) and not broken.case.canaries_in(before.get(name, b"")):
            assert broken.case.canaries_in(raw) == [], name


def chained(error: BaseException | None) -> str:
    """What a debugger or a crash report would show of an error and of those behind it."""
    if error is None:
        return ""
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    own = vars(error) if isinstance(error, OkrsyncError) else error.args
    return f"{error!r} {error} {own} {chained(behind)}"


def check_no_bug(answer: Answer) -> None:
    assert "Traceback" not in answer.out + answer.err
    assert "a bug" not in answer.err


def check_config(broken: Broken, answer: Answer, okrsync: Okrsync) -> None:
    """Told by ``sync`` and by ``validate``, before the state was even opened."""
    case = broken.case
    assert answer.out == ""
    assert f"error[{case.code}]: " in answer.err
    assert f"--> {broken.place}\n" in answer.err
    validated = okrsync.run(broken.folder, "validate", "--format", "json")
    check_no_canary(broken, validated, broken.files())
    check_no_bug(validated)
    assert validated.code == 2
    told = json.loads(validated.out)["diagnostics"]
    errors = [one for one in told if one["severity"] == "error"]
    error, *others = sorted(errors, key=lambda one: one["code"] != case.code)
    assert error["code"] == case.code
    assert {one["code"] for one in others} == set(case.also), errors
    assert _place(error) == broken.place
    cures = " ".join([*error["help"], error["suggestion"]])
    assert case.cure
    assert case.cure in cures
    assert case.says in error["message"]


def _place(error: dict[str, Any]) -> str:
    place = f":{error['line']}:{error['column']}" if error["line"] else ""
    return f"{error['file']}{place}"


def check_run(broken: Broken, answer: Answer, good: Path) -> None:
    """Only the broken key result failed, and nothing was written for it."""
    case = broken.case
    told = json.loads(answer.out)["diagnostics"]
    (failed,) = [one for one in told if one.get("kr") == BROKEN]
    assert [one["kr"] for one in told if "kr" in one] == [BROKEN], told
    assert failed["code"] == case.code
    header = f"[objective.grow.kr.{BROKEN.rpartition('.')[2]}]"
    lines = (broken.folder / MAPPING).read_text("utf-8").splitlines()
    assert (failed["file"], failed["line"]) == (MAPPING, lines.index(header) + 1)
    assert case.says in failed["message"]
    assert case.cure
    assert case.cure in (failed["next"] or "")
    assert written(broken.folder, BROKEN) == written(good, BROKEN)
    sound, once = (written(folder, SOUND)["local_check_in"] for folder in (broken.folder, good))
    assert len(sound) == len(once) + 1


def check_store(broken: Broken, answer: Answer, before: dict[str, bytes], good: Path) -> None:
    """Every key result failed, and what the store holds is as it was."""
    case = broken.case
    told = [one for one in json.loads(answer.out)["diagnostics"] if "kr" in one]
    assert {one["kr"] for one in told} == {BROKEN, SOUND}
    for failed in told:
        assert failed["code"] == case.code
        assert case.says in failed["message"]
        assert case.cure
        assert case.cure in (failed["next"] or "")
    after = broken.files()
    assert {name: after[name] for name in before if name != STATE} == {
        name: raw for name, raw in before.items() if name != STATE
    }
    for key_result in (BROKEN, SOUND):
        stored, once = (
            written(folder, key_result)["local_check_in"] for folder in (broken.folder, good)
        )
        assert stored == once


def check_edge(
    broken: Broken, answer: Answer, before: dict[str, bytes], remembered: Tables | None
) -> None:
    """Refused as a whole: what was there is there, and nothing else."""
    case = broken.case
    assert answer.out == ""
    told = answer.told
    assert (told.code if told else "click") == case.code
    assert case.says in answer.err
    cure = told.next_step if told else answer.err
    assert case.cure
    assert case.cure in cure
    after = broken.files()
    if remembered is not None:
        assert tables(broken.folder) == remembered
        before, after = ({**files, STATE: b""} for files in (before, after))
    assert after == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.group}: {case.name}")
def test_guarantee_29_broken_input_is_named_with_place_and_cure(
    case: Case,
    project: Path,
    good: Path,
    okrsync: Okrsync,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if case.not_as_root and os.geteuid() == 0:
        pytest.skip("root may write to everything")
    if case.before:
        assert okrsync.run(project, *case.before).code == 0
    broken = Broken(project, case)
    for name, text in broken.environment().items():
        monkeypatch.setenv(name, text)
    remembered = remembered_by(broken)
    before = broken.files()
    answer = okrsync.run(project, *broken.arguments())
    check_no_bug(answer)
    assert answer.code == case.exit_code, answer
    check_no_canary(broken, answer, before)
    if case.kind == "config":
        check_config(broken, answer, okrsync)
        assert broken.files() == before
    elif case.kind == "run":
        check_run(broken, answer, good)
    elif case.kind == "store":
        check_store(broken, answer, before, good)
    else:
        check_edge(broken, answer, before, remembered)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.process], ids=lambda case: f"{case.group}: {case.name}"
)
def test_guarantee_29_broken_input_ends_a_real_process_as_well(
    case: Case, project: Path, plugins: Path
) -> None:
    broken = Broken(project, case)
    kept = {name: text for name, text in os.environ.items() if not name.startswith("OKRSYNC_")}
    path = os.pathsep.join(filter(None, (str(plugins), kept.get("PYTHONPATH"))))
    before = broken.files()
    ended = subprocess.run(
        [sys.executable, "-m", "okrsync", "--log-level", "debug", *broken.arguments()],
        cwd=project,
        env=kept | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"} | broken.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    answer = Answer(ended.returncode, ended.stdout, ended.stderr)
    assert answer.code == case.exit_code, answer
    check_no_bug(answer)
    check_no_canary(broken, answer, before)
    assert case.says in answer.out + answer.err
    assert broken.place in answer.err


def test_the_project_that_every_case_breaks_is_good(project: Path, okrsync: Okrsync) -> None:
    answer = okrsync.run(project, "sync", "--format", "json")
    assert answer.code == 0, answer
    assert json.loads(answer.out)["summary"]["written"] == 2
    assert json.loads(answer.out)["diagnostics"] == []


def test_the_corpus_is_large_and_meets_every_mistake_that_validate_knows() -> None:
    assert len(CASES) >= 150
    assert len({(case.group, case.name) for case in CASES}) == len(CASES)
    met = {case.code for case in CASES}
    assert CODES.keys() - WARNINGS - met == set()
