"""The editors' own checkers accept the schema, good files, and nothing that is misspelt."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

MAPPINGS = Path(__file__).parents[2] / "mappings"
CHECKERS = {
    "taplo": (("check",), "npm install --global @taplo/cli"),
    "tombi": (("lint", "--offline"), "npm install --global tombi"),
}

Check = Callable[[list[Path]], subprocess.CompletedProcess[str]]


@pytest.fixture(params=CHECKERS)
def check(request: pytest.FixtureRequest, tmp_path: Path) -> Check:
    """Runs one checker on files; its exit code is 0 when there is nothing to say."""
    arguments, install = CHECKERS[request.param]
    program = shutil.which(request.param)
    if program is None:
        pytest.skip(f"the editors' checker {request.param} is not installed: {install}")

    def run(files: list[Path]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments, *(file.name for file in files)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def templates(tmp_path: Path) -> list[Path]:
    """Every file that comes with okrsync, beside the schema of all installed connectors."""
    schema = subprocess.run(
        [sys.executable, "-m", "okrsync", "schema"], capture_output=True, text=True, check=True
    ).stdout
    (tmp_path / "okrsync.schema.json").write_text(schema, encoding="utf-8")
    files = []
    for number, template in enumerate(sorted(MAPPINGS.rglob("*.toml"))):
        text = template.read_text(encoding="utf-8").partition("version = 1")[2]
        file = tmp_path / f"{number}-{template.name}"
        file.write_text(f"#:schema ./okrsync.schema.json\nversion = 1{text}", encoding="utf-8")
        files.append(file)
    assert files
    return files


def test_what_comes_with_okrsync_is_right_in_the_editor(
    check: Check, templates: list[Path]
) -> None:
    ended = check(templates)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(("key", "misspelt"), [("title", "titel"), ("timezone", "timezon")])
def test_a_misspelt_key_is_seen_in_the_editor(
    check: Check, templates: list[Path], key: str, misspelt: str
) -> None:
    file = next(one for one in templates if f"{key} = " in one.read_text(encoding="utf-8"))
    text = file.read_text(encoding="utf-8").replace(f"{key} = ", f"{misspelt} = ", 1)
    file.write_text(text, encoding="utf-8")
    ended = check([file])
    assert ended.returncode != 0
    assert misspelt in ended.stdout + ended.stderr
