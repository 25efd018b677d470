"""What `okrsync lint` says about a configuration."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from okrsync.config.config import Config, Connection, Limits, Notify
from okrsync.lint import lint
from okrsync.lint.words import abbreviations, activity
from okrsync.mapping.rules import Guard, Manual, Rule
from okrsync.model import (
    Ambition,
    Confidence,
    KeyResult,
    Kind,
    Milestone,
    Objective,
    Outcome,
    Period,
    Place,
    Score,
    Status,
    StoreRef,
    Verdict,
)

QUARTER = Period("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))
FIRST_WEEK = datetime(2026, 10, 6, tzinfo=UTC)


def place(line: int) -> Place:
    return Place("mappings/shop.toml", line)


def key_result(name: str, line: int = 20, **changes: object) -> KeyResult:
    plain = KeyResult(
        id=f"shop.grow.{name}",
        objective="shop.grow",
        title="Returning customers from 20 % to 35 %",
        kind=Kind.INCREASE,
        period=QUARTER,
        store_ref=StoreRef("store", name),
        place=place(line),
        owner="head of sales",
        unit="%",
        baseline=Decimal(20),
        target=Decimal(35),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the test names real fields


def objective(id_: str, line: int = 5, **changes: object) -> Objective:
    plain = Objective(
        id=id_,
        title="Customers come back to us",
        period=QUARTER,
        place=place(line),
        team="shop",
        parent="company.retention",
        owner="head of sales",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the test names real fields


def config(*key_results: KeyResult, objectives: tuple[Objective, ...] = ()) -> Config:
    grow = objective("shop.grow", key_results=tuple(one.id for one in key_results))
    every = {one.id: one for one in (grow, objective("shop.second"), *objectives)}
    rules = {one.id: Rule(one, Manual(one.place), Guard(), one.place) for one in key_results}
    return Config(
        path=Path("config.toml"),
        root=Path(),
        timezone=ZoneInfo("Europe/Stockholm"),
        tenant="",
        fiscal_year_starts=1,
        state_url=None,
        stores={"store": Connection("store", "local", None, None, Place("config.toml", 4))},
        sources={},
        limits=Limits(),
        notify=Notify(),
        rates={},
        metrics={},
        objectives=every,
        rules=rules,
        files=(),
    )


def codes(found: Config, outcomes: dict[str, Outcome] | None = None) -> set[str]:
    return {finding.code for finding in lint(found, outcomes)}


def outcome(of: KeyResult, score: str, probability: float, at: datetime = FIRST_WEEK) -> Outcome:
    scored = Score(
        progress=Decimal(score),
        score=Decimal(score),
        expected=Decimal(0),
        pace=Decimal(0),
        confidence=Confidence(probability),
        status=Status.ON_TRACK,
    )
    return Outcome(of.id, "r1", at, Verdict.POST, "", since=at, score=scored)


CLEAN = (key_result("one"), key_result("two", 30))


def test_clean_okrs_get_no_advice() -> None:
    assert list(lint(config(*CLEAN))) == []


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("activity", {"title": "Launch the new shop"}),
        ("activity", {"title": "Hold 5 meetings with customers"}),
        ("abbreviation", {"title": "Lower the TTFB of the start page"}),
        ("no-owner", {"owner": ""}),
        ("no-pair", {"unit": "orders"}),
        ("weight-zero", {"weight": Decimal(0)}),
        ("weight-lopsided", {"weight": Decimal(50)}),
        ("later-than-objective", {"period": replace(QUARTER, end=date(2027, 2, 1))}),
        ("milestone-without-date", {"milestones": (Milestone("Pilot"),), "kind": Kind.MILESTONES}),
        (
            "milestone-after-period",
            {"milestones": (Milestone("Pilot", due=date(2027, 1, 1)),), "kind": Kind.MILESTONES},
        ),
    ],
)
def test_advice_about_a_key_result(code: str, changes: dict[str, object]) -> None:
    found = config(key_result("one", 21, **changes), CLEAN[1])
    if code == "no-owner":
        found = replace(
            found,
            objectives={k: replace(v, owner="") for k, v in found.objectives.items()},
        )
    (finding,) = lint(found)
    assert finding.code == code
    assert str(finding.place) == "mappings/shop.toml:21"
    assert finding.cure


def test_a_pair_answers_for_both() -> None:
    speed = key_result("one", unit="orders", pair="shop.grow.two")
    quality = key_result("two", 30, unit="returns")
    assert "no-pair" not in codes(config(speed, quality))


def test_too_few_and_too_many() -> None:
    assert "too-few-key-results" in codes(config(CLEAN[0]))
    assert "too-many-key-results" in codes(config(*(key_result(f"k{n}") for n in range(6))))
    four_more = tuple(objective(f"shop.more{n}") for n in range(3))
    assert "too-many-objectives" in codes(config(*CLEAN, objectives=four_more))
    alone = config(*CLEAN)
    alone = replace(alone, objectives={"shop.grow": alone.objectives["shop.grow"]})
    assert "too-few-objectives" in codes(alone)


def test_objectives_of_another_time_do_not_add_up() -> None:
    next_quarter = Period("2027-Q1", date(2027, 1, 1), date(2027, 4, 1))
    later = tuple(objective(f"shop.later{n}", period=next_quarter) for n in range(3))
    assert "too-many-objectives" not in codes(config(*CLEAN, objectives=later))


def test_a_team_objective_supports_a_company_one() -> None:
    alone = objective("shop.alone", parent=None)
    top = objective("company.retention", parent=None, level="company", team="company")
    second = replace(top, id="company.other")
    assert "no-parent" in codes(config(*CLEAN, objectives=(alone,)))
    assert "no-parent" not in codes(config(*CLEAN, objectives=(top, second)))


def test_empty_perspectives_show_once_one_is_used() -> None:
    third = objective("shop.third", perspective="Learning & growth")
    empty = [one.message for one in lint(config(*CLEAN, objectives=(third,)))]
    assert len(empty) == 3
    assert not any("learning" in message for message in empty)


@pytest.mark.parametrize(
    ("score", "probability", "code"),
    [("1", 0.98, "bar-too-low"), ("0.1", 0.97, "bar-too-low"), ("0", 0.03, "bar-too-high")],
)
def test_a_bar_that_is_met_or_hopeless_at_the_start(
    score: str, probability: float, code: str
) -> None:
    known = {CLEAN[0].id: outcome(CLEAN[0], score, probability)}
    assert codes(config(*CLEAN), known) == {code}


def test_late_in_the_period_certainty_is_no_finding() -> None:
    late = FIRST_WEEK + timedelta(days=70)
    known = {CLEAN[0].id: outcome(CLEAN[0], "1", 0.98, late)}
    assert codes(config(*CLEAN), known) == set()


def test_a_commitment_may_be_certain() -> None:
    promise = key_result("one", ambition=Ambition.COMMITTED)
    known = {promise.id: outcome(promise, "1", 0.98)}
    assert codes(config(promise, CLEAN[1]), known) == set()


@pytest.mark.parametrize(
    "title",
    [
        "Release-blocking bugs from 9 to 2",
        "Planning accuracy at 90 %",
        "300 sign-ups",
        "Testers: 40",
    ],
)
def test_a_result_that_sounds_like_an_activity_is_left_alone(title: str) -> None:
    assert activity(title) == ""


@pytest.mark.parametrize("title", ["NPS at 40", "20 MSEK in 2026-Q4", "OKRs for ALL", "EUR 5"])
def test_common_abbreviations_are_left_alone(title: str) -> None:
    assert [word for word in abbreviations(title) if word != "ALL"] == []
