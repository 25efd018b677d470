"""Every REST request that we send to GitHub is one that its published OpenAPI document knows."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from okrsync.contracts import FromEnvironment
from okrsync.model import Window
from okrsync_github import SOURCE
from okrsync_github.settings import GithubSettings
from tests.standins.github import NOW, Github, asked, question

INSTALL = "npm install @octokit/openapi, and NODE_PATH of its node_modules"
FILE = "@octokit/openapi/generated/api.github.com.json"
Judge = Callable[[httpx.Request], str]


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    folders = os.environ.get("NODE_PATH", "").split(os.pathsep)
    for path in (Path(folder) / FILE for folder in folders if folder):
        if path.is_file():
            document: dict[str, Any] = json.loads(path.read_text("utf-8"))
            return document
    pytest.skip(f"GitHub's OpenAPI document is not installed: {INSTALL}")


@pytest.fixture(scope="module")
def problem_of(published: dict[str, Any]) -> Judge:
    """What is wrong with a request by the document; "" where nothing is."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")

    def resolved(part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part:
            place = part["$ref"].removeprefix("#/").split("/")
            part = published
            for name in place:
                part = part[name]
        return part

    def problem(request: httpx.Request) -> str:
        fitting = [path for path in published["paths"] if _fits(path, request.url.path)]
        if not fitting:
            return "no such path"
        path = published["paths"][min(fitting, key=lambda one: one.count("{"))]
        operation = path.get(request.method.lower())
        if operation is None:
            return "no such method"
        known = [resolved(one) for one in operation.get("parameters", ())]
        schemas = {one["name"]: one["schema"] for one in known if one["in"] == "query"}
        needed = {one["name"] for one in known if one["in"] == "query" and one.get("required")}
        told = dict(request.url.params)
        for name, text in told.items():
            if name not in schemas:
                return f"no such parameter: {name}"
            if not _may_be(jsonschema, resolved(schemas[name]), text):
                return f"{name} cannot be {text}"
        return f"missing: {needed - told.keys()}" if needed - told.keys() else ""

    return problem


def _fits(template: str, path: str) -> bool:
    return bool(re.fullmatch(re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(template)), path))


def _may_be(jsonschema: Any, schema: dict[str, Any], text: str) -> bool:
    readings: list[object] = [text, *([int(text)] if text.isdigit() else [])]
    return any(jsonschema.Draft202012Validator(schema).is_valid(one) for one in readings)


def _page(items: Sequence[object]) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(
        200, json=items if int(request.url.params.get("page", "1")) == 1 else []
    )


def _says(body: object) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(200, json=body)


_SEARCHED = {"total_count": 1, "incomplete_results": False, "items": []}
_HIT = {"node_id": "I_1", "created_at": "2026-10-20T06:00:00Z", "closed_at": None}
_MILESTONE = {"number": 3, "title": "v2", "open_issues": 3, "closed_issues": 9, "state": "open"}
_ALERT = {"number": 1, "created_at": "2026-10-20T06:00:00Z", "rule": {"severity": "error"}}
_REPO, _OWNER = {"full_name": "acme/shop", "stargazers_count": 3}, {"login": "acme"}
_REST = {
    "/user": _says({"login": "okr-bot"}),
    "/rate_limit": _says({"resources": {}}),
    "/users/acme": _says(_OWNER),
    "/repos/acme/shop": _says(_REPO),
    "/search/issues": _says({**_SEARCHED, "items": [_HIT]}),
    "/search/repositories": _says(_SEARCHED),
    "/repos/acme/shop/milestones": _page([_MILESTONE]),
    "/repos/acme/shop/releases": _page([]),
    "/repos/acme/shop/actions/runs": _says({"total_count": 7}),
    "/repos/acme/shop/actions/workflows/ci.yml/runs": _says({"total_count": 7}),
    "/repos/acme/shop/dependabot/alerts": _page([_ALERT]),
    "/orgs/acme/dependabot/alerts": _page([_ALERT]),
    "/repos/acme/shop/code-scanning/alerts": _page([_ALERT]),
    "/orgs/acme/code-scanning/alerts": _page([_ALERT]),
}
_QUARTER = Window("period", NOW.replace(month=10, day=1), NOW)


def _alerts(**place: Any) -> list[Any]:
    return [
        question(dependabot="open", **place),
        question(dependabot="fixed", severity=("high", "low"), **place),
        question(code_scanning="open", **place),
        question(code_scanning="dismissed", severity=("critical",), **place),
    ]


def _every_kind() -> list[Any]:
    shop: dict[str, Any] = {"repo": "acme/shop"}
    return [
        question(search="repo:acme/shop is:issue"),
        question(search="org:acme is:issue label:bug", on="created", window=_QUARTER),
        question(search="repo:acme/shop is:issue", measure="age", agg="avg"),
        question(search="topic:okr", search_in="repositories"),
        question(stars=True, agg=None, **shop),
        question(milestone="v2", agg=None, **shop),
        question(releases="stable", on="published", window=_QUARTER, **shop),
        question(workflow="all", on="created", window=_QUARTER, **shop),
        question(workflow="ci.yml", branch="main", measure="success_rate", agg=None, **shop),
        question(workflow="ci.yml", on="created", window=_QUARTER, **shop),
        *_alerts(**shop),
    ]


def test_the_document_knows_wrong_from_right(problem_of: Judge) -> None:
    def problem(path: str) -> str:
        return problem_of(httpx.Request("GET", f"https://api.github.com{path}"))

    assert problem("/repos/acme/shop/milestones?state=all&per_page=100") == ""
    assert problem("/repos/acme/shop/milestones?state=every")
    assert problem("/repos/acme/shop/milestones?size=100")
    assert problem("/repos/acme/shop/milestonez")
    assert problem("/search/issues")


def test_every_rest_request_is_known(problem_of: Judge, tmp_path: Path) -> None:
    github = Github(rest=dict(_REST))
    asked(github, tmp_path, *_every_kind(), graphql=False)
    asked(github, tmp_path, *_alerts(), scope="acme")
    settings = GithubSettings(token=FromEnvironment(env="GITHUB_TOKEN"), graphql=False)
    with github.toolbox(tmp_path) as box, SOURCE.open(settings, box) as source:
        list(source.examine())  # type: ignore[attr-defined]
    wrong = {str(sent.url): problem_of(sent) for sent in github.asked if problem_of(sent)}
    assert wrong == {}
    assert {sent.url.path for sent in github.asked} >= _REST.keys() - {"/rate_limit"}
