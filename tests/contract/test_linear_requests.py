"""What we send to Linear is what Linear's published schema takes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate
from graphql.execution.values import get_variable_values
from graphql.language import OperationDefinitionNode

from okrsync.contracts import all_read
from okrsync.model import Status, StoreRef
from okrsync.testing import FakeToolbox, a_check_in
from okrsync_linear import STORE
from okrsync_linear.settings import LinearSettings
from tests.contract.linear_types import schema_language
from tests.system.standins.linear import TOKEN, Linear

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    """Linear's schema: its published file, or the types of its npm package."""
    written = Path(os.environ.get("OKRSYNC_SPECS", ""), "linear.graphql")
    if written.is_file():
        return build_schema(written.read_text("utf-8"), assume_valid=True)
    for folder in filter(None, os.environ.get("NODE_PATH", "").split(os.pathsep)):
        for types in Path(folder, "@linear", "sdk", "dist").glob("index-*.d.mts"):
            return build_schema(schema_language(types.read_text("utf-8")), assume_valid=True)
    pytest.skip(
        "neither linear.graphql in OKRSYNC_SPECS nor the npm package @linear/sdk in NODE_PATH"
    )


def violations(schema: GraphQLSchema, query: str, variables: Mapping[str, Any]) -> list[str]:
    document = parse(query)
    found = [error.message for error in validate(schema, document)]
    if found:
        return found
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    values = get_variable_values(schema, operation.variable_definitions or (), dict(variables))
    return [error.message for error in values] if isinstance(values, list) else []


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query { initiatives { nodes { number } } }", {}),
        ("query($f: ProjectFilter) { projects(filter: $f) { nodes { id } } }", {"f": {"x": 1}}),
        (
            (
                "mutation($i: ProjectUpdateCreateInput!) "
                "{ projectUpdateCreate(input: $i) { success } }"
            ),
            {"i": {"projectId": "p", "health": "on_track"}},
        ),
    ],
)
def test_the_published_schema_knows_wrong_from_right(
    schema: GraphQLSchema, query: str, variables: dict[str, Any]
) -> None:
    assert not violations(schema, "query { initiatives { nodes { name } } }", {})
    assert violations(schema, query, variables)


def test_every_request_keeps_to_the_published_schema(schema: GraphQLSchema, tmp_path: Path) -> None:
    with Linear().start() as linear:
        for kind in ("initiative", "project"):
            for number in range(60):
                linear.add(kind, f"{kind} {number}")
        _everything(tmp_path, linear)
    for asked in linear.asked:
        body = asked.body
        assert violations(schema, body["query"], body["variables"]) == [], body["query"]
    assert sum("mutation" in asked.body["query"] for asked in linear.asked) == 10


def _everything(folder: Path, linear: Linear) -> None:
    settings = LinearSettings.model_validate({"token": {"env": "KEY"}, "address": linear.url})
    with (
        FakeToolbox(folder, secrets={"KEY": TOKEN}) as toolbox,
        STORE.open(settings, toolbox) as store,
    ):
        items = [StoreRef("store", f"{item.kind}/{item.slug}") for item in linear.items]
        by_id = [StoreRef("store", item.id) for item in linear.items[:3]]
        assert len(store.read([*items, *by_id])) == 123
        told = [status for status in Status if status not in {Status.STALE, Status.UNKNOWN}]
        for ref in (items[0], items[-1]):
            for value, status in enumerate(told, 1):
                base = all_read(store.read([ref]))[ref].revision
                store.post(replace(a_check_in(ref, value, base=base, note="Ä → 1"), status=status))
        assert store.find(a_check_in(by_id[1], 99)) is None
        assert len(list(store.browse())) == 120
        assert all(remark.well for remark in store.examine())  # type: ignore[attr-defined]
