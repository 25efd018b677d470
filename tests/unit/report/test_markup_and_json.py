"""Markdown, JSON and CSV: nothing that is shown can change what is around it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.config.config import Config
from okrsync.lint.finding import Finding
from okrsync.model import Outcome, Place, Plan, RunReport, Value
from okrsync.report import json as reports
from okrsync.report import numbers
from okrsync.report.backfill import backfill_json, backfill_text
from okrsync.report.export import csv_cell, csv_text, markdown
from okrsync.report.history import history_csv, history_json, history_text
from okrsync.report.markdown import code, plan_markdown, report_markdown, table

BUGS = "platform.reliable.fewer-bugs"
anything = st.text(max_size=40) | st.text("|`\\<>[]()*_#=+-@\t\r\n&~!$ a1.", max_size=20)
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)


@dataclass(frozen=True)
class Past:
    subject: str
    number: Decimal
    unit: str
    as_of: datetime
    origin: str = "measured"
    rows: int = 3
    approximate: bool = False

    def value(self) -> Value:
        return Value(self.number, self.unit, self.as_of, self.origin)


def parsed(text: str) -> dict[str, object]:
    found = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    assert isinstance(found, dict)
    return found


def cells(row: str) -> int:
    """Cells of a GFM table row: pipes behind an odd number of backslashes separate nothing."""
    return len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) - 1


# Markdown


@given(st.lists(anything, min_size=3, max_size=3))
def test_guarantee_30_no_text_changes_the_shape_of_a_table(texts: list[str]) -> None:
    lines = table(["a", "b", "c"], [[markdown(text) for text in texts]])
    assert len("\n".join(lines).splitlines()) == 3
    assert cells(lines[2]) == 3


@given(anything)
def test_guarantee_30_no_text_becomes_html_or_a_link(text: str) -> None:
    shown = markdown(text)
    assert "<" not in shown
    assert ">" not in shown
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]`*_]", shown)


@given(anything)
def test_a_command_stays_in_its_span(text: str) -> None:
    span = code(text)
    fence = re.match("`+", span)
    assert fence is not None
    assert span.endswith(fence[0])
    inner = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall("`+", inner)


def test_markdown_reports_hold_the_facts(
    plan: Plan, config: Config, outcomes: Mapping[str, Outcome], now: datetime
) -> None:
    planned = plan_markdown(plan, config)
    assert "okrsync approve platform.faster.small-pull-requests" in planned
    assert "2 to check in, 1 unchanged, 1 held, 1 failed" in planned
    reported = report_markdown(config, outcomes, now)
    assert reported.index("Needs attention") < reported.index("## Objectives")
    assert "*empty*" in reported
    rows = [line for line in reported.splitlines() if line.startswith("| ●")]
    assert {cells(row) for row in rows} == {9}


def test_what_a_store_cannot_hold_is_in_the_markdown_of_a_plan_once_with_all_that_it_befalls(
    plan: Plan, config: Config
) -> None:
    lost = "the store rounds to whole numbers <b>"
    warned = tuple(replace(one, warnings=(lost,)) for one in plan.changes[:2])
    text = plan_markdown(replace(plan, changes=(*warned, *plan.changes[2:])), config)
    (line,) = [line for line in text.splitlines() if line.startswith("- **note**")]
    assert "the store rounds to whole numbers" in line
    assert "<b>" not in line
    assert all(markdown(one.key_result) in line for one in warned)


def test_guarantee_30_a_hostile_title_stays_in_its_cell(plan: Plan, config: Config) -> None:
    evil = "a | b <script>alert(1)</script> [x](javascript:y) `c`\n| new | row |"
    changed = replace(plan, changes=tuple(replace(one, title=evil) for one in plan.changes))
    text = plan_markdown(changed, config)
    assert "<script" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(plan.changes)
    assert {cells(row) for row in rows if not row.startswith("|---")} == {10}


# CSV


@given(anything)
def test_guarantee_30_no_exported_text_starts_a_formula(text: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_text(["title"], [[text, "end"]]).partition("\n")[2]))
    assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    kept = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    assert row[0] in {kept, f"'{kept}"}
    assert row[1] == "end"


@given(decimals)
def test_guarantee_30_real_numbers_stay_numbers(number: Decimal) -> None:
    assert Decimal(csv_cell(number)) == number


def test_guarantee_30_history_export_is_exact_and_harmless() -> None:
    past = [Past("=cmd", Decimal("-0.10"), "+SEK", datetime(2026, 11, 1, tzinfo=UTC), "@sum")]
    header, row = csv.reader(io.StringIO(history_csv(past)))
    assert dict(zip(header, row, strict=True)) == {
        "key_result": "'=cmd",
        "as_of": "2026-11-01T00:00:00+00:00",
        "value": "-0.10",
        "unit": "'+SEK",
        "origin": "'@sum",
        "rows": "3",
        "approximate": "no",
    }


# JSON


@given(st.dictionaries(st.text(), st.none() | st.booleans() | decimals | st.text(), max_size=5))
def test_json_keeps_every_digit(summary: dict[str, object]) -> None:
    text = reports.envelope("x", 0, datetime(2026, 11, 1, tzinfo=UTC), summary=summary)
    assert parsed(text)["summary"] == summary


@pytest.mark.parametrize("odd", ["NaN", "Infinity"])
def test_what_is_no_number_is_null(odd: str) -> None:
    text = reports.envelope(
        "x", 0, datetime(2026, 11, 1, tzinfo=UTC), summary={"a": Decimal(odd), "b": float(odd)}
    )
    assert parsed(text)["summary"] == {"a": None, "b": None}


def test_all_commands_share_one_envelope(
    plan: Plan,
    report: RunReport,
    config: Config,
    outcomes: Mapping[str, Outcome],
    now: datetime,
) -> None:
    rule = config.rules[BUGS]
    past = [Past(BUGS, Decimal(19), "", now)]
    finding = Finding(Place("a.toml", 3), "activity", "it is a task", "say the result")
    value = Value(Decimal(19), "", now, "measured")
    texts = {
        "plan": reports.plan_json(plan, config, exit_code=3),
        "sync": reports.run_json(report, config),
        "status": reports.status_json(config, outcomes, now),
        "explain": reports.explain_json(rule, outcomes[BUGS], config, past, now),
        "report": reports.report_json(config, outcomes, now),
        "lint": reports.lint_json([finding], now),
        "history": history_json(BUGS, past, now),
        "backfill": backfill_json("r", {BUGS: [value]}, {BUGS: [(date(2026, 1, 1), "no")]}, now, 3),
    }
    keys = ["okrsync", "command", "exit", "run_id", "at", "summary", "items", "diagnostics"]
    for command, text in texts.items():
        found = parsed(text)
        assert list(found) == keys
        assert found["okrsync"] == 1
        assert found["command"] == command
        assert datetime.fromisoformat(str(found["at"])).tzinfo is not None


def items_of(text: str, key: str = "items") -> dict[str, dict[str, object]]:
    found = json.loads(text, parse_float=Decimal)[key]
    assert isinstance(found, list)
    return {one["kr"]: one for one in found if "kr" in one}


def test_plan_items_hold_old_new_and_provenance(plan: Plan, config: Config) -> None:
    items = items_of(reports.plan_json(plan, config))
    bugs = items[BUGS]
    assert (bugs["action"], bugs["old"], bugs["new"]) == ("post", 24, 19)
    assert bugs["progress"] == Decimal("0.71875")
    assert bugs["provenance"] == {**dict(bugs["provenance"]), "rows": 19, "line": 21}  # type: ignore[call-overload]  # parsed JSON
    exact = items["platform.faster.small-pull-requests"]["new"]
    assert exact == Decimal("11.86440677966101694915254237")


def test_a_failure_is_null_and_never_zero(plan: Plan, config: Config) -> None:
    failed = items_of(reports.plan_json(plan, config))["platform.faster.new-pipeline"]
    assert [failed[key] for key in ("new", "progress", "score", "confidence")] == [None] * 4
    notes = items_of(reports.plan_json(plan, config), "diagnostics")
    assert notes["platform.faster.new-pipeline"]["code"] == "refused"
    assert notes["platform.faster.new-pipeline"]["next"] == "okrsync doctor jira"


def test_a_run_says_what_is_written(report: RunReport, config: Config) -> None:
    written = {
        id_ for id_, one in items_of(reports.run_json(report, config)).items() if one["written"]
    }
    assert written == {BUGS, "company.growth.revenue"}


# history, backfill, numbers


def test_history_shows_units_and_the_zone() -> None:
    past = [Past(BUGS, Decimal("49.50"), "d", datetime(2026, 7, 1, 4, tzinfo=UTC))]
    text = history_text(past, ZoneInfo("Europe/Stockholm"))
    assert "2026-07-01 06:00 CEST" in text
    assert "49.5 d" in text
    assert "okrsync sync" in history_text([], UTC)


def test_backfill_names_the_days_without_a_value(now: datetime) -> None:
    gaps: Mapping[str, Sequence[tuple[date, str]]] = {BUGS: [(date(2026, 10, 7), "empty answer")]}
    text = backfill_text({BUGS: [Value(Decimal(3), "", now, "backfill")]}, gaps)
    assert "1 value, 2026-11-22 3" in text
    assert "no value on 2026-10-07: empty answer" in text


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [
        ("11.864406779", "%", "11.86 %"),
        ("20000", "SEK", "20 000 SEK"),
        ("1234.5", "", "1234.5"),
        ("0.00012345", "", "0.000123"),
        ("-0", "d", "0 d"),
        ("1E+3", "", "1000"),
        ("3", "x", "3x"),
        ("99.995", "%", "100 %"),
    ],
)
def test_numbers_for_people(number: str, unit: str, shown: str) -> None:
    assert numbers.amount(Decimal(number), unit) == shown


def test_millions_are_short_in_tables() -> None:
    assert numbers.compact(Decimal(20_400_000), "SEK") == "20.4 MSEK"
    assert numbers.compact(Decimal(1_200_000), "views") == "1.2 M views"


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_any_number_can_be_shown(number: Decimal) -> None:
    if abs(number.adjusted()) < 500:
        assert "e" not in numbers.number(number).lower()


def test_success_is_never_claimed_by_rounding() -> None:
    assert numbers.score(Decimal("0.9999")) == "0.99"
    assert numbers.percent(Decimal("0.9999")) == "99 %"
