"""Operately with what may go wrong there: lost answers, people, notifications, rights, names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.contracts import all_read
from okrsync.errors import BadAnswer, Refused
from okrsync.model import OnConflict, Status, StoredKeyResult, StoreRef
from okrsync.testing import FakeToolbox, a_check_in
from okrsync_operately import STORE
from okrsync_operately.documents import document, message
from okrsync_operately.names import named, one_id
from okrsync_operately.settings import OperatelySettings
from tests.system.harness.robot import Robot
from tests.system.standins.operately import READ_ONLY, TOKEN, Operately, short
from tests.system.standins.stores import LEAD

pytestmark = pytest.mark.network

SECRETS = {"OPERATELY_TOKEN": TOKEN}


@pytest.fixture
def operately() -> Iterator[Operately]:
    """A goal with two targets that nobody has checked in to."""
    with Operately().start() as operately:
        operately.goal("Fewer bugs", "Open bugs", "Old bugs")
        yield operately


@pytest.fixture
def ref(operately: Operately) -> StoreRef:
    return StoreRef("store", operately.ref("Fewer bugs", "Open bugs"))


def said(operately: Operately, **more: Any) -> OperatelySettings:
    token = {"env": "OPERATELY_TOKEN"}
    return OperatelySettings.model_validate({"token": token, "address": operately.url, **more})


def robot(operately: Operately, folder: Path, ref: StoreRef, unit: str = "", **more: Any) -> Robot:
    return Robot(folder, STORE, said(operately, **more), SECRETS, ref, unit)


def ours(operately: Operately) -> list[tuple[str, Any]]:
    return [(one.kind, one.value) for one in operately.ours()]


@pytest.mark.parametrize("what", ["request", "answer"])
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("check_ins", [True, False])
def test_a_request_or_answer_that_is_lost_loses_and_doubles_nothing(
    operately: Operately, ref: StoreRef, tmp_path: Path, check_ins: bool, nth: int, what: Any
) -> None:
    run = robot(operately, tmp_path, ref, check_ins=check_ins).run
    assert run(35) == "post"
    run(31, killed=True, between=lambda: operately.lose(what, request=nth))
    assert run(31) == "unchanged"
    assert [run(30), run(31), run(31)] == ["post", "post", "unchanged"]
    kind = "check-in" if check_ins else "value"
    assert ours(operately) == [(kind, value) for value in (35, 31, 30, 31)]


@pytest.mark.parametrize("text", ["", "Better than it looks"])
@pytest.mark.parametrize("check_ins", [True, False])
def test_a_person_who_writes_after_the_plan_is_not_overwritten(
    operately: Operately, ref: StoreRef, tmp_path: Path, check_ins: bool, text: str
) -> None:
    runs = robot(operately, tmp_path, ref, check_ins=check_ins)
    runs.run(31)
    edit = lambda: operately.person(ref.id, 28, text=text)  # noqa: E731
    assert runs.run(30, between=edit) == "failed"
    assert operately.shown(ref.id) == 28
    assert runs.run(30) == "held"
    assert runs.look().note == (text or ("now 31" if check_ins else ""))
    assert runs.run(30, on_conflict=OnConflict.OURS) == "post"
    assert operately.shown(ref.id) == 30


def test_a_persons_words_without_a_value_are_heard_and_not_written_over(
    operately: Operately, ref: StoreRef, tmp_path: Path
) -> None:
    """Also where a check-in of okrsync's about another target of the goal has come on top."""
    other = StoreRef("store", operately.ref("Fewer bugs", "Old bugs"))
    goal = next(iter(operately.goals.values()))
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    one, two = (
        robot(operately, folder, target)
        for folder, target in zip(folders, (ref, other), strict=True)
    )
    assert (one.run(31), two.run(131)) == ("post", "post")
    operately.words_alone(ref.id, "The tender is lost", status="off_track")
    assert one.run(30) == "held"
    assert goal.updates[-1]["status"] == "off_track"
    assert two.run(130, on_conflict=OnConflict.OURS) == "post"
    assert one.run(30) == "held"
    heard = one.look()
    assert (heard.author, heard.note) == (LEAD, "The tender is lost")
    assert heard.value == 31
    assert two.run(129) == "post"
    assert one.run(30, on_conflict=OnConflict.OURS) == "post"
    assert one.run(29) == "post"


def test_a_persons_words_between_plan_and_post_stay(
    operately: Operately, ref: StoreRef, tmp_path: Path
) -> None:
    runs = robot(operately, tmp_path, ref)
    runs.run(31)
    words = lambda: operately.words_alone(ref.id, "Lost", status="off_track")  # noqa: E731
    assert runs.run(30, between=words) == "failed"
    assert operately.shown(ref.id) == 31
    assert runs.run(30) == "held"


@pytest.mark.parametrize(
    "say",
    [
        lambda there, ref: there.person(ref, text="The supplier is late", status="caution"),
        lambda there, ref: there.words_alone(ref, "The supplier is late", status="caution"),
    ],
    ids=["with all values", "without a value"],
)
def test_a_persons_check_in_that_leaves_the_value_is_a_remark_where_okrsync_checks_in_nothing(
    operately: Operately, ref: StoreRef, tmp_path: Path, say: Callable[[Operately, str], None]
) -> None:
    runs = robot(operately, tmp_path, ref, check_ins=False)
    runs.run(31)
    say(operately, ref.id)
    assert runs.run(30) == "post"
    assert (runs.look().note, runs.look().status) == ("The supplier is late", "caution")


def test_two_targets_of_one_goal_do_not_disturb_each_other(
    operately: Operately, ref: StoreRef, tmp_path: Path
) -> None:
    other = StoreRef("store", operately.ref("Fewer bugs", "Old bugs"))
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    one, two = (
        robot(operately, folder, target)
        for folder, target in zip(folders, (ref, other), strict=True)
    )
    for value in (31, 30, 29):
        assert (one.run(value), two.run(value + 100)) == ("post", "post")
        assert (one.run(value), two.run(value + 100)) == ("unchanged", "unchanged")
    assert (one.look().note, two.look().note) == ("now 29", "now 129")


def test_nobody_is_notified_unless_it_is_asked_for(
    operately: Operately, ref: StoreRef, tmp_path: Path
) -> None:
    robot(operately, tmp_path, ref).run(31)
    assert operately.notified == 0
    robot(operately, tmp_path, ref, notify=True).run(30)
    assert operately.notified == 1
    assert STORE.capabilities_of is not None
    assert STORE.capabilities_of(said(operately, notify=True)).notifies


def test_documents_travel_as_texts_that_hold_json(
    operately: Operately, ref: StoreRef, tmp_path: Path
) -> None:
    robot(operately, tmp_path, ref).run("31.5", note="31.5 bugs\n\nsecond")
    (body,) = [asked.body for asked in operately.asked if asked.body]
    (entry,) = json.loads(body["new_target_values"])
    assert entry["value"] == 31.5
    paragraphs = json.loads(body["content"])["content"]
    texts = ["".join(part["text"] for part in one.get("content", [])) for one in paragraphs]
    assert texts[:3] == ["31.5 bugs", "", "second"]
    assert texts[3].startswith("okrsync ")


def test_only_a_check_in_ends_a_goals_being_outdated(
    operately: Operately, ref: StoreRef, tmp_path: Path
) -> None:
    runs = robot(operately, tmp_path, ref, check_ins=False)
    runs.run(31)
    assert runs.look().status == "outdated"
    robot(operately, tmp_path, ref).run(30)
    assert runs.look().status == "on_track"


@pytest.mark.parametrize(
    ("before", "status", "expected"),
    [
        ("", Status.AT_RISK, ("check-in", "caution")),
        ("", Status.ACHIEVED, ("check-in", "on_track")),
        ("", Status.MISSED, ("check-in", "off_track")),
        ("off_track", Status.UNKNOWN, ("check-in", "off_track")),
        ("", Status.UNKNOWN, ("value", "outdated")),
        ("", Status.STALE, ("value", "outdated")),
    ],
)
def test_a_status_that_okrsync_cannot_tell_is_not_invented(
    operately: Operately,
    ref: StoreRef,
    tmp_path: Path,
    before: str,
    status: Status,
    expected: tuple[str, str],
) -> None:
    runs = robot(operately, tmp_path, ref)
    if before:
        operately.person(ref.id, 35, text="As I see it", status=before)
    assert runs.run(31, status=status, on_conflict=OnConflict.OURS) == "post"
    assert (ours(operately)[-1][0], runs.look().status) == expected
    assert runs.run(31) == "unchanged"


def test_a_read_only_token_says_what_to_do(
    operately: Operately, ref: StoreRef, tmp_path: Path
) -> None:
    with (
        FakeToolbox(tmp_path, secrets={"OPERATELY_TOKEN": READ_ONLY}) as toolbox,
        STORE.open(said(operately), toolbox) as store,
        pytest.raises(Refused) as refused,
    ):
        store.post(a_check_in(ref))
    assert "not read-only" in refused.value.next_step


def test_a_closed_goal_is_not_written(operately: Operately, ref: StoreRef, tmp_path: Path) -> None:
    next(iter(operately.goals.values())).closed = True
    runs = robot(operately, tmp_path, ref)
    assert runs.run(31) == "held"
    assert runs.look().automated == "closed in Operately"


@pytest.mark.parametrize("unit", ["", "bugs"])
def test_a_share_must_be_one_on_both_sides(operately: Operately, tmp_path: Path, unit: str) -> None:
    operately.goal("Up", "Uptime", unit="%", to=99.9, **{"from": 95.0}, value=95.0)
    ref = StoreRef("store", operately.ref("Up", "Uptime"))
    with (
        FakeToolbox(tmp_path, secrets=SECRETS) as toolbox,
        STORE.open(said(operately), toolbox) as store,
    ):
        with pytest.raises(Refused, match="is measured in %"):
            store.post(replace(a_check_in(ref, Decimal("0.97")), unit=unit))
        store.post(replace(a_check_in(ref, Decimal("97.5")), unit="%"))
    assert operately.shown(ref.id) == Decimal("97.5")


def test_hundred_goals_with_one_target_each_are_one_request(
    operately: Operately, tmp_path: Path
) -> None:
    for number in range(100):
        operately.goal(f"Goal {number}", "Only")
    refs = [StoreRef("store", operately.ref(f"Goal {number}", "Only")) for number in range(100)]
    for ref in refs:
        operately.person(ref.id, 40, text="begun")
    with (
        FakeToolbox(tmp_path, secrets=SECRETS) as toolbox,
        STORE.open(said(operately), toolbox) as store,
    ):
        assert len(store.read(refs)) == 100
        assert len(operately.asked) == 1
        assert toolbox.told == ["100 targets in 1 request"]


@pytest.mark.parametrize("of", ["newest", "history"])
def test_a_goal_that_cannot_be_read_costs_its_own_targets_alone(
    operately: Operately, ref: StoreRef, tmp_path: Path, of: str
) -> None:
    """Where its newest check-in is nonsense, and where only a list of its check-ins shows that."""
    operately.goal("Fast", "Seconds")
    fast = StoreRef("store", operately.ref("Fast", "Seconds"))
    operately.person(ref.id, 31, text="Counted by hand")
    if of == "history":
        with (
            FakeToolbox(tmp_path, secrets=SECRETS) as toolbox,
            STORE.open(said(operately), toolbox) as store,
        ):
            other = StoreRef("store", operately.ref("Fewer bugs", "Old bugs"))
            store.post(a_check_in(other, 40, base=all_read(store.read([other]))[other].revision))
    next(iter(operately.goals.values())).updates[0]["message"] = "no document"
    with (
        FakeToolbox(tmp_path, secrets=SECRETS) as toolbox,
        STORE.open(said(operately), toolbox) as store,
    ):
        shown = store.read([ref, fast])
        assert isinstance(shown[ref], BadAnswer)
        assert isinstance(shown[fast], StoredKeyResult)


def test_the_targets_of_one_goal_share_one_more_request(
    operately: Operately, tmp_path: Path
) -> None:
    names = [f"Target {number}" for number in range(20)]
    operately.goal("Many", *names)
    refs = [StoreRef("store", operately.ref("Many", name)) for name in names]
    with (
        FakeToolbox(tmp_path, secrets=SECRETS) as toolbox,
        STORE.open(said(operately), toolbox) as store,
    ):
        store.post(a_check_in(refs[0]))
        operately.asked.clear()
        assert len(store.read(refs)) == 20
        assert [asked.path.rpartition("/")[2] for asked in operately.asked] == [
            "get",
            "list_check_ins",
        ]


@pytest.mark.parametrize("target", ["Open bugs", "TARGET"])
def test_a_target_is_named_by_its_name_or_id_after_the_goals_address(
    operately: Operately, ref: StoreRef, tmp_path: Path, target: str
) -> None:
    goal, _, target_id = ref.id.partition("/")
    written = f"https://app.operately.com/acme-0abc/goals/{goal}/{target}"
    runs = robot(operately, tmp_path, StoreRef("store", written.replace("TARGET", target_id)))
    assert runs.run(31) == "post"
    assert operately.shown(ref.id) == 31


def test_the_only_target_of_a_goal_needs_no_name(operately: Operately, tmp_path: Path) -> None:
    goal = operately.goal("Fast", "Seconds")
    assert robot(operately, tmp_path, StoreRef("store", goal.shown_id)).run(31) == "post"


def test_a_goal_tells_what_link_and_init_need(operately: Operately, tmp_path: Path) -> None:
    with (
        FakeToolbox(tmp_path, secrets=SECRETS) as toolbox,
        STORE.open(said(operately), toolbox) as store,
    ):
        shown = list(store.browse())
    assert [one.title for one in shown] == ["Open bugs", "Old bugs"]
    found = shown[0].definition
    assert (found.objective, found.team, found.owner) == ("Fewer bugs", "Platform", "Team lead")
    assert found.baseline == 42
    assert found.target == 10
    assert (str(found.start), str(found.end)) == ("2026-10-01", "2027-01-01")


def test_doctor_hears_who_is_notified(operately: Operately, tmp_path: Path) -> None:
    def told(**more: Any) -> str:
        with (
            FakeToolbox(tmp_path, secrets=SECRETS) as toolbox,
            STORE.open(said(operately, **more), toolbox) as store,
        ):
            return " ".join(remark.message for remark in store.examine())  # type: ignore[attr-defined]

    assert "goals seen: 1; targets that can be written: 2" in told()
    assert "without notifying anyone" in told()
    assert "notifies everyone" in told(notify=True)
    assert "stays outdated until a person checks in" in told(check_ins=False)


NOTES = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@settings(max_examples=200, deadline=None)
@given(note=NOTES, key=st.text("0123456789abcdef", min_size=12, max_size=32))
def test_every_note_comes_back_letter_by_letter(note: str, key: str) -> None:
    found = message(document(note, key))
    assert (found.note, found.key) == (note, key)


def test_a_persons_document_is_read_as_text() -> None:
    def paragraph(*parts: dict[str, Any]) -> dict[str, Any]:
        return {"type": "paragraph", "content": list(parts)}

    def text(words: str) -> dict[str, Any]:
        return {"type": "text", "text": words}

    item = {"type": "listItem", "content": [paragraph(text("one"))]}
    content = [
        {"type": "heading", "content": [text("Late")]},
        paragraph(text("ask "), {"type": "mention", "attrs": {"label": "Team lead"}}),
        {"type": "bulletList", "content": [item, item]},
        paragraph(text("okrsync is quick")),
    ]
    found = message(json.dumps({"type": "doc", "content": content}))
    assert found.key is None
    assert found.note == "Late\nask @Team lead\none\none\nokrsync is quick"


def test_all_spellings_of_an_id_are_one() -> None:
    number = "6f1d7f0c-9a58-4a3e-8d0b-0d6f5a1c2b3d"
    letters = short(UUID(number))
    assert one_id(letters) == one_id(f"fewer-bugs-{letters}") == one_id(number) == number
    assert one_id("z" * 22) == "z" * 22
    assert named("https://other.example/x") is None
