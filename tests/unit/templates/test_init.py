"""A new folder: complete, commented, and never over somebody's files."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from okrsync.config.load import load
from okrsync.errors import UsageError
from okrsync.templates.init import init_project, template_names
from okrsync.testing import frozen_clock

TEMPLATES = (
    "company",
    "engineering",
    "engineering-csv",
    "sales",
    "sales-csv",
    "starter",
    "support",
)
ON_FILES = ("company", "engineering-csv", "sales-csv", "starter")


def test_the_templates_there_are() -> None:
    assert template_names() == TEMPLATES


def test_engineering_asks_jira_and_github_and_is_valid_before_a_line_is_changed(
    tmp_path: Path,
) -> None:
    """Offline: no token is set, and none is looked for."""
    init_project(tmp_path, "engineering")
    config = load(tmp_path / "config.toml", clock=frozen_clock())
    assert sorted(config.sources) == ["github", "jira"]
    four = ("deployment-frequency", "lead-time", "change-failure-rate", "time-to-restore")
    assert {f"dora.{name}" for name in four} <= config.metrics.keys()
    assert "platform.faster.cycle-time" in config.rules


@pytest.mark.parametrize("template", ON_FILES)
def test_init_writes_config_mappings_data_and_schema(tmp_path: Path, template: str) -> None:
    written = init_project(tmp_path / "okrs", template)
    names = {str(path.relative_to(tmp_path / "okrs")) for path in written}
    assert {"config.toml", "okrsync.schema.json"} <= names
    assert any(re.fullmatch(r"mappings/[\w-]+\.toml", name) for name in names)
    assert any(re.fullmatch(r"data/[\w-]+\.csv", name) for name in names)
    assert all(path.is_file() for path in written)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_file_fits_the_schema_that_it_points_editors_to(
    tmp_path: Path, template: str
) -> None:
    for toml in init_project(tmp_path, template):
        if toml.suffix != ".toml":
            continue
        text = toml.read_text("utf-8")
        mark, _, address = text.splitlines()[0].partition(" ")
        assert mark == "#:schema"
        schema = json.loads((toml.parent / address).read_text("utf-8"))
        as_json = json.loads(json.dumps(tomllib.loads(text), default=str))
        Draft7Validator(schema).validate(as_json)


def test_the_schema_knows_the_keys_of_the_csv_source(tmp_path: Path) -> None:
    init_project(tmp_path, "starter")
    schema = json.loads((tmp_path / "okrsync.schema.json").read_text("utf-8"))
    config = {"timezone": "UTC", "source": {"sheet": {"type": "csv", "path": "a.csv"}}}
    assert Draft7Validator(schema).is_valid(config)
    config["source"]["sheet"]["paht"] = "b.csv"  # type: ignore[index]
    assert not Draft7Validator(schema).is_valid(config)


def test_nothing_is_overwritten_and_nothing_else_is_written(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match=r"already holds config\.toml; nothing was written"):
        init_project(tmp_path, "starter")
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]
    assert (tmp_path / "config.toml").read_text("utf-8") == "mine"


def test_a_second_init_is_refused(tmp_path: Path) -> None:
    init_project(tmp_path, "starter")
    with pytest.raises(UsageError, match="nothing was written"):
        init_project(tmp_path, "starter")


@pytest.mark.parametrize("name", ["example", "starters", "..", "", "/etc"])
def test_an_unknown_template_names_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        UsageError,
        match="company, engineering, engineering-csv, sales, sales-csv, starter, support",
    ):
        init_project(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "okrs").write_text("a file", "utf-8")
    with pytest.raises(UsageError, match="cannot be written to"):
        init_project(tmp_path / "okrs", "starter")


@pytest.mark.parametrize("template", TEMPLATES)
def test_comments_stand_on_their_own_line_and_signs_are_not_aligned(
    tmp_path: Path, template: str
) -> None:
    """So that editors that format on save leave the files as they are."""
    for toml in init_project(tmp_path, template):
        if toml.suffix != ".toml":
            continue
        for line in toml.read_text("utf-8").splitlines():
            if not line.startswith("#"):
                assert not re.search(r"\s{2,}=|=\s{2,}|['\"\]\w]\s+#", line), f"{toml.name}: {line}"
