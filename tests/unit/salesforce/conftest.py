"""Fields as Salesforce describes them, and a parser of SOQL that is not ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

PARSER = """
const soql = require('@jetstreamapp/soql-parser-js');
require('readline').createInterface({input: process.stdin}).on('line', line => {
  let said = {};
  try { said = {query: soql.parseQuery(JSON.parse(line))}; }
  catch (problem) { said = {problem: String(problem.message || problem)}; }
  process.stdout.write(JSON.stringify(said) + '\\n');
});
"""


class Oracle:
    """Jetstream's soql-parser-js in a process of its own; it is found by NODE_PATH."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def parsed(self, soql: str) -> dict[str, Any]:
        """The query's parts; fails the test for what is not SOQL."""
        said = self._said(soql)
        assert "problem" not in said, (soql, said["problem"])
        query: dict[str, Any] = said["query"]
        return query

    def accepts(self, soql: str) -> bool:
        return "problem" not in self._said(soql)

    def _said(self, soql: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(soql) + "\n")
        self._process.stdin.flush()
        said: dict[str, Any] = json.loads(self._process.stdout.readline())
        return said


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    node = shutil.which("node")
    if node is None or not _installed(node):
        pytest.skip(
            "npm package @jetstreamapp/soql-parser-js 6.3.1 is not on NODE_PATH: .ci/run brings it"
        )
    with subprocess.Popen(
        [node, "-e", PARSER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ,
    ) as process:
        yield Oracle(process)
        assert process.stdin is not None
        process.stdin.close()


def _installed(node: str) -> bool:
    there = subprocess.run(
        [node, "-e", "require('@jetstreamapp/soql-parser-js')"], check=False, capture_output=True
    )
    return there.returncode == 0
