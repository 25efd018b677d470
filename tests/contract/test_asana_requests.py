"""What we send to Asana is what Asana publishes: its OpenAPI document."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from okrsync.contracts import all_read
from okrsync.model import Status, StoreRef
from okrsync.testing import FakeToolbox, a_check_in
from okrsync_asana import STORE
from okrsync_asana.settings import AsanaSettings
from tests.system.standins.asana import TOKEN, Asana
from tests.system.standins.serving import Asked

pytestmark = pytest.mark.network

# Asana answers it; the cut of the published document leaves it out.
NOT_IN_THE_CUT = {"/users/me"}
UPDATES = get_args(AsanaSettings.model_fields["updates"].annotation)


@pytest.fixture(scope="module")
def openapi() -> Any:
    """Asana's OpenAPI document, cut to what matters here."""
    folder = os.environ.get("OKRSYNC_SPECS")
    if not folder:
        pytest.skip("OKRSYNC_SPECS does not name a folder with the published documents")
    document = Path(folder) / "asana-goals.json"
    if not document.exists():
        pytest.skip("asana-goals.json is not among the published documents")
    openapi_core = pytest.importorskip("openapi_core", reason="openapi-core is not installed")
    published = json.loads(document.read_text("utf-8"))
    published["servers"] = [{"url": "http://localhost"}]
    for parameter in published["components"]["parameters"].values():
        parameter.pop("allowEmptyValue", None)  # openapi-core warns of this word
    return openapi_core.OpenAPI.from_dict(published)


def violations(openapi: Any, asked: Asked) -> str:
    from openapi_core.testing import MockRequest

    mock = MockRequest(
        "http://localhost",
        asked.method.lower(),
        asked.path,
        args=dict(asked.params),
        headers={"Authorization": asked.headers.get("authorization", "")},
        data=None if asked.body is None else json.dumps(asked.body).encode(),
        content_type=asked.headers.get("content-type", "application/json"),
    )
    errors = list(openapi.iter_request_errors(mock))
    return "; ".join(f"{error!r} {error.__cause__!r}" for error in errors)


def test_the_published_document_knows_wrong_from_right(openapi: Any) -> None:
    signed = {"authorization": "Bearer t", "content-type": "application/json"}
    path = "/goals/1/setMetricCurrentValue"
    good = Asked("POST", path, {}, signed, {"data": {"current_number_value": 8.12}})
    assert not violations(openapi, good)
    assert violations(
        openapi, Asked("POST", path, {}, signed, {"data": {"current_number_value": "8"}})
    )
    assert violations(openapi, Asked("GET", "/goals", {"opt_fields": "no_such_field"}, signed))
    assert violations(openapi, Asked("GET", "/status_updates", {}, signed))


def test_every_request_keeps_to_the_published_document(openapi: Any, tmp_path: Path) -> None:
    with Asana().start() as asana:
        for number in range(130):
            asana.goal(str(1000 + number))
        for place, updates in enumerate(UPDATES):
            _everything(tmp_path, asana, updates, StoreRef("store", str(1000 + place)))
    checked = [asked for asked in asana.asked if asked.path not in NOT_IN_THE_CUT]
    for asked in checked:
        problem = violations(openapi, asked)
        assert not problem, f"{asked.method} {asked.path}: {problem}"
    bodies = [set(asked.body["data"]) for asked in checked if asked.body]
    assert {"current_number_value"} in bodies
    assert {"parent", "status_type", "title", "text"} in bodies
    assert {(asked.method, asked.path.split("/")[1]) for asked in checked} == {
        ("GET", "workspaces"),
        ("GET", "goals"),
        ("POST", "goals"),
        ("GET", "status_updates"),
        ("POST", "status_updates"),
    }


def _everything(folder: Path, asana: Asana, updates: str, ref: StoreRef) -> None:
    """Every verb, each status that a check-in may have, and texts that a person wrote."""
    settings = AsanaSettings.model_validate(
        {"token": {"env": "TOKEN"}, "address": asana.url, "updates": updates}
    )
    with (
        FakeToolbox(folder, secrets={"TOKEN": TOKEN}) as toolbox,
        STORE.open(settings, toolbox) as store,
    ):
        refs = [StoreRef("store", str(1000 + number)) for number in range(130)]
        assert len(store.read(refs)) == 130
        for value, status in enumerate(Status, 1):
            base = all_read(store.read([ref]))[ref].revision
            check_in = a_check_in(ref, value, base=base, note="Ärende → 31 \U0001f3af")
            store.post(replace(check_in, status=status))
        asana.person(ref.id, text="I see it otherwise")
        assert store.find(a_check_in(ref, 99)) is None
        assert len(list(store.browse())) == 130
        assert all(remark.well for remark in store.examine())  # type: ignore[attr-defined]
