"""Broken configs, mappings, CSV files, states, plans and command lines, each met with its cure.

The cases are data, in ``cases/*.toml``. Each breaks a copy of the project in ``base/``, which has
been synced once, and says what okrsync must answer. The words of a case:

name        what is broken
kind        config (found before anything is contacted), run (one key result fails, the other goes
            on) or edge (state, plan file and command line); said once for each file of cases
replace     text that stands exactly once in one of the base's files, and what stands there instead
config      lines added to config.toml, in its last table [source.sheet]
mapping     lines added to mappings/team.toml, in its last table [objective.grow.kr.signups]
files       whole files; ``bytes``: the same, with \\xNN for bytes
encoded     files of the base, and the encoding that they are written in
make, mode  paths, and what is made of them: folder, fifo, nothing, or "link:TARGET"; octal rights
sql, cut, overwrite   done to the state: statements, length left, [place, length] of noise
env, before           variables; a command to run on the good project first
command     what is run, if it is not ``sync``
exit, code  of the answer, and ``also`` the codes of what follows from it; ``says`` are words of its
            message, ``cure`` of what to do
at          file:line:column, where no § stands before the place in the case's own text

@SECRET@ and @PASSWORD@ stand for canaries that no output, file or exception may show; @500*x@
stands for 500 times x.
"""

from __future__ import annotations

import base64
import gc
import json
import logging
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import tomli

from okrsync import __main__ as program
from okrsync.config.codes import CODES
from okrsync.errors import OkrsyncError

HERE = Path(__file__).parent
MAIN, MAPPING, STATE = "config.toml", "mappings/team.toml", "okrsync.sqlite"
BROKEN, SOUND = "team.grow.signups", "team.keep.visits"
FIRST = datetime(2025, 10, 6, 6, tzinfo=UTC)
AGAIN = FIRST + timedelta(hours=6)
WARNINGS = {"override-over", "due-outside", "pace-outside"}
OF_THE_RUN = {"run", "lease"}
REPEATED = re.compile(r"@(\d+)\*(.+?)@")
EXIT_CODES = {"config": 2, "run": 3, "edge": 2}

PLUGINS = {
    "okrsync_unloadable.py": "raise RuntimeError('a plug-in that fails while it is imported')\n",
    "okrsync_hollow.py": "SOURCE = 'this is not a manifest'\n",
    "okrsync_plugins-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: okrsync-plugins\n"
    "Version: 1.0\n",
    "okrsync_plugins-1.0.dist-info/entry_points.txt": "[okrsync.sources]\n"
    "unloadable = okrsync_unloadable:SOURCE\nhollow = okrsync_hollow:SOURCE\n"
    "missing = okrsync_that_is_not_there:SOURCE\n",
}


@dataclass(frozen=True)
class Case:
    group: str
    kind: str
    name: str
    replace: dict[str, str] = field(default_factory=dict)
    config: str = ""
    mapping: str = ""
    files: dict[str, str] = field(default_factory=dict)
    bytes: dict[str, str] = field(default_factory=dict)
    encoded: dict[str, str] = field(default_factory=dict)
    make: dict[str, str] = field(default_factory=dict)
    mode: dict[str, str] = field(default_factory=dict)
    sql: str = ""
    cut: int | None = None
    overwrite: tuple[int, int] | None = None
    env: dict[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    command: tuple[str, ...] = ("sync",)
    exit: int | None = None
    code: str = ""
    also: tuple[str, ...] = ()
    at: str = ""
    says: str = ""
    cure: str = ""
    process: bool = False

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.kind] if self.exit is None else self.exit

    def canaries(self) -> dict[str, str]:
        """Of this case alone, so that no case can hide what another one read."""
        own = sha256(self.name.encode()).hexdigest()[:12]
        return {
            "@SECRET@": f"kN9x{own}Qv7TzWb4Lm",
            "@PASSWORD@": f"Zugvogel%{own}/7&nachts!Q",
        }


def _cases() -> Iterator[Case]:
    for file in sorted((HERE / "cases").glob("*.toml")):
        group = tomli.loads(file.read_text(encoding="utf-8"))
        for case in group["case"]:
            yield Case(**{"group": file.stem, "kind": group["kind"], **case})


CASES = list(_cases())


class Broken:
    """A copy of the good project with one case's damage done to it."""

    def __init__(self, folder: Path, case: Case) -> None:
        self.folder = folder
        self.case = case
        self.place = case.at
        for name, text in self._texts().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self._planted(text).encode(case.encoded.get(name, "utf-8")))
        for name, text in case.bytes.items():
            raw = self._planted(text).encode("latin-1").decode("unicode_escape")
            (folder / name).write_bytes(raw.encode("latin-1"))
        for name, kind in case.make.items():
            _make(folder / name, kind)
        for name, mode in case.mode.items():
            (folder / name).chmod(int(mode, 8))
        self._harm_the_state()
        _export(folder)

    def _texts(self) -> dict[str, str]:
        case = self.case
        texts = {name: (self.folder / name).read_text("utf-8") for name in (MAIN, MAPPING)}
        texts |= {name: (self.folder / name).read_text("utf-8") for name in case.encoded}
        for old, new in case.replace.items():
            (name,) = [name for name, text in texts.items() if text.count(old) == 1]
            texts[name] = texts[name].replace(old, new)
        texts[MAIN] += case.config
        texts[MAPPING] += case.mapping
        texts |= case.files
        for name, text in texts.items():
            before, mark, after = text.partition("§")
            if mark:
                line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
                self.place = f"{name}:{line}:{column}"
                texts[name] = before + after
        return texts

    def _planted(self, text: str) -> str:
        for name, canary in self.case.canaries().items():
            text = text.replace(name, canary)
        return REPEATED.sub(lambda match: int(match[1]) * match[2], text)

    def _harm_the_state(self) -> None:
        path = self.folder / STATE
        if self.case.sql:
            with closing(sqlite3.connect(path)) as connection:
                connection.executescript(self.case.sql)
        if self.case.cut is not None:
            os.truncate(path, self.case.cut)
        if self.case.overwrite is not None:
            place, length = self.case.overwrite
            raw = bytearray(path.read_bytes())
            raw[place : place + length] = b"\xa5" * length
            path.write_bytes(raw)

    def arguments(self) -> list[str]:
        arguments = [self._planted(part) for part in self.case.command]
        return [*arguments, "--format", "json"] if self.case.kind == "run" else arguments

    def environment(self) -> dict[str, str]:
        return {name: self._planted(text) for name, text in self.case.env.items()}

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }

    def canaries_in(self, raw: bytes) -> list[bytes]:
        return [form for text in self.case.canaries().values() for form in _forms(text) if form in raw]


def _forms(secret: str) -> set[bytes]:
    """Raw, halved as by a wrapped line, as an address has it, in base64."""
    raw, middle = secret.encode(), len(secret) // 2
    quoted = quote(secret, safe="").encode()
    return {raw[:middle], raw[middle:], quoted, base64.b64encode(raw), repr(secret).encode()[1:-1]}


def _export(folder: Path) -> None:
    """Files with numbers are of the first day, whenever this test runs."""
    for path in folder.rglob("*.csv"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, (FIRST.timestamp(), FIRST.timestamp()))


def _make(path: Path, kind: str) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind.startswith("link:"):
        path.symlink_to(kind.removeprefix("link:"))


@dataclass(frozen=True)
class Answer:
    """``errors`` are all that were made on the way, told or not."""

    code: int
    out: str
    err: str
    errors: tuple[OkrsyncError, ...] = ()

    @property
    def told(self) -> OkrsyncError | None:
        found = [error for error in self.errors if f"okrsync: {error.message}\n" in self.err]
        return found[0] if found else None


class Okrsync:
    """The real command line in this process, on a clock of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self._errors: list[OkrsyncError] = []
        make = OkrsyncError.__init__

        def noted(error: OkrsyncError, message: str, **others: Any) -> None:
            make(error, message, **others)
            self._errors.append(error)

        monkeypatch.setattr(OkrsyncError, "__init__", noted)

    def run(self, folder: Path, *arguments: str, at: datetime = AGAIN) -> Answer:
        self._monkeypatch.chdir(folder)
        self._errors.clear()
        self._capsys.readouterr()
        code = program.run(arguments, clock=lambda: at)
        out, err = self._capsys.readouterr()
        return Answer(code, out, err, tuple(self._errors))


@pytest.fixture
def okrsync(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], plugins: Path
) -> Iterator[Okrsync]:
    for name in [name for name in os.environ if name.startswith("OKRSYNC_")]:
        monkeypatch.delenv(name)
    monkeypatch.syspath_prepend(plugins)
    handlers, level, thresholds = logging.root.handlers[:], logging.root.level, gc.get_threshold()
    yield Okrsync(monkeypatch, capsys)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    gc.set_threshold(*thresholds)


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that makes broken plug-ins installed, as pip would."""
    folder = tmp_path_factory.mktemp("plugins")
    for name, text in PLUGINS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base project after one good sync, with newer numbers since."""
    folder = tmp_path_factory.mktemp("good") / "project"
    shutil.copytree(HERE / "base", folder)
    _export(folder)
    command = ["sync", "--quiet", "--config", str(folder / MAIN)]
    assert program.run(command, clock=lambda: FIRST) == 0
    (folder / "steady.csv").write_text("visits\n120\n")
    with (folder / "numbers.csv").open("a") as numbers:
        numbers.write("2025-10-05,15,6\n")
    _export(folder)
    return folder


@pytest.fixture
def project(good: Path, tmp_path: Path) -> Path:
    return shutil.copytree(good, tmp_path / "project")


def tables(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that the state remembers, but for its runs and leases."""
    with closing(sqlite3.connect(f"file:{folder / STATE}?mode=ro", uri=True)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)  # noqa: S608
            for (name,) in names
            if name not in OF_THE_RUN
        }


def written(folder: Path, key_result: str) -> dict[str, list[tuple[Any, ...]]]:
    """What was ever measured for a key result, intended and written to its store."""
    known = tables(folder)
    names = ("local_check_in", "intent", "last_sent", "measurement", "newest_measurement")
    return {name: [row for row in known[name] if key_result in row] for name in names}


def check_no_canary(broken: Broken, answer: Answer, before: dict[str, bytes]) -> None:
    said = f"{answer.out}{answer.err}{''.join(map(chained, answer.errors))}".encode()
    assert broken.canaries_in(said) == []
    for name, raw in broken.files().items():
        if raw != before.get(name):
            assert broken.canaries_in(raw) == [], name


def chained(error: BaseException | None) -> str:
    """What a debugger or a crash report would show of an error and of those behind it."""
    if error is None:
        return ""
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{error!r} {error} {vars(error)} {chained(behind)}"


def check_no_bug(answer: Answer) -> None:
    assert "Traceback" not in answer.out + answer.err
    assert "a bug" not in answer.err


def check_config(broken: Broken, answer: Answer, okrsync: Okrsync, state: bytes) -> None:
    """Told by ``sync`` and by ``validate``, before the state was even opened."""
    case = broken.case
    assert answer.out == ""
    assert f"error[{case.code}]: " in answer.err
    assert f"--> {broken.place}\n" in answer.err
    validated = okrsync.run(broken.folder, "validate", "--format", "json")
    check_no_canary(broken, validated, broken.files())
    check_no_bug(validated)
    assert validated.code == 2
    errors = [one for one in json.loads(validated.out) if one["severity"] == "error"]
    error, *others = sorted(errors, key=lambda one: one["code"] != case.code)
    assert error["code"] == case.code
    assert {one["code"] for one in others} == set(case.also), errors
    assert _place(error) == broken.place
    cures = " ".join([*error["help"], error["suggestion"]])
    assert case.cure
    assert case.cure in cures
    assert case.says in error["message"]
    assert (broken.folder / STATE).read_bytes() == state


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


def check_edge(broken: Broken, answer: Answer, before: dict[str, bytes], good: Path) -> None:
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
    if _state_is_whole(case):
        assert tables(broken.folder) == tables(good)
        before, after = ({**files, STATE: b""} for files in (before, after))
    assert after == before


def _state_is_whole(case: Case) -> bool:
    harmed = {*case.files, *case.bytes, *case.make}
    return STATE not in harmed and not case.sql and case.cut is None and case.overwrite is None


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.group}: {case.name}")
def test_guarantee_29_broken_input_is_named_with_place_and_cure(
    case: Case,
    project: Path,
    good: Path,
    okrsync: Okrsync,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if case.before:
        assert okrsync.run(project, *case.before).code == 0
    broken = Broken(project, case)
    for name, text in broken.environment().items():
        monkeypatch.setenv(name, text)
    state = b"" if case.kind != "config" else (project / STATE).read_bytes()
    before = broken.files()
    answer = okrsync.run(project, *broken.arguments())
    check_no_bug(answer)
    assert answer.code == case.exit_code, answer
    check_no_canary(broken, answer, before)
    if case.kind == "config":
        check_config(broken, answer, okrsync, state)
    elif case.kind == "run":
        check_run(broken, answer, good)
    else:
        check_edge(broken, answer, before, good)


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
