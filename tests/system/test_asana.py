"""Asana Goals with what may go wrong there: lost answers, people, limits, units, other sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from okrsync.contracts import Store, all_read
from okrsync.errors import BadAnswer, OutsideError, Refused, UsageError
from okrsync.http import RefusedAnswer
from okrsync.http.body import parsed_json
from okrsync.model import OnConflict, Status, StoreRef
from okrsync.testing import FakeToolbox, a_check_in, frozen_clock
from okrsync_asana import STORE
from okrsync_asana.goals import gid_of
from okrsync_asana.numbers import as_json, kept, number, shown
from okrsync_asana.settings import AsanaSettings
from tests.system.harness.robot import Robot
from tests.system.standins.asana import TOKEN, WORKSPACE, Asana
from tests.system.standins.pace import Pace, PacedToolbox
from tests.system.standins.serving import Limit

pytestmark = pytest.mark.network

SECRETS = {"ASANA_TOKEN": TOKEN}
REF = StoreRef("store", "1201")


@pytest.fixture
def asana() -> Iterator[Asana]:
    """A workspace with one goal that nobody has checked in to."""
    with Asana().start() as asana:
        asana.goal(REF.id)
        yield asana


def settings(asana: Asana, updates: str = "never", **more: Any) -> AsanaSettings:
    said = {"token": {"env": "ASANA_TOKEN"}, "address": asana.url, "updates": updates}
    return AsanaSettings.model_validate({**said, **more})


@pytest.fixture
def opened(asana: Asana, tmp_path: Path) -> Iterator[Any]:
    """Opens the store with the given settings."""
    with FakeToolbox(tmp_path, name="store", secrets=SECRETS) as toolbox:
        stores = []

        def make(updates: str = "never", **more: Any) -> Store:
            context = STORE.open(settings(asana, updates, **more), toolbox)
            stores.append(context)
            return context.__enter__()

        make.toolbox = toolbox  # type: ignore[attr-defined]
        yield make


def robot(asana: Asana, folder: Path, updates: str, unit: str = "") -> Robot:
    return Robot(folder, STORE, settings(asana, updates), SECRETS, REF, unit)


def values(asana: Asana) -> list[Any]:
    return [one.value for one in asana.ours("value")]


def texts(asana: Asana) -> list[Any]:
    return [one.value for one in asana.ours("update")]


@pytest.mark.parametrize("what", ["request", "answer"])
@pytest.mark.parametrize(
    ("updates", "nth"), [("never", 1), ("never", 2), ("always", 1), ("always", 2), ("always", 3)]
)
def test_a_request_or_answer_that_is_lost_loses_and_doubles_nothing(
    asana: Asana, tmp_path: Path, updates: str, nth: int, what: Any
) -> None:
    run = robot(asana, tmp_path, updates).run
    assert run(35) == "post"
    run(31, killed=True, between=lambda: asana.lose(what, request=nth))
    assert run(31) == "unchanged"
    assert run(30) == "post"
    assert run(31) == "post"
    assert run(31) == "unchanged"
    assert values(asana) == [35, 31, 30, 31]
    expected = ["now 35", "now 31", "now 30", "now 31"] if updates == "always" else []
    assert texts(asana) == expected


def test_a_person_who_writes_between_the_number_and_its_text_is_not_talked_over(
    asana: Asana, tmp_path: Path
) -> None:
    runs = robot(asana, tmp_path, "always")
    runs.run(31, killed=True, between=lambda: asana.lose("request", write=2))
    asana.person(REF.id, 28)
    assert runs.run(30) == "held"
    assert (values(asana), texts(asana)) == ([31], [])
    assert asana.shown(REF.id) == 28


@pytest.mark.parametrize("updates", ["never", "status", "always"])
def test_a_person_who_writes_after_the_plan_is_not_overwritten(
    asana: Asana, tmp_path: Path, updates: str
) -> None:
    runs = robot(asana, tmp_path, updates)
    runs.run(31)
    assert runs.run(30, between=lambda: asana.person(REF.id, 28)) == "failed"
    assert asana.shown(REF.id) == 28
    assert runs.run(30) == "held"
    assert runs.run(30, on_conflict=OnConflict.OURS) == "post"
    assert asana.shown(REF.id) == 30


def test_a_person_who_returns_to_the_same_number_is_seen_each_time(
    asana: Asana, tmp_path: Path
) -> None:
    runs = robot(asana, tmp_path, "never")
    runs.run(31)
    for _ in range(2):
        asana.person(REF.id, 28)
        assert runs.run(30) == "held"
        assert runs.run(30, on_conflict=OnConflict.OURS) == "post"
    assert values(asana) == [31, 30, 30]


def test_okrsyncs_own_text_is_not_the_word_of_a_person_who_sets_a_number(
    asana: Asana, tmp_path: Path
) -> None:
    runs = robot(asana, tmp_path, "always")
    runs.run(31, note="31 open bugs")
    asana.person(REF.id, 28)
    stored = runs.look()
    assert stored.value == 28
    assert (stored.key, stored.note, stored.status) == (None, "", "")


def test_a_persons_remark_does_not_stop_numbers_that_are_written_without_texts(
    asana: Asana, tmp_path: Path
) -> None:
    runs = robot(asana, tmp_path, "never")
    runs.run(31)
    asana.person(REF.id, text="The supplier is late", status="at_risk")
    assert runs.run(30) == "post"
    stored = runs.look()
    assert stored.value == 30
    assert (stored.note, stored.status) == ("The supplier is late", "yellow")


@pytest.mark.parametrize("updates", ["status", "always"])
def test_a_persons_status_update_is_not_talked_over(
    asana: Asana, tmp_path: Path, updates: str
) -> None:
    runs = robot(asana, tmp_path, updates)
    runs.run(31)
    asana.person(REF.id, text="The supplier is late", status="at_risk")
    assert runs.run(30) == "held"
    stored = runs.look()
    assert (stored.author, stored.note) == ("Team lead", "The supplier is late")


def test_followers_hear_nothing_unless_it_is_asked_for(asana: Asana, tmp_path: Path) -> None:
    runs = robot(asana, tmp_path, "never")
    assert [runs.run(value) for value in (31, 31, 30)] == ["post", "unchanged", "post"]
    assert (asana.notified, asana.goals[REF.id].status) == (0, None)


def test_updates_status_tells_followers_only_of_another_status(
    asana: Asana, tmp_path: Path
) -> None:
    runs = robot(asana, tmp_path, "status")
    for value, status in [(31, Status.ON_TRACK), (30, Status.ON_TRACK), (40, Status.AT_RISK)]:
        assert runs.run(value, status=status) == "post"
    assert texts(asana) == ["now 31", "now 40"]
    assert runs.look().key is not None


def test_a_goal_that_is_achieved_is_not_closed_by_okrsync(asana: Asana, tmp_path: Path) -> None:
    runs = robot(asana, tmp_path, "always")
    runs.run(10, status=Status.ACHIEVED)
    assert asana.goals[REF.id].status == "green"


def test_a_status_without_a_word_in_asana_is_not_invented(asana: Asana, tmp_path: Path) -> None:
    runs = robot(asana, tmp_path, "always")
    assert runs.run(31, status=Status.UNKNOWN) == "post"
    assert (values(asana), texts(asana)) == ([31], [])
    assert runs.run(31) == "unchanged"


def test_percent_is_a_fraction_there_and_a_hundred_here(asana: Asana, tmp_path: Path) -> None:
    asana.goal(REF.id, initial=0.1, target=0.99, precision=2, unit="percentage")
    runs = robot(asana, tmp_path, "always", unit="%")
    runs.run("28.57")
    assert asana.shown(REF.id) == Decimal("0.2857")
    stored = runs.look()
    assert (stored.value, stored.unit) == (Decimal("28.57"), "%")
    assert stored.definition.baseline == 10
    assert stored.definition.target == 99
    assert asana.goals[REF.id].updates[-1]["title"].startswith("28.57 % · okrsync ")
    assert runs.run("28.57") == "unchanged"


@pytest.mark.parametrize("rounds", [False, True])
def test_a_number_is_no_finer_than_the_goal_shows_and_is_written_once(
    tmp_path: Path, rounds: bool
) -> None:
    with Asana(rounds=rounds).start() as asana:
        asana.goal(REF.id, precision=0)
        runs = robot(asana, tmp_path, "never")
        assert [runs.run(value) for value in ("3.7", "3.7", "4.2", "4.6")] == [
            "post",
            "unchanged",
            "unchanged",
            "post",
        ]
        assert values(asana) == [4, 5]
        asana.person(REF.id, 4.5)
        assert runs.look().value == Decimal("4.5")


@pytest.mark.parametrize(
    ("goal", "unit"),
    [
        ({"unit": "percentage", "initial": 0.1, "target": 0.9}, ""),
        ({"unit": "currency", "currency": "EUR"}, "SEK"),
        ({"unit": "currency", "currency": "EUR"}, "%"),
    ],
)
def test_a_number_in_another_unit_is_refused(
    asana: Asana, opened: Any, goal: dict[str, Any], unit: str
) -> None:
    asana.goal(REF.id, **goal)
    check_in = a_check_in(REF, 31)
    with pytest.raises(Refused, match="is measured in"):
        opened().post(replace(check_in, unit=unit))
    assert not asana.history()


def test_money_in_the_goals_own_currency_is_written(asana: Asana, opened: Any) -> None:
    asana.goal(REF.id, unit="currency", currency="EUR", precision=2)
    check_in = a_check_in(REF, Decimal("250000.50"))
    opened().post(replace(check_in, unit="EUR"))
    assert values(asana) == [250000.5]


@pytest.mark.parametrize(
    ("goal", "reason"),
    [
        ({"metric": False}, "without a metric"),
        ({"source": "subgoal_progress"}, "from its sub-goals"),
        ({"source": "project_task_completion"}, "from its projects' tasks"),
        ({"source": "external", "can_manage": False}, "by the integration that made"),
    ],
)
def test_a_goal_that_may_not_be_written_says_why(
    asana: Asana, opened: Any, goal: dict[str, Any], reason: str
) -> None:
    asana.goal(REF.id, **goal)
    store = opened()
    assert reason in all_read(store.read([REF]))[REF].automated
    with pytest.raises(Refused, match=reason):
        store.post(a_check_in(REF))
    assert not asana.history()


def test_a_closed_goal_is_not_written(asana: Asana, opened: Any) -> None:
    asana.person(REF.id, 10, text="Done", status="achieved")
    stored = all_read(opened().read([REF]))[REF]
    assert stored.automated == "closed in Asana (achieved)"


def test_an_external_metric_that_okrsync_made_is_written(asana: Asana, tmp_path: Path) -> None:
    asana.goal(REF.id, source="external", can_manage=True)
    assert robot(asana, tmp_path, "never").run(31) == "post"


def test_a_number_too_long_for_a_float_is_refused_and_a_long_one_arrives(
    asana: Asana, opened: Any
) -> None:
    store = opened()
    with pytest.raises(Refused, match="15 digits"):
        store.post(a_check_in(REF, Decimal("1e400")))
    store.post(a_check_in(REF, Decimal("123456789.012345")))
    assert all_read(store.read([REF]))[REF].value == Decimal("123456789.012345")


@hypothesis_settings(max_examples=300, deadline=None)
@given(
    value=st.decimals(-(10**8), 10**8, places=6),
    unit=st.sampled_from(["", "%"]),
    precision=st.integers(0, 6),
)
def test_no_digit_changes_on_the_way_there_and_back(
    value: Decimal, unit: str, precision: int
) -> None:
    sent = json.dumps(as_json(kept(value, unit, precision)))
    back = number(parsed_json(sent.encode()), "value")
    assert back is not None
    assert shown(back, unit) == round(value, precision)


@pytest.mark.parametrize(
    ("store_id", "gid"),
    [
        ("1201", "1201"),
        ("https://app.asana.com/0/goal/1201", "1201"),
        ("https://app.asana.com/1/500/goal/1201", "1201"),
        ("https://app.asana.com/1/500/goal/1201?focus=true", "1201"),
        ("https://app.asana.com/0/goals/1201", None),
        ("fewer-bugs", None),
    ],
)
def test_what_the_browser_shows_names_a_goal(store_id: str, gid: str | None) -> None:
    assert gid_of(store_id) == gid


def test_a_goal_is_read_and_written_by_its_address(asana: Asana, opened: Any) -> None:
    ref = StoreRef("store", "https://app.asana.com/0/goal/1201")
    store = opened()
    store.post(a_check_in(ref))
    assert all_read(store.read([ref]))[ref].value == 31


def test_a_goal_that_cannot_be_read_costs_no_other_one_of_its_page(
    asana: Asana, opened: Any
) -> None:
    """One has nonsense for its number, the newest status update of another is gone."""
    refs = [StoreRef("store", str(5000 + number)) for number in range(10)]
    for ref in refs:
        asana.goal(ref.id)
    asana.goals[refs[3].id].metric["current_number_value"] = "about 30"  # type: ignore[index]
    asana.goals[refs[7].id].more["current_status_update"] = {"gid": "1", "title": "Late"}
    shown = opened(workspace=WORKSPACE["gid"]).read(refs)
    failed = {ref: type(one) for ref, one in shown.items() if isinstance(one, OutsideError)}
    assert failed == {refs[3]: BadAnswer, refs[7]: RefusedAnswer}
    assert shown.keys() == set(refs)


def test_a_thousand_unchanged_goals_cost_ten_pages(asana: Asana, opened: Any) -> None:
    refs = [StoreRef("store", str(5000 + number)) for number in range(999)]
    for ref in refs:
        asana.goal(ref.id)
    store = opened(workspace=WORKSPACE["gid"])
    asana.asked.clear()
    assert len(store.read(refs)) == 999
    assert len(asana.asked) == 10
    assert opened.toolbox.told == [
        "999 goals in 10 requests; a check-in takes 2 of 150 requests a minute"
    ]


def test_the_texts_of_status_updates_are_fetched_once(asana: Asana, tmp_path: Path) -> None:
    runs = robot(asana, tmp_path, "never")
    asana.person(REF.id, 31, text="By hand")
    runs.run(31)
    asana.asked.clear()
    assert runs.look().note == "By hand"
    assert [asked.path for asked in asana.asked] == [f"/goals/{REF.id}"]


def test_a_goal_tells_what_link_and_init_need(asana: Asana, opened: Any) -> None:
    asana.goal(
        REF.id,
        team={"gid": "1", "name": "Platform"},
        owner={"gid": "2", "name": "Team lead"},
        time_period={"gid": "3", "start_on": "2026-10-01", "end_on": "2026-12-31"},
    )
    (shown,) = opened().browse()
    definition = shown.definition
    assert (definition.team, definition.owner) == ("Platform", "Team lead")
    assert definition.baseline == 42
    assert definition.target == 10
    assert (str(definition.start), str(definition.end)) == ("2026-10-01", "2027-01-01")
    assert gid_of(definition.link) == REF.id


def test_several_workspaces_are_named_for_the_settings(asana: Asana, opened: Any) -> None:
    asana.workspaces.append({"gid": "501", "name": "Charity"})
    with pytest.raises(UsageError, match=r"500 \(Acme\), 501 \(Charity\)"):
        list(opened().browse())


def test_doctor_hears_who_is_signed_in_and_who_is_notified(asana: Asana, opened: Any) -> None:
    asana.goal("1202", metric=False)
    quiet, loud = (
        [remark.message for remark in opened(updates).examine()] for updates in ("never", "always")
    )
    assert quiet[:2] == [
        "signed in as OKR robot <robot@acme.example>",
        "goals seen: 2, of which 1 can be written",
    ]
    assert "nobody is notified" in quiet[2]
    assert "to all followers of the goal; Asana cannot send it quietly" in loud[2]


def test_a_thousand_check_ins_take_the_limits_own_time_and_one_refusal_at_most(
    asana: Asana, tmp_path: Path
) -> None:
    pace = Pace()
    refs = [StoreRef("store", str(5000 + number)) for number in range(1000)]
    for ref in refs:
        asana.goal(ref.id)
    asana.limit = Limit(150, 60.0, pace.monotonic, refused_count=True)
    for _ in range(150):
        asana.limit.wait()  # somebody else used the token just now
    clock = frozen_clock()
    with (
        PacedToolbox(tmp_path, "store", clock=clock, secrets=SECRETS, pace=pace) as toolbox,
        STORE.open(settings(asana), toolbox) as store,
    ):
        assert len(store.read(refs)) == 1000
        for ref in refs:
            store.post(a_check_in(ref))
    assert len(values(asana)) == 1000
    assert asana.statuses.count(429) <= 1
    requests = len(asana.statuses)
    assert requests <= 2 * 1000 + 13
    own_time = 60.0 + requests * 60 / 150
    assert pace.monotonic() <= 1.05 * own_time
