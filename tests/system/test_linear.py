"""Linear with what may go wrong there: lost answers, people, limits, Markdown, addresses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.contracts import Store, all_read
from okrsync.errors import OutcomeUnknown, RateLimited, Refused, SignInRefused
from okrsync.model import CheckIn, OnConflict, Status, StoreRef
from okrsync.testing import FakeToolbox, a_check_in
from okrsync_linear import STORE
from okrsync_linear.bodies import body_of, read_body
from okrsync_linear.items import KINDS, named, update_id
from okrsync_linear.settings import LinearSettings
from tests.system.harness.robot import Robot
from tests.system.standins.linear import TOKEN, Linear, as_linear_writes
from tests.system.standins.pace import Pace, PacedToolbox
from tests.system.standins.serving import Limit

pytestmark = pytest.mark.network

SECRETS = {"LINEAR_KEY": TOKEN}


@pytest.fixture
def linear() -> Iterator[Linear]:
    with Linear().start() as linear:
        linear.add("initiative", "Reliable")
        linear.add("project", "Checkout")
        yield linear


@pytest.fixture(params=KINDS)
def ref(request: pytest.FixtureRequest, linear: Linear) -> StoreRef:
    """An initiative and a project in turn."""
    kind: str = request.param
    name = "Reliable" if kind == "initiative" else "Checkout"
    return StoreRef("store", linear.ref(kind, name))


@pytest.fixture
def opened(linear: Linear, tmp_path: Path) -> Iterator[Any]:
    with (
        FakeToolbox(tmp_path, name="store", secrets=SECRETS) as toolbox,
        STORE.open(said(linear), toolbox) as store,
    ):
        yield store


def said(linear: Linear, **more: Any) -> LinearSettings:
    token = {} if more else {"token": {"env": "LINEAR_KEY"}}
    return LinearSettings.model_validate({**token, "address": f"{linear.url}/graphql", **more})


def robot(linear: Linear, folder: Path, ref: StoreRef) -> Robot:
    return Robot(folder, STORE, said(linear), SECRETS, ref)


def ours(linear: Linear) -> list[str]:
    return [str(one.value).partition("\n")[0] for one in linear.ours()]


@pytest.mark.parametrize("what", ["request", "answer"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_request_or_answer_that_is_lost_loses_and_doubles_nothing(
    linear: Linear, ref: StoreRef, tmp_path: Path, nth: int, what: Any
) -> None:
    run = robot(linear, tmp_path, ref).run
    assert run(35) == "post"
    run(31, killed=True, between=lambda: linear.lose(what, request=nth))
    assert run(31) == "unchanged"
    assert [run(30), run(31), run(31)] == ["post", "post", "unchanged"]
    assert ours(linear) == ["now 35", "now 31", "now 30", "now 31"]


def test_an_update_that_is_sent_again_is_refused_and_recognised(
    linear: Linear, ref: StoreRef, opened: Any
) -> None:
    check_in = a_check_in(ref)
    item, _ = opened._look(check_in)
    opened.post(check_in)
    again = opened._write(check_in, item)  # as if the first look had come before another's write
    assert again.already_there
    assert len(linear.history()) == 1


def test_a_person_who_writes_after_the_plan_is_not_talked_over(
    linear: Linear, ref: StoreRef, tmp_path: Path
) -> None:
    runs = robot(linear, tmp_path, ref)
    runs.run(31)
    edit = lambda: linear.person(ref.id, text="The supplier is late")  # noqa: E731
    assert runs.run(30, between=edit) == "failed"
    assert runs.run(30) == "held"
    stored = runs.look()
    assert (stored.note, stored.author) == ("The supplier is late", "Team lead")
    assert stored.status == "atRisk"
    assert runs.run(30, on_conflict=OnConflict.OURS) == "post"


def test_a_person_who_edits_or_copies_okrsyncs_words_is_seen(
    linear: Linear, ref: StoreRef, tmp_path: Path
) -> None:
    runs = robot(linear, tmp_path, ref)
    runs.run(31)
    before = runs.look()
    linear.edit(ref.id, "No, 28")
    assert runs.look().revision != before.revision
    assert (runs.look().key, runs.look().note) == (None, "No, 28")
    linear.person(ref.id, text=f"31\n\nokrsync {before.key}")
    assert (runs.look().key, runs.look().note) == (None, f"31\n\nokrsync {before.key}")


def test_an_update_that_somebody_archived_is_not_written_again(
    linear: Linear, ref: StoreRef, opened: Any
) -> None:
    check_in = a_check_in(ref)
    opened.post(check_in)
    linear.items[KINDS.index(ref.id.partition("/")[0])].updates[-1]["archivedAt"] = "2026-11-03"
    assert opened.find(check_in).already_there
    with pytest.raises(Refused, match="archived"):
        opened.post(check_in)
    assert len(linear.history()) == 1


@pytest.mark.parametrize(
    ("before", "status", "health"),
    [
        ("", Status.ON_TRACK, "onTrack"),
        ("", Status.AT_RISK, "atRisk"),
        ("", Status.OFF_TRACK, "offTrack"),
        ("", Status.ACHIEVED, "onTrack"),
        ("", Status.MISSED, "offTrack"),
        ("offTrack", Status.UNKNOWN, "offTrack"),
    ],
)
def test_status_becomes_health(
    linear: Linear, ref: StoreRef, opened: Any, before: str, status: Status, health: str
) -> None:
    if before:
        linear.person(ref.id, text="As I see it", status=before)
    base = all_read(opened.read([ref]))[ref].revision
    opened.post(replace(a_check_in(ref, base=base), status=status))
    assert all_read(opened.read([ref]))[ref].status == health


def test_a_status_that_okrsync_cannot_tell_is_not_invented(
    linear: Linear, ref: StoreRef, opened: Any
) -> None:
    with pytest.raises(Refused, match="asks for a status"):
        opened.post(replace(a_check_in(ref), status=Status.UNKNOWN))
    assert not linear.history()


@pytest.mark.parametrize(
    ("note", "first"), [("", "31\\.5 % · okrsync k1"), ("31.5 % of all", "31\\.5 % of all")]
)
def test_the_number_stands_in_the_text(ref: StoreRef, note: str, first: str) -> None:
    check_in = replace(a_check_in(ref, Decimal("31.50"), key="k1", note=note), unit="%")
    paragraphs = body_of(check_in).split("\n\n")
    assert paragraphs[0] == first
    assert paragraphs[-1].endswith("okrsync k1")
    assert body_of(check_in).count("31") == 1


def test_a_completed_or_canceled_one_is_not_written(linear: Linear, opened: Any) -> None:
    linear.items[0].more["status"] = "Completed"
    linear.items[1].more["canceledAt"] = "2026-11-03T00:00:00Z"
    refs = [StoreRef("store", f"{item.kind}/{item.slug}") for item in linear.items]
    reasons = [all_read(opened.read([ref]))[ref].automated for ref in refs]
    assert reasons == ["completed in Linear", "canceled in Linear"]
    for ref in refs:
        with pytest.raises(Refused):
            opened.post(a_check_in(ref))


@pytest.mark.parametrize(
    ("written", "kinds", "id_"),
    [
        (
            "https://linear.app/acme/initiative/reliable-1a2b3c4d5e6f",
            ("initiative",),
            "1a2b3c4d5e6f",
        ),
        ("https://linear.app/acme/initiative/x-1a2b3c/overview", ("initiative",), "1a2b3c"),
        ("https://linear.app/acme/project/check-out-3f2a/updates?x=1", ("project",), "3f2a"),
        ("project/check-out-3f2a", ("project",), "3f2a"),
        ("0b0f6a4e-7a35-4c8e-9f43-6a1de0c2b7aa", KINDS, "0b0f6a4e-7a35-4c8e-9f43-6a1de0c2b7aa"),
        ("1a2b3c4d5e6f", KINDS, "1a2b3c4d5e6f"),
    ],
)
def test_what_the_browser_shows_is_understood(
    written: str, kinds: tuple[str, ...], id_: str
) -> None:
    found = named(written)
    assert found is not None
    assert (found.kinds, found.id) == (kinds, id_)


def test_an_id_alone_finds_its_kind(linear: Linear, opened: Any) -> None:
    for item in linear.items:
        for id_ in (item.id, item.slug, f"https://linear.app/acme/{item.kind}/x-{item.slug}"):
            ref = StoreRef("store", id_)
            assert all_read(opened.read([ref]))[ref].title == item.name
            assert opened.find(a_check_in(ref)) is None


def insist(store: Store, check_in: CheckIn) -> None:
    """As okrsync does where a write was turned away: the door waits as long as it was told."""
    with suppress(RateLimited):
        store.post(check_in)
    store.post(check_in)


def test_too_often_is_waited_for_whatever_its_status(
    linear: Linear, ref: StoreRef, tmp_path: Path
) -> None:
    pace = Pace()
    linear.limit = Limit(2, 7.0, pace.monotonic, refused_count=True)
    with (
        PacedToolbox(tmp_path, "store", secrets=SECRETS, pace=pace) as toolbox,
        STORE.open(said(linear, token={"env": "LINEAR_KEY"}, per_second=100), toolbox) as store,
    ):
        store.read([ref])
        insist(store, a_check_in(ref))
        base = all_read(store.read([ref]))[ref].revision
        insist(store, a_check_in(ref, key="next", base=base))
    assert linear.statuses.count(400) >= 1
    assert len(linear.history()) == 2


def test_trouble_inside_linear_leaves_the_outcome_unknown(
    linear: Linear, ref: StoreRef, opened: Any
) -> None:
    check_in = a_check_in(ref)
    item, _ = opened._look(check_in)
    linear.errors.append("INTERNAL_SERVER_ERROR")
    with pytest.raises(OutcomeUnknown):
        opened._write(check_in, item)


def test_a_wrong_key_is_a_sign_in_that_was_refused(
    linear: Linear, ref: StoreRef, tmp_path: Path
) -> None:
    with (
        FakeToolbox(tmp_path, secrets={"LINEAR_KEY": "lin_other"}) as toolbox,
        STORE.open(said(linear), toolbox) as store,
        pytest.raises(SignInRefused) as refused,
    ):
        store.read([ref])
    assert "lin_other" not in str(refused.value)


def test_an_api_key_goes_bare_and_an_access_token_as_bearer(
    linear: Linear, ref: StoreRef, opened: Any, tmp_path: Path
) -> None:
    opened.read([ref])
    oauth = said(linear, oauth_token={"env": "LINEAR_KEY"})
    with (
        FakeToolbox(tmp_path, secrets=SECRETS) as toolbox,
        STORE.open(oauth, toolbox) as store,
        pytest.raises(SignInRefused),
    ):
        store.read([ref])
    first, *_, last = (asked.headers["authorization"] for asked in linear.asked)
    assert (first, last) == (TOKEN, f"Bearer {TOKEN}")


def test_hundred_are_read_in_two_requests_a_kind(linear: Linear, tmp_path: Path) -> None:
    for number in range(100):
        linear.add("initiative", f"Aim {number}")
    refs = [StoreRef("store", linear.ref("initiative", f"Aim {number}")) for number in range(100)]
    with (
        FakeToolbox(tmp_path, secrets=SECRETS) as toolbox,
        STORE.open(said(linear), toolbox) as store,
    ):
        assert len(store.read(refs)) == 100
        assert toolbox.told == ["initiatives and projects: 100 in 2 requests"]


def test_what_link_and_init_need_is_told(linear: Linear, opened: Any) -> None:
    linear.items[0].more |= {
        "owner": {"name": "Team lead"},
        "parentInitiative": {"name": "Trust"},
    }
    linear.items[1].more |= {
        "lead": {"name": "Product lead"},
        "teams": {"nodes": [{"name": "Shop"}]},
    }
    initiative, project = (stored.definition for stored in opened.browse())
    assert (initiative.objective, initiative.owner) == ("Trust", "Team lead")
    assert initiative.link.startswith("https://linear.app/acme/initiative/")
    assert (project.team, project.owner) == ("Shop", "Product lead")


def test_doctor_hears_who_is_signed_in_and_who_is_notified(opened: Any) -> None:
    told = [remark.message for remark in opened.examine()]
    assert told[0] == "signed in as OKR robot <robot@acme.example> of Acme"
    assert told[1] == "initiatives seen: 1, projects seen: 1"
    assert "keeps no numbers" in told[2]
    assert "cannot send it quietly" in told[3]


def test_an_updates_id_is_a_uuid_of_version_4_made_of_the_key() -> None:
    one = UUID(update_id("5f1c0a9b"))
    assert one.version == 4
    assert update_id("5f1c0a9b") == str(one) != update_id("5f1c0a9c")


NOTES = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.lists(
    st.sampled_from(["\\", "\n", "*", "_", "  ", "http://x.example/a_b", "#", "1.", "[a](b)", "é"])
).map("".join)


@settings(max_examples=400, deadline=None)
@given(note=NOTES, key=st.text("0123456789abcdef", min_size=12, max_size=32))
def test_every_note_comes_back_letter_by_letter(note: str, key: str) -> None:
    body = body_of(a_check_in(StoreRef("store", "x"), note=note, key=key))
    for written in (body, as_linear_writes(body)):
        found = read_body(written)
        assert (found.note, found.key) == (note, key)
