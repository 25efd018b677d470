"""A stateful GitHub that others wrote: issues are made and closed, and the numbers follow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.system.harness.project import Project
from tests.system.harness.servers import free_port, from_npm, serving

pytestmark = pytest.mark.network

_TOKEN = "tok_okr"
_SEED = {
    "tokens": {_TOKEN: {"login": "okr-bot", "scopes": ["repo", "user"]}},
    "github": {
        "users": [{"login": "okr-bot"}],
        "orgs": [{"login": "acme"}],
        "repos": [{"owner": "acme", "name": "shop"}],
    },
}
_KEY_RESULTS = {
    "open": 'search = "is:issue is:open label:bug"\nagg = "count"',
    "closed": 'search = "is:issue is:closed"\nagg = "count"',
    "hidden": 'search = "repo:acme/vault is:issue"\nagg = "count"',
}


@dataclass(frozen=True)
class Emulated:
    address: str
    client: httpx.Client

    def issue(self, title: str, *labels: str, milestone: int | None = None) -> int:
        body = {"title": title, "labels": list(labels), "milestone": milestone}
        made = self.client.post("/repos/acme/shop/issues", json=body)
        made.raise_for_status()
        number: int = made.json()["number"]
        return number

    def close(self, number: int) -> None:
        path = f"/repos/acme/shop/issues/{number}"
        self.client.patch(path, json={"state": "closed"}).raise_for_status()


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Emulated]:
    program = from_npm("emulate", "emulate@0.12.2 node@22")
    seed = tmp_path / "seed.yaml"
    seed.write_text(json.dumps(_SEED), "utf-8")  # JSON is YAML
    port = free_port()
    # By this name: it stands in the addresses that the server writes into its answers.
    address = f"http://localhost:{port}"
    command = [str(program.with_name("node")), str(program.resolve()), "start"]
    command += ["--service", "github", "--port", str(port), "--seed", str(seed)]
    headers = {"authorization": f"Bearer {_TOKEN}"}
    with (
        serving(command, ready=address, log=tmp_path / "emulate.log"),
        httpx.Client(base_url=address, headers=headers, trust_env=False) as client,
    ):
        yield Emulated(address, client)


@pytest.fixture
def tracked(project: Project, github: Emulated) -> Project:
    project.env["GITHUB_TOKEN"] = _TOKEN
    project.configure(
        f'[source.github]\ntype = "github"\napi = "{github.address}"\nscope = "acme/shop"\n'
        'token = { env = "GITHUB_TOKEN" }\ngraphql = false\n'
    )
    questions = {name: f'from = "github"\n{lines}\n' for name, lines in _KEY_RESULTS.items()}
    project.map(questions, head="[defaults]\nguard = { allow_fall = true, allow_zero = true }")
    return project


def test_issues_are_made_and_closed_and_the_numbers_follow(
    tracked: Project, github: Emulated
) -> None:
    numbers = [github.issue(f"Bug {n}", "bug") for n in range(7)]
    github.issue("No bug")
    first = tracked.run("sync")
    assert tracked.check_ins() == {"open": ["7"], "closed": ["0"]}
    for number in numbers[:3]:
        github.close(number)
    tracked.run("sync", "--all")
    assert tracked.check_ins() == {"open": ["7", "4"], "closed": ["0", "3"]}
    tracked.run("sync", "--all")
    assert tracked.check_ins() == {"open": ["7", "4"], "closed": ["0", "3"]}
    assert first.code == 3  # the hidden repository; the others were written
    assert "acme/vault is not there, or hidden from this account" in " ".join(first.out.split())


def test_doctor_says_who_is_signed_in(tracked: Project) -> None:
    told = tracked.run("doctor")
    assert "signed in as okr-bot" in told.out, told
    assert "acme/shop can be read" in told.out


def test_past_a_page_of_hits(tracked: Project, github: Emulated) -> None:
    for n in range(130):
        github.issue(f"Bug {n}")
    question = 'from = "github"\nsearch = "is:issue is:open"\nmeasure = "age"\nagg = "count"\n'
    tracked.map({"aged": question})
    ended = tracked.run("sync")
    assert tracked.check_ins() == {"aged": ["130"]}, ended


def test_evidence_and_costs_can_be_read(tracked: Project, github: Emulated) -> None:
    github.issue("Bug", "bug")
    plan: Any = tracked.run("plan", "--format", "json").json()
    assert "acme/shop" in json.dumps(plan)
    tracked.run("sync")
    explained = tracked.run("explain", "team.grow.open").out
    assert "repo:acme/shop is:issue is:open label:bug" in " ".join(explained.split())
    assert max(map(len, explained.splitlines())) <= 80 or "http" in explained
