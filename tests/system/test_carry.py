"""`okrsync carry`: the next period's mapping stands beside the old one, begins where it ended."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.lifecycle.carrying import following
from okrsync.lifecycle.toml_places import Edits, Places
from okrsync.mapping.periods import parse_period
from tests.system.harness.in_process import InProcess

TEAM = """\
#:schema ../okrsync.schema.json
# why this team is here
version = 1
team = "t"
period = "2026-Q4" # the quarter

[metric.open-bugs]
from = "sheet"
measure = "n"
agg = "sum"
where = "day >= '2026-10-01'"

[objective.trust]
title = "Customers trust us"
parent = "top.all"

[objective.trust.kr.bugs]
title = "Open bugs from 42 to 10"
baseline = "42 bugs" # counted in the tracker
target = 10
unit = "bugs"
value = "open-bugs"
store_id = "12"
pair = "talks"
pace = [
  { day = 2026-11-15, progress = "50 %" }, # half
]

# said on stages
[objective.trust.kr.talks]
title = "5 talks"
baseline = 0
target = 5
ambition = "committed"
from = "sheet"
measure = "m"
agg = "sum"

[objective.trust.kr.signups]
title = "300 sign-ups"
baseline = 0
target = 300
from = "sheet"
measure = "n"
agg = "sum"
on = "day"
window = "period"

[objective.trust.kr.steps]
title = "The new pipeline"
milestones = [
  { title = "a", done = 2026-11-01, weight = 2 }, # first
  { title = "b", due = 2026-12-01 },
  { title = "c" },
]

[objective.trust.kr.beyond]
title = "Aspired, and more than reached"
baseline = 0
target = 3
from = "sheet"
measure = "m"
agg = "sum"

[objective.trust.kr.relative]
title = "A quarter less"
baseline = 40
target = "-25 %"
from = "sheet"
measure = "n"
agg = "sum"

[objective.done]
title = "All done"
# about x
[objective.done.kr.x]
title = "x"
done = true

[override."t.trust.relative"]
value = 33
until = 2026-12-31
reason = "late"
by = "ops"
"""
TOP = """\
version = 1
team = "top"
period = "2026-Q4"
[objective.all]
title = "All teams"
[objective.all.kr.mean]
title = "70 % on average"
baseline = 0
target = "70 %"
value = "100 * score('t.trust')"
unit = "%"
"""


@pytest.fixture
def house(tmp_path: Path) -> InProcess:
    made = InProcess(tmp_path, now=datetime(2026, 12, 30, 11, 0, tzinfo=UTC))
    made.source("sheet", 'path = "n.csv"')
    made.write("n.csv", "day,n,m\n2026-12-01,31,5\n2027-01-02,0,0\n")
    made.write("mappings/t.toml", TEAM)
    made.write("mappings/top.toml", TOP)
    assert made.run("sync").code == 0
    return made


def read(house: InProcess, name: str) -> Any:
    return tomllib.loads((house.folder / "mappings" / name).read_text("utf-8-sig"))


@pytest.fixture
def carried(house: InProcess) -> InProcess:
    house.now = datetime(2027, 1, 5, 8, 0, tzinfo=UTC)
    assert house.run("close", "2026-Q4").code == 0
    ended = house.run("carry", "2026-Q4")
    assert ended.code == 0, ended
    return house


def test_both_periods_load_side_by_side_and_the_new_one_syncs(carried: InProcess) -> None:
    assert carried.run("validate").code == 0
    items = carried.items()
    assert {id_ for id_ in items if "2027-Q1" in id_} == {
        "t-2027-Q1.trust.bugs",
        "t-2027-Q1.trust.signups",
        "t-2027-Q1.trust.steps",
        "t-2027-Q1.trust.beyond",
        "t-2027-Q1.trust.relative",
        "top-2027-Q1.all.mean",
    }
    assert carried.run("sync").code == 0
    assert carried.items()["t-2027-Q1.trust.bugs"]["baseline"] == 31
    assert carried.items()["t.trust.bugs"]["frozen"]["at"].startswith("2027-01-05")


def test_each_key_result_begins_where_the_last_one_ended(carried: InProcess) -> None:
    new = read(carried, "t-2027-Q1.toml")
    assert (new["team"], new["period"]) == ("t-2027-Q1", "2027-Q1")
    trust = new["objective"]["trust"]["kr"]
    assert (trust["bugs"]["baseline"], trust["bugs"]["target"]) == ("31 bugs", 10)
    assert (trust["signups"]["baseline"], trust["signups"]["target"]) == (0, 300)  # counts anew
    assert (trust["beyond"]["baseline"], trust["beyond"]["target"]) == (0, 3)  # no way left
    assert (trust["relative"]["baseline"], trust["relative"]["target"]) == (33, "-25 %")
    assert trust["steps"]["milestones"] == [{"title": "b"}, {"title": "c"}]
    assert read(carried, "top-2027-Q1.toml")["objective"]["all"]["kr"]["mean"]["baseline"] == 0


def test_what_belongs_to_the_old_period_is_left_out_and_said(carried: InProcess) -> None:
    text = (carried.folder / "mappings" / "t-2027-Q1.toml").read_text("utf-8")
    new = tomllib.loads(text)
    assert set(new["objective"]) == {"trust"}
    assert "override" not in new
    bugs = new["objective"]["trust"]["kr"]["bugs"]
    assert not {"store_id", "pace", "pair"} & bugs.keys()
    for said in (
        "#   t.trust.talks: committed, and met: 2026-Q4 closed at 5",
        "#   t.done.x: done: 2026-Q4 closed at done",
        '# store_id = "12"',
        "# carried: left out, an override of 2026-Q4: t.trust.relative",
        "10  # carried: is it still right?",
        "# counted in the tracker; carried: 2026-Q4 closed at 31 bugs; it began at 42 bugs",
        "where = \"day >= '2026-10-01'\"  # carried: there is a day in it",
    ):
        assert said in text
    assert text.startswith("#:schema")


def test_comments_and_layout_stay(carried: InProcess) -> None:
    text = (carried.folder / "mappings" / "t-2027-Q1.toml").read_text("utf-8")
    for comment in (
        "# why this team is here",
        "# the quarter",
        "# half",
        "# said on stages",
        "# about x",
    ):
        assert comment in text
    kept = [line for line in text.splitlines() if "carried" not in line and line in TEAM]
    assert len(kept) > 45
    assert (carried.folder / "mappings" / "t.toml").read_text("utf-8") == TEAM


def test_references_follow_into_the_new_period(carried: InProcess) -> None:
    assert read(carried, "t-2027-Q1.toml")["objective"]["trust"]["parent"] == "top-2027-Q1.all"
    mean = read(carried, "top-2027-Q1.toml")["objective"]["all"]["kr"]["mean"]
    assert mean["value"] == "100 * score('t-2027-Q1.trust')"


def test_an_old_score_never_counts_in_the_new_period(house: InProcess) -> None:
    refused = house.run("carry", str(house.folder / "mappings" / "top.toml"))
    assert refused.code == 2
    assert "the score of `t.trust`, whose file is not carried" in refused.words()
    assert "okrsync carry 2026-Q4" in refused.err
    assert house.run("carry", "mappings/t.toml").code == 0
    assert house.run("carry", "mappings/top.toml").code == 0  # now that it is there
    mean = read(house, "top-2027-Q1.toml")["objective"]["all"]["kr"]["mean"]
    assert mean["value"] == "100 * score('t-2027-Q1.trust')"


def test_nothing_is_overwritten_and_a_failed_carry_leaves_nothing(house: InProcess) -> None:
    house.write("mappings/top-2027-Q1.toml", TOP.replace('"top"', '"other"'))
    refused = house.run("carry", "2026-Q4")
    assert refused.code == 2
    assert "is there already; nothing was written" in refused.err
    assert not (house.folder / "mappings" / "t-2027-Q1.toml").exists()


def test_before_the_close_it_says_so_and_takes_what_is_known(house: InProcess) -> None:
    ended = house.run("carry", "mappings/t.toml", "--to", "2027-H1", "--format", "json")
    assert ended.code == 0
    (item,) = ended.json()["items"]
    assert (item["file"], item["period"], item["found"]) == (
        "mappings/t-2027-H1.toml",
        "2027-H1",
        True,
    )
    text = (house.folder / "mappings" / "t-2027-H1.toml").read_text("utf-8")
    assert "2026-Q4 stood at 31 bugs on 2026-12-30, and is not closed" in text


def test_a_period_that_moves_on_by_itself_must_be_pinned_first(house: InProcess) -> None:
    house.write("mappings/t.toml", TEAM.replace('period = "2026-Q4"', 'period = "this_quarter"'))
    refused = house.run("carry", "2026-Q4")
    assert refused.code == 2
    assert 'write period = "2026-Q4" there, then carry again' in refused.err


def test_windows_files_keep_their_line_ends_and_their_mark(house: InProcess) -> None:
    house.write("mappings/t.toml", ("\ufeff" + TEAM).replace("\n", "\r\n").encode())
    assert house.run("carry", "2026-Q4").code == 0
    raw = (house.folder / "mappings" / "t-2027-Q1.toml").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf#:schema")
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert house.run("validate").code == 0


def test_the_quarter_after_next_is_carried_the_same_way(carried: InProcess) -> None:
    assert carried.run("sync").code == 0
    assert carried.run("carry", "2027-Q1").code == 0
    assert read(carried, "t-2027-Q2.toml")["team"] == "t-2027-Q2"
    assert carried.run("validate").code == 0


def test_tables_within_a_line_are_carried_too(house: InProcess) -> None:
    house.write(
        "mappings/t.toml",
        'version = 1\nperiod = "2026-Q4"\n[objective.trust]\ntitle = "T"\n[objective.trust.kr]\n'
        'bugs = { title = "B", baseline = 42, target = 10, from = "sheet", measure = "n",'
        ' agg = "sum", store_id = "12" }\nx = { title = "x", done = true } # over\n',
    )
    house.write("mappings/top.toml", TOP.replace("t.trust", "trust"))
    assert house.run("sync").code == 0
    assert house.run("carry", "2026-Q4").code == 0
    new = read(house, "t-2027-Q1.toml")
    assert new["team"] == "team-2027-Q1"
    assert set(new["objective"]["trust"]["kr"]) == {"bugs"}
    assert new["objective"]["trust"]["kr"]["bugs"]["baseline"] == 31


@pytest.mark.parametrize(
    ("period", "after"),
    [
        ("2026-Q4", "2027-Q1"),
        ("2026-H2", "2027-H1"),
        ("2026", "2027"),
        ("2026-12", "2027-01"),
        ("2026-10-01..2026-12-15", "2026-12-16..2027-03-01"),
        ("2026-09..2026-10", "2026-11-01..2026-12-31"),
    ],
)
def test_the_next_period_is_as_long(period: str, after: str) -> None:
    this = parse_period(period, fiscal_year_starts=1, today=date(2026, 1, 1))
    assert following(this, 1).label == after


lines = st.lists(
    st.sampled_from(
        ["a = 1 # x", 'b = """\n# no\n"""', "# c", "", "[t]", "[[u.v]]",
         "k = { x = 1, y = [2, 3] }", "'q r' = [ # in\n 1,\n 2 ]", "d.e = 2026-01-01"]
    ),
    max_size=8,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(lines, st.booleans())
def test_what_no_edit_names_stays_byte_for_byte(made: list[str], windows: bool) -> None:
    text = "\n".join(made)
    text = text.replace("\n", "\r\n") if windows else text
    places = Places(text.encode())
    assert Edits(places).text() == text
    edits = Edits(places)
    for place in places.keys.values():
        edits.remark(place, "x")
    for line in text.splitlines():
        assert line in edits.text()
