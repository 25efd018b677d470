"""`okrsync init --from-store`: a store becomes a mapping that only lacks its questions."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okrsync.config.load import examine
from okrsync.lifecycle.importing import OPEN_LINE, Head, mapping_text
from okrsync.model import StoredDefinition, StoredKeyResult, StoreRef
from okrsync.testing import frozen_clock
from tests.system.harness.in_process import InProcess

QUARTER = {"start": "2026-10-01", "end": "2027-01-01", "team": "Plattform Süd"}
SHELF = [
    {"id": "11", "title": "Old", "start": "2026-07-01", "end": "2026-10-01"},
    {"id": "12", "title": "Öppna buggar från 42 till 10", "objective": "Customers trust us",
     "baseline": "42", "target": "10", "owner": "head of platform",
     "link": "https://okr.acme.example/12", **QUARTER},
    {"id": "13", "title": "Öppna buggar från 42 till 10", "objective": "Customers trust us",
     "target": "60", "unit": "%", **QUARTER},
    {"id": "14", "title": "No number", "objective": "Customers trust us", **QUARTER},
    {"id": "15", "title": "A year's", "objective": "Grow", "baseline": "0.5", "target": "1.25",
     "start": "2026-01-01", "end": "2027-01-01", "team": "Plattform Süd"},
]  # fmt: skip
ASKED = 'from = "sheet"\nmeasure = "n"'


@pytest.fixture
def house(tmp_path: Path, plugins: Path, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    monkeypatch.syspath_prepend(str(plugins))
    made = InProcess(tmp_path, more='[store]\ntype = "shelf"\n')
    made.source("sheet", 'path = "n.csv"')
    made.write("shelf.json", json.dumps(SHELF))
    return made


def imported(house: InProcess) -> str:
    return (house.folder / "mappings" / "store.toml").read_text("utf-8")


def test_the_mapping_says_what_the_store_holds(house: InProcess) -> None:
    ended = house.run("init", "--from-store")
    assert ended.code == 0, ended
    assert "4 key results left out: 1 of a period that is over" in ended.words()
    read = tomllib.loads(imported(house))
    assert (read["team"], read["period"]) == ("plattform-sud", "2026-Q4")
    trust = read["objective"]["customers-trust-us"]
    assert trust["title"] == "Customers trust us"
    first = trust["kr"]["oppna-buggar-fran-42-till-10"]
    assert first == {
        "title": "Öppna buggar från 42 till 10",
        "owner": "head of platform",
        "baseline": 42,
        "target": 10,
        "store_id": "12",
    }
    assert trust["kr"]["oppna-buggar-fran-42-till-10-2"]["unit"] == "%"
    assert read["objective"]["grow"]["period"] == "2026"
    assert "# https://okr.acme.example/12" in imported(house)


def test_a_store_without_targets_leaves_no_from_to_fill_in(house: InProcess) -> None:
    house.write("shelf.json", json.dumps([SHELF[3]]))
    ended = house.run("init", "--from-store")
    assert "# from" not in ended.err
    assert "next: okrsync validate" in ended.err
    assert "manual = true" in imported(house)
    assert OPEN_LINE not in imported(house)
    assert house.run("validate").code == 0


def test_validate_says_at_each_line_what_is_left_and_then_is_content(house: InProcess) -> None:
    house.run("init", "--from-store")
    left = house.run("validate", "--format", "json")
    assert left.code == 2
    text = imported(house)
    lines = text.splitlines()
    problems = left.json()["diagnostics"]
    assert {one["code"] for one in problems} == {"value-missing"}
    assert len(problems) == text.count(OPEN_LINE) == 3
    assert all(lines[one["line"] - 1].startswith("[objective.") for one in problems)
    assert all('add from = "..."' in one["help"][0] for one in problems)
    house.write("mappings/store.toml", text.replace(OPEN_LINE, ASKED))
    assert house.run("validate").code == 0
    assert house.run("link").words().endswith("0 without a match; 1 of the store's are free.")


def test_nothing_is_overwritten_and_nothing_imported_twice(house: InProcess) -> None:
    house.run("init", "--from-store")
    house.write("mappings/store.toml", imported(house).replace(OPEN_LINE, ASKED))
    before = imported(house)
    again = house.run("init", "--from-store")
    assert again.code == 2
    assert "is there already; nothing was written" in again.err
    assert imported(house) == before
    other = str(house.folder / "mappings" / "more.toml")
    assert "not in a mapping yet" in house.run("init", "--from-store", "--out", other).err
    house.write("shelf.json", json.dumps([*SHELF, {**SHELF[1], "id": "16"}]))
    assert house.run("init", "--from-store", "--out", other).code == 0
    more = Path(other).read_text("utf-8")
    assert "[objective.customers-trust-us-2]" in more
    house.write("mappings/more.toml", more.replace(OPEN_LINE, ASKED))
    assert house.run("validate").code == 0


def test_a_file_that_no_pattern_finds_is_said(house: InProcess) -> None:
    ended = house.run("init", "--from-store", "--out", str(house.folder / "elsewhere.toml"))
    assert ended.code == 0
    assert "no pattern in" in ended.words()


def test_a_store_of_our_own_has_nothing_to_import(tmp_path: Path) -> None:
    ended = InProcess(tmp_path).run("init", "--from-store")
    assert ended.code == 2
    assert "holds only what the mappings define" in ended.words()


hostile = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ['"""', "'''", "a\nb = 1", "]\n[objective.x]", '"\n# ', "\u202e\u2066abc", "\x00\x1b[2J",
         "\\", "\ud800", "Ω≈ç", "2026-Q4", "kr", "#", "a" * 300, "\r", "\x85", "\u2028x"]
    ),
)  # fmt: skip
number = st.none() | st.decimals(allow_nan=True, allow_infinity=True, places=None)
day = st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1))
shelves = st.lists(
    st.tuples(hostile, hostile, hostile, hostile, hostile, number, number, day, day),
    min_size=1,
    max_size=4,
)


def on_shelf(place: int, entry: tuple[Any, ...]) -> StoredKeyResult:
    title, objective, team, unit, other, baseline, target, start, end = entry
    known = StoredDefinition(objective, team, other, baseline, target, start, end, other)
    ref = StoreRef("store", f"{place} {title}")
    return StoredKeyResult(ref, title, None, "", unit=unit, automated=other, definition=known)


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(shelves)
def test_no_title_breaks_out_of_its_place(house: InProcess, shelf: list[tuple[Any, ...]]) -> None:
    """Whatever stands in the store, the file is valid once it is asked, and says the same."""
    stored = [on_shelf(place, entry) for place, entry in enumerate(shelf)]
    text = mapping_text(stored, Head("store", "t", date(2026, 11, 15)))
    house.write("mappings/t.toml", text.replace(OPEN_LINE, ASKED))
    found = examine(house.folder / "config.toml", clock=frozen_clock())
    assert [one for one in found.problems if not one.warning] == []
    assert found.config is not None
    rules = {rule.key_result.store_ref.id: rule for rule in found.config.rules.values()}
    assert len(rules) == len(stored)
    for one in stored:
        key_result = rules[quotable(one.ref.id)].key_result
        assert key_result.title == quotable(one.title or "Untitled")
        objective = found.config.objectives[key_result.objective]
        wanted = quotable(one.definition.objective)
        assert objective.title in {wanted, "Key results without an objective"}


def quotable(text: str) -> str:
    """Half of a surrogate pair is no character, and cannot stand in a file."""
    return text.replace("\ud800", "\ufffd")
