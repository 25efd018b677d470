"""A command imports what it needs: looking at files asks for no network and no database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

NETWORK = {"httpx", "httpcore", "requests", "urllib3", "tenacity", "okrsync.http"}
DATABASE = {"sqlalchemy", "psycopg", "sqlite3"}
EDITING = {"tomlkit", "tree_sitter"}

REPORT_MODULES = """
import json, sys
report = sys.argv.pop(1)
from okrsync.__main__ import run
code = run()
open(report, "w").write(json.dumps(sorted(sys.modules)))
sys.exit(code)
"""


def modules_after(tmp_path: Path, *arguments: str) -> set[str]:
    """Run okrsync in a fresh interpreter; the modules that it has imported at its end."""
    report = tmp_path / "modules.json"
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "connectors")])
    }
    finished = subprocess.run(
        [sys.executable, "-c", REPORT_MODULES, str(report), *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return set(json.loads(report.read_text("utf-8")))


def connectors(modules: set[str]) -> set[str]:
    return {name for name in modules if name.startswith("okrsync_") and "." not in name}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "team.toml").write_text(
        'period = "2026"\n'
        '[objective.grow]\ntitle = "Grow"\n'
        '[objective.grow.kr.leads]\ntitle = "200 leads"\nbaseline = 0\ntarget = 200\n'
        'from = "sheet"\nmeasure = "leads"\nagg = "sum"\n',
        "utf-8",
    )
    path = tmp_path / "config.toml"
    path.write_text(
        'version = 1\ntimezone = "UTC"\n[source.sheet]\ntype = "csv"\npath = "leads.csv"\n', "utf-8"
    )
    return path


@pytest.mark.parametrize("arguments", [("--help",), ("sync", "--help"), ("--version",)])
def test_help_imports_no_connector_no_network_and_no_database(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    modules = modules_after(tmp_path, *arguments)
    assert modules & (NETWORK | DATABASE | EDITING) == set()
    assert connectors(modules) == set()


def test_validate_imports_only_the_connectors_that_the_config_names(
    tmp_path: Path, config: Path
) -> None:
    modules = modules_after(tmp_path, "validate", "--config", str(config))
    assert modules & (NETWORK | DATABASE) == set()
    assert connectors(modules) == {"okrsync_csv"}


def test_a_sync_of_files_imports_no_network(tmp_path: Path, config: Path) -> None:
    (tmp_path / "leads.csv").write_text("day,leads\n2026-10-01,12\n", "utf-8")
    modules = modules_after(tmp_path, "sync", "--config", str(config))
    assert modules & NETWORK == set()
