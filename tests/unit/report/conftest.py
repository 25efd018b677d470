"""One small company for the tests of the reports: roles and example domains only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from okrsync.config.config import Config, Connection, Limits, Notify
from okrsync.mapping.rules import Ask, Guard, Metric, Override, Rule
from okrsync.model import (
    Change,
    CheckIn,
    Evidence,
    KeyResult,
    Kind,
    Measurement,
    Objective,
    Operand,
    Outcome,
    Period,
    Place,
    Plan,
    Receipt,
    RunReport,
    StoreRef,
    Value,
    Verdict,
)
from okrsync.scoring.history import NO_HISTORY, History, day_of
from okrsync.scoring.status import score_key_result

ZONE = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=ZONE)
QUARTER = Period("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))
QUERY = "project = PLAT AND type = Bug AND statusCategory != Done"
LINK = "https://acme.example/issues?jql=project%20%3D%20PLAT%20AND%20type%20%3D%20Bug%20AND%20open"


def place(line: int) -> Place:
    return Place("mappings/platform.toml", line)


def key_result(id_: str, line: int, **changes: object) -> KeyResult:
    plain = KeyResult(
        id=id_,
        objective=id_.rpartition(".")[0],
        title=f"Title of {id_}",
        kind=Kind.DECREASE,
        period=QUARTER,
        store_ref=StoreRef("store", id_),
        place=place(line),
        owner="head of platform",
        baseline=Decimal(42),
        target=Decimal(10),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the test names real fields


def rule(subject: KeyResult, **changes: object) -> Rule:
    ask = Ask("jira", QUERY, None, "count", None, "now", "", subject.place)
    plain = Rule(subject, ask, Guard(max_step=Decimal("0.25")), subject.place)
    return replace(plain, **changes)  # type: ignore[arg-type]  # the test names real fields


def measured(number: str, unit: str = "", as_of: datetime = NOW) -> Value:
    evidence = Evidence("jira", QUERY, "now", "Europe/Stockholm", as_of, link=LINK)
    measurement = Measurement(Decimal(number), unit, as_of, 19, evidence)
    return Value(Decimal(number), unit, as_of, "measured", (Operand("bugs-open", measurement),))


BUGS = key_result("platform.reliable.fewer-bugs", 21)
UPTIME = key_result(
    "platform.reliable.incident-free-days", 30, kind=Kind.INCREASE, baseline=Decimal(0),
    target=Decimal(85), unit="d",
)  # fmt: skip
SMALL = key_result(
    "platform.faster.small-pull-requests", 44, kind=Kind.INCREASE, baseline=Decimal(35),
    target=Decimal(70), unit="%",
)  # fmt: skip
PIPELINE = key_result(
    "platform.faster.new-pipeline", 52, kind=Kind.MILESTONES, baseline=Decimal(0),
    target=Decimal(4),
)  # fmt: skip
REVENUE = key_result(
    "company.growth.revenue", 60, kind=Kind.INCREASE, baseline=Decimal(0),
    target=Decimal(20000000), unit="SEK",
)  # fmt: skip

RULES = (
    rule(BUGS),
    rule(UPTIME),
    rule(SMALL),
    rule(PIPELINE),
    rule(
        REVENUE,
        override=Override(
            REVENUE.id, Decimal(12400000), date(2026, 11, 25), "late invoices", "head of sales",
            place(66),
        ),
    ),
)  # fmt: skip


def objective(
    id_: str, title: str, parent: str | None, *key_results: str, perspective: str = ""
) -> Objective:
    return Objective(
        id_,
        title,
        QUARTER,
        place(3),
        parent=parent,
        key_results=key_results,
        perspective=perspective,
    )


OBJECTIVES = (
    objective(
        "company.growth", "More companies choose us", None, REVENUE.id, perspective="financial"
    ),
    objective(
        "platform.reliable", "Customers trust us with their data", "company.growth",
        BUGS.id, UPTIME.id, perspective="customer",
    ),
    objective(
        "platform.faster", "An idea reaches users in days", REVENUE.id, SMALL.id, PIPELINE.id
    ),
)  # fmt: skip

OPEN_BUGS = Metric(
    id="platform.bugs-open",
    rule=Ask("jira", QUERY, None, "count", None, "now", "", place(9)),
    place=place(9),
    title="Open bugs",
    healthy_max=Decimal(40),
)


def config(*rules: Rule, objectives: tuple[Objective, ...] = OBJECTIVES) -> Config:
    chosen = rules or RULES
    return Config(
        path=Path("config.toml"),
        root=Path(),
        timezone=ZONE,
        tenant="",
        fiscal_year_starts=1,
        state_url=None,
        stores={"store": Connection("store", "local", None, None, Place("config.toml", 4))},
        sources={},
        limits=Limits(),
        notify=Notify(),
        rates={},
        metrics={OPEN_BUGS.id: OPEN_BUGS},
        objectives={one.id: one for one in objectives},
        rules={one.key_result.id: one for one in chosen},
        files=(),
    )


def change(
    subject: KeyResult, verdict: Verdict, number: str | None, stored: str | None, **more: object
) -> Change:
    value = None if number is None else measured(number, subject.unit)
    plain = Change(
        key_result=subject.id,
        title=subject.title,
        verdict=verdict,
        reason="the value has changed",
        place=subject.place,
        value=value,
        score=score_key_result(subject, value, NO_HISTORY, NOW, ZONE),
        stored=None if stored is None else Decimal(stored),
    )
    if verdict is Verdict.POST and value is not None:
        check_in = CheckIn(
            f"key-{subject.id}", subject.id, subject.store_ref, "r1", value.number, subject.unit,
            NOW,
        )  # fmt: skip
        plain = replace(plain, check_in=check_in)
    return replace(plain, **more)  # type: ignore[arg-type]  # the test names real fields


FALLING = History(
    [day_of(NOW - timedelta(weeks=7 - n)) for n in range(7)], [42, 39, 35, 31, 29, 26, 24]
)
POSTED = change(BUGS, Verdict.POST, "19", "24")
POSTED = replace(
    POSTED, score=score_key_result(BUGS, measured("19", BUGS.unit), FALLING, NOW, ZONE)
)
UNCHANGED = change(UPTIME, Verdict.UNCHANGED, "49", "49")
HELD = change(
    SMALL, Verdict.HELD, "11.86440677966101694915254237", "52", code="step-too-large",
    reason="52 % to 11.86 % is 115 % of the way that `max_step` is measured by, 25 % is allowed",
    cure=f'okrsync approve {SMALL.id} --reason "..."',
)  # fmt: skip
FAILED = change(
    PIPELINE, Verdict.FAILED, None, None, code="refused",
    reason="Jira answered 403 for PLAT-140", cure="okrsync doctor jira",
)  # fmt: skip
RICH = change(REVENUE, Verdict.POST, "12400000.50", None)

PLAN = Plan(NOW, (RICH, FAILED, HELD, POSTED, UNCHANGED), "f00d")
REPORT = RunReport(
    run="01JD8Q",
    started=NOW,
    plan=PLAN,
    receipts=(Receipt(f"key-{BUGS.id}", "77"), Receipt(f"key-{REVENUE.id}", "78")),
    exit_code=3,
)


def outcome(of: Change, days: int = 2, runs: int = 3) -> Outcome:
    return Outcome(
        subject=of.key_result,
        run="01JD8Q",
        at=NOW,
        verdict=of.verdict,
        reason=of.reason,
        since=NOW - timedelta(days=days),
        runs=runs,
        code=of.code,
        cure=of.cure,
        value=of.value,
        score=of.score,
        stored=of.stored,
    )


OUTCOMES = {one.key_result: outcome(one) for one in PLAN.changes}


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def plan() -> Plan:
    """Five changes: two to post, one unchanged, one held, one failed."""
    return PLAN


@pytest.fixture(scope="session")
def report() -> RunReport:
    return REPORT


@pytest.fixture(scope="session")
def outcomes() -> dict[str, Outcome]:
    return OUTCOMES


@pytest.fixture(scope="session", name="config")
def company() -> Config:
    return config()
