"""Which key results a command is about, and which of them are due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from okrsync.config.config import Config
from okrsync.errors import UsageError
from okrsync.mapping.rules import Rule
from okrsync.model import Period
from okrsync.sync.selection import due_now, select

RuleMaker = Callable[..., Rule]
ConfigMaker = Callable[..., Config]


@pytest.fixture
def config(make_rule: RuleMaker, make_config: ConfigMaker) -> Config:
    return make_config(
        make_rule("signups", owner="growth"), make_rule("nps", owner="growth"), make_rule("churn")
    )


def names(rules: tuple[Rule, ...]) -> list[str]:
    return [rule.key_result.id.removeprefix("team.grow.") for rule in rules]


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        ([], ["signups", "nps", "churn"]),
        (["team.grow.nps"], ["nps"]),
        (["*.churn", "team.grow.s*"], ["signups", "churn"]),
        (["owner:growth"], ["signups", "nps"]),
        (["source:she*"], ["signups", "nps", "churn"]),
    ],
)
def test_ids_globs_owners_and_sources_select(
    config: Config, patterns: list[str], chosen: list[str]
) -> None:
    assert names(select(config, patterns)) == chosen


def test_a_pattern_that_fits_nothing_names_the_closest(config: Config) -> None:
    with pytest.raises(UsageError) as refused:
        select(config, ["team.grow.sigups"])
    assert "team.grow.signups" in refused.value.next_step


@pytest.mark.parametrize(
    ("start", "end", "counted"),
    [
        (date(2026, 11, 22), date(2026, 11, 23), "rules"),
        (date(2026, 11, 23), date(2027, 1, 1), "not_started"),
        (date(2026, 10, 1), date(2026, 11, 22), "closed"),
    ],
)
def test_a_key_result_is_in_play_from_its_first_day_to_its_last(
    make_rule: RuleMaker,
    make_config: ConfigMaker,
    now: datetime,
    start: date,
    end: date,
    counted: str,
) -> None:
    rule = make_rule(period=Period("some", start, end))
    due = due_now(make_config(rule), [rule], {}, now)
    found = {"rules": len(due.rules), "not_started": due.not_started, "closed": due.closed}
    assert {name for name, count in found.items() if count} == {counted}


def test_a_day_ends_in_the_configs_zone(make_rule: RuleMaker, make_config: ConfigMaker) -> None:
    rule = make_rule(period=Period("day", date(2026, 11, 22), date(2026, 11, 23)))
    config = make_config(rule)
    midnight_in_stockholm = datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert due_now(config, [rule], {}, midnight_in_stockholm - timedelta(seconds=1)).rules
    assert not due_now(config, [rule], {}, midnight_in_stockholm).rules


def test_guarantee_23_missed_slots_become_one(
    make_rule: RuleMaker, make_config: ConfigMaker, now: datetime
) -> None:
    rule = make_rule(schedule="daily 06:00")
    config = make_config(rule)
    id_ = rule.key_result.id
    first = due_now(config, [rule], {id_: now - timedelta(days=50)}, now)
    assert names(first.rules) == ["signups"]
    again = due_now(config, [rule], first.slots, now)
    assert (again.rules, again.not_due) == ((), 1)
    assert due_now(config, [rule], first.slots, now, regardless=True).rules
