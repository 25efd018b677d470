"""What we send to Operately is what its published API catalog takes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from okrsync.contracts import all_read
from okrsync.model import Status, StoreRef
from okrsync.testing import FakeToolbox, a_check_in
from okrsync_operately import STORE
from okrsync_operately.settings import OperatelySettings
from tests.system.standins.operately import TOKEN, Operately
from tests.system.standins.serving import Asked, Reply

pytestmark = pytest.mark.network

PLAIN = {"string": str, "id": str, "json": str, "boolean": bool, "float": float | int}


@pytest.fixture(scope="module")
def catalog() -> Any:
    """Operately's typed catalog of its external API, cut to goals."""
    folder = os.environ.get("OKRSYNC_SPECS")
    if not folder:
        pytest.skip("OKRSYNC_SPECS does not name a folder with the published documents")
    document = Path(folder) / "operately-goals.json"
    if not document.exists():
        pytest.skip("operately-goals.json is not among the published documents")
    return json.loads(document.read_text("utf-8"))


def violations(catalog: Any, asked: Asked) -> list[str]:
    known = {(one["method"], one["path"]): one for one in catalog["endpoints"]}
    endpoint = known.get((asked.method, asked.path))
    if endpoint is None:
        return [f"no endpoint {asked.method} {asked.path}"]
    inputs = {one["name"]: one for one in endpoint["inputs"]}
    given: Mapping[str, Any] = asked.params if asked.body is None else asked.body
    missing = [name for name, one in inputs.items() if not one["optional"] and name not in given]
    found = [f"{name} is missing" for name in missing]
    for name, value in given.items():
        if name not in inputs:
            found.append(f"there is no {name}")
        elif not fits(catalog, inputs[name]["type"], value, text=asked.body is None):
            found.append(f"{name} is no {inputs[name]['type']}")
    return found


def fits(catalog: Any, kind: Mapping[str, Any], value: Any, *, text: bool) -> bool:
    """``text`` says that the value comes from a query, where everything is a text."""
    if kind["kind"] == "list":
        return isinstance(value, list) and all(
            fits(catalog, kind["item"], one, text=text) for one in value
        )
    name = kind["name"]
    if name in catalog["types"]["enums"]:
        return value in catalog["types"]["enums"][name]
    if name == "boolean" and text:
        return value in {"true", "false"}
    return isinstance(value, PLAIN[name]) and (name != "json" or _is_json(str(value)))


def _is_json(value: str) -> bool:
    try:
        return isinstance(json.loads(value), dict)
    except ValueError:
        return False


GOOD = {
    "goal_id": "g",
    "status": "caution",
    "content": '{"type": "doc"}',
    "new_target_values": '[{"id": "t", "value": 31}]',
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "at_risk"},
        {"content": {"type": "doc"}},
        {"content": "no document"},
        {"new_target_values": [{"id": "t", "value": 31}]},
        {"notify": False},
        {"send_notifications_to_everyone": "false"},
    ],
)
def test_the_published_catalog_knows_wrong_from_right(catalog: Any, wrong: dict[str, Any]) -> None:
    path = "/api/external/v1/goals/create_check_in"
    assert not violations(catalog, Asked("POST", path, {}, {}, GOOD))
    assert violations(catalog, Asked("POST", path, {}, {}, {**GOOD, **wrong}))
    assert violations(catalog, Asked("POST", path, {}, {}, {"goal_id": "g"}))
    assert violations(catalog, Asked("GET", path, {}, {}))


def test_every_request_keeps_to_the_published_catalog(catalog: Any, tmp_path: Path) -> None:
    answers: list[tuple[str, Any]] = []

    def overhear(asked: Asked, reply: Reply) -> Reply:
        answers.append((asked.path, reply.body))
        return reply

    with Operately().start() as operately:
        operately.goal("Fewer bugs", "Open bugs", "Old bugs")
        operately.goal("Fast", "Seconds")
        operately.twist = overhear
        for check_ins in (True, False):
            _everything(tmp_path, operately, check_ins=check_ins)
    for asked in operately.asked:
        assert violations(catalog, asked) == [], f"{asked.method} {asked.path}"
    called = {asked.path.rpartition("/")[2] for asked in operately.asked}
    assert called == {"list", "get", "list_check_ins", "create_check_in", "update_target_value"}
    for path, body in answers:
        assert unknown_fields(catalog, path, body) == set()


def unknown_fields(catalog: Any, path: str, body: Any) -> set[str]:
    """Fields of the stand-in's answer that the catalog does not know."""
    endpoint = next(one for one in catalog["endpoints"] if one["path"] == path)
    found = set()
    for output in endpoint["outputs"]:
        kind = output["type"]
        entries = body[output["name"]] if kind["kind"] == "list" else [body.get(output["name"])]
        for entry in entries:
            found |= _unknown(catalog, kind.get("item", kind)["name"], entry)
    return found


def _unknown(catalog: Any, name: str, entry: Any) -> set[str]:
    if not isinstance(entry, dict):
        return set()
    fields = {one["name"]: one["type"] for one in catalog["types"]["objects"][name]["fields"]}
    found = {f"{name}.{field}" for field in entry if field not in fields}
    for field, value in entry.items():
        kind = fields.get(field, {})
        inner = kind.get("item", kind).get("name", "")
        if inner in catalog["types"]["objects"]:
            for part in value if isinstance(value, list) else [value]:
                found |= _unknown(catalog, inner, part)
    return found


def _everything(folder: Path, operately: Operately, *, check_ins: bool) -> None:
    settings = OperatelySettings.model_validate(
        {"token": {"env": "TOKEN"}, "address": operately.url, "check_ins": check_ins, "space": "s"}
    )
    with (
        FakeToolbox(folder, secrets={"TOKEN": TOKEN}) as toolbox,
        STORE.open(settings, toolbox) as store,
    ):
        refs = [
            StoreRef("store", operately.ref("Fewer bugs", "Open bugs")),
            StoreRef("store", operately.ref("Fast", "Seconds")),
        ]
        assert len(store.read(refs)) == 2
        for value, status in enumerate(Status, 1):
            base = all_read(store.read(refs))[refs[0]].revision
            check_in = a_check_in(refs[0], value, base=base, note="Ärende → 31 \U0001f3af")
            store.post(replace(check_in, status=status))
        assert store.find(a_check_in(refs[1], 99)) is None
        assert len(list(store.browse())) == 3
        assert all(remark.well for remark in store.examine())  # type: ignore[attr-defined]
