"""One verdict for each key result: what is written, what is left alone, what is held, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from okrsync.config.config import Config
from okrsync.contracts import Capabilities
from okrsync.errors import NoValue, OutsideError, SignInRefused
from okrsync.mapping.rules import Guard, Rule
from okrsync.model import (
    Change,
    Measurement,
    MetricSort,
    OnConflict,
    Status,
    StoredKeyResult,
    Verdict,
)
from okrsync.state.records import Approval
from okrsync.sync.knowledge import Knowledge
from okrsync.sync.plan import Planner
from okrsync.sync.questions import Dating
from okrsync.sync.verdicts import exit_code_of

RuleMaker = Callable[..., Rule]
ConfigMaker = Callable[..., Config]
Measured = Callable[..., Measurement]


def decide(
    config: Config,
    answers: dict[str, Measurement | OutsideError],
    now: datetime,
    **known: object,
) -> dict[str, Change]:
    """Plan all rules of ``config``; ``answers`` by the last part of the key result's id."""
    dating = Dating(config, as_of=now)
    by_question = {
        dating.question(rule.value, rule.key_result.period): answers[rule.key_result.id[10:]]  # type: ignore[arg-type]
        for rule in config.rules.values()
    }
    planner = Planner(config, Knowledge(**known), by_question, dating, now)  # type: ignore[arg-type]
    plan = planner.plan(list(config.rules.values()))
    return {change.key_result[10:]: change for change in plan.changes}


def shows(
    rule: Rule, number: str, *, key: str | None = "ours", at: datetime | None = None
) -> dict[str, object]:
    """The store as it shows one value of one key result."""
    ref = rule.key_result.store_ref
    shown = StoredKeyResult(ref, "", Decimal(number), revision="r1", key=key, author="ceo", at=at)
    return {"stored": {ref: shown}}


def test_the_first_value_is_posted(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    change = decide(make_config(make_rule()), {"signups": measured("40")}, now)["signups"]
    assert change.verdict is Verdict.POST
    assert change.check_in is not None
    assert change.check_in.value == 40
    assert "numbers.csv" in change.check_in.note


def test_the_same_number_is_left_alone_however_it_is_written(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    rule = make_rule()
    found = decide(make_config(rule), {"signups": measured("40.00")}, now, **shows(rule, "40"))
    assert found["signups"].verdict is Verdict.UNCHANGED


def test_a_failed_source_is_a_failed_line_and_never_a_number(
    make_rule: RuleMaker, make_config: ConfigMaker, now: datetime
) -> None:
    refused = SignInRefused("the token has expired", next_step="a new token")
    change = decide(make_config(make_rule()), {"signups": refused}, now)["signups"]
    assert (change.verdict, change.value, change.check_in) == (Verdict.FAILED, None, None)
    assert change.cure == "a new token"
    assert exit_code_of([change]) == 4


def test_one_failure_leaves_the_others_alone(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    config = make_config(make_rule("a"), make_rule("b"))
    found = decide(config, {"a": NoValue("nothing there"), "b": measured("3")}, now)
    assert found["a"].verdict is Verdict.FAILED
    assert found["b"].verdict is Verdict.POST
    assert exit_code_of(list(found.values())) == 3


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [
        (OnConflict.HOLD, Verdict.HELD),
        (OnConflict.THEIRS, Verdict.UNCHANGED),
        (OnConflict.OURS, Verdict.POST),
    ],
)
def test_a_persons_newer_value_is_treated_as_the_mapping_says(
    make_rule: RuleMaker,
    make_config: ConfigMaker,
    measured: Measured,
    now: datetime,
    policy: OnConflict,
    verdict: Verdict,
) -> None:
    rule = make_rule(on_conflict=policy)
    edited = shows(rule, "55", key=None)
    change = decide(make_config(rule), {"signups": measured("40")}, now, **edited)["signups"]
    assert change.verdict is verdict
    assert change.stored == 55
    assert (change.check_in is not None) is (verdict is Verdict.POST)


@pytest.mark.parametrize(
    ("guard", "number", "code"),
    [
        (Guard(max_step=Decimal("0.25")), "66", "step-too-large"),
        (Guard(max_step=Decimal("0.25")), "65", ""),
        (Guard(), "0", "fell-to-zero"),
        (Guard(allow_zero=True), "0", ""),
        (Guard(max_age=timedelta(days=3)), "41", "data-too-old"),
        (Guard(max_age=timedelta(days=3)), "40", "data-too-old"),  # the store shows it already
    ],
)
def test_a_guard_holds_and_says_why(
    make_rule: RuleMaker,
    make_config: ConfigMaker,
    measured: Measured,
    now: datetime,
    guard: Guard,
    number: str,
    code: str,
) -> None:
    rule = make_rule(guard=guard)
    answer = measured(number, as_of=now - timedelta(days=4))
    change = decide(make_config(rule), {"signups": answer}, now, **shows(rule, "40"))["signups"]
    assert change.code == code
    assert change.verdict is (Verdict.HELD if code else Verdict.POST)
    if code:
        assert change.value is not None
        assert change.value.number == Decimal(number)
        assert change.cure.startswith("okrsync approve team.grow.signups")


def test_a_counter_that_falls_is_held(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    rule = make_rule(sort=MetricSort.CUMULATIVE)
    found = decide(make_config(rule), {"signups": measured("39")}, now, **shows(rule, "40"))
    assert found["signups"].code == "counter-fell"


def test_a_counter_begins_anew_in_a_new_period(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    rule = make_rule(sort=MetricSort.CUMULATIVE)
    last_quarter = shows(rule, "400", at=datetime(2026, 9, 30, 12, tzinfo=now.tzinfo))
    found = decide(make_config(rule), {"signups": measured("3")}, now, **last_quarter)
    assert found["signups"].verdict is Verdict.POST


def test_guarantee_20_an_approval_lets_exactly_its_value_through(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    rule = make_rule(guard=Guard(max_step=Decimal("0.1")))
    approval = Approval(rule.key_result.id, Decimal(90), "", "a campaign", "growth lead", now)
    known = {**shows(rule, "40"), "approvals": {rule.key_result.id: approval}}
    config = make_config(rule)
    assert decide(config, {"signups": measured("90")}, now, **known)["signups"].check_in
    assert decide(config, {"signups": measured("91")}, now, **known)["signups"].check_in is None


def test_what_the_store_cannot_hold_is_said_before_anything_is_sent(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    whole = Capabilities(
        keeps_definitions=True, numbers="integer", negative=False, note_length=20, confidence=False
    )
    config = make_config(make_rule("a"), make_rule("b"), capabilities=whole)
    found = decide(config, {"a": measured("2.5"), "b": measured("-1")}, now)
    assert found["a"].verdict is Verdict.POST
    assert len(found["a"].warnings) == 3
    assert found["b"].code == "store-cannot-hold"


def test_the_same_world_gives_the_same_plan_byte_for_byte(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    forwards = make_config(make_rule("a"), make_rule("b"))
    backwards = make_config(make_rule("b"), make_rule("a"))
    answers: dict[str, Measurement | OutsideError] = {"a": measured("1"), "b": measured("2")}
    assert decide(forwards, answers, now) == decide(backwards, answers, now)


EXACT = Capabilities(back_dating=True, negative=False)


@pytest.mark.parametrize(
    ("capabilities", "number", "unit", "kept", "said"),
    [
        (
            replace(EXACT, numbers="integer"),
            "31.5",
            "",
            "32",
            "31.5 is kept as 32: the store keeps",
        ),
        (replace(EXACT, numbers="integer"), "31", "", "31", ""),
        (replace(EXACT, decimals=2), "3.14159", "", "3.14", "3.14159 is kept as 3.14: the store"),
        (replace(EXACT, decimals=2), "3.1", "", "3.1", ""),
        (
            replace(EXACT, digits=3),
            "31416",
            "",
            "31400",
            "31416 is kept as 31400: the store keeps 3",
        ),
        (replace(EXACT, percent="0-1"), "25", "%", "25", "from 0 to 1: 25 % is 0.25 there"),
        (replace(EXACT, percent="0-1", decimals=0), "25.4", "%", "25", "25.4 % is kept as 25 %"),
        (replace(EXACT, percent="0-1"), "25", "", "25", ""),
        (replace(EXACT, confidence=False), "31", "", "31", "okrsync status shows it"),
        (replace(EXACT, statuses=("missed",)), "31", "", "31", "the store has no word for `"),
        (replace(EXACT, statuses=tuple(Status)), "31", "", "31", ""),
        (replace(EXACT, note_length=20), "31", "", "31", "texts of 20 characters"),
        (replace(EXACT, note_length=0), "31", "", "31", "the store is given no text"),
        (replace(EXACT, back_dating=False), "31", "", "31", "the data is of 2026-11-20"),
        (EXACT, "-0.4", "", None, "no negative numbers, and this is -0.4"),
        (replace(EXACT, numbers="integer"), "-0.4", "", "0", "-0.4 is kept as 0"),
        (EXACT, "31", "", "31", ""),
    ],
)
def test_what_a_store_cannot_hold_and_what_is_done_instead(
    make_rule: RuleMaker,
    make_config: ConfigMaker,
    measured: Measured,
    capabilities: Capabilities,
    number: str,
    unit: str,
    kept: str | None,
    said: str,
) -> None:
    rule, now = make_rule(unit=unit), datetime(2026, 11, 22, 12, tzinfo=UTC)
    answer = measured(number, unit=unit, as_of=now - timedelta(days=2))
    shown = {
        "stored": {
            rule.key_result.store_ref: StoredKeyResult(rule.key_result.store_ref, "", None, "")
        }
    }
    config = make_config(rule, capabilities=capabilities)
    change = decide(config, {"signups": answer}, now, **shown)["signups"]
    if kept is None:
        assert (change.verdict, change.code) == (Verdict.HELD, "store-cannot-hold")
        assert said in change.reason
        return
    assert change.check_in is not None
    assert change.check_in.value == Decimal(kept)
    assert str(change.check_in.value) in {kept, number}
    assert change.value is not None
    assert change.value.number == Decimal(number)
    assert len(change.check_in.note) <= (capabilities.note_length or 1000)
    assert [said in warning for warning in change.warnings[:1]] == ([True] if said else [])


@pytest.mark.parametrize(
    ("capabilities", "number", "shown", "unit"),
    [
        (Capabilities(numbers="integer"), "31.5", "32", ""),
        (Capabilities(percent="0-1", decimals=0), "25.4", "25", "%"),
        (Capabilities(digits=15), "0.1234567890123456789", "0.123456789012346", ""),
    ],
)
def test_what_the_store_rounded_is_not_a_change_each_time(
    make_rule: RuleMaker,
    make_config: ConfigMaker,
    measured: Measured,
    now: datetime,
    capabilities: Capabilities,
    number: str,
    shown: str,
    unit: str,
) -> None:
    rule = make_rule(unit=unit)
    config = make_config(rule, capabilities=capabilities)
    answers: dict[str, Measurement | OutsideError] = {"signups": measured(number, unit=unit)}
    change = decide(config, answers, now, **shows(rule, shown))["signups"]
    assert change.verdict is Verdict.UNCHANGED
