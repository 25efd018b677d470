"""The JSON Schema that editors read."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import tomli
from jsonschema import Draft7Validator
from pydantic import Field

from okrsync.config.schema import Installed, Kind, schema
from okrsync.contracts import SecretRef, Settings, SourceSpec, StoreSpec


class TrackerSettings(Settings):
    site: str = Field(description="Address of the tracker.")
    token: SecretRef = Field(description="API token.")


class TrackerQuery(Settings):
    jql: str = Field(description="A search in the tracker's own language.")


class SheetQuery(Settings):
    where: str | None = Field(None, description="A condition over the columns.")


class NoSettings(Settings):
    pass


def never(*_: Any) -> Any:
    raise AssertionError


INSTALLED = Installed(
    [
        SourceSpec("jira", TrackerSettings, TrackerQuery, open=never),
        SourceSpec("csv", NoSettings, SheetQuery, open=never),
    ],
    [StoreSpec("local", NoSettings, open=never)],
)
CONFIG = """\
version = 1
timezone = "Europe/Stockholm"
mappings = ["mappings/*.toml"]

[store]
type = "local"

[source.jira]
type = "jira"
site = "https://acme.example"
token = { env = "JIRA_TOKEN" }
"""
MAPPING = """\
version = 1
team = "platform"
period = "2026-Q4"

[metric.bugs-open]
from = "jira"
jql = "project = PLAT"
agg = "count"
healthy = { max = 40 }

[objective.reliable]
title = "Customers trust us with their data"

[objective.reliable.kr.fewer-bugs]
title = "Open bugs from 42 to 10"
baseline = 42
target = "10"
value = "bugs-open"
pace = [{ day = 2026-11-01, progress = 0.5 }]

[objective.reliable.kr.pilot]
title = "Pilot"
milestones = [{ title = "First", due = 2026-11-01, done = true }]

[override."platform.reliable.fewer-bugs"]
value = 21.4
until = 2026-11-30
reason = "export was down"
by = "data-team"
"""


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def errors(kind: Kind, text: str) -> list[str]:
    validator = Draft7Validator(schema(kind, INSTALLED))
    return [error.message for error in validator.iter_errors(as_json(tomli.loads(text)))]


@pytest.mark.parametrize("kind", ["config", "mapping", "either"])
def test_it_is_a_plain_draft_7_schema(kind: Kind) -> None:
    made = schema(kind, INSTALLED)
    Draft7Validator.check_schema(made)
    text = json.dumps(made)
    assert '"$id"' not in text
    assert '"$ref"' not in text


def test_good_files_are_valid() -> None:
    assert errors("config", CONFIG) == []
    assert errors("mapping", MAPPING) == []
    assert errors("either", CONFIG) == []
    assert errors("either", MAPPING) == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("config", CONFIG.replace("timezone", "timezon")),
        ("config", CONFIG.replace("site =", "sight =")),
        ("config", CONFIG.replace('{ env = "JIRA_TOKEN" }', '"plain"')),
        ("config", CONFIG.replace('"local"', '"locall"')),
        ("mapping", MAPPING.replace("target", "traget")),
        ("mapping", MAPPING.replace("jql", "jqll")),
        ("mapping", MAPPING.replace("healthy = { max", "healthy = { mx")),
        ("mapping", MAPPING.replace("due", "duee")),
        ("mapping", MAPPING.replace("until", "untill")),
        ("mapping", MAPPING.replace('team = "platform"', '[source.x]\ntype = "csv"')),
    ],
)
def test_misspelt_keys_and_wrong_values_are_not(kind: Kind, text: str) -> None:
    assert errors(kind, text)


def tables(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield node
        for inner in node.values():
            yield from tables(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from tables(inner)


@pytest.mark.parametrize("kind", ["config", "mapping"])
def test_every_key_is_described_and_every_table_closed(kind: Kind) -> None:
    for table in tables(schema(kind, INSTALLED)):
        assert table["additionalProperties"] is False
        for key, value in table["properties"].items():
            assert value.get("description"), key


@pytest.mark.parametrize("kind", ["config", "mapping"])
def test_taplo_accepts_schema_and_samples(kind: Kind, tmp_path: Path) -> None:
    taplo = shutil.which("taplo")
    if taplo is None:
        pytest.skip("taplo is not installed (npm install --global @taplo/cli)")
    (tmp_path / "schema.json").write_text(json.dumps(schema(kind, INSTALLED)))
    (tmp_path / "sample.toml").write_text(CONFIG if kind == "config" else MAPPING)
    command = [taplo, "lint", "--schema", f"file://{tmp_path}/schema.json", "sample.toml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["config", "mapping"])
def test_tombi_accepts_schema_and_samples(kind: Kind, tmp_path: Path) -> None:
    tombi = shutil.which("tombi")
    if tombi is None:
        pytest.skip("tombi is not installed (npm install --global tombi)")
    (tmp_path / "schema.json").write_text(json.dumps(schema(kind, INSTALLED)))
    (tmp_path / "sample.toml").write_text(CONFIG if kind == "config" else MAPPING)
    (tmp_path / "tombi.toml").write_text(
        '[[schemas]]\npath = "schema.json"\ninclude = ["sample.toml"]\n'
    )
    command = [tombi, "lint", "--offline", "sample.toml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
