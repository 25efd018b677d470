"""What makes a plan and a check-in the same one again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.errors import UsageError
from okrsync.model import (
    Change,
    CheckIn,
    Evidence,
    Measurement,
    Operand,
    Place,
    Plan,
    Score,
    Status,
    StoreRef,
    Value,
    Verdict,
)
from okrsync.sync import plan_file
from okrsync.sync.fingerprint import check_in_key, fingerprint

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
REF = StoreRef("store", "team.grow.signups")


def change(number: str, revision: str = "r1", *, at: datetime = NOW, name: str = "a") -> Change:
    evidence = Evidence("sheet", "numbers.csv where Status == 'won'", "all", "UTC", at)
    measurement = Measurement(Decimal(number), "SEK", at, 3, evidence)
    value = Value(Decimal(number), "SEK", at, "measured", (Operand("sales", measurement),))
    check_in = CheckIn(
        key=check_in_key("default", REF, revision, "", number=Decimal(number), as_of=at),
        key_result=name,
        ref=REF,
        base=revision,
        value=Decimal(number),
        unit="SEK",
        as_of=at,
        status=Status.ON_TRACK,
        note="naïve note åäö",
    )
    score = Score(Decimal("0.4"), Decimal("0.4"), None, None, None, Status.ON_TRACK)
    return Change(
        key_result=name,
        title="Sales",
        verdict=Verdict.POST,
        reason="the value has changed",
        place=Place("mappings/team.toml", 7),
        value=value,
        score=score,
        stored_revision=revision,
        check_in=check_in,
    )


def test_a_check_in_is_named_by_what_it_follows_and_by_what_it_tells() -> None:
    def key(
        tenant: str = "default",
        ref: StoreRef = REF,
        base: str = "r1",
        last: str = "",
        number: str = "3",
        as_of: datetime = NOW,
    ) -> str:
        return check_in_key(tenant, ref, base, last, number=Decimal(number), as_of=as_of)

    in_stockholm = NOW.astimezone(ZoneInfo("Europe/Stockholm"))
    assert key() == key(number="3.00") == key(as_of=in_stockholm)
    others = {
        key(base="r2"),
        key("other"),
        key(ref=StoreRef("store", "team.grow.nps")),
        key(last="the key that was last sent"),
        key(number="4"),
        key(as_of=NOW + timedelta(seconds=1)),
    }
    assert key() not in others
    assert len(others) == 6


def test_the_fingerprint_ignores_the_clock_the_order_and_the_spelling_of_numbers() -> None:
    later = NOW + timedelta(hours=3)
    one = [change("3", name="a"), change("5", name="b")]
    other = [change("5.0", name="b", at=later), change("3.00", name="a", at=later)]
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize("other", [change("4"), change("3", "r2"), change("3", name="c")])
def test_the_fingerprint_moves_with_what_was_decided_and_from_what(other: Change) -> None:
    assert fingerprint([change("3")]) != fingerprint([other])


def test_the_fingerprint_sees_the_last_of_thirty_digits() -> None:
    one, other = (change(f"1234567890.1234567890123456789{last}") for last in "01")
    assert fingerprint([one]) != fingerprint([other])


@given(
    numbers=st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=4), min_size=1, max_size=5
    )
)
def test_a_saved_plan_comes_back_as_it_was(numbers: list[Decimal]) -> None:
    changes = tuple(change(f"{n:f}", name=f"kr-{i}") for i, n in enumerate(numbers))
    plan = Plan(NOW, changes, fingerprint(changes))
    assert plan_file.from_json(plan_file.to_json(plan), "plan.json") == plan


def test_a_plan_that_was_edited_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan_file.save(Plan(NOW, (change("3"),), fingerprint([change("3")])), path)
    path.write_text(path.read_text(encoding="utf-8").replace('"number": "3"', '"number": "30"'))
    with pytest.raises(UsageError, match="changed after it was made"):
        plan_file.load(path)


@pytest.mark.parametrize("plan", ["{}", '{"changes": [], "steps": 3}', "null"])
def test_a_plan_of_another_version_is_told_as_one_whatever_it_looks_like(
    plan: str, tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(f'{{"okrsync_plan": 2, "plan": {plan}}}')
    with pytest.raises(UsageError, match="written by another version") as refused:
        plan_file.load(path)
    assert refused.value.next_step == "okrsync plan --out PLAN"


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"okrsync_plan": 1}', '{"plan": {}}', "[" * 9999]
)
def test_what_is_no_plan_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="is not a plan"):
        plan_file.load(path)
