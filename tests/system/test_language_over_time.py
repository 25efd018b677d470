"""The parts of the mapping language that show only from run to run."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.system.harness.in_process import NOON, InProcess

DAY = timedelta(days=1)
WAYS = """\
[objective.o]
title = "Where to"
[objective.o.kr.a]
title = "A"
baseline = 0
target = 100
from = "sheet"
measure = "a"
"""


@pytest.fixture
def project(tmp_path: Path) -> InProcess:
    project = InProcess(tmp_path)
    project.source("sheet", 'path = "rows.csv"')
    return project


def synced(project: InProcess, rows: str, at: datetime = NOON) -> dict[str, dict[str, Any]]:
    """The key results after a sync of a file written at that time."""
    project.now = at
    project.write("rows.csv", rows)
    project.run("sync")
    return {id_.removeprefix("t.o."): item for id_, item in project.items().items()}


def test_an_override_counts_on_its_last_day_and_no_longer(project: InProcess) -> None:
    override = '[override."o.a"]\nvalue = 60\nuntil = 2026-11-15\nreason = "late export"\n'
    project.map(f'{WAYS}{override}by = "finance-lead"\n')
    item = synced(project, "a\n40\n")["a"]
    assert item["value"] == 60
    assert "late export" in item["provenance"]["remark"]
    assert "finance-lead" in project.run("explain", "t.o.a").words()
    assert synced(project, "a\n40\n", NOON + DAY)["a"]["value"] == 40


@pytest.mark.parametrize(
    ("guard", "first", "second", "held"),
    [
        ('max_step = "25 %"', 10, 35, False),
        ('max_step = "25 %"', 10, 36, True),
        ("allow_zero = false", 10, 0, True),
        ("allow_zero = true", 10, 0, False),
    ],
)
def test_a_guard_holds_a_value_and_never_alters_it(
    project: InProcess, guard: str, first: int, second: int, held: bool
) -> None:
    project.map(f"{WAYS}guard = {{ {guard} }}\n")
    synced(project, f"a\n{first}\n")
    item = synced(project, f"a\n{second}\n", NOON + DAY)["a"]
    assert item["action"] == ("held" if held else "post")
    assert item["value"] == (first if held else second)


def test_guards_are_merged_key_by_key(project: InProcess) -> None:
    head = 'period = "2026-Q4"\n[defaults]\nguard = { max_age = "3d", max_step = "25 %" }'
    project.map(f'{WAYS}guard = {{ max_step = "90 %" }}\n', head=head)
    synced(project, "a\n10\n")
    assert synced(project, "a\n95\n", NOON + DAY)["a"]["action"] == "post"
    project.now = NOON + 6 * DAY
    (item,) = project.items().values()
    assert item["status"] == "stale"  # the file is five days old, the default allows three


def test_a_pair_of_which_one_falls_is_in_the_report(project: InProcess) -> None:
    quality = '[objective.o.kr.quality]\ntitle = "Q"\nat_least = 9\nfrom = "sheet"\nmeasure = "q"\n'
    project.map(f'{WAYS}pair = "quality"\n{quality}')
    synced(project, "a,q\n10,8\n")
    assert "pair" not in project.run("report").words()
    synced(project, "a,q\n20,7\n", NOON + 3 * DAY)
    assert "t.o.a got better while its pair t.o.quality got worse" in project.run("report").words()


def test_what_is_due_only_on_weekdays_waits_for_monday(project: InProcess) -> None:
    friday = NOON - 2 * DAY
    project.map(f'{WAYS}schedule = "weekdays 06:00"\n')
    assert synced(project, "a\n10\n", friday)["a"]["value"] == 10
    assert synced(project, "a\n20\n", friday + DAY)["a"]["value"] == 10
    assert synced(project, "a\n30\n", friday + 3 * DAY)["a"]["value"] == 30


DATED = """\
day,n
2026-09-30,5
2026-10-05,10
2026-10-20,20
2026-11-10,30
"""


def test_history_from_before_the_first_sync(project: InProcess) -> None:
    ask = 'from = "sheet"\nmeasure = "n"\non = "day"\n'
    project.map(
        '[objective.o]\ntitle = "Where to"\n'
        f'[objective.o.kr.sum]\ntitle = "S"\nbaseline = 0\ntarget = 100\n{ask}agg = "sum"\n'
        'window = "period"\n'
        '[objective.o.kr.level]\ntitle = "L"\nbaseline = "first"\nkind = "increase"\n'
        f'target = 90\n{ask}agg = "last"\n'
        f'[objective.o.kr.today]\ntitle = "T"\nbaseline = 0\ntarget = 10\nfrom = "sheet"\n'
        'agg = "count"\n'
    )
    project.write("rows.csv", DATED)
    ended = project.run("backfill", "--from", "2026-10-04", "--every", "14d")
    assert ended.code == 3  # a file without a date column cannot say what was true in October
    assert "today's rows" in ended.words()
    assert 'say on = "..."' in ended.words()
    past = project.run("history", "t.o.sum", "--format", "json").json()["items"]
    assert [one["value"] for one in past] == [10, 30, 60]  # on 17 and 31 October, 14 November
    level = synced(project, DATED)["level"]
    assert level["baseline"] == 10  # the first value of the period that is known
    assert level["score"] == Decimal("0.25")


def test_a_running_count_has_a_history_in_the_period_before(project: InProcess) -> None:
    """40 a week in Q3, 10 a week in Q4: each period is counted for itself."""
    project.map(
        '[objective.o]\ntitle = "Where to"\n[objective.o.kr.sum]\ntitle = "S"\nbaseline = 0\n'
        'target = 100\nfrom = "sheet"\nmeasure = "n"\non = "day"\nagg = "sum"\n'
        'window = "period"\n'
    )
    first = date(2026, 7, 1)
    days = [first + timedelta(weeks=week) for week in range(20)]
    rows = [f"{day},{40 if day < date(2026, 10, 1) else 10}" for day in days]
    project.write("rows.csv", "\n".join(["day,n", *rows]))
    ended = project.run("backfill", "--from", "2026-07-08", "--to", "2026-10-14", "--every", "7d")
    assert ended.code == 0
    past = project.run("history", "t.o.sum", "--format", "json").json()["items"]
    assert [one["value"] for one in past] == [*(40 * n for n in range(2, 15)), 10, 20]
    item = synced(project, project.folder.joinpath("rows.csv").read_text())["sum"]
    assert (item["action"], item["value"]) == ("post", 60)
    assert "since 2026-07-08" in item["confidence_reason"]


def test_a_kpi_is_watched_by_its_healthy_range(project: InProcess) -> None:
    kpi = '[metric.discount]\ntitle = "Discount"\nfrom = "sheet"\nmeasure = "d"\nagg = "avg"\n'
    project.map(f'{WAYS}{kpi}unit = "%"\nhealthy = {{ max = 12 }}\nperspective = "financial"\n')
    synced(project, "a,d\n10,11 %\n")
    assert "Discount: 11 %, healthy at most 12 %: inside" in project.run("report").words()
    synced(project, "a,d\n10,13 %\n", NOON + DAY)
    words = project.run("report").words()
    assert "above the healthy 12 %" in words
    assert "financial: t.discount" in words
    assert "customer: empty" in words


def test_files_are_included_by_glob_and_teams_keep_their_names_apart(tmp_path: Path) -> None:
    project = InProcess(tmp_path, more='mappings = ["company.toml", "teams/*/okrs.toml"]')
    project.source("sheet", 'path = "rows.csv"')
    head = 'version = 1\nperiod = "2026-Q4"\n'
    for team in ("sales", "support"):
        lines = WAYS.replace("[objective.o]\n", '[objective.o]\nparent = "top"\n')
        project.write(f"teams/{team}/okrs.toml", f'{head}team = "{team}"\nlevel = "team"\n{lines}')
    top = WAYS.replace("objective.o", "objective.top").partition("from")[0]
    scores = "value = \"mean(score('sales.o'), score('support.o.a'))\"\n"
    project.write("company.toml", f"{head}{top}{scores}".replace("target = 100", "target = 1"))
    assert {id_: item["score"] for id_, item in synced_of(project).items()} == {
        "top.a": Decimal("0.4"),
        "sales.o.a": Decimal("0.4"),
        "support.o.a": Decimal("0.4"),
    }
    project.write("teams/support/okrs.toml", f'{head}team = "sales"\n{WAYS}')
    said = project.run("validate").words()
    assert "is already defined at teams/sales/okrs.toml:5" in said


def synced_of(project: InProcess) -> dict[str, dict[str, Any]]:
    project.write("rows.csv", "a\n40\n")
    assert project.run("sync").code == 0
    return project.items()


def test_all_problems_of_all_files_at_once(tmp_path: Path) -> None:
    project = InProcess(tmp_path, more='fiscal_year_start = "07"')
    project.source("sheet", 'path = "rows.csv"\ntoken = "not-a-reference"')
    project.map(WAYS.replace("target = 100", 'target = "10,5"'), team="one")
    project.map(WAYS.replace('"sheet"', '"shet"') + 'agg = "cuont"\n', team="two")
    ended = project.run("validate", "--format", "json")
    assert ended.code == 2
    found = {
        (one["file"], one["line"], one["column"], one["code"], one["suggestion"])
        for one in ended.json()["diagnostics"]
    }
    assert found == {
        ("config.toml", 3, 1, "unknown-key", "fiscal_year_starts"),
        ("config.toml", 7, 9, "plain-secret", ""),
        ("mappings/one.toml", 9, 10, "bad-number", ""),
        ("mappings/two.toml", 10, 8, "unknown-source", "sheet"),
        ("mappings/two.toml", 12, 7, "bad-aggregation", "count"),
    }
    text = project.run("validate").out
    assert "did you mean `fiscal_year_starts`?" in text
    assert "not-a-reference" not in text
    github = project.run("validate", "--format", "github").out.splitlines()
    assert len(github) == 5
    assert all(line.startswith("::error file=") for line in github)
