"""What a person reads on a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from okrsync.config.config import Config
from okrsync.lint.finding import Finding
from okrsync.model import Outcome, Place, Plan, RunReport, Score, Status, Value, Verdict
from okrsync.report.text import (
    explain_text,
    lint_text,
    plan_text,
    report_text,
    status_text,
    summary_text,
)

BUGS = "platform.reliable.fewer-bugs"
SMALL = "platform.faster.small-pull-requests"
PIPELINE = "platform.faster.new-pipeline"
REVENUE = "company.growth.revenue"


def lines_with(text: str, *words: str) -> list[str]:
    return [line for line in text.splitlines() if all(word in line for word in words)]


def too_wide(text: str, width: int = 80) -> list[str]:
    """Lines beyond the width, but for commands and links, which must stay in one piece."""
    lines = text.splitlines()
    return [line for line in lines if len(line) > width and not re.search("okrsync |https:", line)]


# plan


def test_a_plan_shows_each_change_with_its_sign(plan: Plan, config: Config) -> None:
    text = plan_text(plan, config, width=120)
    assert lines_with(text, "~", BUGS, "24", "19", "10", "+15", "on track")
    assert lines_with(text, "!", SMALL, "52 %", "11.86 %", "held")
    assert lines_with(text, "x", PIPELINE, "failed")
    assert lines_with(text, "=", "49 d", "85 d")


def test_a_plan_says_when_it_is_and_what_it_adds_up_to(plan: Plan, config: Config) -> None:
    text = plan_text(plan, config)
    assert "2026-Q4, day 53 of 92 (58 % of the period)" in text
    assert "2 to check in, 1 unchanged, 1 held, 1 failed" in text


def test_every_trouble_ends_with_the_command_to_type(plan: Plan, config: Config) -> None:
    text = plan_text(plan, config)
    for id_, last in ((SMALL, f"okrsync approve {SMALL}"), (PIPELINE, "okrsync doctor jira")):
        block = text.partition(f"  {id_}\n")[2]
        commands = [line for line in block.splitlines() if "okrsync " in line][:2]
        assert last in commands[-1]


def test_the_last_line_says_what_was_not_written_and_how(plan: Plan, config: Config) -> None:
    assert plan_text(plan, config).endswith("Nothing was written. To write the 2: okrsync apply")
    saved = plan_text(plan, config, apply="okrsync apply q4.plan --config other.toml")
    assert saved.endswith("To write the 2: okrsync apply q4.plan --config other.toml")
    nothing = replace(plan, changes=())
    assert "no key result is due" in plan_text(nothing, config)
    assert "okrsync apply" not in plan_text(nothing, config)


def test_what_the_store_cannot_hold_is_said(plan: Plan, config: Config) -> None:
    warned = replace(plan.changes[0], warnings=("the store rounds to whole numbers",))
    assert "the store rounds to whole numbers" in plan_text(
        replace(plan, changes=(warned,)), config
    )


# widths, colours and hostile text


@pytest.mark.parametrize("width", [80, 100, 132])
def test_everything_keeps_to_the_width(
    width: int,
    plan: Plan,
    report: RunReport,
    config: Config,
    outcomes: Mapping[str, Outcome],
    now: datetime,
) -> None:
    rule = config.rules[SMALL]
    for text in (
        plan_text(plan, config, width=width),
        status_text(config, outcomes, now, width=width),
        summary_text(report, config, width=width),
        explain_text(rule, outcomes[SMALL], config, (), now, width=width),
        report_text(config, outcomes, now, width=width),
    ):
        assert too_wide(text, width) == []


def test_colour_is_only_added_to_words_and_signs(
    plan: Plan, config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    coloured = (
        plan_text(plan, config, colour=True),
        status_text(config, outcomes, now, colour=True),
        report_text(config, outcomes, now, colour=True),
    )
    bare = (
        plan_text(plan, config),
        status_text(config, outcomes, now),
        report_text(config, outcomes, now),
    )
    for with_colour, without in zip(coloured, bare, strict=True):
        assert "\x1b[" in with_colour
        assert re.sub(r"\x1b\[\d+m", "", with_colour) == without
        assert "\x1b" not in without


def test_outside_text_cannot_steer_the_terminal(
    plan: Plan, config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    evil = "\x1b]0;owned\x07 line\nfeed\r\u202e"
    changes = tuple(replace(change, reason=evil, cure=evil) for change in plan.changes)
    told = {id_: replace(one, reason=evil, cure=evil) for id_, one in outcomes.items()}
    for text in (
        plan_text(replace(plan, changes=changes), config),
        status_text(config, told, now),
        report_text(config, told, now),
        explain_text(config.rules[SMALL], told[SMALL], config, (), now),
    ):
        assert not set(text) & {"\x1b", "\x07", "\r", "\u202e"}


# status


def test_status_shows_value_score_pace_confidence_and_origin(
    config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    text = status_text(config, outcomes, now)
    assert lines_with(text, "fewer-bugs", "19", "10", "0.72", "+15", "on track")
    assert "72 % done, 15 points ahead of pace; forecast" in text
    assert "from jira, 19 rows, as of 2026-11-22 06:00 CET" in text
    assert "platform.reliable  Customers trust us with their data" in text


def test_a_held_key_result_stands_where_the_store_shows_it(
    config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    (row,) = lines_with(status_text(config, outcomes, now), "small-pull-requests", "70 %")
    assert "52 %" in row
    assert "11.86" not in row
    assert "held" in row


def test_trouble_says_since_when(
    config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    assert "Jira answered 403 for PLAT-140, since 2 days (3 runs)" in status_text(
        config, outcomes, now
    )


def test_a_key_result_that_was_never_measured_says_so(config: Config, now: datetime) -> None:
    assert status_text(config, {}, now).count("not measured yet") == len(config.rules)


def test_guarantee_22_old_numbers_turn_stale_without_a_run(
    config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    rule = config.rules[BUGS]
    rule = replace(rule, guard=replace(rule.guard, max_age=timedelta(days=3)))
    strict = replace(config, rules={**config.rules, BUGS: rule})
    (fresh,) = lines_with(status_text(strict, outcomes, now + timedelta(days=3)), "fewer-bugs")
    (stale,) = lines_with(status_text(strict, outcomes, now + timedelta(days=4)), "fewer-bugs")
    assert "on track" in fresh
    assert "stale" in stale
    assert "on track" not in stale
    attention = report_text(strict, outcomes, now + timedelta(days=4))
    assert lines_with(attention, "stale", BUGS)


# summary


def test_a_summary_tells_what_happened_to_each(report: RunReport, config: Config) -> None:
    text = summary_text(report, config)
    assert lines_with(text, "Checked in", f"{REVENUE} 12.4 MSEK", f"{BUGS} 19")
    assert lines_with(text, "Unchanged", "platform.reliable.incident-free-days")
    assert lines_with(text, "Held", SMALL)
    assert lines_with(text, "Failed", PIPELINE)
    assert text.endswith("Run 01JD8Q  exit 3")


def test_a_post_that_failed_is_not_called_checked_in(report: RunReport, config: Config) -> None:
    posted = next(one for one in report.plan.changes if one.key_result == BUGS)
    failure = replace(posted, verdict=Verdict.FAILED, reason="the store was down")
    ended = tuple(failure if one is posted else one for one in report.plan.changes)
    broken = replace(
        report,
        plan=replace(report.plan, changes=ended),
        failures=(failure,),
        receipts=report.receipts[1:],
    )
    text = summary_text(broken, config)
    assert not lines_with(text, "Checked in", BUGS)
    assert lines_with(text, "Failed", BUGS)
    assert "the store was down" in text


# explain


def test_explain_shows_all_that_is_needed_to_ask_again(
    config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    text = explain_text(config.rules[BUGS], outcomes[BUGS], config, (), now)
    for fact in (
        "mappings/platform.toml:21",
        "bugs-open = 19 (19 rows)",
        "project = PLAT AND type = Bug AND statusCategory != Done",
        "days in Europe/Stockholm",
        "2026-11-22 06:00 CET",
        "https://acme.example/issues?jql=",
        "01JD8Q",
        "10, from 42",
        "steps up to 25 %",
        " computed; from 8 values since 2026-10-04",
        "half of what may come in",
        "a week, lately",
    ):
        assert fact in text


def test_explain_of_a_held_value_shows_both_numbers_and_the_cure(
    config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    text = explain_text(config.rules[SMALL], outcomes[SMALL], config, (), now)
    assert lines_with(text, "value", "11.86 %")
    assert lines_with(text, "in store", "52 %")
    assert f'okrsync approve {SMALL} --reason "..."' in text.splitlines()[-1]


@dataclass(frozen=True)
class Past:
    was: Value
    subject: str = SMALL
    rows: int = 19

    number = property(lambda self: self.was.number)
    unit = property(lambda self: self.was.unit)
    as_of = property(lambda self: self.was.as_of)
    origin = property(lambda self: self.was.origin)
    approximate = property(lambda self: self.was.approximate)

    def value(self) -> Value:
        return self.was


def test_explain_hints_at_the_operand_that_jumped(
    config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    held = outcomes[SMALL]
    assert held.value is not None
    (operand,) = held.value.operands
    yesterday = replace(
        held.value,
        number=Decimal(52),
        as_of=now - timedelta(days=1),
        operands=(replace(operand, measurement=replace(operand.measurement, value=Decimal(61))),),
    )
    text = explain_text(config.rules[SMALL], held, config, [Past(yesterday)], now, width=120)
    assert lines_with(text, "before", "52 %", "2026-11-21 06:00 CET")
    assert lines_with(text, "hint", "bugs-open went from 61 % to 11.86 %")


def test_explain_names_the_override_and_who_said_it(
    config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    text = explain_text(config.rules[REVENUE], outcomes[REVENUE], config, (), now)
    assert lines_with(text, "override", "12.4 MSEK until 2026-11-25 by head of sales")


def test_explain_before_the_first_run_says_what_to_type(config: Config, now: datetime) -> None:
    text = explain_text(config.rules[BUGS], None, config, (), now)
    assert text.endswith(f"okrsync sync {BUGS}")


# report


def test_attention_comes_first_and_the_worst_before_the_rest(
    config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    text = report_text(config, outcomes, now)
    order = [
        text.index(word)
        for word in ("failed ", "held ", "override ", "Objectives", "KPIs", "Perspectives")
    ]
    assert order == sorted(order)


def test_the_tree_nests_by_parent_and_by_a_parent_key_result(
    config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    text = report_text(config, outcomes, now)
    indents = {
        title: len(line) - len(line.lstrip())
        for title in ("More companies", "Customers trust", "An idea reaches")
        for line in lines_with(text, title)
    }
    assert indents["Customers trust"] == indents["An idea reaches"] > indents["More companies"]


def test_a_missing_score_is_named_beside_the_objective(
    config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    assert f"without {PIPELINE}" in " ".join(report_text(config, outcomes, now).split())


def test_bands_roll_up_and_empty_perspectives_are_said(
    config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    text = " ".join(report_text(config, outcomes, now).split())
    assert "aspirational: 0.7 and more is green, 0.4 and more is yellow, less is red" in text
    assert "weighted mean" in text
    assert "learning and growth: empty" in text


def test_a_kpi_outside_its_healthy_range_needs_attention(
    config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    score = Score(None, None, None, None, None, Status.OFF_TRACK, "above the healthy 40")
    kpi = Outcome(
        "platform.bugs-open", "r", now, Verdict.UNCHANGED, "", since=now, score=score,
        value=Value(Decimal(55), "", now, "measured"),
    )  # fmt: skip
    text = report_text(config, {**outcomes, kpi.subject: kpi}, now)
    assert lines_with(text, "unhealthy", "platform.bugs-open")
    assert lines_with(text, "Open bugs: 55, healthy at most 40")


def test_an_override_is_announced_in_its_last_week_only(config: Config, now: datetime) -> None:
    rule = config.rules[REVENUE]
    assert rule.override is not None
    later = replace(rule, override=replace(rule.override, until=date(2026, 12, 20)))
    calm = replace(config, rules={**config.rules, REVENUE: later})
    assert lines_with(report_text(config, {}, now), "override", REVENUE)
    assert not lines_with(report_text(calm, {}, now), "override", REVENUE)


def test_a_pair_that_falls_is_said(config: Config, now: datetime) -> None:
    rule = config.rules[SMALL]
    paired = replace(rule, key_result=replace(rule.key_result, pair=BUGS))
    text = report_text(
        replace(config, rules={**config.rules, SMALL: paired}),
        {},
        now,
        moves={SMALL: Decimal("0.1"), BUGS: Decimal("-0.2")},
    )
    assert f"{SMALL} got better while its pair {BUGS} got worse" in " ".join(text.split())


def test_findings_stand_at_their_lines() -> None:
    text = lint_text([Finding(Place("a.toml", 3), "activity", "it is a task", "say the result")])
    assert "a.toml:3: activity: it is a task" in text
    assert "say the result" in text
    assert lint_text([]) != ""
