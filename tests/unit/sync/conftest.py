"""A small configuration made by hand, so that the straight line is tested without files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from okrsync.config.config import Config, Connection, Limits, Notify
from okrsync.contracts import Capabilities, Store, StoreSpec, Toolbox
from okrsync.mapping.rules import Ask, Guard, Rule
from okrsync.model import (
    Evidence,
    KeyResult,
    Kind,
    Measurement,
    Objective,
    Period,
    Place,
    StoreRef,
)

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
QUARTER = Period("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))
PLACE = Place("mappings/team.toml", 7)

RuleMaker = Callable[..., Rule]
ConfigMaker = Callable[..., Config]


def _no_store(_settings: BaseModel, _toolbox: Toolbox) -> AbstractContextManager[Store]:
    raise AssertionError("the planner opens no store")


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def make_rule() -> RuleMaker:
    def rule(name: str = "signups", *, guard: Guard | None = None, **changes: object) -> Rule:
        key_result = KeyResult(
            id=f"team.grow.{name}",
            objective="team.grow",
            title=f"From 0 to 100 {name}",
            kind=Kind.INCREASE,
            period=QUARTER,
            store_ref=StoreRef("store", f"team.grow.{name}"),
            place=PLACE,
            baseline=Decimal(0),
            target=Decimal(100),
        )
        ask = Ask("sheet", f"rows of {name}", "value", "last", None, "now", "", PLACE)
        fields = {key for key in changes if key in KeyResult.__dataclass_fields__}
        own = {key: changes[key] for key in fields}
        rest = {key: changes[key] for key in changes.keys() - fields}
        made = Rule(replace(key_result, **own), ask, guard or Guard(), PLACE)  # type: ignore[arg-type]
        return replace(made, **rest)  # type: ignore[arg-type]

    return rule


@pytest.fixture
def make_config() -> ConfigMaker:
    def config(
        *rules: Rule,
        limits: Limits | None = None,
        capabilities: Capabilities | None = None,
    ) -> Config:
        spec = StoreSpec(
            name="memory",
            settings=BaseModel,
            open=_no_store,
            capabilities=capabilities or Capabilities(keeps_definitions=True),
        )
        ids = tuple(rule.key_result.id for rule in rules)
        objective = Objective(
            id="team.grow", title="People find us", period=QUARTER, place=PLACE, key_results=ids
        )
        return Config(
            path=Path("config.toml"),
            root=Path(),
            timezone=ZoneInfo("Europe/Stockholm"),
            tenant="default",
            fiscal_year_starts=1,
            state_url=None,
            stores={"store": Connection("store", "memory", spec, None, PLACE)},
            sources={"sheet": Connection("sheet", "memory", None, None, PLACE)},
            limits=limits or Limits(),
            notify=Notify(),
            rates={},
            metrics={},
            objectives={objective.id: objective},
            rules={rule.key_result.id: rule for rule in rules},
            files=(),
        )

    return config


@pytest.fixture
def measured() -> Callable[..., Measurement]:
    def measurement(number: str, *, unit: str = "", as_of: datetime = NOW) -> Measurement:
        evidence = Evidence("sheet", "numbers.csv", "all", "Europe/Stockholm", NOW)
        return Measurement(Decimal(number), unit, as_of, 1, evidence)

    return measurement
