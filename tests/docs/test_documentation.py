"""What the documentation says, the program does: commands, options, TOML, code, tables, links."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from okrsync.cli.app import app
from okrsync.clock import system_clock
from okrsync.config.load import examine
from okrsync.templates.reference import fill, tables

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: ``toml mapping`` is the language toml, of the kind mapping."""

    page: str
    line: int
    language: str
    kind: str
    body: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(language: str) -> list[Block]:
    return [block for page in PAGES for block in _blocks_of(page) if block.language == language]


def _blocks_of(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    for found in FENCE.finditer(text):
        language, _, kind = found["info"].strip().partition(" ")
        line = text.count("\n", 0, found.start()) + 1
        yield Block(str(page.relative_to(ROOT)), line, language, kind, found["body"])


def shell_lines(block: Block) -> Iterator[list[str]]:
    for line in block.body.splitlines():
        words = shlex.split(line.partition(" > ")[0], comments=True)
        if words:
            yield words


# Commands

PROGRAM: Any = typer.main.get_command(app)
COMMANDS: dict[str, Any] = PROGRAM.commands


def options_of(command: Any) -> set[str]:
    return {"--help", "-h"} | {opt for param in command.params for opt in param.opts}


def named_commands() -> list[tuple[str, list[str]]]:
    """Every `okrsync ...` in running text, with its page."""
    found: list[tuple[str, list[str]]] = []
    for page in PAGES:
        prose = FENCE.sub("", page.read_text("utf-8"))
        found += [
            (page.name, shlex.split(text.partition(" > ")[0]))
            for text in re.findall(r"`okrsync ([^`\n]+)`", prose)
        ]
    return found


@pytest.mark.parametrize("block", blocks("sh"), ids=str)
def test_every_okrsync_line_in_a_shell_block_can_be_typed(block: Block) -> None:
    for words in shell_lines(block):
        if Path(words[0]).name == "okrsync":
            PROGRAM.make_context("okrsync", words[1:2], resilient_parsing=True)
            if words[1] not in PROGRAM_OPTIONS:
                COMMANDS[words[1]].make_context(words[1], words[2:])


PROGRAM_OPTIONS = options_of(PROGRAM)


@pytest.mark.parametrize("block", blocks("sh"), ids=str)
def test_every_make_target_in_a_shell_block_is_there(block: Block) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for words in shell_lines(block):
        if words[0] == "make":
            assert words[1] in targets


@pytest.mark.parametrize("block", blocks("sh"), ids=str)
def test_every_module_that_a_shell_block_runs_is_there(block: Block) -> None:
    for name in re.findall(r"-m (benchmarks\.\w+|okrsync\.[\w.]+)", block.body):
        module = ROOT / name.replace(".", "/")
        assert module.with_suffix(".py").is_file() or (module / "__main__.py").is_file()


@pytest.mark.parametrize(("page", "words"), named_commands())
def test_every_command_and_option_in_the_text_is_there(page: str, words: list[str]) -> None:
    del page  # it is in the test's name
    if words[0].startswith("-"):
        assert words[0] in PROGRAM_OPTIONS
        return
    options = options_of(COMMANDS[words[0]])
    assert [word for word in words[1:] if word.startswith("-") and word not in options] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_each_of_its_parameters_has_help(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    assert [param.name for param in command.params if not getattr(param, "help", "")] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_operators_table(name: str) -> None:
    assert f"| `okrsync {name}` |" in (ROOT / "docs" / "operate.md").read_text("utf-8")


def next_steps() -> list[tuple[str, str]]:
    """Commands in the texts of the program itself: ``next_step="okrsync approve ..."``."""
    found = set()
    for module in [*ROOT.glob("okrsync/**/*.py"), *ROOT.glob("connectors/*/*.py")]:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "next_step":
                found |= {(str(module.relative_to(ROOT)), name) for name in _typed(node.value)}
    return sorted(found)


def _typed(text: ast.expr) -> list[str]:
    """Commands that a text begins with, or that stand in it between backticks."""
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    whole = "".join(
        part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "X"
        for part in parts
    )
    return re.findall(r"(?:^|`)okrsync ([a-z]+)", whole)


@pytest.mark.parametrize(("module", "name"), next_steps())
def test_every_command_that_an_error_suggests_is_there(module: str, name: str) -> None:
    del module
    assert name in COMMANDS


# TOML

CONFIG = """
version = 1
timezone = "Europe/Stockholm"
[source.sheet]
type = "csv"
path = "data/numbers.csv"
"""
SOURCE = '\n[source.crm]\ntype = "csv"\npath = "https://crm.acme.example/export.csv"\n'
MAPPING = """
version = 1
period = "2026-Q4"
[metric.bugs-open]
from = "sheet"
agg = "count"
"""
KEY_RESULT = '\n[objective.o]\ntitle = "O"\n[objective.o.kr.k]\ntitle = "K"\n'
QUESTION = 'from = "sheet"\nmeasure = "hours"\nagg = "sum"\n'


def in_place(block: Block) -> tuple[str, str]:
    """A config and a mapping with the block where a reader would put it."""
    before = [
        other for other in blocks("toml") if other.page == block.page and other.line < block.line
    ]
    configs = [other.body for other in before if other.kind == "config"]
    mappings = [other.body for other in before if other.kind == "mapping"]
    key_result = MAPPING + KEY_RESULT
    match block.kind:
        case "config":
            return block.body, 'period = "2026-Q4"\n'
        case "config-part" | "stores":
            choice = 'store = "team"\n' if block.kind == "stores" else ""
            return CONFIG + block.body, choice + MAPPING
        case "source":
            return CONFIG + SOURCE + block.body, MAPPING
        case "mapping":
            return configs[-1] if configs else CONFIG, block.body
        case "override":
            return configs[-1] if configs else CONFIG, f"{mappings[-1]}\n{block.body}"
        case "key-result":
            return CONFIG, key_result + QUESTION + _unit_of(block.body) + block.body
        case "key-result-of-source":
            parts = [other.body for other in before if other.kind == "config-part"]
            return CONFIG + parts[-1], key_result + block.body
        case "whole-key-result":
            return CONFIG, key_result + block.body
    pytest.fail(f"say after ```toml at {block} what kind of block it is")


def _unit_of(body: str) -> str:
    """A question's answer has a unit, which a fragment leaves out where the reader knows it."""
    return 'unit = "h"\n' if ' h"' in body else ""


@pytest.mark.parametrize(
    "block", [block for block in blocks("toml") if block.kind != "pyproject"], ids=str
)
def test_every_toml_block_validates_where_it_belongs(block: Block, tmp_path: Path) -> None:
    config, mapping = in_place(block)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "config.toml").write_text(config, "utf-8")
    (tmp_path / "mappings" / "team.toml").write_text(mapping, "utf-8")
    found = examine(tmp_path / "config.toml", clock=system_clock)
    assert [problem for problem in found.problems if not problem.warning] == []


@pytest.mark.parametrize(
    "block", [block for block in blocks("toml") if block.kind == "pyproject"], ids=str
)
def test_a_pyproject_block_names_a_group_that_okrsync_reads(block: Block) -> None:
    groups = tomllib.loads(block.body)["project"]["entry-points"]
    assert set(groups) <= {"okrsync.sources", "okrsync.stores"}


# Code


CHECKED_AS_OURS = [  # with the cache of the checkout: its dependencies are read already
    f"--config-file={ROOT / 'pyproject.toml'}",
    f"--cache-dir={ROOT / '.mypy_cache'}",
]


@pytest.fixture(scope="module")
def written_down(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every Python block under the name it carries."""
    folder = tmp_path_factory.mktemp("author")
    for block in blocks("python"):
        file = folder / block.kind
        file.parent.mkdir(exist_ok=True)
        file.write_text(block.body, "utf-8")
    return folder


@pytest.mark.parametrize(
    "command", [["pytest", "-p", "no:cacheprovider"], ["mypy", *CHECKED_AS_OURS, "."]]
)
def test_the_code_for_authors_runs_and_is_typed(written_down: Path, command: list[str]) -> None:
    path = os.pathsep.join(map(str, (written_down, ROOT, ROOT / "connectors")))
    finished = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=written_down,
        env=os.environ | {"PYTHONPATH": path, "MYPYPATH": f"{ROOT}:{ROOT / 'connectors'}"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


# Tables and links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_generated_tables_are_current(page: Path) -> None:
    text = page.read_text("utf-8")
    assert fill(text) == text, "python -m okrsync.templates.reference docs/*.md"


def test_every_table_stands_somewhere() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES)
    assert {name for name in tables() if f"<!-- table: {name} -->" not in text} == set()


@pytest.mark.parametrize("name", sorted(tables()))
def test_every_row_of_a_table_says_what_it_means(name: str) -> None:
    rows = tables()[name]().splitlines()[2:]
    assert [row for row in rows if row.endswith("|  |")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        there = page.parent / path if path else page
        assert there.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.+)$", there.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in heads}
