"""The example and every template run as they are, on any day."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from okrsync.__main__ import run
from okrsync.config.load import load
from okrsync.model import Ambition, Kind
from okrsync.templates.init import init_project, template_names
from okrsync.testing import frozen_clock

ROOT = Path(__file__).resolve().parents[2]
ASKING = {"engineering", "sales", "support"}  # these ask services
ON_FILES = [name for name in template_names() if name not in ASKING]
DAYS = ["2026-11-22", "2027-01-01", "2027-03-31", "2028-02-29", "2031-07-06"]


@pytest.fixture
def example(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "config.example.toml", tmp_path)
    shutil.copytree(ROOT / "mappings" / "example", tmp_path / "mappings" / "example")
    return tmp_path / "config.example.toml"


def at_noon(day: str, folder: Path) -> datetime:
    """Noon of a day on which the exports were saved."""
    noon = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
    for export in folder.rglob("*.csv"):
        os.utime(export, (noon.timestamp(), noon.timestamp()))
    return noon


@pytest.mark.parametrize("day", DAYS)
def test_the_example_syncs_on_any_day_and_twice(
    example: Path, day: str, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = frozen_clock(at_noon(day, example.parent))
    assert run(["sync", "--config", str(example)], clock=clock) == 0
    assert run(["sync", "--config", str(example)], clock=clock) == 0
    assert "Checked in" not in capsys.readouterr().out.split("Run ", 1)[1]
    assert run(["status", "--config", str(example)], clock=clock) == 0
    status = capsys.readouterr().out
    assert "company.germany  Germany becomes our second home" in status
    assert "11.57 MSEK" in status


@pytest.mark.parametrize("day", [DAYS[0], DAYS[1]])
@pytest.mark.parametrize("template", ON_FILES)
def test_a_new_folder_syncs_on_any_day(tmp_path: Path, template: str, day: str) -> None:
    init_project(tmp_path, template)
    clock = frozen_clock(at_noon(day, tmp_path))
    config = str(tmp_path / "config.toml")
    assert run(["validate", "--config", config], clock=clock) == 0
    assert run(["plan", "--config", config], clock=clock) == 0
    assert run(["sync", "--config", config], clock=clock) == 0


def test_the_example_shows_every_kind_of_key_result(example: Path) -> None:
    config = load(example, clock=frozen_clock())
    key_results = [rule.key_result for rule in config.rules.values()]
    assert {key_result.kind for key_result in key_results} == set(Kind)
    assert {key_result.ambition for key_result in key_results} == set(Ambition)
    assert any(key_result.pair for key_result in key_results)
    assert any(key_result.strict for key_result in key_results)
    assert len({key_result.weight for key_result in key_results}) > 1
    assert {objective.perspective for objective in config.objectives.values()} == {
        "financial",
        "customer",
        "internal",
        "learning",
    }
    assert any(objective.parent for objective in config.objectives.values())
    assert any(metric.watched for metric in config.metrics.values())


def test_the_example_leaves_the_templates_alone(example: Path) -> None:
    shutil.copytree(ROOT / "mappings", example.parent / "mappings", dirs_exist_ok=True)
    config = load(example, clock=frozen_clock())
    mappings = [path.name for path in config.files if path != config.path]
    assert sorted(mappings) == ["company.toml", "sales.toml", "support.toml"]
