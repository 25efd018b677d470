"""`okrsync link`: found, shown with reasons, and written only where it is sure."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer

from okrsync.cli import periods
from tests.system.harness.in_process import InProcess

QUARTER = {"start": "2026-10-01", "end": "2027-01-01"}
SHELF = [
    {"id": "11", "title": "Open bugs from 42 to 10", "start": "2026-07-01", "end": "2026-10-01"},
    {"id": "12", "title": "open BUGS, from 42 to 10", "objective": "Customers trust us", **QUARTER},
    {"id": "13", "title": "Talks", "automated": "computed from its tasks", **QUARTER},
    {"id": "14", "title": "Talks!", **QUARTER},
]
MAPPING = """\
# why this team is here
version = 1
team = "t"\t# tab
period = "2026-Q4"

[objective.o]
title = "Customers trust us"

[objective.o.kr.bugs]
title = "Open bugs from 42 to 10"   # from the tracker
baseline = 42
target = 10
manual = true

# said by hand
[objective.o.kr.talks]
title = "Talks"
baseline = 0
target = 5
manual = true

[objective.o.kr.gone]
title = "Sales in Germany"
baseline = 0
target = 5
manual = true
store_id = "99"

[objective.o.kr.odd]
title = "Nobody has this"
done = false
"""


@pytest.fixture
def house(tmp_path: Path, plugins: Path, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    monkeypatch.syspath_prepend(str(plugins))
    return shelf(tmp_path)


def shelf(folder: Path, settings: str = "") -> InProcess:
    made = InProcess(folder, more=f'[store]\ntype = "shelf"\n{settings}')
    made.write("shelf.json", json.dumps(SHELF))
    made.write("mappings/t.toml", MAPPING)
    return made


def mapping(house: InProcess) -> str:
    return (house.folder / "mappings" / "t.toml").read_text("utf-8")


def test_matches_are_shown_with_their_score_and_why_and_nothing_is_written(
    house: InProcess,
) -> None:
    ended = house.run("link")
    assert ended.code == 0
    told = ended.words()
    assert "100 % t.o.bugs open BUGS, from 42 to 10 (12) same title, same objective" in told
    assert "t.o.talks" in told
    assert "ambiguous, a person must choose; near it: 100 % Talks!" in told
    assert "the store will not be written: it is computed from its tasks" in told
    assert "t.o.odd nothing in the store is like it" in told
    assert "the store has no key result 99: correct store_id at mappings/t.toml:22" in told
    assert "Nothing was written" in told
    assert all(len(line) <= 80 for line in ended.out.splitlines())
    assert mapping(house) == MAPPING


def test_doctor_and_plan_send_what_has_no_place_in_the_store_to_link(house: InProcess) -> None:
    doctor = house.run("doctor", "--format", "json")
    assert doctor.code == 3
    (line,) = [one for one in doctor.json()["items"] if one["subject"] == "store"]
    assert line["result"] == "fail"
    assert line["message"].startswith("shelf, holds 0 of 4 key results, not t.o.bugs, t.o.talks")
    assert line["cure"] == "okrsync link"
    house.run("set", "t.o.bugs", "20")
    assert "next: okrsync link Nothing was written" in house.run("plan", "t.o.bugs").words()
    house.run("link", "--write")
    house.map(mapping(house).partition("# said by hand")[0].partition("\n\n")[2])
    assert house.run("doctor").code == 0


def test_write_writes_what_is_sure_and_leaves_the_rest_of_the_file_alone(house: InProcess) -> None:
    ended = house.run("link", "--write")
    assert ended.code == 3  # some are still without a link
    line = 'store_id = "12"\n'
    there = MAPPING.index("\n# said by hand")
    assert mapping(house) == MAPPING[:there] + line + MAPPING[there:]
    assert house.run("validate").code == 0
    again = house.run("link", "--write")
    assert "1 linked already" in again.words()
    assert mapping(house).count("store_id") == 2


def test_json_says_the_same(house: InProcess) -> None:
    ended = house.run("link", "t.o.bugs", "--write", "--format", "json")
    assert ended.code == 0
    shown = ended.json()
    (item,) = shown["items"]
    assert (item["kr"], item["store_id"], item["score"]) == ("t.o.bugs", "12", 100)
    assert (item["ambiguous"], item["written"]) == (False, "12")
    assert shown["summary"]["written"] == 1


def test_a_higher_bar_writes_less(house: InProcess) -> None:
    titles = [{**one, "title": "Open bugs, from 42 to 10 (all)"} for one in SHELF[1:2]]
    house.write("shelf.json", json.dumps(titles))
    ended = house.run("link", "t.o.bugs", "--write", "--at-least", "99")
    assert ended.code == 3
    assert mapping(house) == MAPPING
    assert "Nothing was written. 1 match is less than 99 % sure." in ended.words()
    typed = re.search(
        r"okrsync (link t.o.bugs --config \S+ --write --at-least \d+)$", ended.err, re.MULTILINE
    )
    assert typed is not None
    assert 80 <= int(typed[1].rpartition(" ")[2]) < 99
    assert house.run("link", "t.o.bugs", "--write", "--at-least", "80").code == 0


@pytest.mark.parametrize(("answers", "written"), [((True, 2), ["12", "14"]), ((False, 0), [])])
def test_on_a_terminal_each_match_is_asked_for(
    house: InProcess, monkeypatch: pytest.MonkeyPatch, answers: tuple[Any, ...], written: list[str]
) -> None:
    monkeypatch.setattr(periods, "_somebody_is_there", lambda: True)
    monkeypatch.setattr(typer, "confirm", lambda *_args, **_rest: answers[0])
    monkeypatch.setattr(typer, "prompt", lambda *_args, **_rest: answers[1])
    assert house.run("link").code == 0
    text = mapping(house)
    assert [id_ for id_ in ("11", "12", "13", "14") if f'store_id = "{id_}"' in text] == written


def test_a_store_that_cannot_list_says_what_to_do(house: InProcess) -> None:
    shelf(house.folder, "lists = false")
    ended = house.run("link")
    assert ended.code == 3
    assert "cannot list what it holds" in ended.err
    assert 'write each id by hand: store_id = "..." at its key result' in ended.err


def test_a_store_of_our_own_has_nothing_to_link(tmp_path: Path) -> None:
    made = InProcess(tmp_path)
    made.write("mappings/t.toml", MAPPING)
    ended = made.run("link", "--write")
    assert ended.code == 0
    assert "makes its key results from the mappings" in ended.words()


def test_an_unknown_store_is_named(house: InProcess) -> None:
    ended = house.run("link", "--store", "other")
    assert ended.code == 2
    assert "no store called `other`" in ended.err


def test_of_several_stores_each_mapping_is_linked_to_its_own(house: InProcess) -> None:
    made = InProcess(
        house.folder, more='[store.company]\ntype = "shelf"\n[store.own]\ntype = "local"\n'
    )
    made.write("mappings/t.toml", MAPPING.replace("version = 1", 'version = 1\nstore = "company"'))
    made.write(
        "mappings/u.toml",
        'version = 1\nteam = "u"\nstore = "own"\nperiod = "2026-Q4"\n[objective.o]\ntitle = "O"\n'
        '[objective.o.kr.k]\ntitle = "Open bugs from 42 to 10"\ndone = false\n',
    )
    unsaid = made.run("link", "--write")
    assert unsaid.code == 2
    assert "several stores: `company`, `own`" in unsaid.err
    assert made.run("link", "t.o.bugs", "--store", "company", "--write").code == 0
    assert 'store_id = "12"' in mapping(made)
    assert "nothing to link" in made.run("link", "--store", "own").out
    imported = made.folder / "mappings" / "more.toml"
    ended = made.run("init", "--from-store", "--store", "company", "--out", str(imported))
    assert ended.code == 0
    assert 'store = "company"\n' in imported.read_text("utf-8")
