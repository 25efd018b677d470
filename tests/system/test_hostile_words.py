"""Words of strangers: expressions that want to run, cells that want to be formulas."""

from __future__ import annotations

import csv
import io

import pytest

from tests.system.harness.project import Project

HOSTILE = [
    "__import__('os').system('touch pwned')",
    "().__class__.__bases__[0].__subclasses__()",
    "open('/etc/passwd').read()",
    "exec('1')",
    "eval('1')",
    "9**9**9",
    "lambda: 1",
    "[n for n in n]",
    "n.__class__",
    "n; import os",
    "{{ n }}",
    "${n}",
    "f'{n}'",
    "n := 3",
    "(" * 5000 + "n" + ")" * 5000,
    "n" + " + n" * 5000,
    "-" * 5000 + "n",
    "1e999999999",
    "not " * 3000 + "n",
    "n if " * 1000 + "n",
]


@pytest.mark.parametrize("expression", HOSTILE, ids=lambda text: text[:24])
def test_guarantee_31_an_expression_cannot_run_code_nor_run_away(
    project: Project, expression: str
) -> None:
    project.configure('[source.probe]\ntype = "probe"\n')
    head = '[metric.n]\nfrom = "probe"\nprobe = "n"\n'
    project.map({"signups": f"value = '''{expression}'''"}, head=head)
    result = project.run("validate")
    assert result.code == 2, result.out[:500]
    assert "mappings/team.toml" in result.out
    assert "Traceback" not in result.err
    assert "a bug" not in result.err
    assert not (project.folder / "pwned").exists()


def test_guarantee_30_exported_history_holds_no_formula_and_exact_numbers(
    project: Project,
) -> None:
    project.probe("signups")
    for value in ("-3", "0.1000000000000000055511151231257827", "7"):
        project.script(signups=value)
        assert project.run("sync").code == 0
    rows = list(csv.DictReader(io.StringIO(
        project.run("history", "team.grow.signups", "--format", "csv").out
    )))  # fmt: skip
    assert [row["value"] for row in rows] == ["-3", "0.1000000000000000055511151231257827", "7"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_guarantee_30_a_unit_that_begins_as_a_formula_is_text_in_the_export(
    project: Project, start: str
) -> None:
    unit = f"{start}cmd|calc"
    project.probe("signups", lines=f'unit = "{unit}"')
    project.script(signups={"value": "3", "unit": unit})
    synced = project.run("sync")
    if synced.code == 2:  # refused as a unit at all: nothing to export
        return
    out = project.run("history", "team.grow.signups", "--format", "csv").out
    cells = [cell for row in csv.reader(io.StringIO(out)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(start)]


def test_guarantee_30_titles_are_text_in_the_markdown_report(project: Project) -> None:
    project.probe("signups")
    mapping = project.folder / "mappings" / "team.toml"
    hostile = "<script>alert(1)</script> [x](javascript:alert(1)) |"
    mapping.write_text(mapping.read_text().replace("From 0 to 1000 signups", hostile))
    project.script(signups="3")
    assert project.run("sync").code == 0
    for command in (["report", "--format", "md"], ["plan", "--format", "md"]):
        shown = project.run(*command).out
        assert "<script>" not in shown
        assert "[x](javascript" not in shown
