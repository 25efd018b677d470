"""OKR Tracker keeps the contract, every request is one of its published ones, and none of its traps
loses, doubles or falsifies a check-in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync import marks
from okrsync.contracts import Capabilities, FromEnvironment, Store, all_read
from okrsync.errors import (
    MovedOn,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SignInRefused,
    Unreachable,
)
from okrsync.model import StoredKeyResult, StoreRef
from okrsync.testing import FakeToolbox, StoreContract, a_check_in
from okrsync.testing.samples import NOON
from okrsync.testing.store_contract import Person, Spoil
from okrsync_okr_tracker import STORE, comments
from okrsync_okr_tracker.settings import OkrTrackerSettings
from tests.system.standins.okr_tracker import CLIENT, OkrTracker, escaped
from tests.system.standins.serving import Asked, Limit, Reply
from tests.system.standins.stores import Loss

pytestmark = pytest.mark.network

BUGS, SLA = StoreRef("store", "bugs0001"), StoreRef("store", "sla00001")
SECRETS = {"GATEWAY_KEY": CLIENT["x-api-key"], "CLIENT_SECRET": CLIENT["okr-client-secret"]}


@pytest.fixture
def tracker() -> Iterator[OkrTracker]:
    with OkrTracker([BUGS.id, SLA.id], lambda: NOON).start() as tracker:
        yield tracker


def toolbox_in(folder: Path) -> FakeToolbox:
    return FakeToolbox(folder, name="store", secrets=SECRETS, clock=lambda: NOON)


def settings_for(tracker: OkrTracker, **said: Any) -> OkrTrackerSettings:
    return OkrTrackerSettings(
        url=tracker.url,
        api_key=FromEnvironment(env="GATEWAY_KEY"),
        client_id=CLIENT["okr-client-id"],
        client_secret=FromEnvironment(env="CLIENT_SECRET"),
        **{"key_results": (BUGS.id, SLA.id), **said},
    )


@pytest.fixture
def store(tracker: OkrTracker, tmp_path: Path) -> Iterator[Store]:
    toolbox = toolbox_in(tmp_path)
    with toolbox, STORE.open(settings_for(tracker), toolbox) as store:
        yield store


def read(store: Store, ref: StoreRef = BUGS) -> StoredKeyResult:
    return all_read(store.read([ref]))[ref]


class TestOkrTracker(StoreContract):
    @pytest.fixture
    def store(self, tracker: OkrTracker, tmp_path: Path) -> Iterator[Store]:
        toolbox = toolbox_in(tmp_path)
        with toolbox, STORE.open(settings_for(tracker), toolbox) as store:
            yield store

    @pytest.fixture
    def refs(self) -> Sequence[StoreRef]:
        return [BUGS, SLA]

    @pytest.fixture
    def person(self, tracker: OkrTracker) -> Person:
        return lambda ref, value: tracker.person(ref.id, float(value))

    @pytest.fixture
    def spoil(self, tracker: OkrTracker) -> Spoil:
        def progress_without_a_value(ref: StoreRef) -> None:
            tracker.key_results[ref.id].progression = 0.3

        return progress_without_a_value

    @pytest.fixture
    def capabilities(self) -> Capabilities:
        return STORE.capabilities


# The published contract


@pytest.fixture(scope="module")
def published() -> Any:
    specs = os.environ.get("OKRSYNC_SPECS", "")
    path = Path(specs) / "okr-tracker.yaml"
    if not specs or not path.is_file():
        pytest.skip("OKR Tracker's published document is not here: set OKRSYNC_SPECS to its folder")
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    return yaml.safe_load(path.read_text("utf-8"))


def violations(published: Any, asked: Asked) -> str:
    """What of a request the document does not allow; "" where it is one of its own."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    paths = published["paths"]
    found = [p for p in paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", p), asked.path)]
    if not found:
        return f"no path {asked.path}"
    path = found[0]
    operation = paths[path].get(asked.method.lower())
    if operation is None:
        return f"no {asked.method} on {path}"
    names = [name for way in operation.get("security", published["security"]) for name in way]
    headers = {published["securityDefinitions"][name]["name"] for name in names}
    if not headers <= set(asked.headers):
        return f"without {headers - set(asked.headers)}"
    bodies = [part["schema"] for part in operation["parameters"] if part["in"] == "body"]
    if not bodies:
        return "" if asked.body is None else "a body"
    closed = {**bodies[0], "additionalProperties": False}
    return "; ".join(e.message for e in jsonschema.Draft4Validator(closed).iter_errors(asked.body))


def test_the_document_knows_wrong_from_right(published: Any) -> None:
    headers = dict(CLIENT)
    good = Asked("POST", "/keyres/a", {}, headers, {"progress": 1, "comment": "x"})
    assert not violations(published, good)
    assert violations(published, replace(good, body={"value": 1}))
    assert violations(published, replace(good, method="PATCH"))
    assert violations(published, replace(good, headers={}))


def test_every_request_is_one_of_the_published_document(
    published: Any, tracker: OkrTracker, store: Store
) -> None:
    check_in = a_check_in(BUGS, Decimal("31.5"), note="<b> & 'ö'")
    store.post(check_in)
    store.find(check_in)
    list(store.browse())
    store.read([StoreRef("store", "no/such?id")])
    assert {asked.method for asked in tracker.asked} == {"GET", "POST"}
    assert [violations(published, asked) for asked in tracker.asked] == [""] * len(tracker.asked)


# The nine traps


def test_trap_1_a_negative_value_is_refused_before_anything_is_sent(
    tracker: OkrTracker, store: Store
) -> None:
    assert not STORE.capabilities.negative
    with pytest.raises(Refused, match="no negative number"):
        store.post(a_check_in(BUGS, -1))
    assert tracker.asked == []


@pytest.mark.parametrize("zone", ["UTC", "Europe/Oslo", "Pacific/Auckland"])
def test_trap_2_a_check_in_just_after_midnight_is_taken_in_every_zone_of_the_server(
    tmp_path: Path, zone: str
) -> None:
    half_past_midnight = datetime(2026, 11, 3, 0, 30, tzinfo=ZoneInfo("Europe/Oslo"))
    server = OkrTracker([BUGS.id], lambda: half_past_midnight, ZoneInfo(zone))
    toolbox = FakeToolbox(
        tmp_path,
        name="store",
        secrets=SECRETS,
        zone=ZoneInfo("Europe/Oslo"),
        clock=lambda: half_past_midnight,
    )
    with server.start(), toolbox, STORE.open(settings_for(server), toolbox) as store:
        store.post(a_check_in(BUGS, 31, at=half_past_midnight))
        assert read(store).value == 31
    assert all("/values/" not in asked.path for asked in server.asked)


def test_trap_2_a_value_dated_in_the_future_hides_every_other_so_none_is_written(
    tracker: OkrTracker, store: Store
) -> None:
    tracker.person(BUGS.id, 28)
    tracker.key_results[BUGS.id].progress[-1].timestamp = NOON + timedelta(days=2)
    with pytest.raises(MovedOn, match="in the future"):
        store.post(a_check_in(BUGS, 31, base=read(store).revision))
    assert len(tracker.history()) == 1


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_trap_3_a_comment_that_was_escaped_is_read_as_it_was_written(note: str) -> None:
    kept = escaped(marks.signed(note, "0123456789ab", Decimal("31.50")))
    assert comments.read(kept, Decimal("31.5")) == (note, "0123456789ab")


def test_trap_4_a_persons_value_of_the_same_day_is_still_there(
    tracker: OkrTracker, store: Store
) -> None:
    tracker.person(BUGS.id, 28)
    with pytest.raises(MovedOn):
        store.post(a_check_in(BUGS, 31))
    store.post(a_check_in(BUGS, 31, base=read(store).revision))
    assert [made.value for made in tracker.key_results[BUGS.id].progress] == [28, 31]


def test_trap_5_a_value_put_on_a_day_by_another_program_is_seen_though_no_update_tells_of_it(
    tracker: OkrTracker, store: Store
) -> None:
    store.post(a_check_in(BUGS, 31))
    ours = read(store)
    tracker.put_on_day(BUGS.id, 44, "2026-11-03")
    theirs = read(store)
    assert theirs.value == 44
    assert (theirs.key, theirs.author, theirs.note) == (None, "", "")
    assert theirs.revision not in {"", ours.revision}
    with pytest.raises(MovedOn):
        store.post(a_check_in(BUGS, 30, base=ours.revision))


def test_trap_5_a_value_put_where_nobody_ever_checked_in_is_a_check_in(
    tracker: OkrTracker, store: Store
) -> None:
    tracker.put_on_day(BUGS.id, 44, "2026-11-01")
    assert read(store).value == 44
    tracker.key_results[SLA.id].follow()
    assert tracker.key_results[SLA.id].current == 0  # the start value, which nobody checked in
    assert read(store, SLA).value is None


def test_trap_6_a_check_in_clears_the_error_of_a_key_result(
    tracker: OkrTracker, store: Store
) -> None:
    tracker.key_results[BUGS.id].valid = False
    tracker.key_results[BUGS.id].error = "could not read the sheet"
    store.post(a_check_in(BUGS, 31))
    assert (tracker.key_results[BUGS.id].valid, tracker.key_results[BUGS.id].error) == (True, False)


def test_trap_7_one_that_was_never_edited_is_held_with_its_cure_and_the_others_are_read(
    tracker: OkrTracker, store: Store
) -> None:
    tracker.key_results[SLA.id].edited = False
    tracker.person(BUGS.id, 28)
    found = all_read(store.read([SLA, BUGS]))
    assert found[BUGS].value == 28
    assert found[SLA].value is None
    assert "change its description, and save" in found[SLA].automated
    for verb in (store.post, store.find):
        with pytest.raises(Refused, match="change its description"):
            verb(a_check_in(SLA))
    assert len(tracker.history()) == 1
    assert tracker.statuses.count(500) == 3  # asked once each, not again and again


def test_trap_8_browse_says_that_nothing_can_be_listed_and_what_to_do(
    tracker: OkrTracker, tmp_path: Path
) -> None:
    toolbox = toolbox_in(tmp_path)
    with toolbox, STORE.open(settings_for(tracker, key_results=()), toolbox) as store:
        with pytest.raises(Refused, match="cannot list") as caught:
            store.browse()
        assert "key_results" in caught.value.next_step
        cures = [remark.cure for remark in store.examine() if not remark.well]  # type: ignore[attr-defined]
    assert [("key_results" in cure) for cure in cures] == [True]


@pytest.mark.parametrize("progression", [None, 0.0, 1.0])
def test_trap_9_the_progression_is_never_taken_for_the_value(
    tracker: OkrTracker, store: Store, progression: float | None
) -> None:
    store.post(a_check_in(BUGS, 250))
    tracker.key_results[BUGS.id].progression = progression
    assert read(store).value == 250


# Exactly once


@pytest.mark.parametrize("loss", ["request", "answer"])
@pytest.mark.parametrize("place", [1, 2, 3])
def test_whatever_is_lost_of_a_post_one_check_in_is_there_in_the_end(
    tracker: OkrTracker, store: Store, loss: Loss, place: int
) -> None:
    check_in = a_check_in(BUGS, 31)
    tracker.lose(loss, request=place)
    try:
        receipt = store.post(check_in)
    except OutcomeUnknown:
        receipt = store.find(check_in) or store.post(check_in)
    assert tracker.keys() == [check_in.key]
    assert (read(store).revision, read(store).key) == (receipt.remote_id, check_in.key)


def test_a_lost_answer_is_unknown_and_a_person_in_between_stays_the_newest(
    tracker: OkrTracker, store: Store
) -> None:
    check_in = a_check_in(BUGS, 31)
    tracker.lose("answer", write=1)
    with pytest.raises(OutcomeUnknown):
        store.post(check_in)
    tracker.person(BUGS.id, 28)
    assert store.find(check_in) is None
    with pytest.raises(MovedOn):
        store.post(check_in)
    assert [write.value for write in tracker.history()] == [31, 28]


def test_a_persons_check_in_between_plan_and_post_is_not_written_over(
    tracker: OkrTracker, store: Store
) -> None:
    store.post(a_check_in(BUGS, 31))
    planned = a_check_in(BUGS, 30, base=read(store).revision)
    tracker.person(BUGS.id, 28)
    with pytest.raises(MovedOn):
        store.post(planned)
    assert read(store).value == 28


def test_a_number_that_a_person_corrects_under_our_comment_is_theirs(
    tracker: OkrTracker, store: Store
) -> None:
    receipt = store.post(a_check_in(BUGS, 31))
    tracker.rewrite(BUGS.id, 28)
    theirs = read(store)
    assert theirs.value == 28
    assert theirs.key is None
    assert theirs.revision != receipt.remote_id


def test_a_current_value_that_follows_later_changes_nothing(
    tracker: OkrTracker, store: Store
) -> None:
    store.post(a_check_in(BUGS, 31))
    tracker.slow = True
    check_in = a_check_in(BUGS, 30, base=read(store).revision)
    receipt = store.post(check_in)
    assert store.find(check_in) is not None
    tracker.catch_up()
    assert read(store).value == 30
    assert read(store).revision == receipt.remote_id


def test_asked_too_often_nothing_is_written_and_nothing_is_unknown(
    tracker: OkrTracker, store: Store
) -> None:
    tracker.limit = Limit(1, 1e9, lambda: 0.0)
    with pytest.raises(RateLimited):
        store.post(a_check_in(BUGS, 31))
    assert tracker.history() == []


# Words


def test_a_client_of_another_team_gets_a_reason_and_a_cure_without_the_secret(
    tracker: OkrTracker, store: Store
) -> None:
    """And only that key result is refused: the sign-in itself is good."""
    tracker.key_results[BUGS.id].parent = "other team"
    with pytest.raises(Refused, match="belongs to another team") as caught:
        store.post(a_check_in(BUGS, 31))
    assert CLIENT["okr-client-secret"] not in caught.value.message + caught.value.next_step
    assert "store of its own" in caught.value.next_step
    store.post(a_check_in(SLA, 31))


@pytest.mark.parametrize("answer", [None, "Who are you?"])
def test_a_wrong_secret_is_a_sign_in_that_is_refused(
    tracker: OkrTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str | None
) -> None:
    """So is whatever OKR Tracker does not explain."""
    toolbox = toolbox_in(tmp_path)
    toolbox.secrets = {**SECRETS, "CLIENT_SECRET": "wrong-secret-4711"}
    if answer is not None:
        monkeypatch.setattr(tracker, "_unauthorized", lambda *_: Reply(answer, 401))
    with (
        toolbox,
        STORE.open(settings_for(tracker), toolbox) as store,
        pytest.raises(SignInRefused) as caught,
    ):
        store.post(a_check_in(BUGS, 31))
    assert "wrong-secret-4711" not in caught.value.message + caught.value.next_step
    assert tracker.history() == []


def test_a_wrong_address_is_not_taken_for_a_missing_key_result(
    tracker: OkrTracker, tmp_path: Path
) -> None:
    toolbox = toolbox_in(tmp_path)
    settings = settings_for(tracker).model_copy(update={"url": f"{tracker.url}/v2"})
    with (
        toolbox,
        STORE.open(settings, toolbox) as store,
        pytest.raises(Refused, match="not at this address"),
    ):
        all_read(store.read([BUGS]))


def test_trouble_that_is_no_trap_is_trouble(
    tracker: OkrTracker, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker, "respond", lambda _: Reply("<h1>Error</h1>", 500))
    with pytest.raises(Unreachable):
        all_read(store.read([BUGS]))


def test_what_a_key_result_is_called_is_known_for_linking(
    tracker: OkrTracker, store: Store
) -> None:
    shown = read(store)
    assert shown.title == f"Title of {BUGS.id}"
    assert shown.definition.objective == "Customers trust us"
