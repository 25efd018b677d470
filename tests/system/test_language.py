"""The mapping language, feature by feature: a mapping and a file of rows in, a check-in out.

Every number was worked out by hand. A case reads

    == its name: value unit, score, status        (or: ``no value: why``; ``-`` is anything)
    the key result's keys, and the tables of metrics that it needs
    --
    the rows of [source.sheet]
    --
    settings of that source, where it needs any

and all cases are synced at once, each with a source and a team of its own, at noon on Sunday,
15 November 2026: 45 of the 92 days of 2026-Q4 are over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.system.harness.in_process import InProcess

KINDS = """
== increase: 7, 0.7, on_track
baseline = 0
target = 10
from = "sheet"
measure = "n"
agg = "sum"
--
n
3
4

== decrease: 18, 0.75, on_track
baseline = 42
target = 10
from = "sheet"
measure = "open"
--
open
18

== under-is-strict: 8 h, 0.9999, on_track
baseline = "2 d"
target = "8 h"
strict = true
unit = "h"
from = "sheet"
measure = "hours"
agg = "max"
--
hours
6
8

== exactly-is-enough: 8 h, 1, on_track
baseline = "2 d"
target = "8 h"
from = "sheet"
measure = "hours"
agg = "max"
--
hours
6
8

== at-least: 9.2, 1, -
at_least = 9
from = "sheet"
measure = "grade"
agg = "avg"
--
grade
9
9.4

== at-most-missed: 8, 0.6667, -
at_most = 6
from = "sheet"
agg = "count"
where = "status == 'open'"
--
status
open
open
closed
open
open
open
open
open
open

== range-missed: 5.5 x, 0.75, -
min = "3x"
max = "5x"
from = "sheet"
measure = "coverage"
agg = "last"
--
coverage
4
5.5

== milestones: 2, 0.5, on_track
milestones = [
  { title = "Pilot", done = 2026-10-20 },
  { title = "Half of it", weight = 2, due = 2026-11-30, done = false },
  { title = "Nobody left behind", when = "behind == 0" },
]
[metric.behind]
from = "sheet"
agg = "count"
where = "state == 'behind'"
--
state
ahead

== done-by-condition: 1, 1, -
done = "seats >= 10 and not rent > 20"
[metric.seats]
from = "sheet"
measure = "seats"
[metric.rent]
from = "sheet"
measure = "rent"
--
seats,rent
12,20

== not-done: 0, 0, -
done = "seats >= 10"
[metric.seats]
from = "sheet"
measure = "seats"
--
seats
9

== relative-less: 120.25, 0.5, on_track
baseline = 130
target = "-15 %"
from = "sheet"
measure = "n"
--
n
120.25

== relative-more: 22000000 SEK, 0.4, at_risk
baseline = "20 MSEK"
target = "+25 %"
from = "sheet"
measure = "n"
--
n
22 MSEK

== first-value-is-the-baseline: 40, 0, off_track
baseline = "first"
target = 60
kind = "increase"
from = "sheet"
measure = "n"
--
n
40

== pace-points: 30, 0.3, on_track
baseline = 0
target = 100
pace = [{ day = 2026-11-14, progress = "20 %" }]
from = "sheet"
measure = "n"
--
n
30
"""

ARITHMETIC = """
== pct: 35 %, 0.5, -
baseline = "20 %"
target = "50 %"
value = "pct(small, merged)"
[metric.small]
from = "sheet"
agg = "count"
where = "size == 'small'"
[metric.merged]
from = "sheet"
agg = "count"
where = "size in ['small', 'large']"
--
size
small
small
small
small
small
small
small
large
large
large
large
large
large
large
large
large
large
large
large
large
other

== ratio: 2.5, 0.5, -
baseline = 0
target = 5
value = "ratio(a, b)"
[metric.a]
from = "sheet"
measure = "a"
[metric.b]
from = "sheet"
measure = "b"
--
a,b
10,4

== mean-min-max-sum-abs-round: 10.33, 0.1033, -
baseline = 0
target = 100
value = "round(mean(a, b, 3), 2) + min(a, b) - max(a, b) + sum(a, b) - abs(b - a) % 4"
[metric.a]
from = "sheet"
measure = "a"
[metric.b]
from = "sheet"
measure = "b"
--
a,b
7,3

== choice-and-brackets: 50, 0.5, -
baseline = 0
target = 100
value = "(a + b) * 5 if a > b and b != 0 else 0 - 1"
[metric.a]
from = "sheet"
measure = "a"
[metric.b]
from = "sheet"
measure = "b"
--
a,b
7,3

== metric-of-metrics: 20 %, 0.2, -
baseline = 0
target = "100 %"
value = "share"
[metric.share]
value = "pct(part, part + rest)"
unit = "%"
[metric.part]
from = "sheet"
measure = "part"
[metric.rest]
from = "sheet"
measure = "rest"
--
part,rest
1,4

== roll-up: 55 %, 0.7857, -
baseline = 0
target = "70 %"
value = "100 * mean(score('low.k'), score('low'))"
unit = "%"
[objective.low]
title = "The teams' own"
[objective.low.kr.k]
title = "Counts once"
baseline = 0
target = 10
from = "sheet"
measure = "n"
[objective.low.kr.l]
title = "Counts three times"
baseline = 0
target = 5
weight = 3
value = "n"
[metric.n]
from = "sheet"
measure = "half"
--
n,half
4,4

== divided-by-zero: no value: nothing can be divided by it
baseline = 0
target = 5
value = "a / b"
[metric.a]
from = "sheet"
measure = "a"
[metric.b]
from = "sheet"
measure = "b"
--
a,b
10,0
"""

UNITS = """
== durations-convert: 2 d, 0.9231, -
baseline = "14 d"
target = "1 d"
value = "wait"
[metric.wait]
from = "sheet"
measure = "hours"
agg = "avg"
unit = "h"
--
hours
40
56

== durations-in-the-cells: 1.5 d, 0.5, -
baseline = "2 d"
target = "1 d"
from = "sheet"
measure = "wait"
agg = "max"
--
wait
36 h
12 h

== money-by-rates: 2300000 SEK, 0.115, -
baseline = 0
target = "20 MSEK"
from = "sheet"
measure = "amount"
agg = "sum"
--
amount
EUR 150000
"EUR 50,000.00"

== money-without-a-rate: no value: cannot be counted in SEK
baseline = 0
target = "20 MSEK"
from = "sheet"
measure = "amount"
agg = "sum"
--
amount
150000 USD

== metric-unit-converts: 17250 SEK, 0.5, -
baseline = 0
target = "34.5 kSEK"
value = "sales"
[metric.sales]
from = "sheet"
measure = "amount"
agg = "sum"
unit = "SEK"
--
amount
€1500

== two-units-in-one-column: no value: different units
baseline = 0
target = 100
from = "sheet"
measure = "amount"
agg = "sum"
--
amount
10 EUR
10 SEK

== percent-cells: 12.5 %, 0.375, -
baseline = "8 %"
target = "20 %"
from = "sheet"
measure = "known"
agg = "last"
on = "week"
--
week,known
2026-10-01,9 %
2026-11-09,12.5 %
2026-10-20,11 %

== multipliers: 1200000, 0.6, -
baseline = 0
target = "2M"
from = "sheet"
measure = "views"
agg = "sum"
--
views
400k
0.8 M

== a-word-counts: 2 leads, 0.2, -
baseline = 0
target = "10 leads"
from = "sheet"
agg = "count"
where = "qualified == true and not empty(name)"
--
name,qualified
one,true
two,TRUE
three,false
,true
"""


@dataclass(frozen=True)
class Case:
    """``expected`` is the value with its unit, or why there is none."""

    name: str
    expected: str
    score: str
    status: str
    mapping: str
    rows: str
    settings: str

    @property
    def says(self) -> str:
        return self.expected.partition("no value: ")[2]


def cases_of(text: str) -> Iterator[Case]:
    for block in text.split("\n== ")[1:]:
        head, _, body = block.partition("\n")
        name, _, expected = head.partition(": ")
        mapping, rows, settings = (*body.split("\n--\n"), "")[:3]
        if expected.startswith("no value"):
            yield Case(name, expected, "-", "-", mapping, rows, settings)
        else:
            value, score, status = expected.split(", ")
            yield Case(name, value, score, status, mapping, rows, settings)


CASES = [case for text in (KINDS, ARITHMETIC, UNITS) for case in cases_of(text)]


def key_result(lines: str) -> str:
    return f'[objective.o]\ntitle = "Where to"\n[objective.o.kr.k]\ntitle = "How we know"\n{lines}'


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    project = InProcess(tmp_path_factory.mktemp("language"), more="[rates]\nSEK = 1\nEUR = 11.5\n")
    for case in CASES:
        project.source(case.name, f'path = "data/{case.name}.csv"\n{case.settings}')
        project.write(f"data/{case.name}.csv", case.rows)
        mapping = case.mapping.replace('"sheet"', f'"{case.name}"')
        project.map(key_result(mapping), team=case.name)
    assert project.run("validate").code == 0
    assert project.run("sync").code == 3  # some have no value on purpose
    return project.items()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mapping_and_a_file_make_a_check_in(case: Case, items: dict[str, dict[str, Any]]) -> None:
    item = items[f"{case.name}.o.k"]
    if case.says:
        assert item["value"] is None
        assert case.says in item["reason"]
        return
    assert f"{item['value']} {item['unit'] or ''}".strip() == case.expected
    assert str(item["score"]) == case.score
    assert case.status in {"-", item["status"]}


# Each day has a power of two of its own, so a sum says which days it is made of.
DAYS = """\
day,n
2025-06-01,1
2026-02-01,2
2026-05-15,4
2026-05-16,8
2026-08-01,16
2026-09-30,32
2026-10-01,64
2026-10-18,128
2026-10-19,256
2026-11-01,512
2026-11-02,1024
2026-11-08,2048
2026-11-09,4096
2026-11-15,8192
2026-11-16,16384
2025-12-31,32768
"""
OCTOBER, NOVEMBER = 64 + 128 + 256, 512 + 1024 + 2048 + 4096 + 8192
QUARTER = OCTOBER + NOVEMBER  # 2026-11-16 is tomorrow, and no row of tomorrow counts today
SUMMED = 'from = "sheet"\nmeasure = "n"\nagg = "sum"\non = "day"\n'


def several(key_results: dict[str, str]) -> str:
    """One objective of many key results that count from 0 to 100000."""
    tables = [
        f'[objective.o.kr.{name}]\ntitle = "{name}"\nbaseline = 0\ntarget = 100000\n{lines}\n'
        for name, lines in key_results.items()
    ]
    return '[objective.o]\ntitle = "Where to"\n' + "".join(tables)


@pytest.fixture
def days(tmp_path: Path) -> InProcess:
    project = InProcess(tmp_path)
    project.source("sheet", 'path = "days.csv"')
    project.write("days.csv", DAYS)
    return project


def test_windows_are_whole_days_in_the_zone_and_never_of_tomorrow(days: InProcess) -> None:
    windows = {
        "period": QUARTER,
        "now": QUARTER + 63 + 32768,
        "all": QUARTER + 63 + 32768,
        "this_week": 4096 + 8192,
        "last_week": 1024 + 2048,
        "this_month": NOVEMBER,
        "last_month": OCTOBER,
        "this_quarter": QUARTER,
        "last_quarter": 16 + 32,
        "this_year": QUARTER + 2 + 4 + 8 + 16 + 32,
        "last_year": 1 + 32768,
        "last 28d": 256 + NOVEMBER,
        "last 2w": NOVEMBER - 512,
        "last 6m": QUARTER + 8 + 16 + 32,
    }
    days.map(several({w.replace(" ", "-"): f'{SUMMED}window = "{w}"' for w in windows}))
    assert days.synced() == {w.replace(" ", "-"): total for w, total in windows.items()}


def test_a_question_is_dated_by_the_period_of_the_key_result_that_asks(days: InProcess) -> None:
    periods = {
        "year": ("2026", QUARTER + 62),
        "half": ('"2026-H2"', QUARTER + 16 + 32),
        "quarter": ('"2026-Q4"', QUARTER),
        "month": ('"2026-11"', NOVEMBER),
        "days": ("{ from = 2026-10-19, to = 2026-11-15 }", 256 + NOVEMBER),
        "this-month": ('"this_month"', NOVEMBER),
        "this-half": ('"this_half"', QUARTER + 16 + 32),
        "over": ('"2026-Q3"', None),
        "to-come": ('"2027"', None),
    }
    lines = {name: f'value = "all-of-it"\nperiod = {text}' for name, (text, _) in periods.items()}
    days.map(f'{several(lines)}[metric.all-of-it]\n{SUMMED}window = "period"', head="")
    assert days.synced() == {name: total for name, (_, total) in periods.items()}


def test_a_fiscal_year_carries_the_year_it_starts_in(tmp_path: Path) -> None:
    project = InProcess(tmp_path, more='fiscal_year_starts = "07"')
    project.source("sheet", 'path = "days.csv"')
    project.write("days.csv", DAYS)
    expected = {
        "year": ('period = "2026"', "period", QUARTER + 16 + 32),
        "quarter": ('period = "2026-Q2"', "period", QUARTER),
        "half": ('period = "2026-H1"', "period", QUARTER + 16 + 32),
        "last-year": ('period = "this_quarter"', "last_year", 32768 + 2 + 4 + 8),
        "last-quarter": ('period = "this_quarter"', "last_quarter", 16 + 32),
    }
    lines = {
        name: f'{SUMMED}window = "{window}"\n{period}'
        for name, (period, window, _) in expected.items()
    }
    project.map(several(lines), head="")
    assert project.synced() == {name: total for name, (*_, total) in expected.items()}


def test_aggregations(tmp_path: Path) -> None:
    project = InProcess(tmp_path)
    project.source("sheet", 'path = "rows.csv"')
    project.write(
        "rows.csv",
        "day,n,who\n2026-10-03,30,b\n2026-10-01,10,a\n2026-10-04,20,b\n2026-10-02,60,a\n"
        "2026-10-05,,c\n",
    )
    aggregations = {
        'agg = "count"': "5",
        'agg = "count"\nmeasure = "n"': "4",
        'agg = "distinct"\nmeasure = "who"': "3",
        'agg = "sum"\nmeasure = "n"': "120",
        'agg = "avg"\nmeasure = "n"': "30",
        'agg = "median"\nmeasure = "n"': "25",
        'agg = "min"\nmeasure = "n"': "10",
        'agg = "max"\nmeasure = "n"': "60",
        'agg = "p85"\nmeasure = "n"': "46.5",  # 30 + 0.55 * (60 - 30)
        'agg = "p25"\nmeasure = "n"': "17.5",
        'agg = "first"\nmeasure = "n"\non = "day"': "10",
        'agg = "last"\nmeasure = "n"\non = "day"': "20",
        'agg = "last"\nmeasure = "n"': "60",  # the file's own order
        'measure = "n"\nwhere = "who == \'a\' and n > 50"': "60",
    }
    lines = {f"k{number}": f'from = "sheet"\n{text}' for number, text in enumerate(aggregations)}
    project.map(several(lines))
    found = project.synced()
    assert [str(found[f"k{number}"]) for number in range(len(found))] == [*aggregations.values()]


def test_where(tmp_path: Path) -> None:
    project = InProcess(tmp_path)
    project.source("sheet", 'path = "orders.csv"\ndecimal = ","')
    project.write(
        "orders.csv",
        "Kund;Order value;day;Status\n"
        'Norrlandsbolaget AB;"1 200 000,50";2026-10-01;won\n'
        "Sydbolaget;900 000;2026-11-02;Won \n"
        "Västra ab;1 000 001;2026-11-20;lost\n"
        ";1 000 000;2025-11-02;\n",
    )
    conditions = {
        "row['Order value'] > 1000000": 2,
        "row['Order value'] >= 1000000": 3,
        "Status == 'won'": 1,
        "lower(Status) == 'won'": 2,
        "Status in ['won', 'lost']": 2,
        "Status not in ['won', 'Won']": 2,
        "contains(lower(Kund), 'bolaget')": 2,
        "starts_with(Kund, 'Syd') or ends_with(upper(Kund), ' AB')": 3,
        "empty(Kund)": 1,
        "not empty(Kund) and not Status == 'lost'": 2,
        "day >= '2026-11-01' and day < date('2026-11-20')": 1,
        "year(day) == 2026 and month(day) == 11": 2,
        "round(row['Order value'] / 1000000) == 1": 4,
    }
    lines = {
        f"k{number}": f'from = "sheet"\nagg = "count"\nwhere = "{text}"'
        for number, text in enumerate(conditions)
    }
    project.map(several(lines))
    found = project.synced()
    assert [found[f"k{number}"] for number in range(len(found))] == [*conditions.values()]
